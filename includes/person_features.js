// @ts-check
/**
 * What persons are compared by: the fields that loaders fold out of a record (src/identity/normalise/features.ts), as columns of
 * identity.features.
 */

/**
 * Fields that one record tells together stand in one row here: a nickname's root must not outlive the name it belongs to. The first
 * is in every record that tells any of them.
 */
const GROUPS = [
  ["given_name", "given_root", "given_sound"],
  ["family_name", "family_sound"],
  ["name_bag"],
  ["birth_date"],
  ["gender"],
  ["email", "email_user"],
  ["phone"],
  ["address"],
  ["postcode"],
  ["city"],
  ["institution"],
  ["national_id"],
  ["birth_year"],
  ["birth_place"],
  ["occupation"],
];

/** The columns, in their order. */
const fields = GROUPS.flat();

/**
 * The group a field belongs to, by its first field.
 * @param {string} field as SQL
 * @returns {string}
 */
function groupOf(field) {
  const cases = GROUPS.filter((group) => group.length > 1).map(
    ([first, ...rest]) => `WHEN ${field} IN (${rest.map((each) => `'${each}'`).join(", ")}) THEN '${first}'`,
  );
  return `CASE ${cases.join(" ")} ELSE ${field} END`;
}

/**
 * One column per field out of rows (field, value): the select list of a GROUP BY.
 * @param {string} row alias
 * @returns {string}
 */
function pivot(row) {
  return fields.map((field) => `MAX(IF(${row}.field = '${field}', ${row}.value, NULL)) AS ${field}`).join(",\n      ");
}

/**
 * What tells one description from another: 32 hex characters, equal for equal values. No field's value holds a control character.
 * @param {string} row alias of a row with the columns
 * @returns {string}
 */
function descriptionId(row) {
  const values = fields.map((field) => `IFNULL(${row}.${field}, '')`);
  return `SUBSTR(TO_HEX(SHA256(CONCAT(${values.join(", '\\t', ")}))), 1, 32)`;
}

module.exports = { fields, groupOf, pivot, descriptionId };
