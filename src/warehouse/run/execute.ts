import type { Clock } from "../../platform/clock.js";
import { messageOf, RollcallError } from "../../platform/errors.js";
import type { Column, Params, Warehouse } from "../port.js";
import type { Action } from "../project/action.js";
import { projectInvalid } from "../project/project-invalid.js";
import {
  actionAtLine,
  buildScript,
  checksParam,
  modelsParam,
  readCheckFailure,
  type Script,
  type Step,
} from "../project/script.js";
import { failureOfScript } from "../project/script-failure.js";
import { buildAside } from "./aside.js";
import { assertionFailed, type CheckRun, recordFailure, runParams } from "./checks.js";
import { columnProblems } from "./columns.js";
import { type ActionOutcome, outcomesOf } from "./outcomes.js";
import { isMaking, type PlannedScript } from "./plan.js";
import type { ScriptReport } from "./results.js";

/** The part of a pino logger used here. */
export interface RunLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Points at which a test may end the process: a script is about to run, its commit is durable. */
export type CycleCheckpoint = "cycle_before" | "cycle_after";

export interface ExecutorDeps {
  readonly warehouse: Warehouse;
  readonly clock: Clock;
  readonly logger: RunLogger;
  readonly checkpoint?: ((name: CycleCheckpoint) => void) | undefined;
}

export interface ExecutorRun extends Pick<CheckRun, "runId" | "ranAt"> {
  /** How many models are built at once where builds are made aside. */
  readonly concurrency: number;
}

/** Runs planned scripts. Remembers which tables exist and their columns; `forget` after a failure. */
export interface Executor {
  existing(): Promise<ReadonlySet<string>>;
  forget(): void;
  run(layer: string, planned: PlannedScript, run: ExecutorRun): Promise<ScriptReport>;
}

const isWriting = ({ mode }: Step): boolean => mode === "append" || mode === "merge" || mode === "replace";
const isBuild = (planned: PlannedScript): boolean => planned.steps.some(isMaking);

export function createExecutor({ warehouse, clock, logger, checkpoint }: ExecutorDeps): Executor {
  let existing: Set<string> | null = null;
  const columns = new Map<string, readonly Column[]>();
  /** In which order tables and views were made: what reads one made after itself may get other columns than before. */
  const madeOrder = new Map<string, number>();
  let madeCount = 0;

  const orderOf = (id: string): number => madeOrder.get(id) ?? 0;
  const columnsOf = (action: Action): readonly Column[] => columns.get(action.id) ?? [];

  async function loadExisting(): Promise<Set<string>> {
    existing ??= new Set((await warehouse.tables()).map(({ dataset, table }) => `${dataset}.${table}`));
    return existing;
  }

  /** The columns of the tables a script writes. A changed model's must still be those of its query. */
  async function loadColumns(planned: PlannedScript): Promise<void> {
    const problems: string[] = [];
    for (const step of planned.steps.filter(isWriting)) {
      const { id, target, dependsOn } = step.action;
      if (columns.has(id)) continue;
      const stored = (await warehouse.schema({ dataset: target.dataset, table: target.name })) ?? [];
      const isSuspect = step.isChanged || dependsOn.some((upstream) => orderOf(upstream) > orderOf(id));
      if (isSuspect) problems.push(...(await columnProblems(warehouse, step, stored, isBuild(planned))));
      columns.set(id, stored);
    }
    if (problems.length > 0) throw projectInvalid(problems);
  }

  async function run(
    layer: string,
    planned: PlannedScript,
    { runId, ranAt, concurrency }: ExecutorRun,
  ): Promise<ScriptReport> {
    const { reason, windowFrom, windowTo } = planned;
    const checkRun: CheckRun = { runId, ranAt, windowFrom, windowTo };
    await loadColumns(planned);
    const models = [...planned.steps, ...planned.leftOut].map(({ action }) => action);
    const params = { ...runParams(checkRun), ...modelsParam(models), ...checksParam(planned.checks) };
    const startedAt = clock.now();
    checkpoint?.("cycle_before");
    const actions = await runScript(layer, planned, params, { ...checkRun, concurrency });
    checkpoint?.("cycle_after");
    if (isBuild(planned)) await rememberMade(planned);
    const report = { layer, reason, windowFrom, windowTo, ms: clock.now() - startedAt };
    logger.info({ run_id: runId, ...report, models: planned.steps.length }, "script committed");
    return { ...report, actions };
  }

  /**
   * One script in one transaction where tables can be made in one: DuckDB runs one statement at a time with all its
   * threads, so that several at once would gain nothing. Elsewhere builds are made aside.
   */
  async function runScript(
    layer: string,
    planned: PlannedScript,
    params: Params,
    checkRun: CheckRun & ExecutorRun,
  ): Promise<ActionOutcome[]> {
    const { concurrency } = checkRun;
    if (!warehouse.hasTransactionalDdl && isBuild(planned)) {
      return await buildAside(planned, params, { warehouse, concurrency, columnsOf }).catch(async (error: unknown) => {
        throw await explain(error, layer, planned, null, checkRun);
      });
    }
    const { steps, checks, movesWatermarks } = planned;
    const script = buildScript({ steps, checks, movesWatermarks, isTransactional: true, columnsOf });
    const result = await warehouse
      .execute(script.sql, params, { origin: `${layer} layer` })
      .catch(async (error: unknown) => {
        throw await explain(error, layer, planned, script, checkRun);
      });
    return outcomesOf(script, result);
  }

  async function rememberMade(planned: PlannedScript): Promise<void> {
    const known = await loadExisting();
    for (const { action } of planned.steps.filter(isMaking)) {
      known.add(action.id);
      madeCount += 1;
      madeOrder.set(action.id, madeCount);
    }
    columns.clear();
  }

  async function explain(
    error: unknown,
    layer: string,
    planned: PlannedScript,
    script: Script | null,
    checkRun: CheckRun,
  ): Promise<unknown> {
    const failure = readCheckFailure(messageOf(error));
    const check = planned.checks.find(({ action }) => action.id === failure?.id);
    if (check !== undefined) {
      const outcome = { check, failingRows: failure?.failingRows ?? null };
      await recordFailure(warehouse, outcome, checkRun);
      return assertionFailed([outcome], `Nothing of the ${layer} layer was published; its last good state stays.`);
    }
    const line = error instanceof RollcallError ? error.details.line : undefined;
    const action = script !== null && typeof line === "number" ? actionAtLine(script, line) : null;
    if (!(error instanceof RollcallError) || action === null) return error;
    const step = planned.steps.find((candidate) => candidate.action === action && isWriting(candidate));
    if (error.code === "SQL_INVALID" && step !== undefined) {
      const problems = await columnProblems(warehouse, step, columnsOf(action), true);
      if (problems.length > 0) return projectInvalid(problems);
    }
    const told = failureOfScript(error, script?.sql ?? null, null);
    return new RollcallError(error.code, `${action.fileName} (${action.id}): ${messageOf(told)}`, {
      isRetriable: error.isRetriable,
      cause: error,
      details: { ...(told instanceof RollcallError ? told.details : {}), model: action.id, file: action.fileName },
    });
  }

  return {
    existing: loadExisting,
    forget: () => {
      existing = null;
      columns.clear();
    },
    run,
  };
}
