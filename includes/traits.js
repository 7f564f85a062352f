// @ts-check
/**
 * What a website or app message tells of a person, by Segment's names of traits and by the names forms use.
 */
const vocabulary = require("./vocabulary.js");

/** @type {Record<string, string[]>} */
const NAMES = {
  first_name: ["firstName", "first_name"],
  last_name: ["lastName", "last_name"],
  birth_date: ["birthday", "birth_date"],
  country: ["country", "address.country"],
};
const PLACES = ["traits", "context.traits", "properties"];

/**
 * @param {string} row alias of a row with `personal`, `traits` and `properties`
 * @param {string} field
 */
function spoken(row, field) {
  const values = (NAMES[field] ?? []).flatMap((name) => [
    ...PLACES.map((place) => `JSON_VALUE(${row}.personal, '$.${place}.${name}')`),
    `JSON_VALUE(${row}.traits, '$.${name}')`,
  ]);
  return `NULLIF(TRIM(COALESCE(${values.join(", ")})), '')`;
}

/**
 * The strongest own identifier of a type, canonical.
 * @param {string} row alias of a row with `identifiers`
 * @param {string} type
 * @returns {string}
 */
function ownIdentifier(row, type) {
  return `ARRAY(
        SELECT i.value FROM UNNEST(${row}.identifiers) AS i WITH OFFSET AS position
        WHERE i.role = 'own' AND i.type = '${type}' ORDER BY position
      )[SAFE_OFFSET(0)]`;
}

const OWN_IDENTIFIERS = ["email", "phone"];
const FIELDS = [...Object.keys(NAMES), ...OWN_IDENTIFIERS, "programme", "proven_stage"];

/**
 * The traits of a website or app message as columns `<field>_value`: what `unpivot` takes. A programme that was only
 * looked at is not yet the person's.
 * @param {string} row alias of a row of silver.web_events or silver.app_events
 * @returns {string}
 */
function read(row) {
  return [
    ...Object.keys(NAMES).map((field) => `${spoken(row, field)} AS ${field}_value`),
    ...OWN_IDENTIFIERS.map((type) => `${ownIdentifier(row, type)} AS ${type}_value`),
    `IF(${row}.category != 'browsing', ${row}.programme, NULL) AS programme_value`,
    `${vocabulary.provenStage(`${row}.event_name`)} AS proven_stage_value`,
  ].join(",\n      ");
}

/**
 * UNNEST of the columns of `read`, as (field, value).
 * @param {string} row
 * @returns {string}
 */
function unpivot(row) {
  const structs = FIELDS.map((field) => `STRUCT('${field}' AS field, ${row}.${field}_value AS value)`);
  return `UNNEST([\n      ${structs.join(",\n      ")}\n    ])`;
}

module.exports = { read, unpivot, ownIdentifier };
