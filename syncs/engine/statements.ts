import { RollcallError } from "../../src/platform/errors.js";
import { sql } from "../../src/warehouse/sql.js";
import type { AppendObjectSpec, ObjectSpec, StateObjectSpec } from "./target.js";

/**
 * The GoogleSQL of the ledger. Everywhere: `@target`, `@object` and `@now` say what is synced and when. Names come from
 * specs and are checked here; every value is a parameter.
 */
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

function name(text: string): string {
  if (NAME.test(text)) return text;
  throw new RollcallError("CONFIG_INVALID", `"${text}" cannot be a table or column of a sync: use letters, digits, _`, {
    isRetriable: false,
  });
}

function tableOf(spec: ObjectSpec): string {
  return `${name(spec.table.dataset)}.${name(spec.table.table)}`;
}

function keyOf(spec: ObjectSpec): string {
  return `CAST(a.${name(spec.key)} AS STRING)`;
}

/** One row per object of a target: how far it is, and what waits. One small query, whatever the size of the target. */
export const STANDING = sql`
-- @objects ARRAY<STRING>
SELECT
  o AS object,
  w.watermark,
  w.marker,
  p.plan_id,
  p.status AS plan_status,
  p.hold_reason,
  IFNULL(r.due_count, 0) AS due_count
FROM UNNEST(@objects) AS o
LEFT JOIN ops.sync_watermarks AS w ON w.target = @target AND w.object = o
LEFT JOIN ops.sync_plans AS p
  ON p.target = @target AND p.object = o AND p.status IN ("open", "held", "approved")
LEFT JOIN (
  SELECT object, COUNT(*) AS due_count
  FROM ops.sync_jobs
  WHERE target = @target AND status = "retry" AND next_attempt_at <= @now
  GROUP BY object
) AS r ON r.object = o`;

/**
 * `due`: every row whose wanted state differs from what the target is known to hold, except those the target refused
 * in exactly this form and those whose next attempt is still to come.
 */
function due(spec: StateObjectSpec, hasRemovalMark: boolean): string {
  const key = keyOf(spec);
  const isPresent = hasRemovalMark ? "NOT IFNULL(a.is_removed, FALSE)" : "TRUE";
  const isWanted = spec.successor === undefined ? isPresent : `${isPresent} OR a.${name(spec.successor)} IS NOT NULL`;
  return `
  known AS (
    SELECT key, row_hash FROM ops.sync_snapshots WHERE target = @target AND object = @object
  ),
  wanted AS (
    SELECT ${key} AS key, CAST(a.row_hash AS STRING) AS row_hash FROM ${tableOf(spec)} AS a WHERE ${isWanted}
  ),
  differences AS (
    SELECT
      IFNULL(w.key, k.key) AS key,
      IF(w.key IS NULL, "remove", "upsert") AS operation,
      IFNULL(w.row_hash, k.row_hash) AS row_hash,
      k.key IS NULL AS is_new
    FROM wanted AS w
    FULL OUTER JOIN known AS k ON k.key = w.key
    WHERE w.key IS NULL OR k.key IS NULL OR w.row_hash != k.row_hash
  ),
  unsettled AS (
    SELECT key, operation, row_hash, status, attempts, next_attempt_at
    FROM ops.sync_jobs
    WHERE target = @target AND object = @object AND status IN ("rejected", "retry")
  ),
  due AS (
    SELECT d.key, d.operation, d.row_hash, d.is_new, IFNULL(u.attempts, 0) AS attempts
    FROM differences AS d
    LEFT JOIN unsettled AS u ON u.key = d.key AND u.operation = d.operation AND u.row_hash = d.row_hash
    WHERE u.key IS NULL OR (u.status = "retry" AND u.next_attempt_at <= @now)
  )`;
}

/** One row: what a plan made now would do. Reads, writes nothing. */
export function countDue(spec: StateObjectSpec, hasRemovalMark: boolean): string {
  return `
WITH ${due(spec, hasRemovalMark)}
SELECT
  COUNTIF(operation = "upsert" AND is_new) AS inserts,
  COUNTIF(operation = "upsert" AND NOT is_new) AS changes,
  COUNTIF(operation = "remove") AS removals,
  (SELECT COUNT(*) FROM ${tableOf(spec)}) AS source_rows,
  (SELECT COUNT(*) FROM known) AS snapshot_rows
FROM due`;
}

/** Finished work, and retries that are due: a plan made now has taken over what is still to do. */
const SETTLED = `target = @target AND object = @object
  AND (status IN ("done", "superseded") OR (status = "retry" AND next_attempt_at <= @now))`;

/**
 * Makes the plan durable: removals first. The assertion holds what was judged against what is planned, in case the
 * activation table changed in between.
 */
export function writePlan(spec: StateObjectSpec, hasRemovalMark: boolean): string {
  return `
BEGIN TRANSACTION;
DELETE FROM ops.sync_jobs WHERE target = @target AND object = @object AND status = "pending";
UPDATE ops.sync_plans SET status = "discarded", updated_at = @now
WHERE target = @target AND object = @object AND status = "held";
INSERT INTO ops.sync_jobs
  (job_id, plan_id, target, object, key, operation, row_hash, position, status, attempts, planned_at, updated_at)
WITH ${due(spec, hasRemovalMark)},
  numbered AS (
    SELECT
      key, operation, row_hash, attempts,
      ROW_NUMBER() OVER (ORDER BY IF(operation = "remove", 0, 1), key) AS position
    FROM due
  )
SELECT
  CONCAT(@plan_id, ".", CAST(position AS STRING)), @plan_id, @target, @object, key, operation, row_hash, position,
  "pending", attempts, @now, @now
FROM numbered;
ASSERT (SELECT COUNT(*) FROM ops.sync_jobs WHERE plan_id = @plan_id) = @job_count
  AS "the activation table changed while it was planned: run the sync again";
DELETE FROM ops.sync_jobs
WHERE target = @target AND object = @object AND plan_id != @plan_id AND (
  (${SETTLED})
  OR key IN (SELECT n.key FROM ops.sync_jobs AS n WHERE n.plan_id = @plan_id)
);
INSERT INTO ops.sync_plans
  (plan_id, target, object, status, hold_reason, source_rows, snapshot_rows, inserts, changes, removals,
   planned_at, updated_at)
VALUES
  (@plan_id, @target, @object, @plan_status, @hold_reason, @source_rows, @snapshot_rows, @inserts, @changes, @removals,
   @now, @now);
COMMIT TRANSACTION`;
}

/** Nothing differs any more: retries that are due have nothing left to send, a held plan nothing left to hold. */
export const CLEAR = `
BEGIN TRANSACTION;
DELETE FROM ops.sync_jobs WHERE target = @target AND object = @object AND (status = "pending" OR (${SETTLED}));
UPDATE ops.sync_plans SET status = "discarded", updated_at = @now
WHERE target = @target AND object = @object AND status = "held";
COMMIT TRANSACTION`;

export const PENDING_RANGE = sql`
SELECT MIN(position) AS first_position, MAX(position) AS last_position
FROM ops.sync_jobs
WHERE plan_id = @plan_id AND status = "pending"`;

/** Jobs of one slice beside their rows as they are now. */
export function readSlice(spec: StateObjectSpec): string {
  return `
SELECT
  j.job_id, j.key AS job_key, j.operation AS job_operation, j.row_hash AS job_row_hash, j.attempts AS job_attempts, a.*
FROM ops.sync_jobs AS j
LEFT JOIN ${tableOf(spec)} AS a ON ${keyOf(spec)} = j.key
WHERE j.plan_id = @plan_id AND j.status = "pending" AND j.position > @position_from AND j.position <= @position_to
ORDER BY j.position`;
}

/** `@failures`: the rows of a batch that were not delivered. */
export const FAILURES_TYPE =
  "ARRAY<STRUCT<job_id STRING, key STRING, operation STRING, row_hash STRING, status STRING, reason STRING, attempts INT64, next_attempt_at TIMESTAMP>>";

const RECORD_FAILURES = `
MERGE ops.sync_jobs AS j
USING (
  SELECT f.job_id, f.key, f.operation, f.row_hash, f.status, f.reason, f.attempts, f.next_attempt_at
  FROM UNNEST(@failures) AS f
) AS f
ON j.job_id = f.job_id
WHEN MATCHED THEN UPDATE SET
  status = f.status, reason = f.reason, attempts = f.attempts, next_attempt_at = f.next_attempt_at, updated_at = @now
WHEN NOT MATCHED THEN INSERT
  (job_id, target, object, key, operation, row_hash, status, attempts, reason, next_attempt_at, planned_at, updated_at)
VALUES
  (f.job_id, @target, @object, f.key, f.operation, f.row_hash, f.status, f.attempts, f.reason, f.next_attempt_at, @now, @now);
INSERT INTO ops.sync_log (job_id, target, object, key, operation, status, reason, attempts, logged_at)
SELECT f.job_id, @target, @object, f.key, f.operation, f.status, f.reason, f.attempts, @now
FROM UNNEST(@failures) AS f
WHERE f.status IN ("rejected", "retry");`;

/** A row hash no row has. */
const UNKNOWN_HASH = "";

/**
 * A slice is acknowledged as a whole, its failures by row: jobs and snapshot change together or not at all.
 *
 * A superseded job may have been sent before a crash that took its acknowledgement, so what the target holds under that
 * key is unknown, and is noted as such: whatever is wanted there now differs from it and is planned again.
 */
export function acknowledgeSlice(hasFailures: boolean, isLast: boolean): string {
  return `
BEGIN TRANSACTION;
UPDATE ops.sync_jobs SET status = "done", reason = NULL, updated_at = @now
WHERE plan_id = @plan_id AND status = "pending" AND position > @position_from AND position <= @position_to;
${hasFailures ? RECORD_FAILURES : ""}
MERGE ops.sync_snapshots AS s
USING (
  SELECT
    key,
    IF(status = "superseded", "upsert", operation) AS operation,
    IF(status = "superseded", "${UNKNOWN_HASH}", row_hash) AS row_hash
  FROM ops.sync_jobs
  WHERE plan_id = @plan_id AND status IN ("done", "superseded")
    AND position > @position_from AND position <= @position_to
) AS j
ON s.target = @target AND s.object = @object AND s.key = j.key
WHEN MATCHED AND j.operation = "remove" THEN DELETE
WHEN MATCHED THEN UPDATE SET row_hash = j.row_hash, synced_at = @now
WHEN NOT MATCHED AND j.operation = "upsert" THEN
  INSERT (target, object, key, row_hash, synced_at) VALUES (@target, @object, j.key, j.row_hash, @now);
${isLast ? FINISH_PLAN : ""}
COMMIT TRANSACTION`;
}

export const FINISH_PLAN = sql`
UPDATE ops.sync_plans SET status = "finished", updated_at = @now WHERE plan_id = @plan_id;`;

export const APPROVE_PLAN = sql`
UPDATE ops.sync_plans SET status = "approved", updated_at = @now WHERE plan_id = @plan_id AND status = "held"`;

export const HELD_PLANS = sql`
SELECT plan_id, target, object, hold_reason, source_rows, snapshot_rows, inserts, changes, removals, planned_at
FROM ops.sync_plans
WHERE status = "held"
ORDER BY planned_at`;

const KEEP_WATERMARK = `
MERGE ops.sync_watermarks AS w
USING (SELECT @target AS target, @object AS object) AS n
ON w.target = n.target AND w.object = n.object`;

export const WRITE_MARKER = `${KEEP_WATERMARK}
WHEN MATCHED THEN UPDATE SET marker = @marker, updated_at = @now
WHEN NOT MATCHED THEN INSERT (target, object, marker, updated_at) VALUES (n.target, n.object, @marker, @now)`;

export const FORGET = sql`DELETE FROM ops.sync_watermarks WHERE TRUE`;

/** How many rows arrived with each batch since the watermark. */
export function countArrivals(spec: AppendObjectSpec): string {
  return `
SELECT a.ingested_at, COUNT(*) AS row_count
FROM ${tableOf(spec)} AS a
WHERE a.ingested_at > @watermark
GROUP BY a.ingested_at
ORDER BY a.ingested_at`;
}

export function readArrivals(spec: AppendObjectSpec): string {
  return `SELECT a.* FROM ${tableOf(spec)} AS a WHERE a.ingested_at > @window_from AND a.ingested_at <= @window_to`;
}

export function acknowledgeArrivals(hasFailures: boolean): string {
  return `
BEGIN TRANSACTION;
${hasFailures ? RECORD_FAILURES : ""}
${KEEP_WATERMARK}
WHEN MATCHED THEN UPDATE SET watermark = @window_to, updated_at = @now
WHEN NOT MATCHED THEN INSERT (target, object, watermark, updated_at) VALUES (n.target, n.object, @window_to, @now);
COMMIT TRANSACTION`;
}

/** Facts to send again, or to take back; the row's columns are NULL when the fact is gone by now. */
export function readRetries(spec: AppendObjectSpec): string {
  return `
SELECT j.job_id, j.key AS job_key, j.operation AS job_operation, j.attempts AS job_attempts, a.*
FROM ops.sync_jobs AS j
LEFT JOIN ${tableOf(spec)} AS a ON ${keyOf(spec)} = j.key
WHERE j.target = @target AND j.object = @object AND j.status = "retry" AND j.next_attempt_at <= @now`;
}

export function acknowledgeRetries(hasFailures: boolean): string {
  return `
BEGIN TRANSACTION;
DELETE FROM ops.sync_jobs WHERE job_id IN UNNEST(@settled);
${hasFailures ? RECORD_FAILURES : ""}
COMMIT TRANSACTION`;
}
