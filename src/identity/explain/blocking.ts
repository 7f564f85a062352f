import type { Warehouse } from "../../warehouse/port.js";
import { sql } from "../../warehouse/sql.js";

/** What a rule that brings descriptions together found in those of two profiles. */
export interface BlockingRule {
  readonly rule: string;
  /**
   * `met`: they share a key. `crowded`: they share one that too many others have, so it brings nobody together. `differs`:
   * both have a key, not the same. A rule for which one side has no key is not told.
   */
  readonly outcome: "met" | "crowded" | "differs";
}

const BLOCKING_SQL = sql`
  WITH
    keys AS (
      SELECT k.rule, k.key, k.description_id IN UNNEST(@left) AS is_left, k.description_id IN UNNEST(@right) AS is_right
      FROM identity.block_keys AS k
      WHERE k.description_id IN UNNEST(@left) OR k.description_id IN UNNEST(@right)
    ),
    sides AS (
      SELECT k.rule, k.key, LOGICAL_OR(k.is_left) AS has_left, LOGICAL_OR(k.is_right) AS has_right
      FROM keys AS k
      GROUP BY k.rule, k.key
    )
  SELECT
    s.rule,
    LOGICAL_OR(s.has_left AND s.has_right AND p.key IS NULL) AS is_met,
    LOGICAL_OR(s.has_left AND s.has_right) AS is_shared
  FROM sides AS s
  LEFT JOIN identity.block_skipped AS p ON p.key = s.key
  GROUP BY s.rule
  HAVING LOGICAL_OR(s.has_left) AND LOGICAL_OR(s.has_right)
  ORDER BY s.rule`;

/** Which rules bring descriptions of both sides together, and which nearly do. */
export async function blockingRules(
  warehouse: Pick<Warehouse, "query">,
  left: readonly string[],
  right: readonly string[],
): Promise<readonly BlockingRule[]> {
  if (left.length === 0 || right.length === 0) return [];
  const ids = (value: readonly string[]) => ({ type: "ARRAY<STRING>", value });
  const { rows } = await warehouse.query(BLOCKING_SQL, { left: ids(left), right: ids(right) });
  return rows.map((row) => ({
    rule: String(row.rule),
    outcome: row.is_met === true ? "met" : row.is_shared === true ? "crowded" : "differs",
  }));
}
