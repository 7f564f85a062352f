// @ts-check
/**
 * How common a value is: the share of descriptions that have it, counted once with the match model and then left as it
 * is. Values that two or more have are listed by a hash; all others share one row, the rest.
 */

const { COMPARISONS } = require("./comparisons.js");

/** The hash that stands for every value that is not listed. */
const REST = "";

/** The columns of identity.descriptions whose values are counted. @type {string[]} */
const TERMS = [
  ...new Set(COMPARISONS.flatMap(({ levels }) => levels.flatMap(({ frequency }) => (frequency ? [frequency] : [])))),
];

/** @param {string} value as SQL @returns {string} */
const hash = (value) => `TO_HEX(MD5(${value}))`;

/**
 * A row's counted values as an array of structs: term, value.
 * @param {string} row
 * @returns {string} for UNNEST
 */
function values(row) {
  return `[${TERMS.map((term) => `STRUCT('${term}' AS term, ${row}.${term} AS value)`).join(", ")}]`;
}

/**
 * Frequencies side by side, of rows of (term, frequency) grouped by description.
 * @param {string} row
 * @returns {string}
 */
function columns(row) {
  return TERMS.map((term) => `MAX(IF(${row}.term = '${term}', ${row}.frequency, NULL)) AS ${term}_frequency`).join(
    ",\n",
  );
}

module.exports = { REST, TERMS, hash, values, columns };
