import type { Clock } from "../../src/platform/clock.js";
import { messageOf, RollcallError } from "../../src/platform/errors.js";
import { onceItWorks } from "../../src/platform/once-it-works.js";
import { createQueue } from "../../src/platform/queue.js";
import type { Logger } from "../../src/platform/telemetry/log.js";
import type { Warehouse } from "../../src/warehouse/port.js";
import { syncAppend } from "./append.js";
import { type BreakerLimits, DEFAULT_BREAKER } from "./breaker.js";
import type { Checkpoint, ObjectConfig, ObjectContext } from "./context.js";
import { type HeldPlan, type Standing, SyncLedger } from "./ledger.js";
import { noRows, type ObjectReport, type RowCounts, type SyncReport, type TargetReport } from "./report.js";
import { type ObjectResult, syncState } from "./state.js";
import type { ObjectSpec, Target } from "./target.js";

export interface SyncEngineConfig {
  readonly batchRows?: number;
  readonly acknowledgeRows?: number;
  readonly retryBaseMs?: number;
  readonly retryMaxMs?: number;
  readonly breaker?: Partial<BreakerLimits>;
}

export interface SyncMetrics {
  /** Called once per object and run. */
  synced(target: string, report: ObjectReport): void;
}

export interface SyncEngineDeps {
  readonly warehouse: Warehouse;
  readonly targets: readonly Target[];
  readonly clock: Clock;
  /** In [0, 1): spreads retries. */
  readonly random: () => number;
  readonly logger: Pick<Logger, "info" | "warn">;
  readonly metrics: SyncMetrics;
  readonly checkpoint?: Checkpoint;
}

export interface SyncRun {
  /** One target; all of them when absent. */
  readonly target?: string;
  /**
   * A text that changes whenever an activation table may have changed, e.g. the last published window. When an object
   * was settled under the same marker it is skipped unread. Without it every object is compared.
   */
  readonly marker?: string;
  readonly signal?: AbortSignal;
}

export interface SyncEngine {
  /** Runs of one engine follow each other. Rejects when the warehouse fails; a failing target is in the report. */
  run(options?: SyncRun): Promise<SyncReport>;
  /**
   * Forgets how far every object is: the next run compares all state and delivers every fact again. For after a full
   * rebuild, which may have changed rows behind the watermark; targets take a repeated row as the one they have.
   * Waits for a run in progress. What was delivered, retries and held plans stay known.
   */
  forget(): Promise<void>;
  held(): Promise<readonly HeldPlan[]>;
  /** Lets the next run apply exactly what this plan holds. Throws NOT_FOUND when no such plan is held. */
  approve(planId: string): Promise<void>;
}

/** Delivers activation tables to targets: plan in the warehouse, push in batches, acknowledge by row. */
export function createSyncEngine(config: SyncEngineConfig, deps: SyncEngineDeps): SyncEngine {
  const objectConfig: ObjectConfig = {
    batchRows: config.batchRows ?? 1000,
    acknowledgeRows: config.acknowledgeRows ?? 10_000,
    retryBaseMs: config.retryBaseMs ?? 60_000,
    retryMaxMs: config.retryMaxMs ?? 6 * 3_600_000,
    breaker: { ...DEFAULT_BREAKER, ...config.breaker },
  };
  const nowMicros = (): number => deps.clock.now() * 1000;
  const ensureReady = onceItWorks(() => SyncLedger.ensure(deps.warehouse));
  /** Work of one engine is done in turn: a run that ends later must not write back what was forgotten meanwhile. */
  const inTurn = createQueue();

  async function runTargets(options: SyncRun): Promise<SyncReport> {
    await ensureReady();
    const targets = deps.targets.filter(
      (target) => options.target === undefined || target.spec.name === options.target,
    );
    if (targets.length === 0 && options.target !== undefined) {
      throw unknownTarget(
        options.target,
        deps.targets.map(({ spec }) => spec.name),
      );
    }
    const reports: TargetReport[] = [];
    for (const target of targets) reports.push(await syncTarget(target, options));
    return { targets: reports };
  }

  async function syncTarget(target: Target, options: SyncRun): Promise<TargetReport> {
    const ledger = new SyncLedger(deps.warehouse, target.spec.name);
    const context: ObjectContext = {
      targetName: target.spec.name,
      target,
      ledger,
      clock: deps.clock,
      random: deps.random,
      config: objectConfig,
      checkpoint: deps.checkpoint ?? (() => {}),
      signal: options.signal ?? new AbortController().signal,
      now: nowMicros,
    };
    const names = target.spec.objects.map((spec) => spec.object);
    const standings = new Map((await ledger.standing(names, nowMicros())).map((row) => [row.object, row]));
    const objects: ObjectReport[] = [];
    for (const spec of target.spec.objects) {
      const standing = standings.get(spec.object) as Standing;
      const report = await syncObject(spec, standing, options.marker, context);
      objects.push(report);
      deps.metrics.synced(target.spec.name, report);
      log(target.spec.name, report);
      // Later objects refer to earlier ones; an unreachable target is not asked again for each of them.
      if (report.status === "failed" || report.status === "cancelled") break;
    }
    return { target: target.spec.name, objects };
  }

  async function syncObject(
    spec: ObjectSpec,
    standing: Standing,
    marker: string | undefined,
    context: ObjectContext,
  ): Promise<ObjectReport> {
    const startMs = deps.clock.now();
    const counts = noRows();
    const result = isSettledUnder(marker, standing)
      ? settledResult(standing)
      : await compareAndSend(spec, standing, counts, context);
    if (marker !== undefined && marker !== standing.marker && result.isSettled) {
      await context.ledger.writeMarker(spec, marker, nowMicros());
    }
    const { status, planId, reason } = result;
    return { object: spec.object, status, planId, reason, ...counts, ms: deps.clock.now() - startMs };
  }

  async function compareAndSend(
    spec: ObjectSpec,
    standing: Standing,
    counts: RowCounts,
    context: ObjectContext,
  ): Promise<ObjectResult> {
    try {
      return spec.mode === "state"
        ? await syncState(spec, standing, counts, context)
        : await syncAppend(spec, standing, counts, context);
    } catch (error) {
      if (!(error instanceof RollcallError) || error.code !== "TARGET_FAILED") throw error;
      return { status: "failed", planId: null, reason: messageOf(error), isSettled: false };
    }
  }

  function log(target: string, report: ObjectReport): void {
    const fields = { target, ...report };
    if (report.status === "held") {
      deps.logger.warn(
        fields,
        `sync held: approve it with \`rollcall sync approve ${report.planId}\` or mend the source`,
      );
    } else if (report.status === "failed" || report.rejected > 0) deps.logger.warn(fields, "sync left rows behind");
    else if (report.status !== "unchanged") deps.logger.info(fields, "sync done");
  }

  return {
    run: (options = {}) => inTurn.run(() => runTargets(options)),
    forget: () =>
      inTurn.run(async () => {
        await ensureReady();
        await SyncLedger.forget(deps.warehouse);
      }),
    held: async () => {
      await ensureReady();
      return SyncLedger.held(deps.warehouse);
    },
    approve: async (planId) => {
      await ensureReady();
      if (await SyncLedger.approve(deps.warehouse, planId, nowMicros())) return;
      throw new RollcallError("NOT_FOUND", `no plan "${planId}" is held: \`rollcall sync held\` lists those that are`, {
        isRetriable: false,
      });
    },
  };
}

/** Nothing changed since the object was last dealt with, and nothing waits to be finished or tried again. */
function isSettledUnder(marker: string | undefined, standing: Standing): boolean {
  const isUnfinished = standing.plan !== null && standing.plan.status !== "held";
  return marker !== undefined && marker === standing.marker && standing.dueCount === 0 && !isUnfinished;
}

function settledResult(standing: Standing): ObjectResult {
  const status = standing.plan === null ? "unchanged" : "held";
  return {
    status,
    planId: standing.plan?.planId ?? null,
    reason: standing.plan?.holdReason ?? null,
    isSettled: true,
  };
}

function unknownTarget(target: string, known: readonly string[]): RollcallError {
  const message = `there is no sync target "${target}"; there is ${known.join(", ")}`;
  return new RollcallError("NOT_FOUND", message, { isRetriable: false });
}
