import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import pc from "picocolors";
import { startSchedules } from "../../orchestration/schedules.js";
import { isServed, serveSocket } from "../../orchestration/socket.js";
import { withoutCheckpoint } from "../checkpoint.js";
import { type Config, readConfig } from "../config.js";
import { CONTROL_CALLS } from "../control.js";
import { openEdge, openEngine } from "../wiring.js";

const ENTRY = resolve(import.meta.dirname, "../rollcall.mjs");
const RESTART_AFTER_MS = 1000;

/** Resolves at the first SIGTERM or SIGINT. */
function stopSignal(): Promise<void> {
  return new Promise((done) => {
    process.once("SIGTERM", () => done());
    process.once("SIGINT", () => done());
  });
}

/** The edge: serves, and keeps an engine alive beside it. Ends clean on SIGTERM: no accepted event is lost. */
export async function up(options: { home: string; port?: number }): Promise<void> {
  const config = readConfig(process.env, options);
  const stopped = stopSignal();
  // Held for as long as this process lives: a second edge would keep starting engines that find the warehouse taken.
  const lock = await serveSocket(config.home.edgeSocket, { ping: async () => "pong" });
  const edge = await openEdge(config, { isEngineReady: () => isServed(config.home.socket) }).catch(async (error) => {
    await lock.close();
    throw error;
  });
  // After the edge: when its port is taken, no engine is left behind.
  const keeper = keepEngine(config);
  process.stdout.write(`Rollcall listens on ${pc.bold(edge.url)}\n`);
  process.stdout.write(`  write key, website   ${config.secrets.writeKeys.website}\n`);
  process.stdout.write(`  write key, mobile    ${config.secrets.writeKeys.mobile}\n`);
  process.stdout.write(`  state                ${config.home.root}\n`);
  process.stdout.write(`  API description      ${edge.url}/openapi.json\n`);
  process.stdout.write(
    `  an API key           rollcall keys create --scope profiles:read segments:read --home ${options.home}\n`,
  );
  await stopped;
  process.stderr.write("Stopping: no new requests, the cycle in hand is finished first.\n");
  await edge.close();
  await keeper.stop();
  await lock.close();
}

interface EngineKeeper {
  stop(): Promise<void>;
}

/** Starts the engine as a process of its own and starts it again when it dies. */
function keepEngine(config: Config): EngineKeeper {
  let isStopping = false;
  let child: ChildProcess | null = null;
  let restart: NodeJS.Timeout | undefined;
  const start = (environment: NodeJS.ProcessEnv): void => {
    // The pipe on standard input closes when the edge dies, whatever killed it: the engine then ends too.
    child = spawn(process.execPath, [ENTRY, "engine", "--home", config.home.root], {
      stdio: ["pipe", "inherit", "inherit"],
      env: environment,
    });
    child.stdin?.on("error", () => undefined);
    child.once("exit", (code, signal) => {
      child = null;
      if (isStopping) return;
      process.stderr.write(`The engine ended (${signal ?? code}); starting it again.\n`);
      restart = setTimeout(() => start(withoutCheckpoint(process.env)), RESTART_AFTER_MS);
    });
  };
  start(process.env);
  return {
    stop: async () => {
      isStopping = true;
      clearTimeout(restart);
      if (child === null) return;
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
    },
  };
}

/** The engine: lands, cycles and syncs until it is told to stop or its edge is gone. */
export async function engine(options: { home: string }): Promise<void> {
  const config = readConfig(process.env, options);
  const stopped = Promise.race([stopSignal(), once(process.stdin.resume(), "end").then(() => undefined)]);
  const opened = await openEngine(config);
  const { control } = opened;
  const calls = Object.fromEntries([
    ["ping", async () => "pong"],
    ["metrics", () => opened.metrics()],
    ...CONTROL_CALLS.map((name) => [name, (input: unknown) => control[name](input as never)]),
  ]) as Parameters<typeof serveSocket>[1];
  const socket = await serveSocket(config.home.socket, calls);
  const schedules = startSchedules(opened.schedules, { logger: opened.logger });
  await opened.start();
  await stopped;
  process.stdin.pause();
  await schedules.stop();
  await socket.close();
  await control.close();
}
