import type { Micros } from "../../platform/clock.js";
import type { Warehouse } from "../port.js";
import type { TableShape } from "../project/ops-tables.js";
import { sql } from "../sql.js";
import type { ModelState } from "./plan.js";
import type { RunRecord } from "./results.js";

/** What the runner reads and writes about runs. Watermarks themselves are written by the scripts they belong to. */

export async function readModelStates(warehouse: Warehouse): Promise<Map<string, ModelState>> {
  const { rows } = await warehouse.query(
    sql`SELECT model, UNIX_MICROS(window_to) AS window_to, sql_hash, UNIX_MICROS(ran_at) AS ran_at FROM ops.watermarks`,
  );
  return new Map(
    rows.map((row) => [
      String(row.model),
      {
        windowTo: row.window_to === null ? null : Number(row.window_to),
        sqlHash: String(row.sql_hash),
        ranAt: Number(row.ran_at),
      },
    ]),
  );
}

/** When the latest batch with rows landed before `windowTo`; null when none did. */
export async function readLastArrival(warehouse: Warehouse, windowTo: Micros): Promise<Micros | null> {
  const { rows } = await warehouse.query(
    sql`SELECT UNIX_MICROS(MAX(ingested_at)) AS last_at FROM ops.landed_batches
      WHERE ingested_at < @window_to AND row_count + dead_letter_count > 0`,
    { window_to: { type: "TIMESTAMP", value: windowTo } },
  );
  const lastAt = rows[0]?.last_at;
  return lastAt === null || lastAt === undefined ? null : Number(lastAt);
}

/**
 * How many rows of the window each of these bronze tables holds. Counted in the tables themselves, in one query: what
 * landing counts by batch is not told by table. The text is the same for every window.
 */
export async function readLanded(
  warehouse: Warehouse,
  tables: readonly TableShape[],
  windowFrom: Micros,
  windowTo: Micros,
): Promise<ReadonlyMap<string, number>> {
  const counted = tables.filter(({ columns }) => columns.some(({ name }) => name === "ingested_at"));
  if (counted.length === 0) return new Map();
  const selects = counted.map(
    ({ dataset, table }) =>
      `SELECT "${dataset}.${table}" AS table_name, COUNT(*) AS row_count FROM \`${dataset}.${table}\` AS t\n` +
      "WHERE t.ingested_at >= @window_from AND t.ingested_at < @window_to",
  );
  const { rows } = await warehouse.query(selects.join("\nUNION ALL\n"), {
    window_from: { type: "TIMESTAMP", value: windowFrom },
    window_to: { type: "TIMESTAMP", value: windowTo },
  });
  return new Map(rows.map((row) => [String(row.table_name), Number(row.row_count)]));
}

/** Nodes that a cycle's rounds left unsettled; the next cycle goes on with them. */
export const UNSETTLED_TABLE = "identity.pending_nodes";

export async function readIsUnsettled(warehouse: Warehouse): Promise<boolean> {
  const { rows } = await warehouse.query(`SELECT 1 AS is_there FROM ${UNSETTLED_TABLE} LIMIT 1`);
  return rows.length > 0;
}

export async function recordRun(warehouse: Warehouse, run: RunRecord): Promise<void> {
  await warehouse.execute(
    sql`INSERT INTO ops.runs (run_id, kind, status, window_from, window_to, started_at, ended_at, error)
      VALUES (@run_id, @kind, @status, @window_from, @window_to, @started_at, @ended_at, @error)`,
    {
      run_id: { type: "STRING", value: run.runId },
      kind: { type: "STRING", value: run.kind },
      status: { type: "STRING", value: run.status },
      window_from: { type: "TIMESTAMP", value: run.windowFrom },
      window_to: { type: "TIMESTAMP", value: run.windowTo },
      started_at: { type: "TIMESTAMP", value: run.startedAt },
      ended_at: { type: "TIMESTAMP", value: run.endedAt },
      error: { type: "STRING", value: run.error?.message ?? null },
    },
  );
}
