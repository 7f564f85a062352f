import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createDice } from "./dice.js";
import { mistyped, plainLetters, unaccented, withoutUmlauts } from "./spelling.js";

describe("spelling", () => {
  it.each([
    ["Łukasz Żółć", "Lukasz Zolc"],
    ["Ağrı İzmir", "Agri Izmir"],
    ["José Müller-Groß", "Jose Muller-Gross"],
    ["王伟", "王伟"],
  ])("writes %s without accents", (text, plain) => {
    expect(unaccented(text)).toBe(plain);
  });

  it("writes umlauts as two letters", () => {
    expect(withoutUmlauts("Jörg Äußerst")).toBe("Joerg Aeusserst");
  });

  it("keeps only a to z for an address", () => {
    expect(plainLetters("Jean-Éric O'Neill")).toBe("jeanericoneill");
  });

  it("slips in letters and leaves every digit where it is", () => {
    const letters = fc.stringMatching(/^[a-z0-9.]{4,30}$/);
    fc.assert(
      fc.property(letters, fc.nat(), (text, seed) => {
        const digits = (written: string): string => written.replaceAll(/\D/g, "");
        const slipped = mistyped(text, createDice(seed, 0));
        return digits(slipped) === digits(text) && Math.abs(slipped.length - text.length) <= 1;
      }),
    );
  });

  it("does slip", () => {
    const slipped = Array.from({ length: 50 }, (_, seed) => mistyped("katharina", createDice(seed, 0)));
    expect(slipped.filter((text) => text !== "katharina").length).toBeGreaterThan(45);
  });
});
