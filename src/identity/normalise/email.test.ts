import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalEmail } from "./email.js";

describe("canonicalEmail", () => {
  it.each([
    ["plain", "jane@example.org", "jane@example.org"],
    ["case and blanks", "  Jane@EXAMPLE.org\t", "jane@example.org"],
    ["full-width letters and at", "ｊａｎｅ＠example.org", "jane@example.org"],
    ["gmail dots, tag and old name", "J.a.n.e+news@googlemail.com", "jane@gmail.com"],
    ["outlook tag, dots kept", "jane.doe+x@outlook.com", "jane.doe@outlook.com"],
    ["dots and tags elsewhere are the owner's business", "jane.doe+x@uni.ac.uk", "jane.doe+x@uni.ac.uk"],
    ["international domain", "jane@MÜNCHEN.de", "jane@xn--mnchen-3ya.de"],
    ["international domain, already in ASCII", "jane@xn--mnchen-3ya.de", "jane@xn--mnchen-3ya.de"],
    ["domain with the root's dot", "jane@example.org.", "jane@example.org"],
    ["ideographic full stop", "jane@例え。jp", "jane@xn--r8jz45g.jp"],
  ])("%s", (_, raw, expected) => {
    expect(canonicalEmail(raw)).toBe(expected);
  });

  it.each([
    "",
    "jane",
    "@example.org",
    "jane@",
    "jane@localhost",
    "jane@127.0.0.1",
    "jane@example.123",
    "jane@@example.org",
    "jane@x@example.org",
    "Jane <jane@example.org>",
    "jane doe@example.org",
    '"jane doe"@example.org',
    ".jane@example.org",
    "jane..doe@example.org",
    "jane.+x@outlook.com",
    "+x@gmail.com",
    "...@gmail.com",
    "jane@-example.org",
    "jane@exa_mple.org",
    "jane@example.org/path",
    `${"a".repeat(65)}@example.org`,
    `jane@${"a".repeat(64)}.org`,
    `jane@${"abc.".repeat(70)}org`,
  ])("refuses %j", (raw) => {
    expect(canonicalEmail(raw)).toBeNull();
  });

  it("keeps different people apart", () => {
    const people = [
      "jane.doe@uni.ac.uk",
      "janedoe@uni.ac.uk",
      "jane+doe@uni.ac.uk",
      "jane.doe@outlook.com",
      "janedoe@outlook.com",
      "janedoe@gmail.com",
      "janedoe@hotmail.com",
      "jané.doe@uni.ac.uk",
      "jane@straße.de",
      "jane@strasse.de",
    ];
    expect(new Set(people.map(canonicalEmail)).size).toBe(people.length);
  });

  const anything = fc.oneof(
    fc.emailAddress(),
    fc.string({ unit: "binary", maxLength: 40 }),
    fc
      .tuple(
        fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }),
        fc.constantFrom("gmail.com", "pm.me", "ü.de"),
      )
      .map((parts) => parts.join("@")),
  );

  it("is idempotent", () => {
    fc.assert(
      fc.property(anything, (raw) => {
        const once = canonicalEmail(raw);
        if (once !== null) expect(canonicalEmail(once)).toBe(once);
      }),
    );
  });

  it("does not see case, blanks around or a provider's aliases", () => {
    const user = fc.stringMatching(/^[a-z][a-z0-9]{3,12}$/);
    const tag = fc.stringMatching(/^[a-z0-9.]{0,8}$/);
    fc.assert(
      fc.property(user, tag, (name, alias) => {
        const dotted = name.split("").join(".");
        expect(canonicalEmail(` ${dotted.toUpperCase()}+${alias}@GoogleMail.com\n`)).toBe(`${name}@gmail.com`);
      }),
    );
  });
});
