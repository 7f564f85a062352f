import type { Row, Warehouse } from "../../warehouse/port.js";
import { sql } from "../../warehouse/sql.js";
import type { IdentityMetrics, PreviewSummary, ProfileMove } from "./report.js";

/** Texts that speak of `preview` are no part of the project's own SQL: only the scratch warehouse has it. */

/** What was published, kept in the scratch warehouse before its models run. */
export const KEEP_SQL = `
  CREATE SCHEMA IF NOT EXISTS preview;
  CREATE OR REPLACE TABLE preview.before AS SELECT m.node_id, m.profile_id FROM identity.identity_map AS m;`;

/**
 * What moves from which id to which. An id leads to where the node it was born with is, or the heir of that node: to go there is to be merged, to go anywhere
 * else is to be split off.
 */
const MOVES_SQL = `
  CREATE OR REPLACE TABLE preview.moved AS
  SELECT b.node_id, b.profile_id AS was, m.profile_id AS would, IFNULL(l.profile_id = m.profile_id, FALSE) AS is_merge
  FROM preview.before AS b
  JOIN identity.identity_map AS m ON m.node_id = b.node_id
  LEFT JOIN (
    SELECT n.node_id, n.birth_id FROM identity.nodes AS n
    UNION ALL
    SELECT i.node_id, i.birth_id FROM identity.inherited_births AS i
  ) AS n ON n.birth_id = b.profile_id
  LEFT JOIN identity.identity_map AS l ON l.node_id = n.node_id
  WHERE m.profile_id != b.profile_id;`;

const COUNTS_SQL = `
  SELECT
    (SELECT COUNT(*) FROM preview.moved) AS moved_nodes,
    (
      SELECT COUNT(DISTINCT b.profile_id) FROM preview.before AS b
      WHERE b.profile_id NOT IN (SELECT m.profile_id FROM identity.identity_map AS m)
    ) AS gone_profiles,
    (
      SELECT COUNT(*)
      FROM (
        SELECT b.profile_id
        FROM preview.before AS b
        JOIN identity.identity_map AS m ON m.node_id = b.node_id
        GROUP BY b.profile_id
        HAVING COUNT(DISTINCT m.profile_id) > 1
      )
    ) AS split_profiles,
    (
      SELECT COUNT(DISTINCT v.would) FROM preview.moved AS v
      WHERE v.would NOT IN (SELECT b.profile_id FROM preview.before AS b)
    ) AS new_profiles,
    (
      SELECT COUNT(*) FROM identity.identity_map AS m
      WHERE m.node_id NOT IN (SELECT b.node_id FROM preview.before AS b)
    ) AS waiting_nodes`;

const MERGED_BY_SQL = `
  WITH
    merges AS (SELECT DISTINCT v.was, v.would FROM preview.moved AS v WHERE v.is_merge),
    shared AS (
      SELECT DISTINCT v.was, v.would, e.type
      FROM preview.moved AS v
      JOIN identity.edges AS e ON e.node_id = v.node_id
      JOIN identity.identifiers AS i ON i.hmac = e.hmac
      JOIN identity.edges AS o ON o.hmac = e.hmac
      JOIN identity.identity_map AS m ON m.node_id = o.node_id AND m.profile_id = v.would
      JOIN preview.before AS b ON b.node_id = o.node_id AND b.profile_id != v.was
      WHERE v.is_merge AND i.status = "active"
    ),
    named AS (
      SELECT m.was, m.would, STRING_AGG(s.type, ", " ORDER BY s.type) AS shared
      FROM merges AS m
      LEFT JOIN shared AS s ON s.was = m.was AND s.would = m.would
      GROUP BY m.was, m.would
    )
  SELECT n.shared, COUNT(*) AS merges FROM named AS n GROUP BY n.shared ORDER BY merges DESC, n.shared`;

const LIST_SQL = `
  WITH
    moves AS (
      SELECT v.was, v.would, LOGICAL_OR(v.is_merge) AS is_merge, COUNT(*) AS node_count, MIN(v.node_id) AS node_id
      FROM preview.moved AS v
      GROUP BY v.was, v.would
    ),
    listed AS (
      SELECT m.was, m.would, m.is_merge, m.node_count, m.node_id
      FROM moves AS m
      WHERE TRUE
      QUALIFY ROW_NUMBER() OVER (ORDER BY m.node_count DESC, m.was, m.would) <= @limit
    ),
    -- Of a merge who is there already, of a split who stays.
    others AS (
      SELECT l.was, l.would, MIN(b.node_id) AS node_id
      FROM listed AS l
      JOIN identity.identity_map AS m ON m.profile_id = l.would
      JOIN preview.before AS b ON b.node_id = m.node_id AND b.profile_id != l.was
      WHERE l.is_merge
      GROUP BY l.was, l.would
      UNION ALL
      SELECT l.was, l.would, MIN(b.node_id)
      FROM listed AS l
      JOIN preview.before AS b ON b.profile_id = l.was
      JOIN identity.identity_map AS m ON m.node_id = b.node_id AND m.profile_id != l.would
      WHERE NOT l.is_merge
      GROUP BY l.was, l.would
    )
  SELECT l.was, l.would, l.is_merge, l.node_count, l.node_id, o.node_id AS other_node_id
  FROM listed AS l
  LEFT JOIN others AS o ON o.was = l.was AND o.would = l.would
  ORDER BY l.node_count DESC, l.was, l.would`;

const SIZES_SQL = sql`
  SELECT
    (SELECT COUNT(*) FROM identity.clusters) AS profiles,
    (SELECT IFNULL(MAX(c.node_count), 0) FROM identity.clusters AS c) AS largest_profile,
    (SELECT COUNT(*) FROM identity.review_pairs) AS review_pairs`;
const RATE_SQL = sql`SELECT r.rate FROM quality.match_rate AS r`;
const FAILED_SQL = sql`
  SELECT r.check_name, r.failing_rows FROM quality.check_results AS r
  WHERE r.severity = "accepted" AND IFNULL(r.failing_rows, 1) != 0
  QUALIFY ROW_NUMBER() OVER (PARTITION BY r.check_name ORDER BY r.checked_at DESC) = 1
  ORDER BY r.check_name`;

type Counted = Pick<
  PreviewSummary,
  "movedNodes" | "goneProfiles" | "splitProfiles" | "newProfiles" | "waitingNodes" | "mergedBy"
>;

/** Of a scratch warehouse whose models have run since `KEEP_SQL` did. */
export async function compareMaps(scratch: Warehouse): Promise<Counted> {
  await scratch.execute(MOVES_SQL);
  const [counts] = (await scratch.query(COUNTS_SQL)).rows;
  const merged = (await scratch.query(MERGED_BY_SQL)).rows;
  return {
    movedNodes: Number(counts?.moved_nodes),
    goneProfiles: Number(counts?.gone_profiles),
    splitProfiles: Number(counts?.split_profiles),
    newProfiles: Number(counts?.new_profiles),
    waitingNodes: Number(counts?.waiting_nodes),
    mergedBy: merged.map(({ shared, merges }) => ({
      shared: typeof shared === "string" ? shared : "descriptions or devices",
      merges: Number(merges),
    })),
  };
}

/** After `compareMaps`. */
export async function listMoves(scratch: Warehouse, limit: number): Promise<readonly ProfileMove[]> {
  const { rows } = await scratch.query(LIST_SQL, { limit: { type: "INT64", value: limit } });
  return rows.map(moveOf);
}

function moveOf({ was, would, is_merge, node_count, node_id, other_node_id }: Row): ProfileMove {
  return {
    kind: is_merge === true ? "merge" : "split",
    profileId: String(was),
    otherId: String(would),
    nodeCount: Number(node_count),
    nodes: [shortNode(node_id), other_node_id === null ? null : shortNode(other_node_id)],
  };
}

/** As much of a node's id as `identity explain` shows and takes. */
const shortNode = (id: unknown): string => String(id).slice(0, 12);

export async function readMetrics(warehouse: Warehouse): Promise<IdentityMetrics> {
  const [sizes] = (await warehouse.query(SIZES_SQL)).rows;
  const isMeasured = (await warehouse.schema({ dataset: "quality", table: "match_rate" })) !== null;
  const rate = isMeasured ? (await warehouse.query(RATE_SQL)).rows[0]?.rate : null;
  return {
    profiles: Number(sizes?.profiles),
    matchRate: rate === null || rate === undefined ? null : Number(rate),
    largestProfile: Number(sizes?.largest_profile),
    reviewPairs: Number(sizes?.review_pairs),
  };
}

/** Checks of the scratch warehouse that found something, by name. */
export async function readFailed(scratch: Warehouse): Promise<PreviewSummary["failingChecks"]> {
  return (await scratch.query(FAILED_SQL)).rows.map(({ check_name, failing_rows }) => ({
    check: String(check_name),
    failingRows: failing_rows === null ? null : Number(failing_rows),
  }));
}
