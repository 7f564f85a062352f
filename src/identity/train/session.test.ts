import { describe, expect, it } from "vitest";
import { createSeededRandom } from "../../platform/random.js";
import { type CountedPattern, placesOf } from "./patterns.js";
import { runSession } from "./session.js";

const TRUE_M = [
  [0.9, 0.07, 0.03],
  [0.8, 0.2],
  [0.7, 0.2, 0.1],
];
const TRUE_U = [
  [0.01, 0.04, 0.95],
  [0.1, 0.9],
  [0.02, 0.08, 0.9],
];

/** Pairs whose levels are drawn independently, as the model has it, with one value in ten unknown. */
function simulate(pairCount: number, share: number, seed: number): CountedPattern[] {
  const random = createSeededRandom(seed);
  const counts = new Map<string, number>();
  for (let pair = 0; pair < pairCount; pair++) {
    const chances = random() < share ? TRUE_M : TRUE_U;
    const letters = chances.map((levels) => {
      if (random() < 0.1) return "-";
      const drawn = random();
      let total = 0;
      const place = levels.findIndex((chance) => {
        total += chance;
        return drawn < total;
      });
      return String.fromCharCode(97 + place);
    });
    const pattern = letters.join("");
    counts.set(pattern, (counts.get(pattern) ?? 0) + 1);
  }
  return [...counts].map(([pattern, count]) => placesOf({ pattern, count }));
}

describe("a session of expectation maximisation", () => {
  it("finds the m it was simulated with, from a share that it does not know", () => {
    const { m, share } = runSession({ patterns: simulate(200_000, 0.2, 7), u: TRUE_U, odds: 1 / 50 });
    expect(share).toBeCloseTo(0.2, 2);
    for (const [index, levels] of TRUE_M.entries()) {
      for (const [place, chance] of levels.entries()) expect(m[index]?.[place]).toBeCloseTo(chance, 1.7);
    }
  });

  it("says nothing of a comparison that its key implies", () => {
    const patterns = simulate(20_000, 0.3, 1);
    const { m, matches } = runSession({ patterns, u: [null, ...TRUE_U.slice(1)], odds: 1 });
    expect(m[0]).toBeNull();
    expect(matches[0]).toBe(0);
    expect(m[2]?.[0]).toBeCloseTo(0.7, 1);
  });

  it("gives shares that sum to one, and the same for the same pairs in any order", () => {
    const patterns = simulate(10_000, 0.3, 3);
    const one = runSession({ patterns, u: TRUE_U, odds: 1 });
    const other = runSession({ patterns: [...patterns].reverse(), u: TRUE_U, odds: 1 });
    for (const [index, levels] of one.m.entries()) {
      expect(levels?.reduce((total, chance) => total + chance, 0)).toBeCloseTo(1, 9);
      for (const [place, chance] of (levels ?? []).entries()) expect(other.m[index]?.[place]).toBeCloseTo(chance, 9);
    }
  });

  it("keeps what it began with where there are no pairs", () => {
    const { m, share, matches } = runSession({ patterns: [], u: TRUE_U, odds: 1 });
    expect(m[1]?.[0]).toBeCloseTo(0.95, 9);
    expect(share).toBe(0);
    expect(matches).toEqual([0, 0, 0]);
  });
});
