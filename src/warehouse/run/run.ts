import type { Clock, Micros } from "../../platform/clock.js";
import type { Warehouse } from "../port.js";
import type { CompiledProject } from "../project/action.js";
import { readBronzeTables } from "../project/bronze.js";
import { compileProject } from "../project/compile.js";
import { createInputs } from "../project/inputs.js";
import { acceptChecks, layerProject } from "../project/layers.js";
import { isNarrowed, type Selection, selectModels } from "../project/select.js";
import { type PastWindow, planBackfill } from "./backfill.js";
import { assertionFailed, type CheckOutcome, runChecks } from "./checks.js";
import type { RunListener } from "./events.js";
import { type CycleCheckpoint, createExecutor, type RunLogger } from "./execute.js";
import { type PerformDeps, perform, scriptsOf } from "./perform.js";
import { type LayerPlan, type ModelState, planLayer } from "./plan.js";
import { type PlanReport, reportPlan } from "./plan-report.js";
import { planSelectedLayer, reachedBefore } from "./plan-selected.js";
import { prepareWarehouse } from "./prepare.js";
import { type ModelResult, type RunKind, type ScriptReport, writeRunResults } from "./results.js";
import { readIsUnsettled, readLastArrival, readModelStates, recordRun, UNSETTLED_TABLE } from "./state.js";

export interface RunnerConfig {
  /** The Dataform project's folder. */
  readonly root: string;
  /** Put over the variables of `dataform.json`. */
  readonly vars?: Readonly<Record<string, string>>;
  /** Put over its database: the BigQuery project. */
  readonly database?: string;
  /** Where `run_results.json` of each run goes; nowhere when absent. */
  readonly resultsFolder?: string;
}

export interface RunnerDeps {
  readonly warehouse: Warehouse;
  readonly clock: Clock;
  readonly logger: RunLogger;
  readonly checkpoint?: (name: CycleCheckpoint) => void;
  /** Told of every run. */
  readonly listeners?: readonly RunListener[];
}

export interface RunOptions extends Selection {
  /** Arrivals before this instant take part. Everything before it must have landed. */
  readonly windowTo: Micros;
  readonly signal?: AbortSignal | undefined;
  /** Checks that this run passes over: they run after the commit and record what they find, as accepted. */
  readonly accept?: readonly string[] | undefined;
  /** How many models are built at once where builds are made aside: in warehouses without transactional DDL. */
  readonly concurrency?: number | undefined;
  /** Told of this run, besides those of the runner. */
  readonly listeners?: readonly RunListener[];
}

export interface CycleOptions extends RunOptions {
  /**
   * Runs the cycle although nothing landed, and every model of it: after something changed that is no arrival, such as
   * an erasure. Not with a selection.
   */
  readonly isForced?: boolean;
  /** What is unsettled is taken up at once: somebody asked for this cycle, maybe just because of it. */
  readonly settlesAtOnce?: boolean;
}

export interface BackfillOptions extends Omit<RunOptions, "windowTo"> {
  readonly window: PastWindow;
}

export interface RunReport {
  readonly runId: string;
  readonly kind: RunKind;
  readonly status: "succeeded" | "nothing_to_do";
  readonly windowTo: Micros;
  readonly ms: number;
  readonly scripts: readonly ScriptReport[];
  /** What became of each model. Empty when there was nothing to do. */
  readonly models: readonly ModelResult[];
  /** Whether identities wait for another cycle, which `SETTLE_AFTER_MS` later goes ahead although nothing landed. */
  readonly isUnsettled: boolean;
}

/** Arrivals of their own bring an unsettled identity on at once; without any it waits this long after the last ones. */
export const SETTLE_AFTER_MS = 60_000;
const DEFAULT_CONCURRENCY = 4;

export interface AuditReport {
  readonly runId: string;
  readonly checks: readonly CheckOutcome[];
}

export interface Runner {
  readonly project: CompiledProject;
  /**
   * Brings the models up to `windowTo`, one transaction per layer. A layer that fails leaves its last good state
   * published, later layers untouched, and its rows to the next cycle: read exactly once, whatever happened between.
   * Models that nothing could change are left out. With a selection the others stay where they are and catch up later.
   * Throws ASSERTION_FAILED, PROJECT_INVALID, INPUT_INVALID, CANCELLED (between scripts), and what the warehouse throws.
   */
  runCycle(options: CycleOptions): Promise<RunReport>;
  /** Builds models from all of bronze, protected tables excepted, then audits. Throws as `runCycle` and `runAudit`. */
  runFull(options: RunOptions): Promise<RunReport>;
  /** Runs models over a past window again, as `planBackfill` says. No watermark moves. Throws as `runCycle`. */
  runBackfill(options: BackfillOptions): Promise<RunReport>;
  /** Runs the whole-table checks and records all outcomes. Throws ASSERTION_FAILED when one of severity error failed. */
  runAudit(): Promise<AuditReport>;
  /** What a run of that kind would do, and why. Changes nothing but what every run prepares. */
  plan(kind: "cycle" | "full", options: CycleOptions): Promise<PlanReport>;
  planBackfill(options: BackfillOptions): Promise<PlanReport>;
}

const FORCED = "every model runs: identities wait to be settled, or something changed that is no arrival";

interface Planned {
  readonly kind: RunKind;
  readonly windowTo: Micros;
  readonly state: ReadonlyMap<string, ModelState>;
  readonly plans: readonly LayerPlan[];
  /** Why no model of a cycle is left out, in words; null: what nothing could change is. */
  readonly runsAll: string | null;
}

/** Compiles the project (PROJECT_INVALID) and gives its runner. One run at a time: the caller sees to it. */
export function createRunner(config: RunnerConfig, deps: RunnerDeps): Runner {
  const { warehouse, clock, logger, checkpoint } = deps;
  const project = compileProject({
    root: config.root,
    vars: { ...config.vars, runner: "rollcall" },
    ...(config.database === undefined ? {} : { database: config.database }),
  });
  const bronze = readBronzeTables(project.root);
  const layered = layerProject(project);
  const models = layered.layers.flatMap((layer) => layer.models);
  const inputs = createInputs(project);
  const executor = createExecutor({ warehouse, clock, logger, checkpoint });
  let isPrepared = false;

  const nowMicros = (): Micros => clock.now() * 1000;
  const performDeps: PerformDeps = {
    warehouse,
    clock,
    logger,
    executor,
    inputs,
    bronze,
    record: async (record) => {
      await recordRun(warehouse, record);
      if (config.resultsFolder !== undefined) await writeRunResults(config.resultsFolder, record);
    },
  };

  async function prepare(): Promise<void> {
    if (isPrepared) return;
    await prepareWarehouse(warehouse, { project, bronze, bootstraps: layered.bootstraps }, nowMicros());
    isPrepared = true;
  }

  async function planRun(kind: "cycle" | "full", options: CycleOptions): Promise<Planned> {
    const { windowTo, isForced = false } = options;
    await prepare();
    const [state, lastArrival, existing] = await Promise.all([
      readModelStates(warehouse),
      readLastArrival(warehouse, windowTo),
      executor.existing(),
    ]);
    const hasArrivals = (since: Micros): boolean => isForced || (lastArrival !== null && lastArrival >= since);
    const chosen = isNarrowed(options) ? selectModels(project, models, options) : null;
    const layers = acceptChecks(layered.layers, options.accept ?? []);
    const common = { state, existing, windowTo, hasArrivals };
    const runsAll = chosen !== null ? "selected" : isForced ? FORCED : null;
    const planned = { kind, windowTo, state, runsAll };
    if (kind === "cycle" && chosen !== null) {
      const reached = reachedBefore(state);
      const plans = layers.map((layer) =>
        planSelectedLayer({ ...common, layer, rebuild: new Set(), chosen, inputs }, reached),
      );
      return { ...planned, plans };
    }
    const rebuild = kind === "full" ? (chosen ?? new Set(project.byId.keys())) : new Set<string>();
    return { ...planned, plans: layers.map((layer) => planLayer({ ...common, layer, rebuild })) };
  }

  async function planPast(options: BackfillOptions): Promise<Planned> {
    await prepare();
    const state = await readModelStates(warehouse);
    const layers = acceptChecks(layered.layers, options.accept ?? []);
    const plans = planBackfill(layers, state, selectModels(project, models, options), options.window);
    return { kind: "backfill", windowTo: options.window.to, state, plans, runsAll: "selected" };
  }

  async function isUnsettled(): Promise<boolean> {
    return (await executor.existing()).has(UNSETTLED_TABLE) && (await readIsUnsettled(warehouse));
  }

  /**
   * A cycle that settles identities needs a window, also when nothing landed: the microsecond after the last one. By
   * then no arrival can get that instant any more, because arrivals are stamped by the clock.
   */
  async function withSettling(options: CycleOptions): Promise<CycleOptions> {
    await prepare();
    if (isNarrowed(options) || !(await isUnsettled())) return options;
    const watermarks = [...(await readModelStates(warehouse)).values()].map(({ windowTo }) => windowTo ?? 0);
    const readUpTo = Math.max(0, ...watermarks);
    if (options.windowTo > readUpTo) return { ...options, isForced: true };
    const waits = options.settlesAtOnce ? 1 : SETTLE_AFTER_MS * 1000;
    if (nowMicros() < readUpTo + waits) return options;
    return { ...options, isForced: true, windowTo: readUpTo + 1 };
  }

  async function run(planned: Planned, options: Omit<RunOptions, "windowTo">): Promise<RunReport> {
    const startedAt = nowMicros();
    const { kind, windowTo } = planned;
    const runId = `${kind}_${windowTo}_${startedAt}`;
    const msSince = (): number => clock.now() - startedAt / 1000;
    if (scriptsOf(planned.plans).length === 0) {
      const nothing = { status: "nothing_to_do", ms: msSince(), scripts: [], models: [] } as const;
      return { runId, kind, windowTo, ...nothing, isUnsettled: await isUnsettled() };
    }
    const listeners = [...(deps.listeners ?? []), ...(options.listeners ?? [])];
    const { signal, concurrency = DEFAULT_CONCURRENCY } = options;
    const { scripts, models: results } = await perform(
      { ...planned, runId, startedAt, signal, concurrency, listeners },
      performDeps,
    );
    const done = { status: "succeeded", ms: msSince(), scripts, models: results } as const;
    return { runId, kind, windowTo, ...done, isUnsettled: await isUnsettled() };
  }

  async function runAudit(): Promise<AuditReport> {
    await prepare();
    const ranAt = nowMicros();
    const runId = `audit_${ranAt}`;
    const watermarks = [...(await readModelStates(warehouse)).values()].map(({ windowTo }) => windowTo ?? 0);
    const checks = layered.checks.filter(({ schedule }) => schedule === "audit");
    const window = { windowFrom: 0, windowTo: Math.max(0, ...watermarks) };
    const outcomes = await runChecks(warehouse, checks, { runId, ranAt, ...window });
    const failed = outcomes.filter(({ check, failingRows }) => check.severity === "error" && failingRows !== 0);
    if (failed.length > 0)
      throw assertionFailed(failed, "What is published stays published: repair the models or data.");
    return { runId, checks: outcomes };
  }

  const report = (planned: Planned): Promise<PlanReport> => reportPlan(planned, { warehouse, bronze, inputs });

  return {
    project,
    plan: async (kind, options) =>
      report(await planRun(kind, kind === "cycle" ? await withSettling(options) : options)),
    planBackfill: async (options) => report(await planPast(options)),
    runCycle: async (options) => {
      const settling = await withSettling(options);
      return run(await planRun("cycle", settling), options);
    },
    runFull: async (options) => {
      const done = await run(await planRun("full", options), options);
      await runAudit();
      return done;
    },
    runBackfill: async (options) => run(await planPast(options), options),
    runAudit,
  };
}
