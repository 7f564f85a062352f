import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import { createCollector } from "../../../loaders/collector/collector.js";
import { type CollectorConfig, collectorConfigSchema } from "../../../loaders/collector/config.js";
import { sourceDecoders } from "../../../loaders/collector/decoders.js";
import { IDENTIFIER_TYPES } from "../../../loaders/record.js";
import { createEventSink } from "../../../loaders/sink.js";
import { callSocket } from "../../orchestration/socket.js";
import { messageOf, RollcallError } from "../../platform/errors.js";
import { createLogger } from "../../platform/telemetry/log.js";
import { createMetrics } from "../../platform/telemetry/metrics.js";
import { createProfileApi } from "../../serving/api.js";
import { createApiKeys } from "../../serving/api-keys.js";
import { openProfileStore } from "../../serving/profile-store.js";
import { checkpointFromEnvironment } from "../checkpoint.js";
import type { Config } from "../config.js";
import { createApiMetrics } from "../metrics.js";
import { openProject } from "../project.js";
import { clock, createLookup, openAll, openDocuments, openIdentify, openLog, openObjects } from "./shared.js";

export interface Edge {
  readonly url: string;
  /** Ends what is being answered, accepts nothing more. */
  close(): Promise<void>;
}

export interface EdgeDeps {
  readonly isEngineReady: () => Promise<boolean>;
}

/** How long requests under way may take once the edge is told to stop. */
const CLOSE_GRACE_MS = 5000;

/** Which environment variables a section of the collector's configuration comes from. */
const VARIABLES: Readonly<Record<string, string>> = {
  institution: "ROLLCALL_INSTITUTION",
  region: "ROLLCALL_REGION",
  "writeKeys.0": "ROLLCALL_WRITE_KEY_WEBSITE",
  "writeKeys.1": "ROLLCALL_WRITE_KEY_MOBILE",
  writeKeys: "ROLLCALL_WRITE_KEY_WEBSITE, ROLLCALL_WRITE_KEY_MOBILE",
  "sendgrid.publicKey": "ROLLCALL_SENDGRID_PUBLIC_KEY",
  "twilio.authToken": "ROLLCALL_TWILIO_AUTH_TOKEN",
  "twilio.publicUrl": "ROLLCALL_PUBLIC_URL",
  "salesforce.token": "ROLLCALL_SALESFORCE_TOKEN",
};

/** Throws CONFIG_INVALID with every problem, named by the variable to set right. */
export function collectorConfigOf(config: Config, publicUrl: string): CollectorConfig {
  const parsed = collectorConfigSchema.safeParse({
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
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => {
    const [section, field] = [String(path[0]), path.slice(0, 2).join(".")];
    return `${VARIABLES[field] ?? VARIABLES[section] ?? section}: ${message}`;
  });
  throw new RollcallError("CONFIG_INVALID", `The configuration has problems:\n  ${problems.join("\n  ")}`, {
    isRetriable: false,
  });
}

/** Collector, webhooks and Profile API on one port. Opens SQLite only. */
export function openEdge(config: Config, deps: EdgeDeps): Promise<Edge> {
  return openAll(async (closers) => {
    // Everything that can be wrong without a port is found before there is one.
    collectorConfigOf(config, config.publicUrl ?? addressOf(config.host, config.port));
    const project = openProject();
    const logger = createLogger({ level: config.logLevel }, { clock }).child({ process: "edge" });
    const identify = await openIdentify(config);
    const log = openLog(config, closers);
    const documents = openDocuments(config, closers);
    const objects = openObjects(config);
    const metrics = createMetrics();
    const store = await openProfileStore({ documents });
    const engineText = (): Promise<string> => callSocket(config.home.socket, "metrics").then(String, () => "");
    const sink = createEventSink({ log, objects, metrics, ...checkpointFromEnvironment() });
    const api = createProfileApi(
      {
        version: project.version,
        segments: project.segments,
        identifierTypes: IDENTIFIER_TYPES,
        requestsPerMinute: 60_000,
        failuresPerMinute: 60,
      },
      {
        store,
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
    );
    const server = createServer();
    const url = await listen(server, config, (listeningAt) => {
      const collectorConfig = collectorConfigOf(config, config.publicUrl ?? listeningAt);
      const app = express();
      app.disable("x-powered-by");
      app.use(createCollector(collectorConfig, { sink, decoders: sourceDecoders, identify, clock, metrics, logger }));
      app.use(api);
      return app;
    });
    closers.add(() => closeServer(server));
    return { url, close: () => closers.close() };
  });
}

function addressOf(host: string, port: number): string {
  return `http://${host}:${port}`;
}

/**
 * Listens, then resolves with the address. Twilio signs the public address, so what answers is made by `appAt` once
 * the port is known, in the same turn in which it opens: no request comes in between.
 */
async function listen(
  server: Server,
  { host, port }: Config,
  appAt: (url: string) => express.Application,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const refuse = (cause: unknown): void => {
      reject(
        new RollcallError(
          "CONFIG_INVALID",
          `Port ${port} cannot be opened: ${messageOf(cause)}. Choose another --port.`,
          { isRetriable: false, cause },
        ),
      );
    };
    server.once("error", refuse);
    server.listen(port, host, () => {
      server.off("error", refuse);
      const url = addressOf(host, (server.address() as AddressInfo).port);
      try {
        server.on("request", appAt(url));
        resolve(url);
      } catch (error) {
        server.close(() => reject(error));
      }
    });
  });
}

async function closeServer(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeIdleConnections();
  // Whoever connected and says nothing must not hold up the end.
  const grace = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS);
  await closed;
  clearTimeout(grace);
}
