import { type ChildProcess, spawn } from "node:child_process";
import { resolve } from "node:path";
import pc from "picocolors";
import { isServed, serveSocket } from "../../orchestration/socket.js";
import { withoutCheckpoint } from "../checkpoint.js";
import { type Config, readConfig } from "../config.js";
import { keepEngine } from "../keeper.js";
import { stopSignal } from "../stop-signal.js";
import { openEdge } from "../wiring/edge.js";
import { createClosers } from "../wiring/shared.js";

const ENTRY = resolve(import.meta.dirname, "../rollcall.mjs");
const KEEPER = { firstPauseMs: 1000, longestPauseMs: 30_000, stopMs: 30_000 };

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
  const keeper = keepEngine(KEEPER, {
    launch: (isFirst) => launchEngine(config, isFirst ? process.env : withoutCheckpoint(process.env)),
    now: () => performance.now(),
    say: (message) => process.stderr.write(`${message}\n`),
  });
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
  const closers = createClosers();
  for (const close of [lock.close, keeper.stop, edge.close]) closers.add(close);
  await closers.close();
}

/** The engine is a process of its own. */
function launchEngine(config: Config, environment: NodeJS.ProcessEnv): ChildProcess {
  // The pipe on standard input closes when the edge dies, whatever killed it: the engine then ends too.
  const child = spawn(process.execPath, [ENTRY, "engine", "--home", config.home.root], {
    stdio: ["pipe", "inherit", "inherit"],
    env: environment,
  });
  child.stdin?.on("error", () => undefined);
  return child;
}
