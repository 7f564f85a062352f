import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findEmails, findPhones } from "./find.js";

describe("findEmails", () => {
  it.each([
    ["in a sentence", "Write to jane.doe@uni.ac.uk.", ["jane.doe@uni.ac.uk"]],
    ["in brackets and quotes", "<bob@x.org>, 'ann@y.co' (eve@z.net)", ["bob@x.org", "ann@y.co", "eve@z.net"]],
    ["each once", "a1@x.org A1@X.ORG", ["a1@x.org"]],
    ["in a link", "https://x.org/?mail=jane@uni.ac.uk&b=1", ["jane@uni.ac.uk"]],
    ["a handle is none", "thanks @campus and a@b", []],
    ["nothing", "hello", []],
  ])("%s", (_, text, expected) => {
    expect(findEmails(text)).toEqual(expected);
  });

  it("finds whatever address stands between blanks", () => {
    const address = fc.tuple(fc.stringMatching(/^[a-z0-9]{1,20}$/), fc.stringMatching(/^[a-z]{1,10}\.(org|ac\.uk)$/));
    fc.assert(
      fc.property(address, ([user, domain]) => {
        expect(findEmails(`please use ${user}@${domain}, thanks`)).toEqual([`${user}@${domain}`]);
      }),
    );
  });

  it("looks at twenty candidates and 10,000 characters, whatever comes", () => {
    expect(findEmails(Array.from({ length: 50 }, (_, n) => `a${n}@x.org`).join(" "))).toHaveLength(20);
    expect(findEmails(`${" ".repeat(10_000)}jane@x.org`)).toEqual([]);
    for (const text of ["@".repeat(10_000), "a".repeat(10_000), `${"a.".repeat(5_000)}@`]) {
      expect(findEmails(text)).toEqual([]);
    }
  });
});

describe("findPhones", () => {
  it.each([
    ["national and international", "07911 123456 or +49 30 901820", ["+447911123456", "+4930901820"]],
    ["at the end of a sentence", "My number is +91 98765 43210.", ["+919876543210"]],
    ["prices, years and short numbers are none", "It cost 12,500 in 2026, room 4711-22", []],
  ])("%s", (_, text, expected) => {
    expect(findPhones(text, "GB")).toEqual(expected);
  });

  it("looks at twenty candidates, whatever comes", () => {
    expect(findPhones("1".repeat(10_000), "GB")).toEqual([]);
    const many = Array.from({ length: 50 }, (_, n) => `+4479111234${n + 10}`).join(", ");
    expect(findPhones(many, "GB")).toHaveLength(20);
  });
});
