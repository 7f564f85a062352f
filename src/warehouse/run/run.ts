import type { Clock, Micros } from "../../platform/clock.js";
import type { Warehouse } from "../port.js";
import type { CompiledProject } from "../project/action.js";
import { readBronzeTables } from "../project/bronze.js";
import { compileProject } from "../project/compile.js";
import { createInputs } from "../project/inputs.js";
import { layerProject } from "../project/layers.js";
import { OPS_TABLES } from "../project/ops-tables.js";
import { isNarrowed } from "../project/select.js";
import { assertionFailed, type CheckOutcome, runChecks } from "./checks.js";
import type { RunListener } from "./events.js";
import { type CycleCheckpoint, createExecutor, type RunLogger } from "./execute.js";
import { type IdentityStanding, identityStanding } from "./identity-standing.js";
import { readIdentityVersions, recordPublication } from "./identity-versions.js";
import { type Orphan, readOrphans } from "./orphans.js";
import { type PerformDeps, perform, scriptsOf } from "./perform.js";
import { type PlanReport, reportPlan } from "./plan-report.js";
import { createRunPlanner, type PlannedWork, type Recorded } from "./plan-run.js";
import { prepareWarehouse } from "./prepare.js";
import { type ModelResult, modelResults, type RunKind, type ScriptReport, writeRunResults } from "./results.js";
import type { BackfillOptions, CycleOptions, RunOptions } from "./run-options.js";
import { readIsUnsettled, readModelStates, recordRun, UNSETTLED_TABLE } from "./state.js";

export interface RunnerConfig {
  /** The Dataform project's folder. */
  readonly root: string;
  /** Put over the variables of `dataform.json`. */
  readonly vars?: Readonly<Record<string, string>>;
  /** Put over its database: the BigQuery project. */
  readonly database?: string;
  /** Where `run_results.json` of each run goes; nowhere when absent. */
  readonly resultsFolder?: string;
  /** What the project's match model calls itself: noted beside the rules it is part of. */
  readonly modelVersion?: string;
  /**
   * What becomes of changed rules of identity. `hold`, when absent: they wait until somebody accepts them. `publish`: changed models
   * are built anew like all others, where no one reads the ids.
   */
  readonly identityChanges?: "hold" | "publish";
}

export interface RunnerDeps {
  readonly warehouse: Warehouse;
  readonly clock: Clock;
  readonly logger: RunLogger;
  readonly checkpoint?: (name: CycleCheckpoint) => void;
  /** Before accepted rules of identity are published: all that was sent has to be compared anew. The run waits. */
  readonly beforePromotion?: () => Promise<void>;
  /** Told of every run. */
  readonly listeners?: readonly RunListener[];
}

export interface RunReport {
  readonly runId: string;
  readonly kind: RunKind;
  /** `held`: identity and what is made from it did not run, because its rules changed. All else is up to date. */
  readonly status: "succeeded" | "nothing_to_do" | "held";
  /** Why models are held, and what to do about it; null when none is. */
  readonly hold: string | null;
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
   * While identity's rules are others than those published, it is held with all that reads it; once they are accepted, the next
   * cycle without a selection resolves everybody anew, publishes that, and audits.
   * Throws ASSERTION_FAILED, PROJECT_INVALID, INPUT_INVALID, CANCELLED (between scripts), and what the warehouse throws.
   */
  runCycle(options: CycleOptions): Promise<RunReport>;
  /**
   * Builds models from all of bronze, protected tables excepted, then audits. Throws as `runCycle` and `runAudit`, and IDENTITY_HELD
   * before anything runs when that would publish rules of identity that nobody accepted.
   */
  runFull(options: RunOptions): Promise<RunReport>;
  /** Runs models over a past window again, as `planBackfill` says. No watermark moves. Throws as `runFull`, without an audit. */
  runBackfill(options: BackfillOptions): Promise<RunReport>;
  /**
   * Runs the whole-table checks and records all outcomes; none before anything is built. Throws ASSERTION_FAILED when one of severity
   * error failed.
   */
  runAudit(): Promise<AuditReport>;
  /** How the project's rules of who is whom stand to those that are published. Makes no tables but the runner's own. */
  identity(): Promise<IdentityStanding>;
  /** Tables and views of models that the project no longer has. */
  orphans(): Promise<readonly Orphan[]>;
  /** What a run of that kind would do, and why. Changes nothing but what every run prepares. */
  plan(kind: "cycle" | "full", options: CycleOptions): Promise<PlanReport>;
  planBackfill(options: BackfillOptions): Promise<PlanReport>;
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
  const inputs = createInputs(project);
  const executor = createExecutor({ warehouse, clock, logger, checkpoint });
  const guards = config.identityChanges !== "publish";
  const planner = createRunPlanner({
    project,
    layers: layered.layers,
    inputs,
    warehouse,
    existing: () => executor.existing(),
    guards,
  });
  let isPrepared = false;
  let toldHold: string | null = null;

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

  async function readRecorded(): Promise<Recorded> {
    await prepare();
    return lookUp();
  }

  async function lookUp(): Promise<Recorded> {
    const [state, versions] = await Promise.all([readModelStates(warehouse), readIdentityVersions(warehouse)]);
    return { state, standing: identityStanding(project, versions, state) };
  }

  async function isUnsettled(): Promise<boolean> {
    return (await executor.existing()).has(UNSETTLED_TABLE) && (await readIsUnsettled(warehouse));
  }

  /**
   * A cycle that settles identities needs a window, also when nothing landed: the microsecond after the last one. By
   * then no arrival can get that instant any more, because arrivals are stamped by the clock. So does one that publishes other
   * rules of identity, and at once. While identity is held there is nothing to settle.
   */
  async function withSettling(options: CycleOptions, { state, standing }: Recorded): Promise<CycleOptions> {
    if (isNarrowed(options) || (guards && standing.state === "held")) return options;
    const isPromotion = guards && standing.state === "accepted";
    if (!isPromotion && !(await isUnsettled())) return options;
    const readUpTo = Math.max(0, ...[...state.values()].map(({ windowTo }) => windowTo ?? 0));
    if (options.windowTo > readUpTo) return { ...options, isForced: true };
    const waits = options.settlesAtOnce || isPromotion ? 1 : SETTLE_AFTER_MS * 1000;
    if (nowMicros() < readUpTo + waits) return options;
    return { ...options, isForced: true, windowTo: readUpTo + 1 };
  }

  async function run(planned: PlannedWork, options: Omit<RunOptions, "windowTo">): Promise<RunReport> {
    const startedAt = nowMicros();
    const { kind, windowTo } = planned;
    const runId = `${kind}_${windowTo}_${startedAt}`;
    const msSince = (): number => clock.now() - startedAt / 1000;
    const hold = planned.plans.flatMap(({ held = [] }) => held)[0]?.why ?? null;
    tellHold(hold, planned.standing);
    // What is held is not unsettled: another cycle would do nothing about it.
    const leavesUnsettled = async (): Promise<boolean> => hold === null && (await isUnsettled());
    if (scriptsOf(planned.plans).length === 0) {
      const common = { runId, kind, windowTo, hold, ms: msSince(), scripts: [], isUnsettled: await leavesUnsettled() };
      if (hold === null) return { ...common, status: "nothing_to_do", models: [] };
      return { ...common, status: "held", models: modelResults(planned.plans, []) };
    }
    if (planned.isPromotion) await deps.beforePromotion?.();
    const listeners = [...(deps.listeners ?? []), ...(options.listeners ?? [])];
    const { signal, concurrency = DEFAULT_CONCURRENCY } = options;
    const { scripts, models: results } = await perform(
      { ...planned, runId, startedAt, signal, concurrency, listeners },
      performDeps,
    );
    await noteIdentity(planned, runId);
    const status = hold === null ? ("succeeded" as const) : ("held" as const);
    const done = { status, hold, ms: msSince(), scripts, models: results };
    return { runId, kind, windowTo, ...done, isUnsettled: await leavesUnsettled() };
  }

  /** Only now is everything that is made from identity made by these rules: a run that dies before is made again. */
  async function noteIdentity({ standing, isPromotion }: PlannedWork, runId: string): Promise<void> {
    const { fingerprint } = standing;
    if (fingerprint === null || !(isPromotion || standing.state === "unpublished")) return;
    if (!isPromotion && !(await readRecorded()).standing.isBuilt) return;
    const { modelVersion = null } = config;
    await recordPublication(warehouse, { fingerprint, modelVersion, runId, at: nowMicros() });
  }

  /** Once per version: cycles come by the second. */
  function tellHold(hold: string | null, { fingerprint, changes }: IdentityStanding): void {
    if (hold !== null && toldHold !== fingerprint) {
      logger.warn({ fingerprint, models: changes.map(({ id }) => id) }, `identity is held: ${hold}`);
    }
    toldHold = hold === null ? null : fingerprint;
  }

  async function runAudit(): Promise<AuditReport> {
    await prepare();
    const ranAt = nowMicros();
    const runId = `audit_${ranAt}`;
    const watermarks = [...(await readModelStates(warehouse)).values()].map(({ windowTo }) => windowTo ?? 0);
    const windowTo = Math.max(0, ...watermarks);
    // Before the first build there is no table to look at.
    if (windowTo === 0) return { runId, checks: [] };
    const checks = layered.checks.filter(({ schedule }) => schedule === "audit");
    const outcomes = await runChecks(warehouse, checks, { runId, ranAt, windowFrom: 0, windowTo });
    const failed = outcomes.filter(({ check, failingRows }) => check.severity === "error" && failingRows !== 0);
    if (failed.length > 0)
      throw assertionFailed(failed, "What is published stays published: repair the models or data.");
    return { runId, checks: outcomes };
  }

  const orphans = async (): Promise<readonly Orphan[]> => {
    await warehouse.ensureTables(OPS_TABLES);
    return readOrphans(warehouse, project);
  };
  const report = (planned: PlannedWork): Promise<PlanReport> =>
    reportPlan(planned, { warehouse, bronze, inputs, orphans });

  return {
    project,
    orphans,
    identity: async () => {
      await warehouse.ensureTables(OPS_TABLES);
      return (await lookUp()).standing;
    },
    plan: async (kind, options) => {
      const recorded = await readRecorded();
      return report(
        await planner.plan(kind, kind === "cycle" ? await withSettling(options, recorded) : options, recorded),
      );
    },
    planBackfill: async (options) => report(planner.planBackfill(options, await readRecorded())),
    runCycle: async (options) => {
      const recorded = await readRecorded();
      const planned = await planner.plan("cycle", await withSettling(options, recorded), recorded);
      const done = await run(planned, options);
      if (planned.isPromotion) await runAudit();
      return done;
    },
    runFull: async (options) => {
      const done = await run(await planner.plan("full", options, await readRecorded()), options);
      await runAudit();
      return done;
    },
    runBackfill: async (options) => run(planner.planBackfill(options, await readRecorded()), options),
    runAudit,
  };
}
