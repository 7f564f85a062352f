// @ts-check
/**
 * What every fact model does alike: the first usable arrival of an event is the fact.
 */
const graph = require("./graph.js");
const window = require("./window.js");

const ARRIVAL_ORDER = ["ingested_at", "log_partition", "log_offset"];

/**
 * The order in which rows of one event arrived.
 * @param {string} row the bronze row's alias
 * @returns {string}
 */
function arrivalOrder(row) {
  return ARRIVAL_ORDER.map((column) => `${row}.${column}`).join(", ");
}

/**
 * QUALIFY of a model that joins `identifiers AS i WITH OFFSET AS position`: keeps the event's first arrival that has
 * an owner, and its strongest owner.
 * @param {string} row the bronze row's alias
 * @returns {string}
 */
function firstOwned(row) {
  return `ROW_NUMBER() OVER (PARTITION BY ${row}.event_id ORDER BY ${arrivalOrder(row)}, position) = 1`;
}

/**
 * The key of a fact.
 * @param {string} source
 * @param {string} eventId
 * @param {string} [hmac] where one event is about several records
 * @returns {string}
 */
function key(source, eventId, hmac) {
  return hmac === undefined ? `CONCAT('${source}:', ${eventId})` : `CONCAT('${source}:', ${eventId}, '#', ${hmac})`;
}

/**
 * Facts are insert-only: a condition that drops what the table already has.
 * @param {string} table
 * @param {string} row alias of the new row
 * @param {...string} columns the grain
 * @returns {string}
 */
function isNew(table, row, ...columns) {
  const same = columns.map((column) => `s.${column} = ${row}.${column}`).join(" AND ");
  return `NOT EXISTS (SELECT 1 FROM ${table} AS s WHERE ${same} AND ${window.dedupe("s.ingested_at")})`;
}

/**
 * The same where the row tells when its fact arrived: a copy of a fact, or facts counted by arrival. Whatever the table
 * already has of it then arrived in the same window, and no more than that is read, however much the table holds.
 * Not where one row stands for several arrivals: its first may lie before the window.
 * @param {string} table
 * @param {string} row alias of the new row
 * @param {...string} columns the grain
 * @returns {string}
 */
function isNewInWindow(table, row, ...columns) {
  const same = columns.map((column) => `s.${column} = ${row}.${column}`).join(" AND ");
  return `NOT EXISTS (SELECT 1 FROM ${table} AS s WHERE ${same} AND ${window.arrived("s.ingested_at", true)})`;
}

/**
 * Whether a bronze row can become a fact: it has an identifier that can own a node.
 * @param {string} row the bronze row's alias
 * @param {string} [ownerCondition] a further condition on the identifier `i`
 * @returns {string}
 */
function isUsable(row, ownerCondition = "TRUE") {
  return `EXISTS (SELECT 1 FROM UNNEST(${row}.identifiers) AS i WHERE ${graph.canOwn("i")} AND ${ownerCondition})`;
}

module.exports = { arrivalOrder, firstOwned, key, isNew, isNewInWindow, isUsable };
