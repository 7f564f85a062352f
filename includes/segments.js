// @ts-check
/**
 * Compiles `segments.json` to SQL.
 */

/**
 * @typedef {object} Operand
 * @property {string} column
 * @property {string} [programme] the column is of the profile's interest in this programme
 */
/** @typedef {Operand & { operator: "in" | "at_least" | "is_known", value?: string[] | number }} Condition */
/** @typedef {Operand & { plus_days?: number }} Instant */
/**
 * @typedef {object} Segment
 * @property {string} description
 * @property {Condition[]} conditions
 * @property {Instant} member_from
 * @property {Instant | null} member_until
 * @property {string} reason
 */

/** @type {{ segments: Record<string, Segment> }} */
const { segments } = require("./segments.json");

const OPERATORS = ["in", "at_least", "is_known"];
const IDENTIFIER = /^[a-z][a-z0-9_]*$/;

/** @param {string} name */
function checked(name) {
  if (!IDENTIFIER.test(name)) throw new Error(`segments.json: "${name}" is no column, programme or segment`);
  return name;
}

/**
 * A condition as `segments.json` has it; throws what is wrong with it.
 * @param {string} name the segment's
 * @param {Condition} condition
 */
function checkCondition(name, { column, operator, value }) {
  const place = `segments.json: segment "${name}", condition on "${column}"`;
  if (!OPERATORS.includes(operator)) {
    throw new Error(`${place}: the operator "${operator}" is none of ${OPERATORS.join(", ")}`);
  }
  if (operator === "in" && !(Array.isArray(value) && value.length > 0)) {
    throw new Error(`${place}: "in" wants a list of values, as in "value": ["active"]`);
  }
  if (operator === "at_least" && typeof value !== "number") {
    throw new Error(`${place}: "at_least" wants a number, as in "value": 3`);
  }
}

/**
 * @param {string} row
 * @param {Operand} operand
 */
function operand(row, { column, programme }) {
  if (programme === undefined) return `${row}.${checked(column)}`;
  const aggregate = column === "last_at" ? "MAX" : "SUM";
  return `(SELECT ${aggregate}(i.${checked(column)}) FROM UNNEST(${row}.programmes) AS i WHERE i.programme = '${checked(programme)}')`;
}

/**
 * @param {string} row
 * @param {Condition} condition
 */
function holds(row, condition) {
  const value = operand(row, condition);
  if (condition.operator === "is_known") return `${value} IS NOT NULL`;
  if (condition.operator === "at_least") return `IFNULL(${value}, 0) >= ${Number(condition.value)}`;
  const values = /** @type {string[]} */ (condition.value).map((each) => `'${checked(each)}'`).join(", ");
  return `IFNULL(${value}, '') IN (${values})`;
}

/**
 * A value as people read it: instants as days.
 * @param {string} row
 * @param {Operand} source
 */
function text(row, source) {
  const value = operand(row, source);
  return source.column.endsWith("_at") ? `FORMAT_TIMESTAMP('%F', ${value})` : `CAST(${value} AS STRING)`;
}

/**
 * Why a profile is no member, by the first condition that fails.
 * @param {string} row
 * @param {Condition} condition
 */
function refusal(row, condition) {
  const about = condition.programme === undefined ? "" : ` for ${condition.programme}`;
  const wanted = {
    is_known: "to be known",
    at_least: `at least ${condition.value}`,
    in: `one of ${Array.isArray(condition.value) ? condition.value.join(", ") : ""}`,
  }[condition.operator];
  const actual = `IFNULL(${text(row, condition)}, 'unknown')`;
  return `CONCAT('${condition.column}${about} is ', ${actual}, ', wants ${wanted}')`;
}

/**
 * @param {string} row
 * @param {Segment} segment
 */
function reason(row, segment) {
  const sources = [...segment.conditions, segment.member_from];
  const parts = segment.reason.split(/\{(\w+)\}/).map((part, index) => {
    if (index % 2 === 0) return `'${part.replace(/'/g, "\\'")}'`;
    const source = sources.find(({ column }) => column === part) ?? { column: part };
    return text(row, source);
  });
  return `CONCAT(${parts.join(", ")})`;
}

/**
 * @param {string} row
 * @param {Instant | null} instant
 */
function at(row, instant) {
  if (instant === null) return "CAST(NULL AS TIMESTAMP)";
  const value = operand(row, instant);
  return instant.plus_days ? `TIMESTAMP_ADD(${value}, INTERVAL ${Number(instant.plus_days)} DAY)` : value;
}

/**
 * One row per profile and segment, members or not.
 * @param {string} features a table with the columns conditions may name
 * @returns {string}
 */
function query(features) {
  return Object.entries(segments)
    .map(([name, segment]) => {
      for (const condition of segment.conditions) checkCondition(name, condition);
      const qualified = segment.conditions.map((condition) => holds("f", condition)).join(" AND ");
      const refusals = segment.conditions.map((each) => `WHEN NOT (${holds("f", each)}) THEN ${refusal("f", each)}`);
      return `SELECT
    f.profile_id,
    '${checked(name)}' AS segment,
    ${qualified} AS is_qualified,
    IF(${qualified}, ${at("f", segment.member_from)}, NULL) AS member_from,
    IF(${qualified}, ${at("f", segment.member_until)}, NULL) AS member_until,
    CASE
      ${refusals.join("\n      ")}
      ELSE ${reason("f", segment)}
    END AS reason
  FROM ${features} AS f`;
    })
    .join("\n  UNION ALL\n  ");
}

module.exports = { query };
