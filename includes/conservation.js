// @ts-check
/**
 * Which bronze rows become facts, which are put aside: what quarantine and gate 2 have to agree on with the fact
 * models, table by table.
 */
const crm = require("./crm.js");
const facts = require("./facts.js");

/**
 * @typedef {object} Flow
 * @property {string} source one of the five
 * @property {string} bronze bronze table
 * @property {string} silver the fact model that takes it over
 * @property {string} [ownerType] the only type of identifier that can own the bronze row `b`, as SQL; any when absent
 */

/** @type {Flow[]} */
const flows = [
  { source: "website", bronze: "website_events", silver: "web_events" },
  { source: "mobile", bronze: "mobile_events", silver: "app_events" },
  {
    source: "salesforce",
    bronze: "salesforce_changes",
    silver: "crm_changes",
    ownerType: crm.recordType("b"),
  },
  { source: "salesforce", bronze: "salesforce_contacts", silver: "crm_contact_rows" },
  { source: "salesforce", bronze: "salesforce_enrollments", silver: "crm_enrollment_rows" },
  { source: "email", bronze: "email_events", silver: "email_engagements" },
  { source: "whatsapp", bronze: "whatsapp_messages", silver: "whatsapp_messages" },
];

/** @param {Flow} flow */
function isUsable(flow) {
  return facts.isUsable("b", flow.ownerType && `i.type = ${flow.ownerType}`);
}

/** Why the bronze row `b` cannot be used. Of a row whose owner must be of a type, `b.owner_type` tells it. */
const RULE = `CASE
      WHEN b.erased_at IS NOT NULL THEN 'erased'
      WHEN IFNULL(ARRAY_LENGTH(b.identifiers), 0) = 0 THEN 'no_identifier'
      WHEN NOT EXISTS (SELECT 1 FROM UNNEST(b.identifiers) AS i WHERE i.role = 'own') THEN 'no_own_identifier'
      WHEN NOT EXISTS (
        SELECT 1 FROM UNNEST(b.identifiers) AS i WHERE i.role = 'own' AND i.type = IFNULL(b.owner_type, i.type)
      ) THEN 'no_record_identifier'
      ELSE 'only_blocked_identifiers'
    END`;

/**
 * Unusable rows of all bronze tables that arrived before any usable row of their event.
 * @param {(dataset: string, table: string) => string} ref
 * @param {string} condition the window
 * @returns {string}
 */
function unusable(ref, condition) {
  const rows = flows.map(
    (flow) => `SELECT
        '${flow.bronze}' AS source_table, ${flow.ownerType ?? "CAST(NULL AS STRING)"} AS owner_type,
        b.event_id, b.ingested_at, b.log_partition, b.log_offset, b.identifiers, b.erased_at
      FROM ${ref("bronze", flow.bronze)} AS b
      WHERE ${condition}`,
  );
  return `
  SELECT b.event_id, b.source_table, ${RULE} AS rule, b.ingested_at
  FROM (
    ${rows.join("\n    UNION ALL\n    ")}
  ) AS b
  QUALIFY NOT ${facts.isUsable("b", "i.type = IFNULL(b.owner_type, i.type)")}
    AND ROW_NUMBER() OVER (PARTITION BY b.source_table, b.event_id ORDER BY ${facts.arrivalOrder("b")}) = 1`;
}

/**
 * Bronze rows of some events, in full, with whether each is a duplicate: of a fact, or of a row put aside. Told from
 * bronze alone, not from what the fact model left out. Has to be given every row of the events it is about.
 * @param {Flow} flow
 * @param {string} table
 * @param {string} eventIds a query of event ids
 * @returns {string} a query of ingested_at and is_duplicate
 */
function arrivals(flow, table, eventIds) {
  const order = facts.arrivalOrder("b");
  return `
    SELECT
      b.ingested_at,
      ROW_NUMBER() OVER (PARTITION BY b.event_id, b.is_usable ORDER BY ${order}) > 1
        OR (
          NOT b.is_usable
          AND COUNTIF(b.is_usable) OVER (PARTITION BY b.event_id ORDER BY ${order} ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) > 0
        ) AS is_duplicate
    FROM (
      SELECT b.event_id, b.ingested_at, b.log_partition, b.log_offset, ${isUsable(flow)} AS is_usable
      FROM ${table} AS b
      WHERE b.event_id IN (${eventIds})
    ) AS b`;
}

/**
 * Gate 2 of one bronze table, to the row: what arrived in the window is a fact, a duplicate of one, or in quarantine.
 * One row when it fails.
 * @param {Flow} flow
 * @param {{ bronze: string, silver: string, quarantine: string }} tables
 * @param {(column: string) => string} arrived the window
 * @returns {string}
 */
function imbalance(flow, tables, arrived) {
  const arrivedIds = `SELECT a.event_id FROM ${tables.bronze} AS a WHERE ${arrived("a.ingested_at")}`;
  return `
WITH
  arrivals AS (${arrivals(flow, tables.bronze, arrivedIds)}
  ),
  counts AS (
    SELECT
      (SELECT COUNT(*) FROM ${tables.bronze} AS b WHERE ${arrived("b.ingested_at")}) AS bronze_count,
      (SELECT COUNT(DISTINCT s.event_id) FROM ${tables.silver} AS s WHERE ${arrived("s.ingested_at")}) AS silver_count,
      (SELECT COUNT(*) FROM arrivals AS r WHERE r.is_duplicate AND ${arrived("r.ingested_at")}) AS duplicate_count,
      (
        SELECT COUNT(*) FROM ${tables.quarantine} AS q
        WHERE q.source_table = '${flow.bronze}' AND ${arrived("q.ingested_at")}
      ) AS quarantined_count
  )
SELECT c.bronze_count, c.silver_count, c.duplicate_count, c.quarantined_count
FROM counts AS c
WHERE c.bronze_count != c.silver_count + c.duplicate_count + c.quarantined_count`;
}

/**
 * The same counts over all that ever landed: one row, which adds up or shows what does not.
 * @param {Flow} flow
 * @param {{ bronze: string, silver: string, quarantine: string }} tables
 * @returns {string}
 */
function balance(flow, tables) {
  // An event that came once is no duplicate: the rows of the others are few.
  const repeatedIds = `SELECT a.event_id FROM ${tables.bronze} AS a GROUP BY a.event_id HAVING COUNT(*) > 1`;
  return `
    SELECT
      '${flow.source}' AS source,
      '${flow.bronze}' AS source_table,
      (SELECT COUNT(*) FROM ${tables.bronze} AS b) AS bronze_rows,
      (SELECT COUNT(DISTINCT s.event_id) FROM ${tables.silver} AS s) AS silver_events,
      (SELECT COUNTIF(r.is_duplicate) FROM (${arrivals(flow, tables.bronze, repeatedIds)}) AS r) AS duplicate_rows,
      (SELECT COUNT(*) FROM ${tables.quarantine} AS q WHERE q.source_table = '${flow.bronze}') AS quarantined_events`;
}

module.exports = { flows, unusable, imbalance, balance };
