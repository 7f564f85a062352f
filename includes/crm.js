// @ts-check
/**
 * Salesforce's fields, from `crm_fields.json`, as one row per field.
 */

/** @type {{ fields: Record<string, string[]> }} */
const { fields } = require("./crm_fields.json");

/** Fields whose value is an identifier: the canonical one found in the row. */
const FROM_IDENTIFIERS = ["email", "phone"];

/**
 * The value of one field, wherever decode put it; NULL when empty.
 * @param {string} row alias of a row with `properties`, `personal`, `email` and `phone`
 * @param {string} field
 * @returns {string}
 */
function value(row, field) {
  if (FROM_IDENTIFIERS.includes(field)) return `${row}.${field}`;
  const paths = (fields[field] ?? []).flatMap((path) => [
    `JSON_VALUE(${row}.personal, '$.${path}')`,
    `JSON_VALUE(${row}.properties, '$.${path}')`,
  ]);
  return `NULLIF(TRIM(COALESCE(${paths.join(", ")})), '')`;
}

/**
 * The names of the fields a change event says were emptied, each between commas.
 * @param {string} row alias of a row with `properties`
 * @returns {string}
 */
function emptiedNames(row) {
  const names = `JSON_VALUE_ARRAY(${row}.properties, '$.ChangeEventHeader.nulledFields')`;
  return `IFNULL(CONCAT(',', ARRAY_TO_STRING(${names}, ','), ','), '')`;
}

/**
 * @param {string} row alias of a row with `emptied_names`
 * @param {string} field
 */
function isEmptied(row, field) {
  return (fields[field] ?? []).map((path) => `STRPOS(${row}.emptied_names, ',${path},') > 0`).join(" OR ");
}

/**
 * All fields of a row as columns `<field>_value` and `<field>_is_emptied`: what `unpivot` takes.
 * @param {string} row
 * @returns {string}
 */
function read(row) {
  return Object.keys(fields)
    .map((field) => `${value(row, field)} AS ${field}_value,\n      (${isEmptied(row, field)}) AS ${field}_is_emptied`)
    .join(",\n      ");
}

/**
 * UNNEST of the columns of `read`, as (field, value, is_emptied).
 * @param {string} row
 * @returns {string}
 */
function unpivot(row) {
  const structs = Object.keys(fields).map(
    (field) => `STRUCT('${field}' AS field, ${row}.${field}_value AS value, ${row}.${field}_is_emptied AS is_emptied)`,
  );
  return `UNNEST([\n      ${structs.join(",\n      ")}\n    ])`;
}

/**
 * One column per field out of rows (field, value): the select list of a GROUP BY over records.
 * @param {string} row alias
 * @param {...string} names
 * @returns {string}
 */
function pivot(row, ...names) {
  return names.map((name) => `MAX(IF(${row}.field = '${name}', ${row}.value, NULL)) AS ${name}`).join(",\n  ");
}

/**
 * Whether an identifier is the id of a record that a change event is about. A Lead's event also carries the id of the
 * contact it was converted to: that one is a link, not an owner.
 * @param {string} row alias of the bronze row
 * @param {string} identifier
 * @returns {string}
 */
function isRecordOf(row, identifier) {
  return `${identifier}.type = ${recordType(row)}`;
}

/**
 * The type of identifier that a change event's records have.
 * @param {string} row alias of the bronze row
 * @returns {string}
 */
function recordType(row) {
  const isLead = `JSON_VALUE(${row}.payload, '$.ChangeEventHeader.entityName') = 'Lead'`;
  return `IF(${isLead}, 'salesforce_lead_id', 'salesforce_contact_id')`;
}

module.exports = { emptiedNames, read, unpivot, pivot, isRecordOf, recordType };
