import { createHash } from "node:crypto";
import type { Micros } from "../../src/platform/clock.js";
import { massChange } from "./breaker.js";
import type { ObjectContext } from "./context.js";
import type { Standing } from "./ledger.js";
import { pushJobs } from "./push.js";
import type { ObjectStatus, RowCounts } from "./report.js";
import type { StateObjectSpec } from "./target.js";

export interface ObjectResult {
  readonly status: ObjectStatus;
  readonly planId: string | null;
  readonly reason: string | null;
  /** False when something due was left behind, so that the next run has to look again. */
  readonly isSettled: boolean;
}

/**
 * Brings the destination to the state of the activation table. An unfinished plan of an earlier run is finished first;
 * then what still differs is planned, judged and sent. `apply(diff(a, b), a) = b`, and every crash repeats, never skips.
 */
export async function syncState(
  spec: StateObjectSpec,
  standing: Standing,
  counts: RowCounts,
  context: ObjectContext,
): Promise<ObjectResult> {
  const { ledger, signal } = context;
  const hasRemovalMark = await ledger.hasRemovalMark(spec);
  let resumed: string | null = null;
  if (standing.plan !== null && standing.plan.status !== "held") {
    resumed = standing.plan.planId;
    if (!(await pushPlan(spec, resumed, counts, context))) return cancelled(resumed);
  }
  if (signal.aborted) return cancelled(resumed);

  const now = context.now();
  const planned = await ledger.countDue(spec, hasRemovalMark, now);
  const total = planned.inserts + planned.changes + planned.removals;
  const isHeld = standing.plan?.status === "held";
  if (total === 0) {
    if (isHeld || standing.dueCount > 0) await ledger.clear(spec, now);
    const status = resumed === null ? "unchanged" : "synced";
    return { status, planId: resumed, reason: null, isSettled: true };
  }
  const holdReason = massChange(planned, { ...context.config.breaker, ...spec.breaker });
  if (holdReason !== null && isHeld) return held(standing.plan.planId, standing.plan.holdReason ?? holdReason);

  const planId = planIdOf(spec, now, context);
  await ledger.writePlan(spec, hasRemovalMark, { planId, counts: planned, holdReason, now });
  if (holdReason !== null) return held(planId, holdReason);
  context.checkpoint("plan");
  const supersededBefore = counts.superseded;
  if (!(await pushPlan(spec, planId, counts, context))) return cancelled(planId);
  return { status: "synced", planId, reason: null, isSettled: counts.superseded === supersededBefore };
}

/** Sends what is pending of a plan, slice by slice. False when the signal stopped it between two slices. */
async function pushPlan(
  spec: StateObjectSpec,
  planId: string,
  counts: RowCounts,
  context: ObjectContext,
): Promise<boolean> {
  const { ledger, config, signal } = context;
  const range = await ledger.pendingRange(planId);
  if (range === null) {
    await ledger.finishPlan(planId, context.now());
    return true;
  }
  for (let from = range.first - 1; from < range.last; from += config.acknowledgeRows) {
    if (signal.aborted) return false;
    const slice = { planId, from, to: Math.min(from + config.acknowledgeRows, range.last) };
    const jobs = await ledger.readSlice(spec, slice);
    const failures = await pushJobs(spec, jobs, counts, config, context, signal);
    context.checkpoint("push");
    await ledger.acknowledgeSlice(spec, slice, failures, slice.to === range.last, context.now());
    context.checkpoint("acknowledge");
  }
  return true;
}

/** Unlike any other plan's: a job is named by its plan and position, and a repeat by the same job. */
function planIdOf(spec: StateObjectSpec, now: Micros, context: ObjectContext): string {
  const text = `${context.targetName}|${spec.object}|${now}|${context.random()}`;
  return `plan_${createHash("sha256").update(text).digest("hex").slice(0, 16)}`;
}

function held(planId: string, reason: string): ObjectResult {
  return { status: "held", planId, reason, isSettled: true };
}

function cancelled(planId: string | null): ObjectResult {
  return { status: "cancelled", planId, reason: null, isSettled: false };
}
