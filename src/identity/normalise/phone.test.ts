import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalPhone } from "./phone.js";

describe("canonicalPhone", () => {
  it.each([
    ["national, by region", "07911 123456", "GB", "+447911123456"],
    ["international, region ignored", "+91 98765-43210", "GB", "+919876543210"],
    ["with the trunk zero in brackets", "+44 (0)7911 123456", "US", "+447911123456"],
    ["country code without a plus, at home", "447911123456", "GB", "+447911123456"],
    ["tel URI", "tel:+447911123456", "GB", "+447911123456"],
    ["Arabic digits", "٠٧٩١١١٢٣٤٥٦", "GB", "+447911123456"],
    ["Argentina's 15 becomes 9", "011 15-2345-6789", "AR", "+5491123456789"],
    ["region in lower case", "07911 123456", "gb", "+447911123456"],
  ])("%s", (_, raw, region, expected) => {
    expect(canonicalPhone(raw, region)).toBe(expected);
  });

  it.each([
    ["empty", ""],
    ["a word", "none"],
    ["too short", "12345"],
    ["not a number of the region", "0900 123456"],
    ["premium", "09061234567"],
    ["toll free", "0800 123 4567"],
    ["all the same digit", "1111111111"],
    ["all zeroes", "+440000000000"],
    ["behind a switchboard", "020 7946 0123 ext. 5"],
    ["a sentence around it", "call 07911 123456 now"],
    ["very long", "0".repeat(1_000)],
  ])("refuses %s", (_, raw) => {
    expect(canonicalPhone(raw, "GB")).toBeNull();
  });

  it("needs a country code where the region is unknown", () => {
    expect(canonicalPhone("07911 123456", "ZZ")).toBeNull();
    expect(canonicalPhone("+447911123456", "ZZ")).toBe("+447911123456");
  });

  it("is idempotent, keeps neighbours apart and does not see how a number is written", () => {
    fc.assert(
      fc.property(fc.integer({ min: 100_000, max: 999_998 }), (n) => {
        const phone = canonicalPhone(`07400 ${n}`, "GB");
        expect(phone).toBe(`+447400${n}`);
        expect(canonicalPhone(`+447400${n}`, "IN")).toBe(phone);
        expect(canonicalPhone(`(07400) ${String(n).split("").join(" ")}`, "GB")).toBe(phone);
        expect(canonicalPhone(`07400 ${n + 1}`, "GB")).not.toBe(phone);
      }),
      { numRuns: 50 },
    );
  });
});
