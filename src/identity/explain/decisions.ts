import { createHash } from "node:crypto";
import { isoToMicros, type Micros } from "../../platform/clock.js";
import type { Params, Row, Warehouse } from "../../warehouse/port.js";
import { sql } from "../../warehouse/sql.js";

/** What operators say about two source identities. After a withdrawal it is as if nobody had decided about them. */
export type DecisionKind = "link" | "unlink" | "withdraw";

/** Two source identities; which comes first means nothing. */
export type NodePair = readonly [string, string];

export interface DecisionRow {
  readonly decisionId: string;
  readonly kind: DecisionKind;
  readonly nodes: NodePair;
  readonly decidedAt: Micros;
}

export const pairKey = ([x, y]: NodePair): string => [x, y].sort().join(" ");

/** The latest decision about each pair, by `pairKey`; a pair about which there is none is absent. */
export async function latestDecisions(
  warehouse: Pick<Warehouse, "query">,
  pairs: readonly NodePair[],
): Promise<ReadonlyMap<string, DecisionRow>> {
  const nodes = [...new Set(pairs.flat())];
  const { rows } = await warehouse.query(LATEST_SQL, { nodes: { type: "ARRAY<STRING>", value: nodes } });
  const latest = rows.map(decisionOf);
  return new Map(latest.map((decision) => [pairKey(decision.nodes), decision]));
}

/** Of a row of identity.decisions. */
export function decisionOf(row: Row): DecisionRow {
  return {
    decisionId: String(row.decision_id),
    kind: row.kind as DecisionKind,
    nodes: [String(row.node_a), String(row.node_b)],
    decidedAt: isoToMicros(String(row.decided_at)) ?? 0,
  };
}

export interface NewDecisions {
  readonly kind: DecisionKind;
  readonly pairs: readonly NodePair[];
  readonly by: string;
  readonly reason: string | null;
  readonly now: Micros;
  /** The latest decisions about these pairs until now. */
  readonly before: ReadonlyMap<string, DecisionRow>;
}

/**
 * Writes a decision about each pair, all or none, and lets the next cycle take up who they are about. They are later than what was
 * decided about the same pairs before, whatever the clock says. Returns their ids, in the order of the pairs.
 */
export async function recordDecisions(
  warehouse: Pick<Warehouse, "execute">,
  { kind, pairs, by, reason, now, before }: NewDecisions,
): Promise<readonly string[]> {
  if (pairs.length === 0) return [];
  const at = Math.max(now, ...pairs.map((pair) => (before.get(pairKey(pair))?.decidedAt ?? 0) + 1));
  const rows = pairs.map((pair) => ({
    decision_id: decisionId(kind, pair, at),
    node_a: pair[0],
    node_b: pair[1],
  }));
  const params: Params = {
    kind: { type: "STRING", value: kind },
    by: { type: "STRING", value: by },
    reason: { type: "STRING", value: reason },
    at: { type: "TIMESTAMP", value: at },
    pairs: { type: "ARRAY<STRUCT<decision_id STRING, node_a STRING, node_b STRING>>", value: rows },
  };
  await warehouse.execute(RECORD_SQL, params);
  return rows.map(({ decision_id: id }) => id);
}

function decisionId(kind: DecisionKind, pair: NodePair, at: Micros): string {
  const digest = createHash("sha256")
    .update(`${kind}|${pairKey(pair)}|${at}`)
    .digest("hex");
  return `d_${digest.slice(0, 16)}`;
}

/** As `recordDecisions` names them. */
export const DECISION_ID = /^d_[0-9a-f]{16}$/;

const LATEST_SQL = sql`
  SELECT d.decision_id, d.kind, d.node_a, d.node_b, d.decided_at
  FROM identity.decisions AS d
  WHERE d.node_a IN UNNEST(@nodes) AND d.node_b IN UNNEST(@nodes)
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY LEAST(d.node_a, d.node_b), GREATEST(d.node_a, d.node_b) ORDER BY d.decided_at DESC, d.decision_id DESC
  ) = 1`;

/** Both nodes wait to be settled, which is what makes a cycle run although nothing landed. */
const RECORD_SQL = sql`
  BEGIN TRANSACTION;
  -- @pairs ARRAY<STRUCT<decision_id STRING, node_a STRING, node_b STRING>>
  -- @kind STRING
  -- @at TIMESTAMP
  -- @by STRING
  -- @reason STRING
  INSERT INTO identity.decisions (decision_id, kind, node_a, node_b, decided_at, decided_by, reason)
  SELECT p.decision_id, @kind, p.node_a, p.node_b, @at, @by, @reason FROM UNNEST(@pairs) AS p;
  -- @pairs ARRAY<STRUCT<decision_id STRING, node_a STRING, node_b STRING>>
  INSERT INTO identity.pending_nodes (node_id)
  SELECT p.node_a FROM UNNEST(@pairs) AS p UNION DISTINCT SELECT p.node_b FROM UNNEST(@pairs) AS p;
  COMMIT TRANSACTION`;
