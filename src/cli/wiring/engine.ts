import { createLanding, EMBEDDED_LANDING } from "../../../loaders/landing/landing.js";
import { createSyncEngine } from "../../../syncs/engine/engine.js";
import { createProfileStoreTarget } from "../../../syncs/targets/profiles/target.js";
import { createEngine } from "../../orchestration/engine.js";
import type { Schedule } from "../../orchestration/schedules.js";
import { createLogger, type Logger } from "../../platform/telemetry/log.js";
import { createMetrics } from "../../platform/telemetry/metrics.js";
import { maskResult } from "../../privacy/mask.js";
import { createFolderStore } from "../../warehouse/duckdb/compiled-store.js";
import { createDuckdbWarehouse } from "../../warehouse/duckdb/warehouse.js";
import { keepHouse } from "../../warehouse/project/housekeeping.js";
import { createRunner, SETTLE_AFTER_MS } from "../../warehouse/project/run.js";
import { boundedQuery } from "../bounded-query.js";
import { checkpointFromEnvironment } from "../checkpoint.js";
import type { Config } from "../config.js";
import type { EngineControl, PlannedView, RunOptions, RunView } from "../control.js";
import { createCycleMetrics, createSyncMetrics } from "../metrics.js";
import { openProject } from "../project.js";
import { readStatus } from "../status.js";
import { clock, openAll, openDocuments, openIdentify, openLog, openObjects } from "./shared.js";

export interface OpenedEngine {
  readonly control: EngineControl;
  readonly schedules: readonly Schedule[];
  readonly logger: Logger;
  /** Lands and cycles until the control is closed. */
  start(): Promise<void>;
  metrics(): Promise<string>;
}

/** Landing, cycles and syncs. The one that opens the warehouse file. */
export function openEngine(config: Config): Promise<OpenedEngine> {
  return openAll(async (closers) => {
    const project = openProject();
    const logger = createLogger({ level: config.logLevel }, { clock }).child({ process: "engine" });
    const metrics = createMetrics();
    await openIdentify(config);
    const checkpoints = checkpointFromEnvironment();
    const warehouse = await createDuckdbWarehouse(
      {
        file: config.home.warehouse,
        memoryLimit: config.warehouse.memoryLimit,
        threads: config.warehouse.threads,
        tempDirectory: config.home.temporary,
      },
      { ...checkpoints, store: createFolderStore({ folder: config.home.compiled }) },
    );
    closers.add(() => warehouse.close());
    const documents = openDocuments(config, closers);
    const log = openLog(config, closers);
    const objects = openObjects(config);
    const landing = createLanding(EMBEDDED_LANDING, {
      log,
      warehouse,
      documents,
      clock,
      logger,
      metrics,
      ...checkpoints,
    });
    const runner = createRunner(
      { root: project.root, resultsFolder: config.home.runs },
      { warehouse, clock, logger, ...checkpoints },
    );
    const syncEngine = createSyncEngine(
      {},
      {
        warehouse,
        targets: [await createProfileStoreTarget({ documents })],
        clock,
        random: Math.random,
        logger,
        metrics: createSyncMetrics(metrics),
        ...checkpoints,
      },
    );
    const engine = createEngine(
      { gatherMs: 200, pollMs: 50, settleMs: SETTLE_AFTER_MS },
      { landing, runner, sync: syncEngine, clock, logger, onCycle: createCycleMetrics(metrics) },
    );
    closers.add(() => engine.stop());

    async function run({ full, ...options }: RunOptions): Promise<RunView> {
      const report = await engine.fresh(async (windowTo, signal) => {
        if (!full) return runner.runCycle({ windowTo, signal, ...options });
        // Before it builds: should this process die right after, the next sync still compares everything.
        await syncEngine.forget();
        engine.redeliver();
        return runner.runFull({ windowTo, signal, ...options });
      });
      return {
        status: report.status === "nothing_to_do" ? "nothing_to_do" : "done",
        runId: report.runId,
        ms: report.ms,
        actions: report.scripts.flatMap(({ actions }) => actions),
      };
    }

    async function plan({ full, ...options }: RunOptions): Promise<PlannedView[]> {
      const layers = await engine.fresh((windowTo) =>
        full ? runner.planFull({ windowTo, ...options }) : runner.plan({ windowTo, ...options }),
      );
      return layers.flatMap(({ name, catchUps, main }) =>
        [...catchUps, ...(main === null ? [] : [main])].map(({ reason, steps }) => ({
          layer: name,
          reason,
          models: steps.map(({ action }) => action.id),
        })),
      );
    }

    const housekeeping = (): Promise<void> =>
      engine.exclusively(() => keepHouse({ warehouse, objects, resultsFolder: config.home.runs }, clock.now() * 1000));

    const control: EngineControl = {
      run,
      plan,
      sync: (options) => engine.exclusively(() => syncEngine.run(options)),
      held: () => syncEngine.held(),
      approve: (planId) => syncEngine.approve(planId),
      land: () => engine.land(),
      query: async ({ sql, unmask }) => {
        const { columns, rows } = await boundedQuery(warehouse, sql);
        return { columns, rows: unmask ? rows : maskResult({ columns: [], rows }, project.personalColumns).rows };
      },
      status: () => readStatus({ log, warehouse, clock }),
      audit: async () => {
        const { checks } = await engine.exclusively(() => runner.runAudit());
        return checks.map(({ check, failingRows }) => ({
          name: check.action.id,
          severity: check.severity,
          failingRows,
        }));
      },
      close: () => closers.close(),
    };

    return {
      control,
      logger,
      schedules: [
        { name: "audit", cron: "7 * * * *", run: () => control.audit() },
        // Rows a target asked to send later, and what a failed attempt left: landings alone would not bring them up again.
        { name: "sync", cron: "*/5 * * * *", run: () => control.sync({}) },
        { name: "housekeeping", cron: "37 * * * *", run: housekeeping },
        { name: "prune", cron: "23 * * * *", run: () => log.prune() },
      ],
      start: () => engine.start(),
      metrics: async () => (await metrics.render()).text,
    };
  });
}
