import { createSeededRandom } from "../../src/platform/random.js";

/** The same choices for the same seed, on every machine. */
export interface Random {
  /** An integer from `low` to `high`, both included. */
  integer(low: number, high: number): number;
  /** True in one of `n` cases. */
  oneIn(n: number): boolean;
  pick<T>(values: readonly T[]): T;
  /** So many of the values, in their order. */
  some<T>(values: readonly T[], count: number): readonly T[];
}

export function createRandom(seed: number): Random {
  const next = createSeededRandom(seed);
  const integer = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1));
  const pick = <T>(values: readonly T[]): T => {
    if (values.length === 0) throw new RangeError("nothing to pick from");
    return values[integer(0, values.length - 1)] as T;
  };
  return {
    integer,
    oneIn: (n) => integer(1, n) === 1,
    pick,
    some(values, count) {
      const left = [...values.keys()];
      const chosen: number[] = [];
      while (chosen.length < count && left.length > 0) chosen.push(...left.splice(integer(0, left.length - 1), 1));
      return chosen.toSorted((a, b) => a - b).map((index) => values[index] as (typeof values)[number]);
    },
  };
}
