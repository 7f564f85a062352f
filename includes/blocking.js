// @ts-check
/**
 * Which descriptions are compared at all: those that share a key of one of these rules. A rule's key is SQL over a row
 * of identity.descriptions, NULL where the row has none. Rules stand in the order in which they explain a pair.
 */

const alike = require("./alike.js");
const window = require("./window.js");

/** A key that more descriptions have tells too little of them to compare each with each. */
const LARGEST_KEY = 200;

/** @param {...string} parts as SQL; NULL when one is NULL @returns {string} */
const all = (...parts) => `CONCAT(${parts.join(", '|', ")})`;

/** @param {string} row */
const yearOf = (row) => `IFNULL(SUBSTR(${row}.birth_date, 1, 4), ${row}.birth_year)`;

/** @type {{ rule: string, keys: (row: string) => string[] }[]} */
const RULES = [
  { rule: "national id", keys: (row) => [`${row}.national_id`] },
  { rule: "email", keys: (row) => [`${row}.email`] },
  { rule: "phone", keys: (row) => [`${row}.phone_end`] },
  { rule: "email user", keys: (row) => [`${row}.email_user`] },
  // The words of a name, sorted: given and family name swapped have the same.
  { rule: "name", keys: (row) => [`IF(${row}.name_bag LIKE '% %', ${row}.name_bag, NULL)`] },
  { rule: "birth date", keys: (row) => [`${row}.birth_date`] },
  { rule: "digits of national id", keys: (row) => [`${row}.national_id_sorted`] },
  {
    rule: "part of national id",
    keys: (row) => [
      `IF(LENGTH(${row}.national_id) >= 6, CONCAT('<', SUBSTR(${row}.national_id, 1, 4)), NULL)`,
      `IF(LENGTH(${row}.national_id) >= 6, CONCAT('>', SUBSTR(${row}.national_id, -4)), NULL)`,
    ],
  },
  { rule: "digits of birth date", keys: (row) => [`${row}.birth_date_sorted`] },
  { rule: "address", keys: (row) => [`${row}.address`] },
  {
    rule: "nickname and family name",
    keys: (row) =>
      alike.rootsOf(`IFNULL(${row}.given_root, ${row}.given_name)`).map((root) => all(root, `${row}.family_sound`)),
  },
  {
    rule: "family name and year of birth",
    keys: (row) => [all(`${row}.family_sound`, yearOf(row))],
  },
  {
    rule: "given name and year of birth",
    keys: (row) => [all(`${row}.given_sound`, yearOf(row))],
  },
  { rule: "family name and postcode", keys: (row) => [all(`${row}.family_sound`, `${row}.postcode`)] },
  { rule: "given name and postcode", keys: (row) => [all(`${row}.given_sound`, `${row}.postcode`)] },
  { rule: "family name and city", keys: (row) => [all(`${row}.family_sound`, `${row}.city`)] },
  { rule: "given name and city", keys: (row) => [all(`${row}.given_sound`, `${row}.city`)] },
  { rule: "family name and place of birth", keys: (row) => [all(`${row}.family_sound`, `${row}.birth_place`)] },
  { rule: "given name and place of birth", keys: (row) => [all(`${row}.given_sound`, `${row}.birth_place`)] },
  { rule: "family name and occupation", keys: (row) => [all(`${row}.family_sound`, `${row}.occupation`)] },
  // A given name that is somebody's family name finds the two the wrong way round.
  { rule: "family name", keys: (row) => [`${row}.family_name`, `${row}.given_name`] },
  { rule: "postcode", keys: (row) => [`${row}.postcode`] },
];

/**
 * A row's keys as an array of structs: rule, key. A key hides the value it was made of from the eye, not from a guess: it is personal.
 * @param {string} row alias of a row of identity.descriptions
 * @returns {string} for UNNEST; an element's key is NULL where the row has none
 */
function keys(row) {
  const found = RULES.flatMap(({ rule, keys: of }) =>
    of(row).map((key) => `STRUCT('${rule}' AS rule, TO_HEX(MD5(CONCAT('${rule}|', ${key}))) AS key)`),
  );
  return `[\n  ${found.join(",\n  ")}\n]`;
}

/** The rule's place in the list. @param {string} rule as SQL @returns {string} INT64 */
function place(rule) {
  return `CASE ${rule} ${RULES.map((each, index) => `WHEN '${each.rule}' THEN ${index}`).join(" ")} END`;
}

/** @param {string} at its place, as SQL @returns {string} STRING, NULL at none */
function ruleAt(at) {
  return `[${RULES.map((each) => `'${each.rule}'`).join(", ")}][SAFE_OFFSET(${at})]`;
}

/**
 * The keys that became too common in this window, and those that are so no longer. For identity.description_pairs, in a cycle.
 * @param {(dataset: string, table: string) => string} ref
 * @returns {string} a query of column `key`
 */
function movedKeys(ref) {
  const parked = ref("identity", "block_skipped");
  return `
    SELECT s.key FROM ${parked} AS s WHERE ${window.arrived("s.parked_at", true)}
    UNION ALL
    SELECT t.key FROM ${ref("identity", "thinned_keys")} AS t
    WHERE NOT EXISTS (SELECT 1 FROM ${parked} AS s WHERE s.key = t.key)`;
}

module.exports = { LARGEST_KEY, RULES, keys, place, ruleAt, movedKeys };
