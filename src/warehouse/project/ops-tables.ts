import type { Column, TableName } from "../port.js";

/** The runner's own tables. They are bookkeeping: no model reads them, and losing one costs a full build at most. */

export interface TableShape extends TableName {
  readonly columns: readonly Column[];
}

function shape(dataset: string, table: string, columns: Readonly<Record<string, string>>): TableShape {
  return { dataset, table, columns: Object.entries(columns).map(([name, type]) => ({ name, type })) };
}

/** One row per topic and partition: the next offset to land. Written by the warehouse's `land`. */
export const LANDED_OFFSETS = shape("ops", "landed_offsets", {
  topic: "STRING",
  partition: "INT64",
  next_offset: "INT64",
  ingested_at: "TIMESTAMP",
  batch_id: "STRING",
});

/** One row per landed batch. Written by the warehouse's `land`. */
export const LANDED_BATCHES = shape("ops", "landed_batches", {
  batch_id: "STRING",
  topic: "STRING",
  log_partition: "INT64",
  first_offset: "INT64",
  last_offset: "INT64",
  ingested_at: "TIMESTAMP",
  row_count: "INT64",
  dead_letter_count: "INT64",
});

export const OPS_TABLES: readonly TableShape[] = [
  /**
   * One row per model: up to where it has read arrivals (NULL for views and bootstraps), by which SQL, and when the latest
   * run began that took it into account, whether its statements ran or had nothing to do.
   */
  shape("ops", "watermarks", { model: "STRING", window_to: "TIMESTAMP", sql_hash: "STRING", ran_at: "TIMESTAMP" }),
  /** One row per run that had something to do. */
  shape("ops", "runs", {
    run_id: "STRING",
    kind: "STRING",
    status: "STRING",
    window_from: "TIMESTAMP",
    window_to: "TIMESTAMP",
    started_at: "TIMESTAMP",
    ended_at: "TIMESTAMP",
    error: "STRING",
  }),
  /**
   * One row per version of the rules of who is whom that was published, and the one that was accepted and is still to be. The first
   * was accepted by nobody: there was nothing it took the place of.
   */
  shape("ops", "identity_versions", {
    fingerprint: "STRING",
    model_version: "STRING",
    accepted_at: "TIMESTAMP",
    accepted_by: "STRING",
    reason: "STRING",
    published_at: "TIMESTAMP",
    run_id: "STRING",
  }),
  /** One row per version of those rules that was compared with the published one: the latest comparison, as JSON. Counts only. */
  shape("ops", "identity_previews", {
    fingerprint: "STRING",
    published_fingerprint: "STRING",
    previewed_at: "TIMESTAMP",
    summary: "STRING",
  }),
  LANDED_OFFSETS,
  LANDED_BATCHES,
  /** One row per check and failure, and one for its latest pass. */
  shape("quality", "check_results", {
    check_name: "STRING",
    severity: "STRING",
    owner: "STRING",
    failing_rows: "INT64",
    run_id: "STRING",
    checked_at: "TIMESTAMP",
  }),
];
