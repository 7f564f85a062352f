import { describe, expect, it } from "vitest";
import { canonicalPhone } from "../normalise/phone.js";
import { createDice } from "./dice.js";
import { LOCALES } from "./locales.js";
import { damagedPhone, e164, internationalPhone, nationalPhone, phoneAt } from "./phones.js";
import { HUB_PHONE } from "./shared-values.js";

const COUNT = 16_000;

describe.each(LOCALES.map((locale) => [locale.code, locale] as const))("phones of %s", (_, { phones, country }) => {
  it("are given out once", () => {
    const numbers = new Set(Array.from({ length: COUNT }, (__, n) => e164(phoneAt(phones, n))));
    expect(numbers.size).toBe(COUNT);
    expect(numbers).not.toContain(canonicalPhone(HUB_PHONE, "GB"));
  });

  it("are valid, and come back from every way of writing them", () => {
    const dice = createDice(5, 0);
    for (let n = 0; n < COUNT; n += 37) {
      const phone = phoneAt(phones, n);
      expect(canonicalPhone(internationalPhone(phone, dice), country)).toBe(e164(phone));
      expect(canonicalPhone(nationalPhone(phone, dice), country)).toBe(e164(phone));
    }
  });

  it("are nobody's when damaged", () => {
    const dice = createDice(6, 0);
    for (let n = 0; n < COUNT; n += 97)
      expect(canonicalPhone(damagedPhone(phoneAt(phones, n), dice), country)).toBeNull();
  });
});

describe("a phone plan", () => {
  it("says when it is used up", () => {
    const plan = { callingCode: "44", trunk: "0", exit: "00", ranges: [{ prefix: "7400", digits: 2, groups: [6] }] };
    expect(e164(phoneAt(plan, 99))).toMatch(/^\+447400\d\d$/);
    expect(() => phoneAt(plan, 100)).toThrow(RangeError);
  });
});
