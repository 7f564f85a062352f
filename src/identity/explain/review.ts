import { RollcallError } from "../../platform/errors.js";
import type { Row, Warehouse } from "../../warehouse/port.js";
import { sql } from "../../warehouse/sql.js";
import { type DecideDeps, type Decided, decideIdentity } from "./decide.js";

/** Two profiles that are nearly one by what describes them, and about whom no decision stands. */
export interface ReviewPair {
  readonly profileA: string;
  readonly profileB: string;
  readonly nodeA: string;
  readonly nodeB: string;
  /** The average weight of the pairs of descriptions between them. */
  readonly average: number;
  readonly pairCount: number;
  readonly foundAt: string;
}

export interface ReviewList {
  /** The nearest first. */
  readonly pairs: readonly ReviewPair[];
  /** All that wait, shown or not. */
  readonly waiting: number;
}

export async function listReviews(warehouse: Pick<Warehouse, "query">, limit: number): Promise<ReviewList> {
  const { rows } = await warehouse.query(LIST_SQL);
  return { pairs: rows.slice(0, limit).map(pairOf), waiting: rows.length };
}

export interface ReviewRequest {
  readonly isAccepted: boolean;
  readonly a: string;
  readonly b: string;
  readonly reason: string | null;
  readonly by: string;
}

/** Decides about a pair of the list: accepted is a link, rejected an unlink. Throws NOT_FOUND when it is not in it. */
export async function decideReview(deps: DecideDeps, request: ReviewRequest): Promise<Decided> {
  const { a, b, isAccepted, by, reason } = request;
  const { pairs } = await listReviews(deps.warehouse, Number.POSITIVE_INFINITY);
  const pair = pairs.find(
    ({ profileA, profileB }) => (profileA === a && profileB === b) || (profileA === b && profileB === a),
  );
  if (pair === undefined) {
    throw new RollcallError(
      "NOT_FOUND",
      `${a} and ${b} do not wait for a review. What waits: rollcall identity review list. ` +
        `To decide all the same: rollcall identity ${isAccepted ? "link" : "unlink"} ${a} ${b}`,
      { isRetriable: false },
    );
  }
  const found = `review: ${pair.pairCount} pairs of descriptions average ${pair.average.toFixed(2)}`;
  return decideIdentity(deps, {
    kind: isAccepted ? "link" : "unlink",
    a: pair.nodeA,
    b: pair.nodeB,
    reason: reason === null ? found : `${reason} (${found})`,
    by,
  });
}

function pairOf(row: Row): ReviewPair {
  return {
    profileA: String(row.profile_a),
    profileB: String(row.profile_b),
    nodeA: String(row.node_a),
    nodeB: String(row.node_b),
    average: Number(row.weight),
    pairCount: Number(row.pair_count),
    foundAt: String(row.found_at),
  };
}

const LIST_SQL = sql`
  SELECT r.profile_a, r.profile_b, r.node_a, r.node_b, r.weight, r.pair_count, r.found_at
  FROM identity.review_pairs AS r
  WHERE NOT EXISTS (
    SELECT 1
    FROM (
      SELECT o.kind, LEAST(o.node_a, o.node_b) AS node_a, GREATEST(o.node_a, o.node_b) AS node_b
      FROM identity.decisions AS o
      WHERE TRUE
      QUALIFY ROW_NUMBER() OVER (
        PARTITION BY LEAST(o.node_a, o.node_b), GREATEST(o.node_a, o.node_b) ORDER BY o.decided_at DESC, o.decision_id DESC
      ) = 1
    ) AS d
    WHERE d.kind != "withdraw" AND d.node_a = LEAST(r.node_a, r.node_b) AND d.node_b = GREATEST(r.node_a, r.node_b)
  )
  ORDER BY r.weight DESC, r.profile_a, r.profile_b`;
