// @ts-check
/**
 * What two descriptions are compared by, as the one list: each comparison's levels from best to worst, the first that
 * holds counts. What is left is "else"; where one side knows nothing the comparison says nothing.
 *
 * Model parameters are kept by these names: whoever renames a level or adds one trains again.
 */

const alike = require("./alike.js");

/**
 * `holds` is SQL over two rows of `identity.descriptions`; `frequency` names the frequencies that adjust an exact
 * level: sharing a rare value says more.
 * @typedef {{ name: string, holds: (l: string, r: string) => string, frequency?: string }} Level
 * `isKnown` tells whether there is anything to compare; `fields` are those that a training session which blocks on them cannot learn about.
 * @typedef {{ name: string, fields: string[], isKnown: (l: string, r: string) => string, levels: Level[] }} Comparison
 */

/** @param {string} field */
const both = (field) => (/** @type {string} */ l, /** @type {string} */ r) =>
  `(${l}.${field} IS NOT NULL AND ${r}.${field} IS NOT NULL)`;
/** @param {string} field */
const same = (field) => (/** @type {string} */ l, /** @type {string} */ r) => `${l}.${field} = ${r}.${field}`;
/** @param {string} field @param {number} most */
const close = (field, most) => (/** @type {string} */ l, /** @type {string} */ r) =>
  alike.within(`${l}.${field}`, `${r}.${field}`, most);
/** @param {string} l @param {string} r */
const sameGiven = (l, r) => `${l}.given_name = ${r}.given_name`;
/** @param {string} l @param {string} r */
const sameFamily = (l, r) => `${l}.family_name = ${r}.family_name`;
/** @param {string} l @param {string} r */
const likeGiven = (l, r) => alike.names(`${l}.given_name`, `${r}.given_name`);
/** @param {string} l @param {string} r */
const likeFamily = (l, r) => alike.names(`${l}.family_name`, `${r}.family_name`);
/** A few letters apart, or with other words after number and street. @param {string} l @param {string} r */
const likeAddress = (l, r) => `(${same("address_start")(l, r)} OR ${close("address", 3)(l, r)})`;
/** @param {string} l @param {string} r */
const likeCity = (l, r) => alike.names(`${l}.city`, `${r}.city`);
/** A name without nicknames stands for itself. @param {string} row */
const root = (row) => `IFNULL(${row}.given_root, ${row}.given_name)`;

/** @type {Comparison} */
const NAME = {
  name: "name",
  fields: ["given_name", "family_name"],
  isKnown: (l, r) => `${l}.name_bag IS NOT NULL AND ${r}.name_bag IS NOT NULL`,
  levels: [
    {
      name: "given and family name",
      holds: (l, r) => `${sameFamily(l, r)} AND ${sameGiven(l, r)}`,
      frequency: "full_name",
    },
    {
      name: "swapped",
      holds: (l, r) => `${l}.given_name = ${r}.family_name AND ${l}.family_name = ${r}.given_name`,
    },
    { name: "family name, similar given name", holds: (l, r) => `${sameFamily(l, r)} AND ${likeGiven(l, r)}` },
    { name: "given name, similar family name", holds: (l, r) => `${sameGiven(l, r)} AND ${likeFamily(l, r)}` },
    { name: "both similar", holds: (l, r) => `${likeGiven(l, r)} AND ${likeFamily(l, r)}` },
    {
      name: "similar, swapped",
      holds: (l, r) =>
        `${alike.names(`${l}.given_name`, `${r}.family_name`)} AND ${alike.names(`${l}.family_name`, `${r}.given_name`)}`,
    },
    {
      name: "family name, nickname",
      holds: (l, r) =>
        `${sameFamily(l, r)} AND (${l}.given_root IS NOT NULL OR ${r}.given_root IS NOT NULL) AND ${alike.nicknames(root(l), root(r))}`,
    },
    {
      name: "family name, initial",
      holds: (l, r) => `${sameFamily(l, r)} AND ${alike.initials(`${l}.given_name`, `${r}.given_name`)}`,
    },
    {
      name: "one name holds the other",
      holds: (l, r) =>
        `${l}.name_bag LIKE '% %' AND ${r}.name_bag LIKE '% %' AND ${alike.bags(`${l}.name_bag`, `${r}.name_bag`)}`,
    },
    // A name that is not known is no other name: brothers and sisters have one family name and two given ones.
    {
      name: "family name, given name unknown",
      holds: (l, r) => `${sameFamily(l, r)} AND (${l}.given_name IS NULL OR ${r}.given_name IS NULL)`,
      frequency: "family_name",
    },
    {
      name: "given name, family name unknown",
      holds: (l, r) => `${sameGiven(l, r)} AND (${l}.family_name IS NULL OR ${r}.family_name IS NULL)`,
      frequency: "given_name",
    },
    { name: "family name", holds: sameFamily, frequency: "family_name" },
    { name: "given name", holds: sameGiven, frequency: "given_name" },
    {
      name: "given name is the other's family name",
      holds: (l, r) => `(${l}.given_name = ${r}.family_name OR ${l}.family_name = ${r}.given_name)`,
    },
    { name: "one similar", holds: (l, r) => `(${likeFamily(l, r)} OR ${likeGiven(l, r)})` },
    {
      name: "one roughly similar",
      holds: (l, r) =>
        `(${alike.roughly(`${l}.family_name`, `${r}.family_name`)} OR ${alike.roughly(`${l}.given_name`, `${r}.given_name`)})`,
    },
  ],
};

/** @type {Comparison} */
const BIRTH_DATE = {
  name: "birth_date",
  fields: ["birth_date"],
  isKnown: both("birth_date"),
  levels: [
    { name: "same", holds: same("birth_date") },
    { name: "a slip", holds: (l, r) => alike.dates(`${l}.birth_date`, `${r}.birth_date`) },
    { name: "two of year, month, day", holds: (l, r) => alike.mostOfDate(`${l}.birth_date`, `${r}.birth_date`) },
    { name: "two edits", holds: close("birth_date", 2) },
    {
      name: "within a year",
      holds: (l, r) =>
        `ABS(DATE_DIFF(SAFE_CAST(${l}.birth_date AS DATE), SAFE_CAST(${r}.birth_date AS DATE), DAY)) <= 400`,
    },
  ],
};

/** @type {Comparison} */
const NATIONAL_ID = {
  name: "national_id",
  fields: ["national_id"],
  isKnown: both("national_id"),
  levels: [
    { name: "same", holds: same("national_id") },
    {
      name: "a slip",
      holds: (l, r) =>
        alike.numbers(`${l}.national_id`, `${r}.national_id`, `${l}.national_id_sorted`, `${r}.national_id_sorted`),
    },
    { name: "two edits", holds: close("national_id", 2) },
  ],
};

/** @type {Comparison} */
const PHONE = {
  name: "phone",
  fields: ["phone"],
  isKnown: both("phone"),
  levels: [
    { name: "same", holds: same("phone") },
    { name: "last seven digits", holds: same("phone_end") },
  ],
};

/** Whether an address's letters hold a name that its record tells. @param {string} row */
const repeatsName = (row) =>
  `(STRPOS(${row}.email_user, ${row}.given_name) > 0 OR STRPOS(${row}.email_user, ${row}.family_name) > 0)`;

/** Whatever differs from a@ in a letter is another mailbox. @param {string} l @param {string} r */
const areWords = (l, r) => `LEAST(STRPOS(${l}.email, '@'), STRPOS(${r}.email, '@')) > 2`;

/**
 * Two of one name make the same address of it at two providers: where both tell the name that the letters hold, letters that agree say
 * nothing beside it.
 * @type {Comparison}
 */
const EMAIL = {
  name: "email",
  fields: ["email"],
  // By IF, so that letters are searched only where they are the same.
  isKnown: (l, r) => `(${both("email")(l, r)} AND IF(
      ${same("email_user")(l, r)} AND ${l}.email != ${r}.email,
      NOT IFNULL(${repeatsName(l)} AND ${repeatsName(r)}, FALSE),
      TRUE
    ))`,
  levels: [
    { name: "same", holds: same("email"), frequency: "email" },
    { name: "user", holds: same("email_user") },
    { name: "similar", holds: (l, r) => `(${areWords(l, r)} AND ${close("email", 2)(l, r)})` },
    { name: "roughly similar", holds: (l, r) => `(${areWords(l, r)} AND ${close("email", 5)(l, r)})` },
    { name: "similar user", holds: (l, r) => alike.names(`${l}.email_user`, `${r}.email_user`) },
  ],
};

/**
 * Address, postcode and city say one thing three times: a family shares all of them, and who moves changes all of them.
 * @type {Comparison}
 */
const PLACE = {
  name: "place",
  fields: ["address", "postcode", "city"],
  isKnown: (l, r) => ["address", "postcode", "city"].map((field) => both(field)(l, r)).join(" OR "),
  levels: [
    { name: "address", holds: same("address"), frequency: "address" },
    {
      name: "similar address in one place",
      holds: (l, r) => `(${same("postcode")(l, r)} OR ${same("city")(l, r)}) AND ${likeAddress(l, r)}`,
    },
    {
      name: "postcode and city",
      holds: (l, r) => `${same("postcode")(l, r)} AND (${same("city")(l, r)} OR ${likeCity(l, r)})`,
      frequency: "postcode",
    },
    // A postcode without its city and its street may be a slip in any other.
    { name: "postcode", holds: same("postcode") },
    { name: "similar address", holds: likeAddress },
    { name: "city", holds: same("city"), frequency: "city" },
    {
      name: "similar postcode or city",
      holds: (l, r) => `(${likeCity(l, r)} OR ${close("postcode", 1)(l, r)})`,
    },
  ],
};

/** @param {string} field @returns {Comparison} */
function equality(field) {
  return { name: field, fields: [field], isKnown: both(field), levels: [{ name: "same", holds: same(field) }] };
}

/** A word or two that may be mistyped. @param {string} field @returns {Comparison} */
function likeness(field) {
  return {
    name: field,
    fields: [field],
    isKnown: both(field),
    levels: [
      { name: "same", holds: same(field), frequency: field },
      { name: "similar", holds: (l, r) => alike.names(`${l}.${field}`, `${r}.${field}`) },
    ],
  };
}

/** @param {string} row */
const yearOf = (row) => `IFNULL(${row}.birth_year, SUBSTR(${row}.birth_date, 1, 4))`;

/**
 * Where one side knows no more than the year; else the dates tell.
 * @type {Comparison}
 */
const BIRTH_YEAR = {
  name: "birth_year",
  fields: ["birth_year"],
  isKnown: (l, r) =>
    `(${l}.birth_date IS NULL OR ${r}.birth_date IS NULL) AND ${yearOf(l)} IS NOT NULL AND ${yearOf(r)} IS NOT NULL`,
  levels: [
    { name: "same", holds: (l, r) => `${yearOf(l)} = ${yearOf(r)}` },
    {
      name: "the next",
      holds: (l, r) => `ABS(SAFE_CAST(${yearOf(l)} AS INT64) - SAFE_CAST(${yearOf(r)} AS INT64)) = 1`,
    },
    { name: "one digit", holds: (l, r) => alike.within(yearOf(l), yearOf(r), 1) },
  ],
};

/** @type {Comparison[]} */
const COMPARISONS = [
  NAME,
  BIRTH_DATE,
  NATIONAL_ID,
  PHONE,
  EMAIL,
  PLACE,
  equality("gender"),
  equality("institution"),
  BIRTH_YEAR,
  likeness("birth_place"),
  likeness("occupation"),
];

module.exports = { COMPARISONS, likeGiven, root, yearOf };
