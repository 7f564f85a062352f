import { type LevelParameters, type MatchModel, versioned } from "./model.js";
import { type ComparisonShape, countLevels, type PatternCount, placesOf, sum } from "./patterns.js";
import { runSession } from "./session.js";

export interface Session {
  readonly rule: string;
  /** What sharing the rule's key implies: the level by comparison. */
  readonly implies: Readonly<Record<string, string>>;
  /** Levels by comparison that tell two people: pairs that have one of them are left out, and nothing is learnt about the comparison. */
  readonly apart: Readonly<Record<string, readonly string[]>>;
  /** Whether it teaches only what no other session can. */
  readonly isSpare: boolean;
  readonly patterns: readonly PatternCount[];
}

export interface TrainingData {
  readonly comparisons: readonly ComparisonShape[];
  readonly descriptionCount: number;
  /** Pairs that are one person's beyond doubt, and the share of all such pairs that these are taken to be. */
  readonly certainPairCount: number;
  readonly certainRecall: number;
  /** Pairs drawn at random. */
  readonly random: readonly PatternCount[];
  readonly sessions: readonly Session[];
  /** Comparisons as another model has them. Where no session teaches how often a person's own descriptions agree, they do. */
  readonly known: Readonly<Record<string, readonly LevelParameters[]>>;
  /** Pairs of drawn descriptions with any other that a session's key brings to them: a pair of two drawn ones counts twice. */
  readonly neighbours: { readonly drawnCount: number; readonly patterns: readonly PatternCount[] };
}

/** With less, chance decides the weights. */
export const LEAST_DESCRIPTIONS = 200;
/** Expected matches below which a session says nothing about a comparison. */
const LEAST_MATCHES = 20;
/** Random pairs below which a comparison's u is not known. */
const LEAST_RANDOM_PAIRS = 1000;
/** What stands for a level that was never seen: half a pair. */
const HALF = 0.5;
const BEST = 0.95;
const PRIOR_ROUNDS = 25;
/** However clean the data: people move, marry, change schools, and somebody else types it. */
const LEAST_ELSE = 0.02;

/** A model, or why there is none, in words that end a sentence. */
export type Trained = { readonly model: MatchModel } | { readonly tooLittle: string };

/**
 * Fellegi and Sunter's parameters of a set of descriptions, without knowing who is who. u comes from random pairs, m is the
 * median over sessions of expectation maximisation with u given (both as Splink has them), the prior from how many matches the
 * weights then find. The same data give the same model, but for `trainedAt`, an ISO 8601 time.
 */
export function train(data: TrainingData, trainedAt: string): Trained {
  const { comparisons, descriptionCount } = data;
  if (descriptionCount < LEAST_DESCRIPTIONS) {
    return {
      tooLittle: `there are ${descriptionCount} descriptions of people, and ${LEAST_DESCRIPTIONS} are the least`,
    };
  }
  const share = matchShare(data);
  const random = data.random.map(placesOf);
  const u = comparisons.map(({ levels }, index) =>
    chances(countLevels(random, index, levels.length), LEAST_RANDOM_PAIRS),
  );
  const learnt = learn(data, u, share);
  const trained = comparisons.flatMap(({ name, levels }, index) => {
    const [ofTwo, ofOne] = [u[index], learnt.m[index] ?? borrowed(data.known[name], levels)];
    if (!ofTwo || !ofOne) return [];
    return [[name, parameters(levels, ofOne, withoutMatches(ofTwo, ofOne, share))] as const];
  });
  if (trained.length === 0 || learnt.rules.length === 0) {
    return { tooLittle: "too few of them share a name, birth date, national id, email, phone or postcode" };
  }
  const byName = Object.fromEntries(trained);
  const model = versioned({
    trainedAt,
    source: {
      descriptionCount,
      sampledPairCount: sum(random.map(({ count }) => count)),
      sessions: Object.fromEntries(learnt.rules),
    },
    prior: rounded(settledPrior(data, byName, share)),
    comparisons: byName,
  });
  return { model };
}

/**
 * log2 of the odds of a match, once m and u are known: as many pairs are matches as the weights say they are. Whom no key brings
 * together is taken for two, so this rather says too little.
 */
function settledPrior(data: TrainingData, trained: Readonly<Record<string, LevelParameters[]>>, share: number): number {
  const { comparisons, neighbours, descriptionCount } = data;
  const weighed = neighbours.patterns.map(placesOf).map(({ places, count }) => {
    const parts = comparisons.map(({ name }, index) => {
      const level = trained[name]?.[places[index] ?? -1];
      return level === undefined ? 0 : Math.log2(level.m / level.u);
    });
    return { count, weight: sum(parts) };
  });
  const drawnPairs = neighbours.drawnCount * (descriptionCount - 1);
  let prior = Math.log2(share / (1 - share));
  for (let round = 0; round < PRIOR_ROUNDS; round++) {
    const matches = sum(weighed.map(({ count, weight }) => count / (1 + 2 ** -(prior + weight))));
    const next = Math.min(Math.max(matches, HALF) / drawnPairs, HALF);
    prior = Math.log2(next / (1 - next));
  }
  return prior;
}

/** The share of all pairs that are one person's. At least half a pair is. */
function matchShare({ descriptionCount, certainPairCount, certainRecall }: TrainingData): number {
  const pairs = (descriptionCount * (descriptionCount - 1)) / 2;
  return Math.min(Math.max(certainPairCount / certainRecall, HALF) / pairs, HALF);
}

/** How often each level of a comparison is seen, and whether it was at all. */
interface Chances {
  readonly shares: readonly number[];
  readonly seen: readonly boolean[];
}

/** Of counts; what was not seen stands for half a pair. Null where they are too few. */
function chances(counts: readonly number[], least: number): Chances | null {
  const total = sum(counts);
  if (total < least) return null;
  return { shares: counts.map((count) => Math.max(count, HALF) / total), seen: counts.map((count) => count >= HALF) };
}

interface Learnt {
  /** By comparison; null where no session said anything. */
  readonly m: readonly (Chances | null)[];
  readonly rules: readonly (readonly [rule: string, pairCount: number])[];
}

function learn({ comparisons, sessions }: TrainingData, u: readonly (Chances | null)[], share: number): Learnt {
  const found = comparisons.map((): Chances[] => []);
  const rules: [string, number][] = [];
  const spareLast = [...sessions].sort((a, b) => Number(a.isSpare) - Number(b.isSpare));
  for (const { rule, implies, apart, isSpare, patterns } of spareLast) {
    const isTaught = found.map((each) => isSpare && each.length > 0);
    const counted = patterns.map(placesOf).filter(({ places }) => !isApart(comparisons, apart, places));
    const usable = u.map((chance, index) => {
      const { name = "" } = comparisons[index] ?? {};
      return name in implies || name in apart ? null : (chance?.shares ?? null);
    });
    const odds = (share / (1 - share)) * impliedFactor(comparisons, implies, u);
    const { m, matches } = runSession({ patterns: counted, u: usable, odds });
    const said = m.map((levels, index) => {
      const total = matches[index] ?? 0;
      return levels === null || isTaught[index]
        ? null
        : chances(
            levels.map((level) => level * total),
            LEAST_MATCHES,
          );
    });
    for (const [index, chance] of said.entries()) if (chance !== null) found[index]?.push(chance);
    if (said.some((chance) => chance !== null)) rules.push([rule, sum(counted.map(({ count }) => count))]);
  }
  return { m: found.map((each) => (each.length === 0 ? null : medians(each))), rules };
}

function isApart(comparisons: readonly ComparisonShape[], apart: Session["apart"], places: readonly number[]): boolean {
  return comparisons.some(
    ({ name, levels }, index) => apart[name]?.includes(levels[places[index] ?? -1] ?? "") ?? false,
  );
}

/** A level that the other model does not have was never seen. */
function borrowed(known: readonly LevelParameters[] | undefined, levels: readonly string[]): Chances | null {
  if (known === undefined) return null;
  const m = levels.map((level) => known.find((each) => each.level === level)?.m ?? 0);
  return { shares: m, seen: m.map((chance) => chance > 0) };
}

/** How much likelier a match is where the implied levels hold, while m is not known yet. */
function impliedFactor(
  comparisons: readonly ComparisonShape[],
  implies: Readonly<Record<string, string>>,
  u: readonly (Chances | null)[],
): number {
  return comparisons.reduce((factor, { name, levels }, index) => {
    const level = implies[name];
    const chance = level === undefined ? undefined : u[index]?.shares[levels.indexOf(level)];
    return chance === undefined ? factor : factor * (BEST / chance);
  }, 1);
}

/** Level by level, then made to sum to one. */
function medians(sessions: readonly Chances[]): Chances {
  const places = [...(sessions[0]?.shares.keys() ?? [])];
  const middle = places.map((place) => median(sessions.map(({ shares }) => shares[place] ?? 0)));
  const total = sum(middle);
  return {
    shares: middle.map((chance) => chance / total),
    seen: places.map((place) => sessions.some(({ seen }) => seen[place] === true)),
  };
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? 0) + upper) / 2;
}

/**
 * Among few descriptions matches are no rarity: random pairs hold as many as the prior says, and what they share is taken out
 * again. A tenth of what was seen stays, since neither is known that well.
 */
function withoutMatches(random: Chances, ofOne: Chances, share: number): Chances {
  const shares = random.shares.map((seen, place) => {
    const matched = share * (ofOne.shares[place] ?? 0);
    return Math.min(Math.max(seen - matched, seen / 10) / (1 - share), 1);
  });
  return { ...random, shares };
}

/** A level that neither matches nor random pairs have shown weighs what the next worse one does. */
function parameters(levels: readonly string[], ofOne: Chances, ofTwo: Chances): LevelParameters[] {
  const result: LevelParameters[] = [];
  for (const [place, level] of [...levels.entries()].reverse()) {
    const worse = result[0];
    const least = worse === undefined ? LEAST_ELSE : 0;
    const [m, u] = [Math.max(ofOne.shares[place] ?? HALF, least), ofTwo.shares[place] ?? HALF];
    const isUnseen = !ofOne.seen[place] && !ofTwo.seen[place] && worse !== undefined;
    result.unshift({ level, m: rounded(isUnseen ? Math.min((u * worse.m) / worse.u, 1) : m), u: rounded(u) });
  }
  return result;
}

/** Six digits that count: more is noise, and the file is read by people. */
function rounded(value: number): number {
  return Number(value.toPrecision(6));
}
