// @ts-check
/**
 * Whether two folded texts could be one, mistyped: conditions as SQL, NULL where a text is NULL. They are made for
 * WHEN, where NULL is no. Edit distance is measured last, because it costs most.
 */

/** A name shorter than this has too little in it to be a mistyped other. */
const SHORTEST = 3;
/** From this length on a name may differ in two letters. */
const LONG = 6;

/** The adjacent places of YYYYMMDD that may be transposed. */
const PLACES = [1, 2, 3, 4, 5, 6, 7];

/** @param {string} a @param {string} b @param {number} most @returns {string} */
function within(a, b, most) {
  return `(ABS(LENGTH(${a}) - LENGTH(${b})) <= ${most} AND EDIT_DISTANCE(${a}, ${b}) <= ${most})`;
}

/**
 * One is the other's beginning, or they differ in one letter, in two from six letters on.
 * @param {string} a @param {string} b @returns {string}
 */
function names(a, b) {
  const shorter = `LEAST(LENGTH(${a}), LENGTH(${b}))`;
  const allowed = `IF(${shorter} >= ${LONG}, 2, 1)`;
  return `(${shorter} >= ${SHORTEST} AND (STARTS_WITH(${a}, ${b}) OR STARTS_WITH(${b}, ${a})
    OR (ABS(LENGTH(${a}) - LENGTH(${b})) <= ${allowed} AND EDIT_DISTANCE(${a}, ${b}) <= ${allowed})))`;
}

/**
 * Half of the shorter one's letters would have to be others.
 * @param {string} a @param {string} b @returns {string}
 */
function roughly(a, b) {
  const shorter = `LEAST(LENGTH(${a}), LENGTH(${b}))`;
  return `(${shorter} > ${SHORTEST} AND 2 * ABS(LENGTH(${a}) - LENGTH(${b})) <= ${shorter} AND 2 * EDIT_DISTANCE(${a}, ${b}) <= ${shorter})`;
}

/**
 * One is a single letter, and the other begins with it.
 * @param {string} a @param {string} b @returns {string}
 */
function initials(a, b) {
  return `(LEAST(LENGTH(${a}), LENGTH(${b})) = 1 AND SUBSTR(${a}, 1, 1) = SUBSTR(${b}, 1, 1))`;
}

/**
 * A man's name and a woman's that differ in the last letter only: Mario and Maria are brother and sister rather than one, mistyped.
 * @param {string} a @param {string} b @returns {string}
 */
function siblings(a, b) {
  const stem = (/** @type {string} */ name) => `SUBSTR(${name}, 1, LENGTH(${name}) - 1)`;
  return `(CONCAT(SUBSTR(${a}, -1), SUBSTR(${b}, -1)) IN ('oa', 'ao') AND ${stem(a)} = ${stem(b)})`;
}

/**
 * The names that one may stand for, of a set of them joined by "|". No form in the table of nicknames has more than four.
 * @param {string} set @returns {string[]} NULL where there are fewer
 */
function rootsOf(set) {
  return [0, 1, 2, 3].map((place) => `SPLIT(${set}, '|')[SAFE_OFFSET(${place})]`);
}

/**
 * A name that both may stand for. Not by a regular expression: DuckDB would make a new one for each row.
 * @param {string} a its names joined by "|" @param {string} b @returns {string}
 */
function nicknames(a, b) {
  return `(${rootsOf(b)
    .map((name) => `STRPOS(CONCAT('|', ${a}, '|'), CONCAT('|', ${name}, '|')) > 0`)
    .join(" OR ")})`;
}

/**
 * All words of one are among the other's. Words are sorted, so they come in one order in both.
 * @param {string} a words joined by a space @param {string} b @returns {string}
 */
function bags(a, b) {
  return `(${contains(a, b)} OR ${contains(b, a)})`;
}

/** @param {string} whole @param {string} part @returns {string} */
function contains(whole, part) {
  const text = `CONCAT(' ', REPLACE(${whole}, ' ', '  '), ' ')`;
  return `(LENGTH(${whole}) >= LENGTH(${part}) AND ${text} LIKE CONCAT('% ', REPLACE(${part}, ' ', ' % '), ' %'))`;
}

/**
 * Two birth dates, YYYY-MM-DD, that a slip of the pen sets apart: one edit, two neighbouring digits transposed, or day
 * and month swapped.
 * @param {string} a @param {string} b @returns {string}
 */
function dates(a, b) {
  return `(EDIT_DISTANCE(${a}, ${b}) <= 1 OR ${swappedDayAndMonth(a, b)} OR ${transposed(a, b)})`;
}

/**
 * Of year, month and day two are the same.
 * @param {string} a @param {string} b @returns {string}
 */
function mostOfDate(a, b) {
  const year = `SUBSTR(${a}, 1, 4) = SUBSTR(${b}, 1, 4)`;
  const month = `SUBSTR(${a}, 6, 2) = SUBSTR(${b}, 6, 2)`;
  const day = `SUBSTR(${a}, 9, 2) = SUBSTR(${b}, 9, 2)`;
  return `((${year} AND ${month}) OR (${year} AND ${day}) OR (${month} AND ${day}))`;
}

/** @param {string} a @param {string} b @returns {string} */
function swappedDayAndMonth(a, b) {
  return `CONCAT(SUBSTR(${a}, 1, 5), SUBSTR(${a}, 9, 2), '-', SUBSTR(${a}, 6, 2)) = ${b}`;
}

/** @param {string} a @param {string} b @returns {string} */
function transposed(a, b) {
  const digits = `REPLACE(${a}, '-', '')`;
  const tried = PLACES.map(
    (place) =>
      `CONCAT(SUBSTR(${digits}, 1, ${place - 1}), SUBSTR(${digits}, ${place + 1}, 1), SUBSTR(${digits}, ${place}, 1), SUBSTR(${digits}, ${place + 2}))`,
  );
  return `REPLACE(${b}, '-', '') IN (${tried.join(", ")})`;
}

/**
 * Two numbers that one edit sets apart, or two digits in each other's place.
 * @param {string} a @param {string} b @param {string} aDigits its characters, sorted @param {string} bDigits
 * @returns {string}
 */
function numbers(a, b, aDigits, bDigits) {
  return `(${within(a, b, 1)} OR (${aDigits} = ${bDigits} AND ${within(a, b, 2)}))`;
}

module.exports = { within, names, roughly, initials, siblings, rootsOf, nicknames, bags, dates, mostOfDate, numbers };
