import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalise, createIdentify } from "./identify.js";
import { IDENTIFIER_STRENGTH } from "./types.js";

const PEPPER = Buffer.alloc(32, 7);
const identify = createIdentify({ pepper: PEPPER, region: "GB" });

describe("identify", () => {
  it("keys the canonical value with the first 128 bits of the HMAC", () => {
    const text = "global|email|janedoe@gmail.com";
    const expected = createHmac("sha256", PEPPER).update(text).digest().subarray(0, 16).toString("base64url");
    expect(identify("global", "email", "Jane.Doe+x@gmail.com", "own")).toEqual({
      namespace: "global",
      type: "email",
      hmac: expected,
      value: "janedoe@gmail.com",
      role: "own",
    });
    expect(expected).toHaveLength(22);
  });

  it("tells namespaces, types and peppers apart, and roles not", () => {
    const other = createIdentify({ pepper: Buffer.alloc(32, 8), region: "GB" });
    const hmacs = [
      identify("north", "user_id", "4711", "own"),
      identify("south", "user_id", "4711", "own"),
      identify("north", "student_number", "4711", "own"),
      other("north", "user_id", "4711", "own"),
    ].map((identifier) => identifier?.hmac);
    expect(new Set(hmacs).size).toBe(4);
    expect(identify("north", "user_id", "4711", "mentioned")?.hmac).toBe(hmacs[0]);
  });

  it("is null for what is no identifier", () => {
    expect(identify("global", "email", "jane", "own")).toBeNull();
    expect(identify("north", "user_id", " ", "own")).toBeNull();
  });
});

describe("values of no type", () => {
  it.each([
    "d41d8cd98f00b204e9800998ecf8427e",
    "DA39A3EE5E6B4B0D3255BFEF95601890AFD80709",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "",
    "   ",
    "a\u0000b",
    "\ud800",
    "x".repeat(513),
  ])("refuses the id %j", (raw) => {
    expect(canonicalise("user_id", raw, "GB")).toBeNull();
    expect(canonicalise("anonymous_id", raw, "GB")).toBeNull();
  });

  it("refuses the mailbox of a hash of nothing", () => {
    expect(canonicalise("email", "d41d8cd98f00b204e9800998ecf8427e@campus.example", "GB")).toBeNull();
  });

  it.each(["7", "tester-4711", "unknown", "n/a", "0000"])("leaves it to the models whether %j is anybody", (raw) => {
    expect(canonicalise("user_id", raw, "GB")).toBe(raw);
  });

  it.each(["noreply", "info", "salesh"])("leaves it to the models whether %s@ is anybody", (local) => {
    expect(canonicalise("email", `${local}@campus.example`, "GB")).toBe(`${local}@campus.example`);
  });
});

describe("ids others gave out", () => {
  it("are trimmed and composed, and keep their case", () => {
    expect(canonicalise("student_number", " Mu\u0308ller-1\n", "GB")).toBe("M\u00fcller-1");
    expect(canonicalise("user_id", "aB", "GB")).not.toBe(canonicalise("user_id", "Ab", "GB"));
  });

  it.each([
    ["15 characters", "001D000000IqhSL", "001D000000IqhSLIAZ"],
    ["18 characters", "001D000000IqhSLIAZ", "001D000000IqhSLIAZ"],
    ["case lost in a spreadsheet", "001d000000iqhsliaz", "001D000000IqhSLIAZ"],
    ["only digits", " 003000000000001 ", "003000000000001AAA"],
  ])("Salesforce id of %s", (_, raw, expected) => {
    expect(canonicalise("salesforce_contact_id", raw, "GB")).toBe(expected);
  });

  it.each(["001D000000IqhS", "001D000000IqhSLIA", "001D000000IqhSLIA9", "0010000000000000AB", "001D-00000IqhSL"])(
    "%s is no Salesforce id",
    (raw) => {
      expect(canonicalise("salesforce_contact_id", raw, "GB")).toBeNull();
    },
  );

  it("tells two Salesforce ids apart that differ in case only", () => {
    const [one, two] = ["001D000000IqhSL", "001d000000IqhSL"].map((raw) =>
      canonicalise("salesforce_lead_id", raw, "GB"),
    );
    expect(one?.toLowerCase()).not.toBe(two?.toLowerCase());
  });
});

describe("canonicalise", () => {
  it("is idempotent for every type", () => {
    const raw = fc.oneof(
      fc.string({ unit: "binary", maxLength: 30 }),
      fc.emailAddress(),
      fc.stringMatching(/^\+?[0-9 ()-]{7,16}$/),
      fc.stringMatching(/^[0-9A-Za-z]{15}$/),
    );
    fc.assert(
      fc.property(fc.constantFrom(...IDENTIFIER_STRENGTH), raw, (type, text) => {
        const once = canonicalise(type, text, "GB");
        if (once !== null) expect(canonicalise(type, once, "GB")).toBe(once);
      }),
      { numRuns: 500 },
    );
  });
});
