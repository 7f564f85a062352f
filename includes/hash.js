// @ts-check
/**
 * Hashes that tell one version of a row from the next.
 */

/**
 * @param {...string} values scalars, as SQL; NULL differs from every value
 * @returns {string}
 */
function of(...values) {
  const parts = values.map((value) => `IFNULL(CAST(${value} AS STRING), '~')`);
  return `TO_HEX(MD5(CONCAT(${parts.join(", '|', ")})))`;
}

/**
 * The elements of a list as one text, inside a GROUP BY: what `of` takes in the list's place.
 * @param {string} order
 * @param {...string} values
 * @returns {string}
 */
function list(order, ...values) {
  const parts = values.map((value) => `IFNULL(CAST(${value} AS STRING), '~')`);
  return `STRING_AGG(CONCAT(${parts.join(", '|', ")}), '||' ORDER BY ${order})`;
}

module.exports = { of, list };
