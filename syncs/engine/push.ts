import type { Clock, Micros } from "../../src/platform/clock.js";
import { RollcallError } from "../../src/platform/errors.js";
import type { Row } from "../../src/warehouse/port.js";
import type { Failure, Job } from "./ledger.js";
import type { RowCounts } from "./report.js";
import type { ObjectSpec, Operation, Outcome, Target } from "./target.js";

export interface PushConfig {
  /** Operations of one call of the target. */
  readonly batchRows: number;
  /** The pause before a first retry; it doubles with every attempt, up to the longest, and is spread by full jitter. */
  readonly retryBaseMs: number;
  readonly retryMaxMs: number;
}

export interface PushDeps {
  readonly target: Target;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
}

/** Columns that steer the sync and are no part of the destination row. */
const STEERING = new Set(["row_hash", "is_removed"]);

/**
 * Sends the jobs in order, in batches, and returns what was not delivered. Counts every row exactly once. A job whose
 * row no longer is what was planned is not sent: the target never gets a state the ledger does not know.
 */
export async function pushJobs(
  spec: ObjectSpec,
  jobs: readonly Job[],
  counts: RowCounts,
  config: PushConfig,
  deps: PushDeps,
  signal: AbortSignal,
): Promise<Failure[]> {
  const failures: Failure[] = [];
  const current: Job[] = [];
  for (const job of jobs) {
    if (isCurrent(job, spec)) current.push(job);
    else failures.push({ ...failureOf(job), status: "superseded", reason: "changed since it was planned" });
  }
  counts.superseded += failures.length;
  for (let start = 0; start < current.length; start += config.batchRows) {
    const batch = current.slice(start, start + config.batchRows);
    const outcomes = await deps.target.apply(spec.object, batch.map(operationOf), signal);
    const byKey = outcomesByKey(deps.target.spec.name, spec.object, batch, outcomes);
    for (const job of batch) {
      const outcome = byKey.get(job.key) as Outcome;
      countOutcome(counts, job, outcome);
      if (outcome.status === "rejected") {
        failures.push({ ...failureOf(job), status: "rejected", reason: outcome.reason });
      } else if (outcome.status === "retry_later") {
        const nextAttemptAt = nextAttempt(job.attempts, config, deps);
        failures.push({ ...failureOf(job), status: "retry", reason: outcome.reason, nextAttemptAt });
      }
    }
  }
  return failures;
}

/** Whether the row still is what the plan was made for. Facts never change: they only can be gone. */
function isCurrent(job: Job, spec: ObjectSpec): boolean {
  const hasSuccessor = spec.mode === "state" && spec.successor !== undefined && job.row?.[spec.successor] != null;
  const isThere = job.row !== null && (job.row.is_removed !== true || hasSuccessor);
  if (job.operation === "remove") return !isThere;
  return isThere && (job.rowHash === null || String(job.row?.row_hash) === job.rowHash);
}

function operationOf(job: Job): Operation {
  return {
    jobId: job.jobId,
    kind: job.operation,
    key: job.key,
    row: job.row === null ? null : withoutSteering(job.row),
  };
}

function withoutSteering(row: Row): Row {
  const kept: Record<string, unknown> = {};
  for (const [column, value] of Object.entries(row)) if (!STEERING.has(column)) kept[column] = value;
  return kept;
}

/** A target that loses count of its rows cannot be believed about any of them. */
function outcomesByKey(
  target: string,
  object: string,
  batch: readonly Job[],
  outcomes: readonly Outcome[],
): Map<string, Outcome> {
  const byKey = new Map(outcomes.map((outcome) => [outcome.key, outcome]));
  if (outcomes.length === batch.length && batch.every((job) => byKey.has(job.key))) return byKey;
  throw new RollcallError(
    "TARGET_FAILED",
    `${target}.${object} answered ${outcomes.length} outcomes for ${batch.length} operations, or for other keys`,
    { isRetriable: false },
  );
}

function countOutcome(counts: RowCounts, job: Job, outcome: Outcome): void {
  if (outcome.status === "rejected") counts.rejected += 1;
  else if (outcome.status === "retry_later") counts.retryLater += 1;
  else if (job.operation === "remove") counts.removed += 1;
  else counts.upserted += 1;
}

function failureOf(job: Job): Omit<Failure, "status" | "reason"> {
  const { jobId, key, operation, rowHash, attempts } = job;
  return { jobId, key, operation, rowHash, attempts: attempts + 1, nextAttemptAt: null };
}

/** Exponential backoff with full jitter, see https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/ */
function nextAttempt(attempts: number, config: PushConfig, deps: PushDeps): Micros {
  const ceilingMs = Math.min(config.retryMaxMs, config.retryBaseMs * 2 ** Math.min(attempts, 30));
  return Math.round((deps.clock.now() + deps.random() * ceilingMs) * 1000);
}
