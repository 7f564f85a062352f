// @ts-check
/**
 * From which pairs the match model learns. All are SQL over rows of identity.descriptions.
 */

/**
 * Sessions: pairs that share a key. What the key implies cannot be learnt from them and is left out; the level that it
 * implies tells how likely they are one person's to begin with. A spare one teaches only what no other can: where people know
 * neither birth date nor postcode of each other, a city has to do. Households share what `isShared`: there pairs are left out that
 * are two people's by `HOUSEHOLD`.
 * @type {{ rule: string, key: (row: string) => string, implies: Record<string, string>, isShared?: true, isSpare?: true }[]}
 */
const SESSIONS = [
  { rule: "birth date", key: (row) => `${row}.birth_date`, implies: { birth_date: "same" } },
  { rule: "full name", key: (row) => `${row}.full_name`, implies: { name: "given and family name" } },
  { rule: "national id", key: (row) => `${row}.national_id`, implies: { national_id: "same" } },
  { rule: "email", key: (row) => `${row}.email`, implies: { email: "same" } },
  { rule: "phone", key: (row) => `${row}.phone`, implies: { phone: "same" }, isShared: true },
  { rule: "postcode", key: (row) => `${row}.postcode`, implies: { place: "postcode and city" }, isShared: true },
  { rule: "city", key: (row) => `${row}.city`, implies: { place: "city" }, isShared: true, isSpare: true },
  {
    rule: "family name",
    key: (row) => `${row}.family_name`,
    implies: { name: "family name" },
    isShared: true,
    isSpare: true,
  },
];

/**
 * Levels that tell the people of a household apart. What is left says nothing about how often a person's own descriptions agree in them.
 * Else a phone, a postcode would teach that a person goes by many given names, and is a woman as often as a man.
 * @type {Record<string, string[]>}
 */
const HOUSEHOLD = {
  birth_date: ["within a year", "else"],
  birth_year: ["one digit", "else"],
  gender: ["else"],
};

/**
 * Pairs that are taken for one person's without looking further: how many there are tells how rare matches are. An
 * expression is a key; its pairs share it.
 * @type {((row: string) => string)[]}
 */
const CERTAIN = [
  (row) => `${row}.national_id`,
  (row) => `CONCAT(${row}.name_bag, '|', ${row}.birth_date)`,
  (row) => `CONCAT(${row}.email, '|', ${row}.birth_date)`,
  (row) => `CONCAT(${row}.email, '|', ${row}.given_name)`,
  (row) => `CONCAT(${row}.phone, '|', ${row}.given_name)`,
];

/** The share of all matches that these are taken to find. */
const CERTAIN_RECALL = 0.7;

/**
 * What no session can teach is taken from the model in place: how often a person's own descriptions agree depends on people more
 * than on files. Not so of a place, whose levels depend on which of its fields a file has.
 */
const BORROWED = ["name", "birth_date", "national_id", "phone", "email", "gender", "institution", "birth_year"];

module.exports = { SESSIONS, HOUSEHOLD, BORROWED, CERTAIN, CERTAIN_RECALL };
