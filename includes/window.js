// @ts-check
/**
 * Windows on arrival. The same model text serves a cycle, a backfill and a full build:
 *
 * - under Rollcall's runner the bounds are the query parameters `@window_from` and `@window_to`, so the text never
 *   changes and caches hold; a full build passes 1970 as `@window_from`;
 * - a stock backfill sets the variables `window_from` and `window_to`: they become literals;
 * - stock Dataform without them looks back 26 hours by its clock in an incremental run, and at everything in a full
 *   refresh. That is idempotent, because every fact checks its own table, and it still prunes partitions.
 */

const STOCK_HOURS = 26;
const STOCK_DEDUPE_DAYS = 7;

/** @returns {Record<string, string>} */
function vars() {
  // @ts-expect-error Dataform puts its session on the global object.
  return dataform.projectConfig.vars ?? {};
}

/** @returns {boolean} */
function isOurRunner() {
  return vars().runner === "rollcall";
}

/** @returns {{ from: string, to: string } | null} */
function literals() {
  const { window_from: from, window_to: to } = vars();
  if (!from && !to) return null;
  if (!from || !to) throw new Error("set both vars.window_from and vars.window_to, or neither");
  return { from: `TIMESTAMP ${JSON.stringify(from)}`, to: `TIMESTAMP ${JSON.stringify(to)}` };
}

/**
 * The condition that bounds a read of a growing table to what arrived in this window.
 * @param {string} column an `ingested_at`, qualified: "b.ingested_at"
 * @param {boolean} [isIncremental] pass `incremental()`: without it stock Dataform reads everything
 * @returns {string}
 */
function arrived(column, isIncremental = false) {
  if (isOurRunner()) return `${column} >= @window_from AND ${column} < @window_to`;
  const bounds = literals();
  if (bounds !== null) return `${column} >= ${bounds.from} AND ${column} < ${bounds.to}`;
  if (!isIncremental) return "TRUE";
  return `${column} >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL ${STOCK_HOURS} HOUR)`;
}

/**
 * How far back a fact looks in its own table for an earlier arrival of itself. Our runner has no limit: a window is
 * taken over exactly once and the table is clustered; stock Dataform prunes to the partitions of the last week.
 * @param {string} column the table's own `ingested_at`: "s.ingested_at"
 * @returns {string}
 */
function dedupe(column) {
  if (isOurRunner() || literals() !== null) return "TRUE";
  return `${column} >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL ${STOCK_DEDUPE_DAYS} DAY)`;
}

/**
 * The first instant after the window.
 * @returns {string}
 */
function end() {
  if (isOurRunner()) return "@window_to";
  return literals()?.to ?? "CURRENT_TIMESTAMP()";
}

/**
 * The window's last microsecond: what a row says that was made by the window itself, so that the window that wrote
 * it also reads it.
 * @returns {string}
 */
function last() {
  if (!isOurRunner() && literals() === null) return "CURRENT_TIMESTAMP()";
  return `TIMESTAMP_SUB(${end()}, INTERVAL 1 MICROSECOND)`;
}

module.exports = { arrived, dedupe, end, last };
