// @ts-check
/**
 * What a website or app message tells of a person, by Segment's names of traits and by the names forms use.
 */
const graph = require("./graph.js");
const vocabulary = require("./vocabulary.js");

/** @type {{ messages: Record<string, string[]> }} */
const { messages } = require("./person_traits.json");

/** The traits that silver keeps as they were written: the others only describe, folded. */
const WRITTEN = ["first_name", "last_name", "birth_date", "country"];
/** @type {Record<string, string[]>} */
const NAMES = Object.fromEntries(WRITTEN.map((field) => [field, messages[field] ?? []]));
const FIELDS = [...Object.keys(NAMES), "programme", "proven_stage"];
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

/** Where an address stands as the person wrote it. */
const WRITTEN_EMAILS = ["traits.email", "context.traits.email", "properties.email", "email"];

/** What is left of an address's local part when spelling variants are taken away. @param {string} email as SQL */
const bareLocalPart = (email) => `REPLACE(REGEXP_EXTRACT(LOWER(TRIM(${email})), r'^([^@+]+)'), '.', '')`;

/**
 * An own identifier's value as a person would write it: the address as given, where the row still says which; else canonical.
 * The canonical form is for matching only: it drops dots and tags that a reader expects to see.
 * @param {string} row alias of a row with `personal`
 * @param {string} identifier alias of one of its identifiers
 * @returns {string}
 */
function asWritten(row, identifier) {
  const cases = WRITTEN_EMAILS.map((path) => {
    const written = `JSON_VALUE(${row}.personal, '$.${path}')`;
    return `WHEN ${bareLocalPart(written)} THEN TRIM(${written})`;
  });
  const email = `CASE ${bareLocalPart(`${identifier}.value`)} ${cases.join(" ")} ELSE ${identifier}.value END`;
  return `IF(${identifier}.type = 'email', ${email}, ${identifier}.value)`;
}

/**
 * The strongest own address and phone of each row that are not blocked, as a query of (event_key, type, value): one row per event and type.
 * @param {string} rows a table or query with `event_key`, `identifiers` and `personal`
 * @returns {string}
 */
function contactData(rows) {
  return `SELECT f.event_key, i.type, ${asWritten("f", "i")} AS value
    FROM ${rows} AS f,
      UNNEST(f.identifiers) AS i WITH OFFSET AS position
    WHERE ${graph.canOwn("i")} AND i.type IN ('email', 'phone')
    QUALIFY ROW_NUMBER() OVER (PARTITION BY f.event_key, i.type ORDER BY position) = 1`;
}

/**
 * The traits of a website or app message as columns `<field>_value`: what `unpivot` takes. A programme that was only
 * looked at is not yet the person's.
 * @param {string} row alias of a row of silver.web_events or silver.app_events
 * @returns {string}
 */
function read(row) {
  return [
    ...Object.keys(NAMES).map((field) => `${spoken(row, field)} AS ${field}_value`),
    `IF(${row}.category != 'browsing', ${row}.programme, NULL) AS programme_value`,
    `${vocabulary.provenStage(`${row}.event_name`)} AS proven_stage_value`,
  ].join(",\n      ");
}

/**
 * The columns of `read` as rows (field, value), those without a value left out: one SELECT per field, since DuckDB
 * would read the whole table for a correlated UNNEST.
 * @param {string} table a query's name with the columns of `read`
 * @returns {string}
 */
function unpivot(table) {
  return FIELDS.map(
    (
      field,
    ) => `SELECT m.event_key, m.event_id, m.node_id, m.source, '${field}' AS field, m.${field}_value AS value, m.observed_at, m.ingested_at
    FROM ${table} AS m
    WHERE m.${field}_value IS NOT NULL`,
  ).join("\n    UNION ALL\n    ");
}

module.exports = { read, unpivot, contactData };
