import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import path from "node:path";
import { type Client, credentials, loadPackageDefinition, type ServiceError, status } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { RollcallError } from "../../platform/errors.js";

/** The analyzer's process and the line to it. One per warehouse, started when the first statement must be analyzed. */
export interface AnalyzerServer {
  /** One remote call. A refusal by the server rejects with its `details`, see `isRefusal`. */
  call(method: string, request: unknown): Promise<Readonly<Record<string, unknown>>>;
  /** Ends the process. Calls under way are rejected. */
  close(): void;
}

const READY_TIMEOUT_MS = 10_000;
const START_ATTEMPTS = 3;

function packageRoot(): string {
  const main = createRequire(import.meta.url).resolve("@fivetrandevelopers/zetasql");
  return path.join(path.dirname(main), "zetasql");
}

function binary(root: string): string {
  const suffix = process.arch === "arm64" ? "_arm" : "";
  const file = path.join(root, `remote_server${suffix}${process.platform === "linux" ? ".so" : ""}`);
  const isSupported = ["x64", "arm64"].includes(process.arch) && ["linux", "darwin"].includes(process.platform);
  if (isSupported && existsSync(file)) return file;
  throw new RollcallError(
    "WAREHOUSE_FAILED",
    `The GoogleSQL analyzer has no build for ${process.platform}-${process.arch} (looked for ${file}). ` +
      "Use Linux or macOS on x64 or arm64, or reinstall with `npm install`; with BigQuery as the warehouse it is not needed.",
    { isRetriable: false },
  );
}

/** A port that was free a moment ago; whoever takes it in between makes the start fail, and it is tried again. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

/**
 * The shell between us and the server waits for the end of its standard input, which closes when this process ends, however
 * it ends (SIGKILL too), and then kills the server. A group of its own keeps Ctrl-C from reaching the server before us.
 */
function spawnWatched(file: string, port: number): ChildProcess {
  const script =
    '"$0" localhost "$1" >/dev/null 2>&1 </dev/null & server=$!; cat >/dev/null; kill -9 "$server"; wait "$server"';
  const child = spawn("/bin/sh", ["-c", script, file, String(port)], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  child.unref();
  return child;
}

type ServiceClient = Client & Record<string, unknown>;

let serviceDefinition: (new (address: string, channel: unknown, options: object) => ServiceClient) | undefined;

function serviceConstructor(root: string): NonNullable<typeof serviceDefinition> {
  if (serviceDefinition === undefined) {
    const definition = loadSync("local_service.proto", {
      defaults: false,
      oneofs: true,
      longs: String,
      enums: String,
      includeDirs: [path.join(root, "protos")],
    });
    const loaded = loadPackageDefinition(definition) as unknown as {
      zetasql: { local_service: { ZetaSqlLocalService: NonNullable<typeof serviceDefinition> } };
    };
    serviceDefinition = loaded.zetasql.local_service.ZetaSqlLocalService;
  }
  return serviceDefinition;
}

function waitForReady(client: Client, child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", () => reject(new Error("the process ended at once")));
    client.waitForReady(Date.now() + READY_TIMEOUT_MS, (error) => (error ? reject(error) : resolve()));
  });
}

/** True for the server's answer to a statement it does not accept, false for a broken line. */
export function isRefusal(error: unknown): error is ServiceError {
  if (!(error instanceof Error && "details" in error && "code" in error)) return false;
  return (
    error.code !== status.UNAVAILABLE && error.code !== status.CANCELLED && error.code !== status.DEADLINE_EXCEEDED
  );
}

async function startOnce(root: string, file: string): Promise<AnalyzerServer> {
  const port = await freePort();
  const child = spawnWatched(file, port);
  const Service = serviceConstructor(root);
  const client = new Service(`127.0.0.1:${port}`, credentials.createInsecure(), {
    "grpc.max_receive_message_length": -1,
    "grpc.max_send_message_length": -1,
    "grpc.initial_reconnect_backoff_ms": 20,
    "grpc.max_reconnect_backoff_ms": 50,
    "grpc.enable_http_proxy": 0,
  });
  const close = (): void => {
    client.close();
    child.stdin?.destroy();
  };
  try {
    await waitForReady(client, child);
  } catch (error) {
    close();
    throw error;
  }
  return {
    call: (method, request) =>
      new Promise((resolve, reject) => {
        const remote = client[method];
        if (typeof remote !== "function") throw new TypeError(`The analyzer has no ${method}`);
        remote.call(client, request, (error: unknown, response: Readonly<Record<string, unknown>>) =>
          error ? reject(error) : resolve(response),
        );
      }),
    close,
  };
}

/** Starts the analyzer on the loopback interface. Throws WAREHOUSE_FAILED when it has no build here or does not come up. */
export async function startAnalyzerServer(): Promise<AnalyzerServer> {
  const root = packageRoot();
  const file = binary(root);
  let cause: unknown;
  for (let attempt = 0; attempt < START_ATTEMPTS; attempt += 1) {
    try {
      return await startOnce(root, file);
    } catch (error) {
      cause = error;
    }
  }
  throw new RollcallError("WAREHOUSE_FAILED", `The GoogleSQL analyzer (${file}) did not come up`, {
    isRetriable: true,
    cause,
  });
}
