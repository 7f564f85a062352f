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
 * @property {string} ownerCondition what else an owner `i` of the bronze row `b` has to be
 */

/** @type {Flow[]} */
const flows = [
  { source: "website", bronze: "website_events", silver: "web_events", ownerCondition: "TRUE" },
  { source: "mobile", bronze: "mobile_events", silver: "app_events", ownerCondition: "TRUE" },
  {
    source: "salesforce",
    bronze: "salesforce_changes",
    silver: "crm_changes",
    ownerCondition: crm.isRecordOf("b", "i"),
  },
  { source: "salesforce", bronze: "salesforce_contacts", silver: "crm_contact_rows", ownerCondition: "TRUE" },
  { source: "salesforce", bronze: "salesforce_enrollments", silver: "crm_enrollment_rows", ownerCondition: "TRUE" },
  { source: "email", bronze: "email_events", silver: "email_engagements", ownerCondition: "TRUE" },
  { source: "whatsapp", bronze: "whatsapp_messages", silver: "whatsapp_messages", ownerCondition: "TRUE" },
];

/**
 * Why a row cannot be used.
 * @param {Flow} flow
 * @returns {string}
 */
function rule(flow) {
  return `CASE
      WHEN b.erased_at IS NOT NULL THEN 'erased'
      WHEN IFNULL(ARRAY_LENGTH(b.identifiers), 0) = 0 THEN 'no_identifier'
      WHEN NOT EXISTS (SELECT 1 FROM UNNEST(b.identifiers) AS i WHERE i.role = 'own') THEN 'no_own_identifier'
      WHEN NOT EXISTS (SELECT 1 FROM UNNEST(b.identifiers) AS i WHERE i.role = 'own' AND ${flow.ownerCondition}) THEN 'no_record_identifier'
      ELSE 'only_blocked_identifiers'
    END`;
}

/**
 * Unusable rows of one bronze table that arrived before any usable row of their event.
 * @param {Flow} flow
 * @param {string} table
 * @param {string} condition the window
 * @returns {string}
 */
function unusable(flow, table, condition) {
  return `
  SELECT b.event_id, '${flow.bronze}' AS source_table, ${rule(flow)} AS rule, b.ingested_at
  FROM ${table} AS b
  WHERE ${condition}
  QUALIFY NOT ${facts.isUsable("b", flow.ownerCondition)}
    AND ROW_NUMBER() OVER (PARTITION BY b.event_id ORDER BY ${facts.arrivalOrder("b")}) = 1`;
}

/**
 * Gate 2 of one bronze table, to the row: what arrived in the window is a fact, a duplicate of one, or in quarantine.
 * Duplicates are counted over all of bronze, not taken from what the fact model left out. One row when it fails.
 * @param {Flow} flow
 * @param {{ bronze: string, silver: string, quarantine: string }} tables
 * @param {(column: string) => string} arrived the window
 * @returns {string}
 */
function imbalance(flow, tables, arrived) {
  const order = facts.arrivalOrder("b");
  return `
WITH
  history AS (
    SELECT b.event_id, b.ingested_at, b.log_partition, b.log_offset, ${facts.isUsable("b", flow.ownerCondition)} AS is_usable
    FROM ${tables.bronze} AS b
    WHERE b.event_id IN (SELECT a.event_id FROM ${tables.bronze} AS a WHERE ${arrived("a.ingested_at")})
  ),
  ranked AS (
    SELECT
      b.ingested_at,
      b.is_usable,
      ROW_NUMBER() OVER (PARTITION BY b.event_id, b.is_usable ORDER BY ${order}) AS place,
      COUNTIF(b.is_usable) OVER (PARTITION BY b.event_id ORDER BY ${order} ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS usable_so_far
    FROM history AS b
  ),
  counts AS (
    SELECT
      (SELECT COUNT(*) FROM ${tables.bronze} AS b WHERE ${arrived("b.ingested_at")}) AS bronze_count,
      (SELECT COUNT(DISTINCT s.event_id) FROM ${tables.silver} AS s WHERE ${arrived("s.ingested_at")}) AS silver_count,
      (
        SELECT COUNT(*) FROM ranked AS r
        WHERE ${arrived("r.ingested_at")} AND (r.place > 1 OR (NOT r.is_usable AND r.usable_so_far > 0))
      ) AS duplicate_count,
      (
        SELECT COUNT(*) FROM ${tables.quarantine} AS q
        WHERE q.source_table = '${flow.bronze}' AND ${arrived("q.ingested_at")}
      ) AS quarantined_count
  )
SELECT c.bronze_count, c.silver_count, c.duplicate_count, c.quarantined_count
FROM counts AS c
WHERE c.bronze_count != c.silver_count + c.duplicate_count + c.quarantined_count`;
}

module.exports = { flows, unusable, imbalance };
