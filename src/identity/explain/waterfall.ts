/** A match model, as `includes/match.js` gives it. Weights are log2 of odds. */
export interface MatchModel {
  readonly version: string;
  readonly prior: number;
  readonly comparisons: Readonly<Record<string, readonly LevelParameters[]>>;
}

interface LevelParameters {
  readonly level: string;
  /** How often a person's own descriptions agree so, and how often two people's do. */
  readonly m: number;
  readonly u: number;
}

/** What `includes/comparisons.js` says of a comparison, but for its SQL. */
export interface ComparisonShape {
  readonly name: string;
  readonly fields: readonly string[];
  /** Best first; what is none of them is "else". `frequency` names what adjusts the level. */
  readonly levels: readonly { readonly name: string; readonly frequency?: string }[];
}

/** A row of `identity.descriptions`: values by field, and how common they are. */
export interface Description {
  readonly id: string;
  readonly values: Readonly<Record<string, string | null>>;
  /** By the name that a level's `frequency` has. */
  readonly frequencies: Readonly<Record<string, number | null>>;
}

/** One comparison's share of a weight. */
export interface ComparedField {
  readonly comparison: string;
  /** Null: one side does not know it, so it says nothing. */
  readonly level: string | null;
  readonly weight: number;
  /** What of the weight comes from how common the value is. */
  readonly frequencyPart: number;
  readonly left: Values;
  readonly right: Values;
}

type Values = Readonly<Record<string, string | null>>;

export interface Waterfall {
  readonly modelVersion: string;
  readonly prior: number;
  readonly fields: readonly ComparedField[];
  /** The prior and all shares: the pair's weight. */
  readonly total: number;
}

/** The letters of `levels` in `includes/match.js`. */
const FIRST_LETTER = "a".charCodeAt(0);
const NOTHING = "-";

/**
 * A pair's weight, comparison by comparison, from the levels that the warehouse found: the sum that `weight` in
 * `includes/match.js` makes, told in its parts.
 */
export function waterfall(
  levels: string,
  { model, shapes }: { readonly model: MatchModel; readonly shapes: readonly ComparisonShape[] },
  left: Description,
  right: Description,
): Waterfall {
  const fields = shapes.flatMap((shape, place): ComparedField[] => {
    const trained = model.comparisons[shape.name];
    if (trained === undefined) return [];
    const letter = levels[place] ?? NOTHING;
    const valuesOf = ({ values }: Description): Values =>
      Object.fromEntries(shape.fields.map((field) => [field, values[field] ?? null]));
    const seen = { comparison: shape.name, left: valuesOf(left), right: valuesOf(right) };
    if (letter === NOTHING) return [{ ...seen, level: null, weight: 0, frequencyPart: 0 }];
    const level = shape.levels[letter.charCodeAt(0) - FIRST_LETTER];
    const name = level?.name ?? "else";
    const parameters = trained.find((each) => each.level === name);
    if (parameters === undefined) return [];
    const frequencyPart = level?.frequency === undefined ? 0 : adjustment(level.frequency, parameters, left, right);
    return [{ ...seen, level: name, weight: Math.log2(parameters.m / parameters.u) + frequencyPart, frequencyPart }];
  });
  const total = fields.reduce((sum, { weight }) => sum + weight, model.prior);
  return { modelVersion: model.version, prior: model.prior, fields, total };
}

/** The larger of both frequencies takes the place of u; where nobody counted, u stays. */
function adjustment(name: string, { u }: LevelParameters, left: Description, right: Description): number {
  const known = [left.frequencies[name], right.frequencies[name]].filter((each) => typeof each === "number");
  if (known.length === 0) return 0;
  return Math.log2(u) - Math.log2(Math.max(...known));
}
