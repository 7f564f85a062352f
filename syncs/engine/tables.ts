import type { Column, TableName } from "../../src/warehouse/port.js";

const STRING = "STRING";
const INT64 = "INT64";
const TIMESTAMP = "TIMESTAMP";

function table(name: string, columns: Readonly<Record<string, string>>): TableName & { columns: Column[] } {
  return {
    dataset: "ops",
    table: name,
    columns: Object.entries(columns).map(([column, type]) => ({ name: column, type })),
  };
}

/** The ledger of every sync. All of it is derived from what was delivered, so it is kept in the warehouse, not rebuilt. */
export const SYNC_TABLES = [
  /** One row per destination row that the target acknowledged and still holds; `row_hash` is empty where it may hold anything. */
  table("sync_snapshots", { target: STRING, object: STRING, key: STRING, row_hash: STRING, synced_at: TIMESTAMP }),
  /** One row per destination row and planned effect; `done` ones go when the object is planned again. */
  table("sync_jobs", {
    job_id: STRING,
    plan_id: STRING,
    target: STRING,
    object: STRING,
    key: STRING,
    operation: STRING,
    row_hash: STRING,
    position: INT64,
    status: STRING,
    attempts: INT64,
    reason: STRING,
    next_attempt_at: TIMESTAMP,
    planned_at: TIMESTAMP,
    updated_at: TIMESTAMP,
  }),
  /** One row per plan that had something to do: `open`, `held`, `approved`, `finished` or `discarded`. */
  table("sync_plans", {
    plan_id: STRING,
    target: STRING,
    object: STRING,
    status: STRING,
    hold_reason: STRING,
    source_rows: INT64,
    snapshot_rows: INT64,
    inserts: INT64,
    changes: INT64,
    removals: INT64,
    planned_at: TIMESTAMP,
    updated_at: TIMESTAMP,
  }),
  /** One row per object: what of its activation table is dealt with. */
  table("sync_watermarks", {
    target: STRING,
    object: STRING,
    watermark: TIMESTAMP,
    marker: STRING,
    updated_at: TIMESTAMP,
  }),
  /** One row per row a target refused or asked to send later. */
  table("sync_log", {
    job_id: STRING,
    target: STRING,
    object: STRING,
    key: STRING,
    operation: STRING,
    status: STRING,
    reason: STRING,
    attempts: INT64,
    logged_at: TIMESTAMP,
  }),
] as const;
