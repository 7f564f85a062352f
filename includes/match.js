// @ts-check
/**
 * Probabilistic matching after Fellegi and Sunter: what two descriptions have in common, as levels, and what that
 * weighs. A weight is the log2 of the odds that they are one person's: the prior, plus log2(m / u) for each comparison,
 * where m is how often a person's own descriptions agree so and u how often two people's do. On an exact level of a
 * field whose frequencies are known, u gives way to how common the value is.
 *
 * Parameters stand in `match_model.json`; the variable `match_model` takes their place with a model as JSON.
 */

const alike = require("./alike.js");
const { COMPARISONS, likeGiven, root, yearOf } = require("./comparisons.js");

/**
 * @typedef {{ level: string, m: number, u: number }} Parameters
 * @typedef {{ version: string, prior: number, comparisons: Record<string, Parameters[]> }} Model
 * @typedef {import("./comparisons.js").Comparison} Comparison
 */

/**
 * How sure one has to be, in bits. `base`: pairs below it are not kept, they make no candidate. `tau`: groups whose pairs average
 * this much are one person. `review`: groups whose pairs average between this and tau are a person's to look at. `vetoes`: what of
 * two descriptions speaks against all else they have in common: that they conflict, as twins' do, or only that they are evidently
 * relatives'.
 *
 * "strict" is for messages and profiles, where a wrong merge shows one person's data to another: chosen on generated people.
 * "broad" is for lists of records that say little and that nobody is written to by: chosen on fake_1000. "balanced" is
 * for records complete enough for one field to make good for another's mistakes.
 * @typedef {{ base: number, tau: number, review: number, vetoes: keyof typeof VETOES }} Thresholds
 * @type {Record<"strict" | "balanced" | "broad", Thresholds>}
 */
const MATCHING = {
  strict: { base: 0, tau: 6, review: 0, vetoes: "conflicts" },
  balanced: { base: -4, tau: -2, review: -4, vetoes: "none" },
  broad: { base: -4, tau: -4, review: -7, vetoes: "relatives" },
};
/** A component of more descriptions is not compared pair by pair: at 500 it costs half a second, at 1,000 three. */
const SUSPECT_CAP = 500;
/** One pair's weight never counts for more, either way, in an average. */
const CLIP = 20;
/** Levels are letters from here on, best first; a comparison that says nothing is NOTHING. */
const FIRST_LETTER = "a";
const NOTHING = "-";
/** The last level of every comparison. */
const ELSE = "else";

/** Six decimals are more than a model knows. @param {number} value */
const float = (value) => value.toFixed(6);

/** @returns {Model} */
function model() {
  // @ts-expect-error Dataform puts its session on the global object.
  const text = globalThis.dataform?.projectConfig?.vars?.match_model;
  return text ? JSON.parse(text) : require("./match_model.json");
}

/**
 * Those of the variable `matching`; strict without it.
 * @returns {Thresholds}
 */
function thresholds() {
  // @ts-expect-error Dataform puts its session on the global object.
  const name = globalThis.dataform?.projectConfig?.vars?.matching || "strict";
  const found = Object.entries(MATCHING).find(([each]) => each === name);
  if (found === undefined) throw new Error(`vars.matching is ${name}: use ${Object.keys(MATCHING).join(", ")}`);
  return found[1];
}

/** @param {number} index */
const letter = (index) => String.fromCharCode(FIRST_LETTER.charCodeAt(0) + index);

/**
 * A comparison's outcome: the first level that holds.
 * @param {Comparison} comparison @param {string} l @param {string} r
 * @param {string} nothing what it is where a side knows nothing, as SQL
 * @param {(place: number) => string} outcome of the level at a place, "else" last
 * @returns {string}
 */
function compared({ isKnown, levels: known }, l, r, nothing, outcome) {
  const cases = known.map(({ holds }, place) => `WHEN ${holds(l, r)} THEN ${outcome(place)}`);
  return `CASE WHEN NOT (${isKnown(l, r)}) THEN ${nothing}
    ${cases.join("\n    ")}
    ELSE ${outcome(known.length)} END`;
}

/**
 * A pair's levels, one letter for each comparison in the order of the list: "a" is the best, "-" says nothing.
 * @param {string} l alias of a row of identity.descriptions @param {string} r
 * @returns {string} STRING
 */
function levels(l, r) {
  const letters = COMPARISONS.map((comparison) =>
    compared(comparison, l, r, `'${NOTHING}'`, (place) => `'${letter(place)}'`),
  );
  return `CONCAT(${letters.join(",\n  ")})`;
}

/**
 * What a pair weighs.
 * @param {string} l alias of a row of identity.descriptions @param {string} r
 * @returns {string} FLOAT64
 */
function weight(l, r) {
  const { prior, comparisons } = model();
  const weights = COMPARISONS.flatMap((comparison) => {
    const trained = comparisons[comparison.name];
    if (trained === undefined) return [];
    return [compared(comparison, l, r, "0.0", (place) => levelWeight(comparison, trained, place, l, r))];
  });
  return `(${[float(prior), ...weights].join("\n  + ")})`;
}

/** @param {Comparison} comparison @param {Parameters[]} trained @param {number} place @param {string} l @param {string} r */
function levelWeight(comparison, trained, place, l, r) {
  const level = comparison.levels[place];
  const name = level?.name ?? ELSE;
  const parameters = trained.find((each) => each.level === name);
  if (parameters === undefined) {
    throw new Error(`the match model has no level "${name}" of ${comparison.name}: train it again`);
  }
  const known = float(Math.log2(parameters.m / parameters.u));
  return level?.frequency ? adjusted(level.frequency, known, parameters, l, r) : known;
}

/**
 * The larger of both frequencies takes the place of u. Both rows have the same value; where nothing was counted u
 * stays. The logarithm is of a column: DuckDB would go a long way round for one of an expression.
 * @param {string} frequency @param {string} known @param {Parameters} parameters @param {string} l @param {string} r
 */
function adjusted(frequency, known, { m }, l, r) {
  const [left, right] = [`${l}.${frequency}_frequency`, `${r}.${frequency}_frequency`];
  const bits = `IF(IFNULL(${left}, 0.0) >= IFNULL(${right}, 0.0), LOG(${left}, 2.0), LOG(${right}, 2.0))`;
  return `IFNULL(${float(Math.log2(m))} - ${bits}, ${known})`;
}

/**
 * Whether two given names have nothing in common, however they are written. Never NULL.
 * @param {string} l alias of a row of identity.features or identity.descriptions @param {string} r
 * @returns {string} BOOL
 */
function otherGiven(l, r) {
  const [given, other] = [`${l}.given_name`, `${r}.given_name`];
  const same = [
    `${given} = ${other}`,
    `(${likeGiven(l, r)} AND NOT ${alike.siblings(given, other)})`,
    alike.initials(given, other),
    // The wrong way round, as a whole or as far as one side says.
    `(${given} = ${r}.family_name AND IFNULL(${other} = ${l}.family_name, TRUE))`,
    `(${other} = ${l}.family_name AND IFNULL(${given} = ${r}.family_name, TRUE))`,
    alike.bags(`${l}.name_bag`, `${r}.name_bag`),
    alike.nicknames(root(l), root(r)),
  ];
  return `CASE
    WHEN ${given} IS NULL OR ${other} IS NULL THEN FALSE
    ${same.map((condition) => `WHEN ${condition} THEN FALSE`).join("\n    ")}
    ELSE TRUE
  END`;
}

/**
 * Whether two rows evidently describe two people: given names that have nothing in common, or birth dates that no slip
 * explains, unless the whole name agrees. Rows may be of identity.features or identity.descriptions. Never NULL.
 * @param {string} l
 * @param {string} r
 * @returns {string} BOOL
 */
function conflicts(l, r) {
  const same = [
    `${l}.birth_date = ${r}.birth_date`,
    `(${l}.given_name = ${r}.given_name AND ${l}.family_name = ${r}.family_name)`,
    alike.dates(`${l}.birth_date`, `${r}.birth_date`),
  ];
  return `(${otherGiven(l, r)} OR CASE
    WHEN ${l}.birth_date IS NULL OR ${r}.birth_date IS NULL THEN FALSE
    ${same.map((condition) => `WHEN ${condition} THEN FALSE`).join("\n    ")}
    ELSE TRUE
  END)`;
}

/**
 * Whether two rows differ as two of one household do, who share all else: in their given names, and in sex or, where a birth date is
 * not known, by more than a year of birth. Never NULL.
 * @param {string} l alias of a row of identity.descriptions @param {string} r
 * @returns {string} BOOL
 */
function relatives(l, r) {
  const years = `ABS(SAFE_CAST(${yearOf(l)} AS INT64) - SAFE_CAST(${yearOf(r)} AS INT64)) > 1`;
  return `(${otherGiven(l, r)} AND (IFNULL(${l}.gender != ${r}.gender, FALSE)
    OR IFNULL((${l}.birth_date IS NULL OR ${r}.birth_date IS NULL) AND ${years}, FALSE)))`;
}

const VETOES = { conflicts, relatives, none: () => "FALSE" };

/**
 * Whether a pair is two people's, whatever it weighs. Never NULL.
 * @param {string} l alias of a row of identity.descriptions @param {string} r
 * @returns {string} BOOL
 */
function vetoed(l, r) {
  return VETOES[thresholds().vetoes](l, r);
}

/**
 * What a pair says for its being one person: its weight; the worst where there is a veto. It counts bounded.
 * @param {string} l alias of a row of identity.descriptions @param {string} r
 * @returns {string} FLOAT64
 */
function score(l, r) {
  return `IF(${vetoed(l, r)}, -${CLIP}.0, ${weight(l, r)})`;
}

/** What a score counts for in an average. @param {string} column @returns {string} FLOAT64 */
function bounded(column) {
  return `GREATEST(LEAST(${column}, ${CLIP}.0), -${CLIP}.0)`;
}

module.exports = {
  MATCHING,
  thresholds,
  SUSPECT_CAP,
  CLIP,
  levels,
  weight,
  score,
  bounded,
  conflicts,
  relatives,
  vetoed,
  model,
  COMPARISONS,
};
