/** A comparison as the model sees it: its levels from best to worst, "else" last. */
export interface ComparisonShape {
  readonly name: string;
  readonly levels: readonly string[];
}

/** How many pairs have these levels: one letter per comparison, "a" for the best, "-" where nothing can be said. */
export interface PatternCount {
  readonly pattern: string;
  readonly count: number;
}

/** The same, with levels as places in their lists: -1 where nothing can be said. */
export interface CountedPattern {
  readonly places: readonly number[];
  readonly count: number;
}

const FIRST_LETTER = "a".charCodeAt(0);
const NOTHING = "-";

export function placesOf({ pattern, count }: PatternCount): CountedPattern {
  const places = Array.from(pattern, (letter) => (letter === NOTHING ? -1 : letter.charCodeAt(0) - FIRST_LETTER));
  return { places, count };
}

/** Pairs of each level of one comparison. */
export function countLevels(patterns: readonly CountedPattern[], index: number, levelCount: number): number[] {
  const counts = new Array<number>(levelCount).fill(0);
  for (const { places, count } of patterns) {
    const place = places[index] ?? -1;
    if (place >= 0) counts[place] = (counts[place] ?? 0) + count;
  }
  return counts;
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
