import { type CountedPattern, sum } from "./patterns.js";

export interface SessionInput {
  readonly patterns: readonly CountedPattern[];
  /** u by comparison and level; null: the session says nothing about this comparison. */
  readonly u: readonly (readonly number[] | null)[];
  /** Odds that a pair of the session is one person's, to begin with. */
  readonly odds: number;
}

export interface SessionResult {
  /** m by comparison and level; null where the session said nothing. */
  readonly m: readonly (readonly number[] | null)[];
  /** Pairs of one person by comparison, as expected in the end: how much each m was learnt from. */
  readonly matches: readonly number[];
  readonly share: number;
  readonly iterations: number;
}

const MOST_ITERATIONS = 25;
/** No parameter moves by more in the last iteration. */
const SETTLED = 1e-4;
const BEST = 0.95;
const LEAST = 1e-12;

/**
 * Expectation maximisation of Fellegi and Sunter's m with u given, over distinct patterns of levels with their counts
 * (Winkler 1988; the iteration and its beginning as Splink has them).
 */
export function runSession({ patterns, u, odds }: SessionInput): SessionResult {
  let share = odds / (1 + odds);
  let m = u.map((levels) => (levels === null ? null : firstGuess(levels.length)));
  let matches: number[] = [];
  for (let iteration = 1; ; iteration++) {
    const counted = expect(patterns, m, u, share);
    matches = counted.levels.map((levels) => (levels === null ? 0 : sum(levels)));
    const next = counted.levels.map((levels, index) => {
      const total = matches[index] ?? 0;
      return levels === null ? null : total === 0 ? (m[index] ?? null) : levels.map((count) => count / total);
    });
    const nextShare = counted.pairs === 0 ? 0 : counted.matches / counted.pairs;
    const moved = Math.max(
      Math.abs(nextShare - share),
      ...next.map((levels, index) => furthest(levels, m[index] ?? null)),
    );
    m = next;
    share = nextShare;
    if (moved < SETTLED || iteration === MOST_ITERATIONS) return { m, matches, share, iterations: iteration };
  }
}

function firstGuess(levelCount: number): number[] {
  return Array.from({ length: levelCount }, (_, place) => (place === 0 ? BEST : (1 - BEST) / (levelCount - 1)));
}

function furthest(a: readonly number[] | null, b: readonly number[] | null): number {
  if (a === null || b === null) return 0;
  return Math.max(...a.map((value, place) => Math.abs(value - (b[place] ?? 0))));
}

/** Expected matches, in all and by comparison and level. */
function expect(
  patterns: readonly CountedPattern[],
  m: readonly (readonly number[] | null)[],
  u: readonly (readonly number[] | null)[],
  share: number,
): { readonly matches: number; readonly pairs: number; readonly levels: (number[] | null)[] } {
  const levels = u.map((each) => (each === null ? null : new Array<number>(each.length).fill(0)));
  const prior = Math.log2(Math.max(share, LEAST) / Math.max(1 - share, LEAST));
  let matches = 0;
  let pairs = 0;
  for (const { places, count } of patterns) {
    let weight = prior;
    for (const [index, place] of places.entries()) {
      const chance = m[index]?.[place];
      if (chance !== undefined) weight += Math.log2(Math.max(chance, LEAST) / (u[index]?.[place] ?? 1));
    }
    const expected = count / (1 + 2 ** -weight);
    matches += expected;
    pairs += count;
    for (const [index, place] of places.entries()) {
      const counted = levels[index];
      if (counted && place >= 0) counted[place] = (counted[place] ?? 0) + expected;
    }
  }
  return { matches, pairs, levels };
}
