import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createDice, scramble } from "./dice.js";

const WEIGHTS = [
  { name: "a", weight: 1 },
  { name: "b", weight: 0 },
  { name: "c", weight: 3 },
];

describe("dice", () => {
  it("give the numbers of their seed and stream, on every machine", () => {
    const dice = createDice(7, 0);
    expect([dice.below(1e9), dice.below(1e9), dice.below(1e9)]).toEqual([49392901, 55854365, 187757161]);
  });

  it("give each stream of a seed numbers of its own", () => {
    const firsts = Array.from({ length: 1000 }, (_, stream) => createDice(7, stream).unit());
    expect(new Set(firsts).size).toBe(1000);
  });

  it("stay within their bounds", () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: -50, max: 50 }), fc.nat(50), (seed, from, width) => {
        const value = createDice(seed, 1).between(from, from + width);
        return Number.isInteger(value) && value >= from && value <= from + width;
      }),
    );
  });

  it("draw by weight, and never what weighs nothing", () => {
    const dice = createDice(1, 1);
    const counts = { a: 0, b: 0, c: 0 };
    for (let n = 0; n < 40_000; n++) counts[dice.weighted(WEIGHTS).name as keyof typeof counts] += 1;
    expect(counts.b).toBe(0);
    expect(counts.c / counts.a).toBeGreaterThan(2.8);
    expect(counts.c / counts.a).toBeLessThan(3.2);
  });
});

describe("scramble", () => {
  it("keeps different numbers different", () => {
    const many = new Set(Array.from({ length: 200_000 }, (_, n) => scramble(n)));
    expect(many.size).toBe(200_000);
  });
});
