import type { Clock, Micros } from "../../platform/clock.js";
import { messageOf, RollcallError } from "../../platform/errors.js";
import type { Warehouse } from "../port.js";
import type { Inputs } from "../project/inputs.js";
import type { TableShape } from "../project/ops-tables.js";
import { type CheckRun, runChecks } from "./checks.js";
import type { RunEvent, RunListener } from "./events.js";
import type { Executor, RunLogger } from "./execute.js";
import type { LayerPlan, ModelState, PlannedScript } from "./plan.js";
import { failureOf, modelResults, type RunKind, type RunRecord, type ScriptReport, type ScriptRun } from "./results.js";
import { readLanded } from "./state.js";
import { leaveOutUnchanged, mayHaveChanged } from "./unchanged.js";

export interface PlannedRun {
  readonly runId: string;
  readonly kind: RunKind;
  readonly startedAt: Micros;
  readonly windowTo: Micros;
  readonly plans: readonly LayerPlan[];
  /** As recorded before the run. */
  readonly state: ReadonlyMap<string, ModelState>;
  /** Why every model runs, whether its inputs changed or not; null: those that nothing could change do not. */
  readonly runsAll: string | null;
  /** How many models are built at once where builds are made aside. */
  readonly concurrency: number;
  readonly signal?: AbortSignal | undefined;
  readonly listeners: readonly RunListener[];
}

export interface PerformDeps {
  readonly warehouse: Warehouse;
  readonly clock: Clock;
  readonly logger: RunLogger;
  readonly executor: Executor;
  readonly inputs: Inputs;
  readonly bronze: readonly TableShape[];
  /** Makes the outcome durable, whether the run succeeded or failed. */
  readonly record: (record: RunRecord) => Promise<void>;
}

const CHANGED_NOTE =
  "the model changed and is rebuilt; what was made from it keeps its older rows until a full refresh of what is downstream";

/** Every script of the plans, in order. */
export function scriptsOf(
  plans: readonly LayerPlan[],
): { readonly layer: LayerPlan; readonly planned: PlannedScript }[] {
  return plans.flatMap((layer) =>
    [...layer.catchUps, ...(layer.main === null ? [] : [layer.main])].map((planned) => ({ layer, planned })),
  );
}

/**
 * Runs planned scripts in order, each in a transaction of its own, and records the run. The first failure ends it: what
 * committed stays. Throws what failed, after it is recorded; CANCELLED between two scripts.
 */
export async function perform(run: PlannedRun, deps: PerformDeps): Promise<RunRecord> {
  const { clock, logger, executor } = deps;
  const { runId, kind, startedAt, plans, windowTo } = run;
  const nowMicros = (): Micros => clock.now() * 1000;
  const scheduled = scriptsOf(plans);
  const runs: ScriptRun[] = [];
  const ran = new Map<string, boolean>();
  const landed = new Map<Micros, ReadonlyMap<string, number>>();

  async function tell(event: RunEvent): Promise<void> {
    for (const listener of run.listeners) {
      try {
        await listener(event);
      } catch (error) {
        logger.warn({ run_id: runId, error: messageOf(error) }, "a listener of the run failed; the run goes on");
      }
    }
  }

  async function withoutUnchanged(planned: PlannedScript): Promise<PlannedScript> {
    if (run.runsAll !== null || planned.reason !== "cycle") return planned;
    const { windowFrom } = planned;
    const counts = landed.get(windowFrom) ?? (await readLanded(deps.warehouse, deps.bronze, windowFrom, windowTo));
    landed.set(windowFrom, counts);
    return leaveOutUnchanged(planned, { landed: counts, state: run.state, ran }, deps.inputs);
  }

  async function runScript(layer: string, planned: PlannedScript): Promise<void> {
    if (run.signal?.aborted) throw cancelled(kind);
    await tell({ type: "script_started", at: nowMicros(), layer, planned });
    try {
      const report = await executor.run(layer, planned, { runId, ranAt: startedAt, concurrency: run.concurrency });
      runs.push({ layer, planned, report, error: null });
      for (const step of planned.steps) {
        const outcome = report.actions.find(({ id }) => id === step.action.id);
        ran.set(step.action.id, (ran.get(step.action.id) ?? false) || mayHaveChanged(step, outcome));
      }
      await tell({ type: "script_finished", at: nowMicros(), planned, report });
    } catch (error) {
      runs.push({ layer, planned, report: null, error });
      await tell({ type: "script_failed", at: nowMicros(), layer, planned, error });
      throw error;
    }
  }

  async function finish(error: unknown): Promise<RunRecord> {
    const reached = runs.length;
    const missed = scheduled
      .slice(reached)
      .map(({ layer, planned }): ScriptRun => ({ layer: layer.name, planned, report: null, error: null }));
    const record: RunRecord = {
      runId,
      kind,
      status: error !== null ? "failed" : plans.some(({ held = [] }) => held.length > 0) ? "held" : "succeeded",
      windowFrom: Math.min(...scheduled.map(({ planned }) => planned.windowFrom)),
      windowTo,
      startedAt,
      endedAt: nowMicros(),
      error: error === null ? null : failureOf(error),
      models: modelResults(plans, [...runs, ...missed]),
      scripts: runs.flatMap(({ report }): ScriptReport[] => (report === null ? [] : [report])),
    };
    await deps.record(record);
    await tell({ type: "run_finished", at: nowMicros(), record });
    return record;
  }

  for (const { planned } of scheduled) {
    if (planned.reason === "changed") logger.warn({ model: planned.steps[0]?.action.id }, CHANGED_NOTE);
  }
  await tell({ type: "run_started", runId, kind, at: startedAt, scriptCount: scheduled.length });
  try {
    for (const { layer, planned } of scheduled) {
      await runScript(layer.name, await withoutUnchanged(planned));
      const isLast = planned === (layer.main ?? layer.catchUps.at(-1));
      if (isLast) await runWarnings(layer, planned, { runId, ranAt: startedAt }, deps);
    }
  } catch (error) {
    executor.forget();
    await finish(error).catch((recordError: unknown) => {
      logger.error({ run_id: runId, error: messageOf(recordError) }, "the failed run could not be recorded");
    });
    throw error;
  }
  return await finish(null);
}

async function runWarnings(
  layer: LayerPlan,
  { windowFrom, windowTo }: PlannedScript,
  run: Pick<CheckRun, "runId" | "ranAt">,
  { warehouse, logger }: PerformDeps,
): Promise<void> {
  // What only warns waits for a window of its own; what this run accepted is recorded by this run.
  const warnings = layer.warnings.filter(({ severity }) => layer.main !== null || severity === "accepted");
  if (warnings.length === 0) return;
  const outcomes = await runChecks(warehouse, warnings, { ...run, windowFrom, windowTo });
  for (const { check, failingRows } of outcomes.filter((outcome) => outcome.failingRows !== 0)) {
    logger.warn(
      { check: check.action.id, severity: check.severity, owner: check.owner, failing_rows: failingRows },
      "check failed; it holds nothing back",
    );
  }
}

function cancelled(kind: RunRecord["kind"]): RollcallError {
  const rest = kind === "full" ? ". Layers that were not reached stand as before: run the full refresh again" : "";
  return new RollcallError("CANCELLED", `the run was cancelled between two scripts; what committed stays${rest}`, {
    isRetriable: true,
  });
}
