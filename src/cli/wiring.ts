import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import { createCollector } from "../../loaders/collector/collector.js";
import { collectorConfigSchema } from "../../loaders/collector/config.js";
import { landFile } from "../../loaders/files/land-file.js";
import { createLanding, EMBEDDED_LANDING } from "../../loaders/landing/landing.js";
import { type DecodeContext, IDENTIFIER_TYPES, type IdentifierType, type SourceId } from "../../loaders/record.js";
import { createEventSink } from "../../loaders/sink.js";
import { parseJson } from "../../loaders/sources/contracts/parse-json.js";
import { decodeSendgridEvent } from "../../loaders/sources/email/decode.js";
import { createNamespaceOf } from "../../loaders/sources/namespaces.js";
import { SOURCE_SPECS, sourceSpec } from "../../loaders/sources/registry.js";
import { decodeChangeEvent } from "../../loaders/sources/salesforce/decode-change.js";
import { decodeSegmentMessage } from "../../loaders/sources/segment/decode.js";
import { decodeTwilioWebhook } from "../../loaders/sources/whatsapp/decode.js";
import { createSyncEngine } from "../../syncs/engine/engine.js";
import { createProfileStoreTarget } from "../../syncs/targets/profiles/target.js";
import { createIdentify } from "../identity/normalise/identify.js";
import { createEngine } from "../orchestration/engine.js";
import type { Schedule } from "../orchestration/schedules.js";
import { callSocket } from "../orchestration/socket.js";
import { systemClock } from "../platform/clock.js";
import { createSqliteDocuments } from "../platform/documents/sqlite.js";
import { messageOf, RollcallError } from "../platform/errors.js";
import { createLocalEventLog } from "../platform/eventlog/local.js";
import { createFileKeys } from "../platform/keys/file.js";
import { createFolderObjects } from "../platform/objects/folder.js";
import { createLogger, type Logger } from "../platform/telemetry/log.js";
import { createMetrics } from "../platform/telemetry/metrics.js";
import { maskResult } from "../privacy/mask.js";
import { createProfileApi } from "../serving/api.js";
import { type ApiKeys, createApiKeys } from "../serving/api-keys.js";
import { openProfileStore, type ProfileStore } from "../serving/profile-store.js";
import { createDuckdbWarehouse } from "../warehouse/duckdb/warehouse.js";
import { createRunner } from "../warehouse/project/run.js";
import { checkpointFromEnvironment } from "./checkpoint.js";
import type { Config } from "./config.js";
import type { EngineControl, RunView } from "./control.js";
import { createApiMetrics, createCycleMetrics, createSyncMetrics } from "./metrics.js";
import { openProject } from "./project.js";
import { readStatus } from "./status.js";

/** The only file that constructs adapters. Everything it opens, the `close` it returns closes. */
const clock = systemClock;

/** How long requests under way may take once the edge is told to stop. */
const CLOSE_GRACE_MS = 5000;

function openLog(config: Config) {
  return createLocalEventLog({ file: config.home.log }, { clock });
}

function openDocuments(config: Config) {
  return createSqliteDocuments({ file: config.home.documents });
}

/** New keys for old data would give everybody a second id, so a lost key file is not simply made anew. */
function refuseLostKeys({ keys, log, root }: Config["home"]): void {
  // Keys are made before the log: where there is a log, there are keys, whoever else is starting up.
  if (!existsSync(log) || existsSync(keys)) return;
  throw new RollcallError(
    "CONFIG_INVALID",
    `${keys} is missing, but ${root} holds data keyed by it. Restore the file.`,
    {
      isRetriable: false,
    },
  );
}

async function openIdentify(config: Config): Promise<DecodeContext["identify"]> {
  refuseLostKeys(config.home);
  const keys = createFileKeys({ file: config.home.keys });
  return createIdentify({ pepper: await keys.pepper(), region: config.region });
}

/** Every hmac a value given to a look-up may have: one per namespace in which a source could have seen it. */
function createLookup(config: Config, identify: DecodeContext["identify"]) {
  return (type: string, value: string, namespace?: string): readonly string[] => {
    if (!(IDENTIFIER_TYPES as readonly string[]).includes(type)) return [];
    const known = type as IdentifierType;
    const namespaces =
      namespace === undefined
        ? SOURCE_SPECS.map((spec) => createNamespaceOf(config.institution, spec.namespace)(known))
        : [namespace];
    return [...new Set(namespaces)].flatMap((name) => identify(name, known, value, "own")?.hmac ?? []);
  };
}

export interface Files {
  land(
    source: SourceId,
    path: string,
    onProgress: (accepted: number) => void,
  ): Promise<{ readonly events: number; readonly deadLetters: number }>;
  close(): Promise<void>;
}

/** What reads files into the event log. */
export async function openFiles(config: Config): Promise<Files> {
  const identify = await openIdentify(config);
  const log = openLog(config);
  const objects = createFolderObjects({ folder: config.home.objects });
  const sink = createEventSink({ log, objects, metrics: createMetrics() });
  return {
    land: (source, path, onProgress) =>
      landFile(
        { source, path },
        {
          sink,
          objects,
          clock,
          context: (id, receivedAt) => ({
            source: sourceSpec(id).feed,
            institution: config.institution,
            region: config.region,
            receivedAt,
            identify,
          }),
          onProgress: (progress) => onProgress(progress.accepted),
        },
      ),
    close: () => log.close(),
  };
}

export interface Edge {
  readonly url: string;
  /** Ends what is being answered, accepts nothing more. */
  close(): Promise<void>;
}

export interface EdgeDeps {
  readonly isEngineReady: () => Promise<boolean>;
}

/** Collector, webhooks and Profile API on one port. Opens SQLite only. */
export async function openEdge(config: Config, deps: EdgeDeps): Promise<Edge> {
  const project = openProject();
  const logger = createLogger({ level: config.logLevel }, { clock }).child({ process: "edge" });
  const identify = await openIdentify(config);
  const log = openLog(config);
  const documents = openDocuments(config);
  const objects = createFolderObjects({ folder: config.home.objects });
  const metrics = createMetrics();
  const engineText = (): Promise<string> => callSocket(config.home.socket, "metrics").then(String, () => "");
  const sink = createEventSink({ log, objects, metrics, ...checkpointFromEnvironment() });
  const server = createServer();
  server.listen(config.port, config.host);
  // `once` rejects at an "error" event.
  await once(server, "listening").catch((cause: unknown) => {
    throw new RollcallError(
      "CONFIG_INVALID",
      `Port ${config.port} cannot be opened: ${messageOf(cause)}. Choose another --port.`,
      { isRetriable: false, cause },
    );
  });
  const { port } = server.address() as AddressInfo;
  const publicUrl = config.port === 0 ? `http://${config.host}:${port}` : config.publicUrl;
  const collectorConfig = collectorConfigSchema.parse({
    institution: config.institution,
    region: config.region,
    writeKeys: [
      { key: config.secrets.writeKeys.website, source: "website", name: "website" },
      { key: config.secrets.writeKeys.mobile, source: "mobile", name: "mobile" },
    ],
    sendgrid: { publicKey: config.secrets.sendgridPublicKey },
    twilio: { authToken: config.secrets.twilioAuthToken, publicUrl },
    salesforce: { token: config.secrets.salesforceToken },
  });
  const app = express();
  app.disable("x-powered-by");
  app.use(
    createCollector(collectorConfig, {
      sink,
      decoders: {
        parseJson,
        segment: decodeSegmentMessage,
        sendgrid: decodeSendgridEvent,
        twilio: decodeTwilioWebhook,
        salesforce: decodeChangeEvent,
      },
      identify,
      clock,
      metrics,
      logger,
    }),
  );
  app.use(
    createProfileApi(
      {
        version: project.version,
        segments: project.segments,
        identifierTypes: IDENTIFIER_TYPES,
        requestsPerMinute: 60_000,
        failuresPerMinute: 60,
      },
      {
        store: await openProfileStore({ documents }),
        apiKeys: createApiKeys({ documents, random: randomBytes, clock }),
        identify: createLookup(config, identify),
        ready: async () => {
          if (await deps.isEngineReady()) return;
          throw new RollcallError("ENGINE_UNAVAILABLE", "The engine is not up yet.", { isRetriable: true });
        },
        clock,
        random: randomBytes,
        metrics: createApiMetrics(metrics, engineText),
        logger,
      },
    ),
  );
  server.on("request", app);
  return {
    url: `http://${config.host}:${port}`,
    close: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeIdleConnections();
      // Whoever connected and says nothing must not hold up the end.
      const grace = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS);
      await closed;
      clearTimeout(grace);
      await log.close();
      await documents.close();
    },
  };
}

export interface OpenedEngine {
  readonly control: EngineControl;
  readonly schedules: readonly Schedule[];
  readonly logger: Logger;
  /** Lands and cycles until the control is closed. */
  start(): Promise<void>;
  metrics(): Promise<string>;
}

/** Landing, cycles and syncs. The one that opens the warehouse file. */
export async function openEngine(config: Config): Promise<OpenedEngine> {
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
    checkpoints,
  );
  const log = openLog(config);
  const documents = openDocuments(config);
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
    { gatherMs: 200, pollMs: 50 },
    { landing, runner, sync: syncEngine, clock, logger, onCycle: createCycleMetrics(metrics) },
  );

  async function run({ full }: { readonly full: boolean }): Promise<RunView> {
    const report = full ? await engine.fresh((windowTo) => runner.runFull({ windowTo })) : await engine.runOnce();
    return {
      status: report.status === "nothing_to_do" ? "nothing_to_do" : "done",
      runId: report.runId,
      ms: report.ms,
      actions: report.scripts.flatMap(({ actions }) => actions),
    };
  }

  const control: EngineControl = {
    run,
    sync: (options) => engine.exclusively(() => syncEngine.run(options)),
    approve: (planId) => syncEngine.approve(planId),
    land: () => engine.land(),
    query: async ({ sql, unmask }) => {
      const result = await warehouse.query(sql);
      return unmask ? result : maskResult(result, project.personalColumns);
    },
    status: () => readStatus({ log, warehouse, clock }),
    audit: async () => {
      const { checks } = await engine.exclusively(() => runner.runAudit());
      return checks.map(({ check, failingRows }) => ({ name: check.action.id, severity: check.severity, failingRows }));
    },
    close: async () => {
      await engine.stop();
      await log.close();
      await documents.close();
      await warehouse.close();
    },
  };

  return {
    control,
    logger,
    schedules: [
      { name: "audit", cron: "7 * * * *", run: () => control.audit() },
      // Rows a target asked to send later, and what a failed attempt left: landings alone would not bring them up again.
      { name: "sync", cron: "*/5 * * * *", run: () => control.sync({}) },
      { name: "prune", cron: "23 * * * *", run: () => log.prune() },
    ],
    start: () => engine.start(),
    metrics: async () => (await metrics.render()).text,
  };
}

export interface Reading {
  readonly store: ProfileStore;
  readonly apiKeys: ApiKeys;
  readonly lookup: (type: string, value: string, namespace?: string) => readonly string[];
  close(): Promise<void>;
}

/** What commands read and write without an engine: profiles and API keys. */
export async function openReading(config: Config): Promise<Reading> {
  const documents = openDocuments(config);
  return {
    store: await openProfileStore({ documents }),
    apiKeys: createApiKeys({ documents, random: randomBytes, clock }),
    lookup: createLookup(config, await openIdentify(config)),
    close: () => documents.close(),
  };
}
