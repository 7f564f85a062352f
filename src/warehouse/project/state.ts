import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Micros } from "../../platform/clock.js";
import type { Warehouse } from "../port.js";
import type { ModelState } from "./plan.js";
import type { ActionOutcome } from "./script.js";

/** What the runner reads and writes about runs. Watermarks themselves are written by the scripts they belong to. */

export async function readModelStates(warehouse: Warehouse): Promise<Map<string, ModelState>> {
  const { rows } = await warehouse.query(
    "SELECT model, UNIX_MICROS(window_to) AS window_to, sql_hash FROM ops.watermarks",
  );
  return new Map(
    rows.map((row) => [
      String(row.model),
      { windowTo: row.window_to === null ? null : Number(row.window_to), sqlHash: String(row.sql_hash) },
    ]),
  );
}

/** When the latest batch with rows landed before `windowTo`; null when none did. */
export async function readLastArrival(warehouse: Warehouse, windowTo: Micros): Promise<Micros | null> {
  const { rows } = await warehouse.query(
    "SELECT UNIX_MICROS(MAX(ingested_at)) AS last_at FROM ops.landed_batches " +
      "WHERE ingested_at < @window_to AND row_count + dead_letter_count > 0",
    { window_to: { type: "TIMESTAMP", value: windowTo } },
  );
  const lastAt = rows[0]?.last_at;
  return lastAt === null || lastAt === undefined ? null : Number(lastAt);
}

/** Nodes that a cycle's rounds left unsettled; the next cycle goes on with them. */
export const UNSETTLED_TABLE = "identity.pending_nodes";

export async function readIsUnsettled(warehouse: Warehouse): Promise<boolean> {
  const { rows } = await warehouse.query(`SELECT 1 AS is_there FROM ${UNSETTLED_TABLE} LIMIT 1`);
  return rows.length > 0;
}

export interface ScriptReport {
  readonly layer: string;
  readonly reason: string;
  readonly windowFrom: Micros;
  readonly windowTo: Micros;
  readonly ms: number;
  readonly actions: readonly ActionOutcome[];
}

export interface RunRecord {
  readonly runId: string;
  readonly kind: "cycle" | "full";
  readonly status: "succeeded" | "failed";
  readonly windowFrom: Micros;
  readonly windowTo: Micros;
  readonly startedAt: Micros;
  readonly endedAt: Micros;
  readonly error: string | null;
  /** The scripts that committed, in order. */
  readonly scripts: readonly ScriptReport[];
}

export async function recordRun(warehouse: Warehouse, run: RunRecord): Promise<void> {
  await warehouse.execute(
    "INSERT INTO ops.runs (run_id, kind, status, window_from, window_to, started_at, ended_at, error) " +
      "VALUES (@run_id, @kind, @status, @window_from, @window_to, @started_at, @ended_at, @error)",
    {
      run_id: { type: "STRING", value: run.runId },
      kind: { type: "STRING", value: run.kind },
      status: { type: "STRING", value: run.status },
      window_from: { type: "TIMESTAMP", value: run.windowFrom },
      window_to: { type: "TIMESTAMP", value: run.windowTo },
      started_at: { type: "TIMESTAMP", value: run.startedAt },
      ended_at: { type: "TIMESTAMP", value: run.endedAt },
      error: { type: "STRING", value: run.error },
    },
  );
}

/** `<folder>/<run id>/run_results.json`: window, rows and time per action. */
export async function writeRunResults(folder: string, run: RunRecord): Promise<void> {
  const target = path.join(folder, run.runId);
  await mkdir(target, { recursive: true });
  await writeFile(path.join(target, "run_results.json"), `${JSON.stringify(run, null, 2)}\n`);
}
