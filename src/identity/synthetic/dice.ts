/**
 * Seeded chance. The generator is sfc32 (Chris Doty-Humphrey's PractRand): 32-bit integer steps only, so that a seed
 * gives the same numbers on every machine and every version of Node.
 */
export interface Dice {
  /** In [0, 1), a multiple of 2^-32. */
  readonly unit: () => number;
  readonly chance: (probability: number) => boolean;
  /** A whole number in [0, below). */
  readonly below: (below: number) => number;
  /** A whole number in [from, to]. */
  readonly between: (from: number, to: number) => number;
  readonly pick: <T>(list: readonly T[]) => T;
  /** An entry by its `weight`. */
  readonly weighted: <T extends { readonly weight: number }>(list: readonly T[]) => T;
}

const TWO_TO_32 = 4_294_967_296;
/** Steps before the first number, after which nothing of a plain seed is left to see. */
const WARM_UP = 12;

/** MurmurHash3's finaliser: a bijection of the 32-bit numbers, so that different inputs never meet. */
export function scramble(value: number): number {
  let h = value >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Dice of their own for each `stream` of a seed: what one stream draws moves no other. */
export function createDice(seed: number, stream: number): Dice {
  let a = scramble(seed);
  let b = scramble(stream);
  let c = scramble(a ^ 0x9e3779b9);
  let counter = 1;
  const next = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return sum >>> 0;
  };
  for (let step = 0; step < WARM_UP; step++) next();

  const unit = (): number => next() / TWO_TO_32;
  const below = (limit: number): number => Math.floor(unit() * limit);
  return {
    unit,
    chance: (probability) => unit() < probability,
    below,
    between: (from, to) => from + below(to - from + 1),
    pick: <T>(list: readonly T[]): T => list[below(list.length)] as T,
    weighted: <T extends { readonly weight: number }>(list: readonly T[]): T => {
      let rest = unit() * list.reduce((sum, { weight }) => sum + weight, 0);
      for (const entry of list) {
        rest -= entry.weight;
        if (rest < 0) return entry;
      }
      return list[list.length - 1] as T;
    },
  };
}
