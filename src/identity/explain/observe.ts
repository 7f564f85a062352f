import type { Params, Row, Warehouse } from "../../warehouse/port.js";
import { sql } from "../../warehouse/sql.js";
import type { CaseFile, CaseNode } from "./casefile.js";

/**
 * Looks over the shoulder of identity.resolve: its own statements run on a copied component, and these, after them in the
 * same script, keep what it found on the way. So an explanation never says anything else than what was decided by.
 */
const KEEP = `
CREATE SCHEMA IF NOT EXISTS explained;
CREATE OR REPLACE TABLE explained.nodes AS
SELECT
  r.node_id, n.source, n.owner_type, r.first_ingested_at, r.previous_id, r.profile_id, r.component_id,
  p.party, m.description_id
FROM resolved AS r
JOIN members AS m ON m.node = r.node
JOIN parties AS p ON p.node = r.node
JOIN identity.nodes AS n ON n.node_id = r.node_id;
CREATE OR REPLACE TABLE explained.bonds AS
SELECT b.hmac, b.part, m.node_id FROM bonds AS b JOIN members AS m ON m.node = b.node;
CREATE OR REPLACE TABLE explained.shares AS
SELECT s.hmac, s.node_id, s.part
FROM shares AS s
WHERE NOT EXISTS (SELECT 1 FROM withheld AS w WHERE w.hmac = s.hmac AND w.node_id = s.node_id)
UNION ALL
-- Whose it was is not known any more.
SELECT w.hmac, w.node_id, NULL FROM withheld AS w;
CREATE OR REPLACE TABLE explained.device_ties AS
SELECT d.hmac, a.node_id AS node_a, b.node_id AS node_b
FROM device_ties AS d
JOIN members AS a ON a.node = d.a
JOIN members AS b ON b.node = d.b;
CREATE OR REPLACE TABLE explained.claims AS
SELECT m.node_id, h.claim_key, h.claim_value FROM held AS h JOIN members AS m ON m.node = h.grp;
CREATE OR REPLACE TABLE explained.scores AS
SELECT s.a, s.b, s.weight FROM scores AS s;
CREATE OR REPLACE TABLE explained.nearness AS
SELECT DISTINCT l.profile_id AS profile_a, r.profile_id AS profile_b, n.weight, n.pair_count
FROM nearness AS n
JOIN people AS a ON a.node = n.a
JOIN people AS b ON b.node = n.b
JOIN resolved AS l ON l.node = a.node
JOIN resolved AS r ON r.node = b.node`;

const WAITING_SQL = sql`
  INSERT INTO identity.pending_nodes (node_id) SELECT m.node_id FROM identity.identity_map AS m`;

/** Resolves everything that the copy holds anew. `statements` are those of identity.resolve. */
export async function resolveAnew(scratch: Warehouse, statements: readonly string[]): Promise<void> {
  // A window without arrivals: what waits is all there is.
  const params: Params = { window_from: { type: "TIMESTAMP", value: 0 }, window_to: { type: "TIMESTAMP", value: 1 } };
  await scratch.execute(WAITING_SQL);
  await scratch.execute(
    [...statements, KEEP].map((statement) => statement.trim().replace(/;$/, "")).join(";\n"),
    params,
  );
}

const NODES_SQL = "SELECT * FROM explained.nodes ORDER BY first_ingested_at, node_id";
const BONDS_SQL =
  "SELECT hmac, part, ARRAY_AGG(node_id ORDER BY node_id) AS nodes FROM explained.bonds GROUP BY hmac, part";
const SHARES_SQL = "SELECT hmac, node_id, part FROM explained.shares";
const DEVICES_SQL = "SELECT hmac, node_a, node_b FROM explained.device_ties";
const CLAIMS_SQL = "SELECT node_id, claim_key, claim_value FROM explained.claims";
const SCORES_SQL = "SELECT a, b, weight FROM explained.scores";
const NEARNESS_SQL = "SELECT profile_a, profile_b, weight, pair_count FROM explained.nearness";
const EDGES_SQL = sql`
  SELECT e.node_id, e.hmac, e.namespace, e.type, i.status, i.status_reason, e.event_id
  FROM identity.edges AS e
  JOIN identity.identifiers AS i ON i.hmac = e.hmac
  JOIN identity.nodes AS n ON n.node_id = e.node_id`;
const DECISIONS_SQL = sql`
  SELECT l.decision_id, l.kind, l.node_a, l.node_b, l.decided_at, l.decided_by, l.reason
  FROM (
    SELECT d.decision_id, d.kind, d.node_a, d.node_b, d.decided_at, d.decided_by, d.reason
    FROM identity.decisions AS d
    JOIN identity.nodes AS a ON a.node_id = d.node_a
    JOIN identity.nodes AS b ON b.node_id = d.node_b
    QUALIFY ROW_NUMBER() OVER (
      PARTITION BY LEAST(d.node_a, d.node_b), GREATEST(d.node_a, d.node_b) ORDER BY d.decided_at DESC, d.decision_id DESC
    ) = 1
  ) AS l
  WHERE l.kind IN ("link", "unlink")`;

/** What resolveAnew left in the copy. */
export async function readCase(scratch: Warehouse): Promise<CaseFile> {
  const rowsOf = async (query: string): Promise<readonly Row[]> => (await scratch.query(query)).rows;
  return {
    nodes: (await rowsOf(NODES_SQL)).map(nodeOf),
    edges: (await rowsOf(EDGES_SQL)).map((row) => ({
      nodeId: String(row.node_id),
      hmac: String(row.hmac),
      namespace: String(row.namespace),
      type: String(row.type),
      status: String(row.status),
      statusReason: textOf(row.status_reason),
      eventId: String(row.event_id),
    })),
    bonds: (await rowsOf(BONDS_SQL)).map((row) => ({ hmac: String(row.hmac), nodes: row.nodes as readonly string[] })),
    shares: (await rowsOf(SHARES_SQL)).map((row) => ({
      hmac: String(row.hmac),
      nodeId: String(row.node_id),
      part: textOf(row.part),
    })),
    devices: (await rowsOf(DEVICES_SQL)).map((row) => ({
      hmac: String(row.hmac),
      nodeA: String(row.node_a),
      nodeB: String(row.node_b),
    })),
    decisions: (await rowsOf(DECISIONS_SQL)).map((row) => ({
      decisionId: String(row.decision_id),
      kind: row.kind === "link" ? "link" : "unlink",
      nodeA: String(row.node_a),
      nodeB: String(row.node_b),
      decidedAt: String(row.decided_at),
      decidedBy: String(row.decided_by),
      reason: textOf(row.reason),
    })),
    claims: (await rowsOf(CLAIMS_SQL)).map((row) => ({
      nodeId: String(row.node_id),
      key: String(row.claim_key),
      value: String(row.claim_value),
    })),
    scores: (await rowsOf(SCORES_SQL)).map((row) => ({
      left: String(row.a),
      right: String(row.b),
      weight: Number(row.weight),
    })),
    nearness: (await rowsOf(NEARNESS_SQL)).map((row) => ({
      profiles: [String(row.profile_a), String(row.profile_b)] as const,
      average: Number(row.weight),
      pairCount: Number(row.pair_count),
    })),
  };
}

function nodeOf(row: Row): CaseNode {
  return {
    nodeId: String(row.node_id),
    source: String(row.source),
    ownerType: String(row.owner_type),
    firstSeenAt: String(row.first_ingested_at),
    publishedId: textOf(row.previous_id),
    profileId: String(row.profile_id),
    componentId: String(row.component_id),
    party: String(row.party),
    descriptionId: textOf(row.description_id),
  };
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
