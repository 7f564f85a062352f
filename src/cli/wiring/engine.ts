import { createLanding, EMBEDDED_LANDING } from "../../../loaders/landing/landing.js";
import { createSyncEngine } from "../../../syncs/engine/engine.js";
import { createProfileStoreTarget } from "../../../syncs/targets/profiles/target.js";
import { createEngine } from "../../orchestration/engine.js";
import type { Schedule } from "../../orchestration/schedules.js";
import { createLogger, type Logger } from "../../platform/telemetry/log.js";
import { createMetrics } from "../../platform/telemetry/metrics.js";
import { createFolderStore } from "../../warehouse/duckdb/compiled-store.js";
import type { RunListener } from "../../warehouse/run/events.js";
import { keepHouse } from "../../warehouse/run/housekeeping.js";
import { createRunner, SETTLE_AFTER_MS } from "../../warehouse/run/run.js";
import { dropOldSnapshots, takeSnapshot } from "../../warehouse/run/snapshots.js";
import { ask } from "../ask.js";
import { checkpointFromEnvironment } from "../checkpoint.js";
import type { Config } from "../config.js";
import type { EngineControl } from "../control.js";
import { diffData, parseTable } from "../data-diff.js";
import { createCycleMetrics, createHoldMetric, createSyncMetrics } from "../metrics.js";
import { modelFileOf, readModelFile } from "../model-file.js";
import { openProject } from "../project.js";
import { noticeChanges } from "../project-files.js";
import { readStatus } from "../status.js";
import { createErasureControl } from "./erasure.js";
import { createIdentityControl } from "./identity.js";
import { createPreviewControl } from "./identity-preview.js";
import { openLineageListener } from "./openlineage.js";
import { createQueryMask } from "./query-mask.js";
import { createRuns } from "./runs.js";
import { clock, createLookup, openAll, openDocuments, openIdentify, openLog, openObjects } from "./shared.js";
import { countForModel, createTrainingControl } from "./training.js";
import { openWarehouse } from "./warehouse.js";

export interface OpenedEngine {
  readonly control: EngineControl;
  readonly schedules: readonly Schedule[];
  readonly logger: Logger;
  /** Lands and cycles until the control is closed. */
  start(): Promise<void>;
  metrics(): Promise<string>;
}

/** Landing, cycles and syncs of the project in that folder (the product's own, unless said). The one that opens the warehouse file. */
export function openEngine(config: Config, root?: string): Promise<OpenedEngine> {
  return openAll(async (closers) => {
    const project = openProject(root);
    const matchModel = readModelFile(modelFileOf(project.root));
    const logger = createLogger({ level: config.logLevel }, { clock }).child({ process: "engine" });
    const metrics = createMetrics();
    const lookup = createLookup(config, await openIdentify(config));
    const checkpoints = checkpointFromEnvironment();
    const store = createFolderStore({ folder: config.home.compiled });
    const warehouse = await openWarehouse(config, { store, checkpoints });
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
    const listeners: RunListener[] = [];
    const runnerConfig = {
      root: project.root,
      resultsFolder: config.home.runs,
      modelVersion: matchModel.version,
      ...(config.warehouse.kind === "bigquery" ? { database: config.warehouse.project } : {}),
    };
    const beforePromotion = async (): Promise<void> => {
      await countForModel(project.root, warehouse, matchModel);
      // Before anything is written: should this process die right after, the next sync still compares everything.
      await syncEngine.forget();
      engine.redeliver();
    };
    const hasNewerFiles = noticeChanges(project.root);
    const runner = createRunner(runnerConfig, {
      warehouse,
      clock,
      logger,
      ...checkpoints,
      listeners,
      beforePromotion,
    });
    const queryMask = createQueryMask(
      { root: project.root, personalNames: project.personalColumns },
      { warehouse, store },
    );
    closers.add(() => queryMask.close());
    if (config.openlineage !== null) {
      listeners.push(openLineageListener(config.openlineage, { config, project, compiled: runner.project, warehouse }));
    }
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
      {
        landing,
        runner: createHoldMetric(metrics, runner),
        sync: syncEngine,
        clock,
        logger,
        onCycle: createCycleMetrics(metrics),
      },
    );
    closers.add(() => engine.stop());

    const parts = { engine, runner, sync: syncEngine, warehouse, config, project, clock };
    const runs = createRuns({ ...parts, hasNewerFiles });

    const identity = createIdentityControl({ root: project.root }, { warehouse, engine, store, clock, lookup });

    const housekeeping = (): Promise<void> =>
      engine.exclusively(async () => {
        await keepHouse({ warehouse, objects, resultsFolder: config.home.runs }, clock.now() * 1000);
        await dropOldSnapshots(warehouse, clock.now() * 1000);
      });

    const control: EngineControl = {
      run: runs.run,
      progress: runs.progress,
      cancel: runs.cancel,
      plan: runs.plan,
      sync: (options) => engine.exclusively(() => syncEngine.run(options)),
      held: () => syncEngine.held(),
      approve: (planId) => syncEngine.approve(planId),
      land: () => engine.land(),
      query: (question) => ask({ warehouse, mask: queryMask.mask }, question),
      diff: (options) =>
        diffData(
          {
            warehouse,
            root: project.root,
            personalColumns: project.personalColumns,
            personalParts: queryMask.personalParts,
          },
          options,
        ),
      snapshot: ({ table, name }) =>
        engine.exclusively(() => takeSnapshot(warehouse, { source: parseTable(table), name, at: clock.now() * 1000 })),
      ...identity,
      ...createErasureControl({ project: runner.project }, { warehouse, engine, clock, lookup }),
      ...createTrainingControl({ root: project.root }, { warehouse, clock }),
      ...createPreviewControl(
        { root: project.root },
        { warehouse, engine, store, clock, openRunner: () => createRunner(runnerConfig, { warehouse, clock, logger }) },
      ),
      status: () => readStatus({ log, warehouse, clock, identity: () => runner.identity() }),
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
