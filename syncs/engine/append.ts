import type { Micros } from "../../src/platform/clock.js";
import type { ObjectContext } from "./context.js";
import type { Failure, Job, Standing } from "./ledger.js";
import { pushJobs } from "./push.js";
import type { RowCounts } from "./report.js";
import type { ObjectResult } from "./state.js";
import type { AppendObjectSpec } from "./target.js";

/**
 * Delivers facts that arrived since the watermark, oldest arrivals first. The watermark moves only over windows whose
 * every row was answered for, so a crash repeats a window and never skips one. Relies on arrivals being complete once
 * visible: nothing is added later at or below an `ingested_at` that was already read.
 */
export async function syncAppend(
  spec: AppendObjectSpec,
  standing: Standing,
  counts: RowCounts,
  context: ObjectContext,
): Promise<ObjectResult> {
  const { ledger, signal, config } = context;
  await ledger.hasRemovalMark(spec);
  if (standing.dueCount > 0) await retryFacts(spec, counts, context);

  const arrivals = await ledger.countArrivals(spec, standing.watermark ?? 0);
  for (const window of windowsOf(arrivals, standing.watermark ?? 0, config.acknowledgeRows)) {
    if (signal.aborted) return { status: "cancelled", planId: null, reason: null, isSettled: false };
    context.checkpoint("plan");
    const failures: Failure[] = [];
    for await (const jobs of ledger.readArrivals(spec, window.from, window.to)) {
      failures.push(...(await pushJobs(spec, jobs, counts, config, context, signal)));
    }
    context.checkpoint("push");
    await ledger.acknowledgeArrivals(spec, window.to, failures, context.now());
    context.checkpoint("acknowledge");
  }
  const isUnchanged = arrivals.length === 0 && standing.dueCount === 0;
  return { status: isUnchanged ? "unchanged" : "synced", planId: null, reason: null, isSettled: true };
}

/** Facts the target asked to send again. One that is gone by now (erased) is settled: there is nothing to send. */
async function retryFacts(spec: AppendObjectSpec, counts: RowCounts, context: ObjectContext): Promise<void> {
  const { ledger, config, signal } = context;
  const jobs = await ledger.readRetries(spec, context.now());
  const failures = (await pushJobs(spec, jobs, counts, config, context, signal)).filter(
    (failure) => failure.status !== "superseded",
  );
  context.checkpoint("push");
  const failed = new Set(failures.map((failure) => failure.jobId));
  const settled = jobs.map((job: Job) => job.jobId).filter((jobId) => !failed.has(jobId));
  await ledger.acknowledgeRetries(spec, settled, failures, context.now());
  context.checkpoint("acknowledge");
}

/** Groups arrivals into windows `(from, to]` of about `rows` rows. An arrival is never split: its rows share one time. */
export function windowsOf(
  arrivals: readonly { readonly ingestedAt: Micros; readonly rows: number }[],
  watermark: Micros,
  rows: number,
): { readonly from: Micros; readonly to: Micros }[] {
  const windows: { from: Micros; to: Micros }[] = [];
  let from = watermark;
  let sum = 0;
  arrivals.forEach((arrival, index) => {
    sum += arrival.rows;
    const next = arrivals[index + 1];
    if (next !== undefined && sum + next.rows <= rows) return;
    windows.push({ from, to: arrival.ingestedAt });
    from = arrival.ingestedAt;
    sum = 0;
  });
  return windows;
}
