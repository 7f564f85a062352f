import type { Clock, Micros } from "../../platform/clock.js";
import { messageOf, RollcallError } from "../../platform/errors.js";
import type { Warehouse } from "../port.js";
import type { CompiledProject } from "./action.js";
import { readBronzeTables } from "./bronze.js";
import { assertionFailed, type CheckOutcome, type CheckRun, runChecks, runParams } from "./checks.js";
import { compileProject } from "./compile.js";
import { type CycleCheckpoint, createExecutor, type RunLogger } from "./execute.js";
import { acceptChecks, layerProject } from "./layers.js";
import { OPS_TABLES } from "./ops-tables.js";
import { type LayerPlan, type ModelState, planLayer } from "./plan.js";
import { hashOf, watermarkStatements } from "./script.js";
import { selectActions } from "./select.js";
import {
  readIsUnsettled,
  readLastArrival,
  readModelStates,
  recordRun,
  type ScriptReport,
  UNSETTLED_TABLE,
  writeRunResults,
} from "./state.js";

export interface RunnerConfig {
  /** The Dataform project's folder. */
  readonly root: string;
  /** Put over the variables of `dataform.json`. */
  readonly vars?: Readonly<Record<string, string>>;
  /** Where `run_results.json` of each run goes; nowhere when absent. */
  readonly resultsFolder?: string;
}

export interface RunnerDeps {
  readonly warehouse: Warehouse;
  readonly clock: Clock;
  readonly logger: RunLogger;
  readonly checkpoint?: (name: CycleCheckpoint) => void;
}

export interface CycleOptions {
  /** Arrivals before this instant take part. Everything before it must have landed. */
  readonly windowTo: Micros;
  readonly signal?: AbortSignal;
  /** Runs the cycle although nothing landed: after something changed that is no arrival, such as an erasure. */
  readonly isForced?: boolean;
  /** Checks that this run passes over: they run after the commit and record what they find, as accepted. */
  readonly accept?: readonly string[];
}

export interface FullOptions {
  readonly windowTo: Micros;
  readonly signal?: AbortSignal;
  /** Only these, as `selectActions` reads them. All when absent. */
  readonly select?: readonly string[];
  /** As in a cycle. The audit after the build is not a part of it. */
  readonly accept?: readonly string[];
}

export interface RunReport {
  readonly runId: string;
  readonly kind: "cycle" | "full";
  readonly status: "succeeded" | "nothing_to_do";
  readonly windowTo: Micros;
  readonly ms: number;
  readonly scripts: readonly ScriptReport[];
  /** Whether identities wait for another cycle, which `SETTLE_AFTER_MS` later goes ahead although nothing landed. */
  readonly isUnsettled: boolean;
}

/** Arrivals of their own bring an unsettled identity on at once; without any it waits this long after the last ones. */
export const SETTLE_AFTER_MS = 60_000;

export interface AuditReport {
  readonly runId: string;
  readonly checks: readonly CheckOutcome[];
}

export interface Runner {
  readonly project: CompiledProject;
  /**
   * Brings every model up to `windowTo`, one transaction per layer. A layer that fails leaves its last good state
   * published, later layers untouched, and its rows to the next cycle: read exactly once, whatever happened between.
   * Throws ASSERTION_FAILED, PROJECT_INVALID, CANCELLED (between scripts), and what the warehouse throws.
   */
  runCycle(options: CycleOptions): Promise<RunReport>;
  /** Builds models from all of bronze, protected tables excepted, then audits. Throws as `runCycle` and `runAudit`. */
  runFull(options: FullOptions): Promise<RunReport>;
  /** Runs the whole-table checks and records all outcomes. Throws ASSERTION_FAILED when one of severity error failed. */
  runAudit(): Promise<AuditReport>;
  /** What a cycle up to `windowTo` would do. */
  plan(options: CycleOptions): Promise<readonly LayerPlan[]>;
  /** What a full build would do. */
  planFull(options: FullOptions): Promise<readonly LayerPlan[]>;
}

const CHANGED_NOTE =
  "the model changed and is rebuilt; what was made from it keeps its older rows until a full refresh of what is downstream";

/** Compiles the project (PROJECT_INVALID) and gives its runner. One run at a time: the caller sees to it. */
export function createRunner(config: RunnerConfig, deps: RunnerDeps): Runner {
  const { warehouse, clock, logger, checkpoint } = deps;
  const project = compileProject({ root: config.root, vars: { ...config.vars, runner: "rollcall" } });
  const layered = layerProject(project);
  const executor = createExecutor({ warehouse, clock, logger, checkpoint });
  const nothing: ReadonlySet<string> = new Set();
  let isPrepared = false;

  const nowMicros = (): Micros => clock.now() * 1000;

  /** Makes what scripts write into and cannot make themselves: datasets, bookkeeping, bronze, bootstrapped tables. */
  async function prepare(): Promise<void> {
    if (isPrepared) return;
    await warehouse.ensureTables([...OPS_TABLES, ...readBronzeTables(project.root)]);
    const datasets = [...new Set(project.actions.map(({ target }) => target.dataset))];
    await warehouse.execute(datasets.map((dataset) => `CREATE SCHEMA IF NOT EXISTS \`${dataset}\``).join(";\n"));
    await runBootstraps(await readModelStates(warehouse));
    isPrepared = true;
  }

  async function runBootstraps(states: ReadonlyMap<string, ModelState>): Promise<void> {
    const due = layered.bootstraps.filter((action) => states.get(action.id)?.sqlHash !== hashOf(action));
    for (const action of due) {
      await warehouse.execute(action.statements.join(";\n"), undefined, { origin: action.fileName });
    }
    if (due.length === 0) return;
    const params = runParams({ runId: "", ranAt: nowMicros(), windowFrom: 0, windowTo: 0 });
    await warehouse.execute(watermarkStatements(due).join(";\n"), params);
  }

  async function plan(options: CycleOptions, rebuild: ReadonlySet<string>): Promise<LayerPlan[]> {
    await prepare();
    const [state, lastArrival, existing] = await Promise.all([
      readModelStates(warehouse),
      readLastArrival(warehouse, options.windowTo),
      executor.existing(),
    ]);
    const hasArrivals = (since: Micros): boolean =>
      options.isForced === true || (lastArrival !== null && lastArrival >= since);
    return acceptChecks(layered.layers, options.accept ?? []).map((layer) =>
      planLayer({ layer, state, existing, rebuild, windowTo: options.windowTo, hasArrivals }),
    );
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
    if (!(await isUnsettled())) return options;
    const watermarks = [...(await readModelStates(warehouse)).values()].map(({ windowTo }) => windowTo ?? 0);
    const readUpTo = Math.max(0, ...watermarks);
    if (options.windowTo > readUpTo) return { ...options, isForced: true };
    if (nowMicros() < readUpTo + SETTLE_AFTER_MS * 1000) return options;
    return { ...options, isForced: true, windowTo: readUpTo + 1 };
  }

  async function run(kind: RunReport["kind"], options: CycleOptions, rebuild: ReadonlySet<string>): Promise<RunReport> {
    const startedAt = nowMicros();
    const { windowTo } = options;
    const runId = `${kind}_${windowTo}_${startedAt}`;
    const plans = await plan(options, rebuild);
    const scheduled = plans.flatMap(({ catchUps, main }) => [...catchUps, ...(main === null ? [] : [main])]);
    if (scheduled.length === 0) {
      const ms = clock.now() - startedAt / 1000;
      return { runId, kind, status: "nothing_to_do", windowTo, ms, scripts: [], isUnsettled: await isUnsettled() };
    }
    for (const { reason, steps } of scheduled) {
      if (reason === "changed") logger.warn({ model: steps[0]?.action.id }, CHANGED_NOTE);
    }
    const windowFrom = Math.min(...scheduled.map((script) => script.windowFrom));
    const scripts: ScriptReport[] = [];
    const finish = async (error: unknown): Promise<void> => {
      const status = error === null ? "succeeded" : "failed";
      const message = error === null ? null : messageOf(error);
      const times = { startedAt, endedAt: nowMicros() };
      const record = { runId, kind, status, windowFrom, windowTo, ...times, error: message, scripts } as const;
      await recordRun(warehouse, record);
      if (config.resultsFolder !== undefined) await writeRunResults(config.resultsFolder, record);
    };
    try {
      for (const layer of plans) await runLayer(layer, { runId, ranAt: startedAt }, options.signal, scripts);
    } catch (error) {
      executor.forget();
      await finish(error).catch((recordError: unknown) => {
        logger.error({ run_id: runId, error: messageOf(recordError) }, "the failed run could not be recorded");
      });
      throw error;
    }
    await finish(null);
    const ms = clock.now() - startedAt / 1000;
    return { runId, kind, status: "succeeded", windowTo, ms, scripts, isUnsettled: await isUnsettled() };
  }

  async function runLayer(
    layer: LayerPlan,
    run: Pick<CheckRun, "runId" | "ranAt">,
    signal: AbortSignal | undefined,
    reports: ScriptReport[],
  ): Promise<void> {
    for (const script of [...layer.catchUps, ...(layer.main === null ? [] : [layer.main])]) {
      if (signal?.aborted) {
        throw new RollcallError("CANCELLED", "the run was cancelled between two scripts; what committed stays", {
          isRetriable: true,
        });
      }
      reports.push(await executor.run(layer.name, script, run));
    }
    if (layer.main === null || layer.warnings.length === 0) return;
    const { windowFrom, windowTo } = layer.main;
    const outcomes = await runChecks(warehouse, layer.warnings, { ...run, windowFrom, windowTo });
    for (const { check, failingRows } of outcomes.filter((outcome) => outcome.failingRows !== 0)) {
      logger.warn(
        { check: check.action.id, severity: check.severity, owner: check.owner, failing_rows: failingRows },
        "check failed; it holds nothing back",
      );
    }
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

  function chosen(select: readonly string[] | undefined): ReadonlySet<string> {
    return select === undefined ? new Set(project.byId.keys()) : selectActions(project, select);
  }

  return {
    project,
    plan: async (options) => plan(await withSettling(options), nothing),
    planFull: async ({ select, ...options }) => plan(options, chosen(select)),
    runCycle: async (options) => run("cycle", await withSettling(options), nothing),
    runFull: async ({ select, ...options }) => {
      const report = await run("full", options, chosen(select));
      await runAudit();
      return report;
    },
    runAudit,
  };
}
