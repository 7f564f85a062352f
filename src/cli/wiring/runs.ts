import type { SyncEngine } from "../../../syncs/engine/engine.js";
import type { Engine } from "../../orchestration/engine.js";
import type { Clock } from "../../platform/clock.js";
import type { Warehouse } from "../../warehouse/port.js";
import type { RunListener } from "../../warehouse/run/events.js";
import type { Orphan } from "../../warehouse/run/orphans.js";
import type { Runner, RunReport } from "../../warehouse/run/run.js";
import type { Config } from "../config.js";
import type { EngineControl, RunOptions, RunView } from "../control.js";
import type { Project } from "../project.js";
import { createProgressTracker, type ProgressTracker } from "../run-progress.js";
import { openLineageListener } from "./openlineage.js";

export interface RunsDeps {
  readonly engine: Engine;
  readonly runner: Runner;
  readonly sync: SyncEngine;
  readonly warehouse: Warehouse;
  readonly config: Config;
  readonly project: Project;
  readonly clock: Clock;
  /** Whether the project's files changed since it was compiled. */
  hasNewerFiles(): boolean;
}

interface Asked {
  readonly tracker: ProgressTracker;
  readonly stop: AbortController;
}

/** Runs that are over can be asked after for a while: who shows them wants to see the end. */
const REMEMBERED_RUNS = 20;

/** The runs that somebody asks for, beside those of the engine's own loop. Never two at once. */
export function createRuns(deps: RunsDeps): Pick<EngineControl, "run" | "progress" | "cancel" | "plan"> {
  const { engine, runner, sync, warehouse, config, project, clock } = deps;
  const known = new Map<string, Asked>();

  function remember(ticket: string, run: Asked): void {
    known.set(ticket, run);
    for (const oldest of [...known.keys()].slice(0, -REMEMBERED_RUNS)) known.delete(oldest);
  }

  function listenersOf(options: RunOptions, tracker: ProgressTracker): RunListener[] {
    const { openlineage } = options;
    // Those of every run go to the configured file anyway.
    if (openlineage === undefined || openlineage === config.openlineage) return [tracker.listener];
    const parts = { config, project, compiled: runner.project, warehouse };
    return [tracker.listener, openLineageListener(openlineage, parts)];
  }

  async function run(asked: RunOptions): Promise<RunView> {
    const { full, backfill, ticket, openlineage: _, ...options } = asked;
    const tracker = createProgressTracker(() => clock.now());
    const stop = new AbortController();
    if (ticket !== undefined) remember(ticket, { tracker, stop });
    let orphans: readonly Orphan[] = [];
    const report = await engine.fresh(async (windowTo, stopping): Promise<RunReport> => {
      // No run changes what is gone. Asked before it, a failure leaves nothing half told.
      orphans = await runner.orphans();
      const signal = AbortSignal.any([stopping, stop.signal]);
      const common = { ...options, signal, listeners: listenersOf(asked, tracker) };
      if (!full && backfill === undefined) return runner.runCycle({ ...common, windowTo, settlesAtOnce: true });
      // What cannot be is refused before the syncs forget.
      if (backfill !== undefined) await runner.planBackfill({ ...options, window: backfill });
      else await runner.plan("full", { ...options, windowTo });
      // Before anything is written: should this process die right after, the next sync still compares everything.
      await sync.forget();
      engine.redeliver();
      if (backfill !== undefined) return runner.runBackfill({ ...common, window: backfill });
      return runner.runFull({ ...common, windowTo });
    });
    const { kind, runId, ms, models, scripts, status, hold } = report;
    const actions = scripts.flatMap((script) => script.actions);
    return {
      status: status === "succeeded" ? "done" : status,
      hold,
      kind,
      runId,
      ms,
      actions,
      models,
      orphans: orphans.map(({ id }) => id),
      hasNewerFiles: deps.hasNewerFiles(),
    };
  }

  return {
    run,
    progress: async ({ ticket }) => known.get(ticket)?.tracker.read() ?? null,
    cancel: async ({ ticket }) => known.get(ticket)?.stop.abort(),
    plan: ({ full, backfill, select, exclude, accept }) =>
      engine.fresh(async (windowTo) => {
        const options = { select, exclude, accept };
        const plan =
          backfill === undefined
            ? await runner.plan(full ? "full" : "cycle", { ...options, windowTo, settlesAtOnce: true })
            : await runner.planBackfill({ ...options, window: backfill });
        return { ...plan, hasNewerFiles: deps.hasNewerFiles() };
      }),
  };
}
