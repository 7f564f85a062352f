// @ts-check
/**
 * Words in messages, from the lists in `words/`, keyed by language. A message is read in all languages at once: people
 * mix them, and Twilio does not say which one it is.
 */

/** @typedef {Record<string, string[]>} ByLanguage */
/** @type {{ whole: ByLanguage, within: ByLanguage }} */
const stopWords = require("./words/stop.json");
/** @type {{ whole: ByLanguage, within: ByLanguage }} */
const startWords = require("./words/start.json");
/** @type {{ intents: Record<string, ByLanguage> }} */
const intentWords = require("./words/intents.json");
/** @type {{ programmes: Record<string, string[]> }} */
const programmeWords = require("./words/programmes.json");

const SEPARATORS = "[^\\p{L}\\p{M}\\p{N}]+";

/**
 * A text as its words in lower case, one space between them and at both ends. Word boundaries of regular expressions
 * are ASCII only; a space works in every script.
 * @param {string} text as SQL
 * @returns {string}
 */
function spaced(text) {
  return `CONCAT(' ', TRIM(REGEXP_REPLACE(LOWER(NORMALIZE(${text}, NFC)), r'${SEPARATORS}', ' ')), ' ')`;
}

/** @param {string} phrase the same reading of a listed phrase */
function normalise(phrase) {
  return phrase.normalize("NFC").toLowerCase().replace(new RegExp(SEPARATORS, "gu"), " ").trim();
}

/** @param {ByLanguage} lists */
function phrases(lists) {
  return [...new Set(Object.values(lists).flat().map(normalise))].filter((phrase) => phrase !== "").sort();
}

/**
 * @param {string} text a spaced text, as SQL
 * @param {string[]} wanted
 */
function contains(text, wanted) {
  return `REGEXP_CONTAINS(${text}, r' (${wanted.join("|")}) ')`;
}

/**
 * @param {string} text a spaced text, as SQL
 * @param {{ whole: ByLanguage, within: ByLanguage }} lists
 */
function matches(text, lists) {
  const whole = `REGEXP_CONTAINS(${text}, r'^ (${phrases(lists.whole).join("|")}) $')`;
  const within = phrases(lists.within);
  return within.length === 0 ? whole : `(${whole} OR ${contains(text, within)})`;
}

/**
 * What a message is about: stop, start, an intent of `words/intents.json`, or other.
 * @param {string} text a spaced text, as SQL
 * @returns {string}
 */
function intent(text) {
  const cases = Object.entries(intentWords.intents).map(([name, lists]) => {
    return `WHEN ${contains(text, phrases(lists))} THEN '${name}'`;
  });
  return `CASE
    WHEN ${text} IS NULL THEN NULL
    WHEN ${matches(text, stopWords)} THEN 'stop'
    WHEN ${matches(text, startWords)} THEN 'start'
    ${cases.join("\n    ")}
    ELSE 'other'
  END`;
}

/**
 * The code of the programme a text names; NULL when it names none.
 * @param {string} text a spaced text, as SQL
 * @returns {string}
 */
function programme(text) {
  const cases = Object.entries(programmeWords.programmes).map(([code, list]) => {
    return `WHEN ${contains(text, list.map(normalise))} THEN '${code}'`;
  });
  return `CASE ${cases.join(" ")} END`;
}

/**
 * The code of a programme a source names itself: a known one, else its own name in snake_case.
 * @param {string} text a spaced text, as SQL: a column, since it is written many times
 * @returns {string}
 */
function programmeCode(text) {
  return `COALESCE(${programme(text)}, NULLIF(REPLACE(TRIM(${text}), ' ', '_'), ''))`;
}

module.exports = { spaced, intent, programme, programmeCode };
