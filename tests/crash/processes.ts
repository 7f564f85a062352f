import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { callSocket, isServed } from "../../src/orchestration/socket.js";
import { waitFor } from "../support/product.js";

/** The engine as a process of its own, to be killed. */
const ENTRY = join(import.meta.dirname, "../../src/cli/rollcall.mjs");
const PATIENCE_MS = 120_000;

export interface EngineProcess {
  /** Answers on its socket. */
  ready(): Promise<void>;
  /** Resolves when the checkpoint it was started with has ended it; throws when it ended any other way. */
  crashed(): Promise<void>;
  /** SIGKILL, now. */
  kill(): Promise<void>;
  /** Lets it land, cycle and sync all the log holds, then ends it as an operator does. */
  finish(): Promise<void>;
}

/** `crashAt`: where it ends itself, as ROLLCALL_CRASH_AT says it. */
export function startEngine(home: string, crashAt = ""): EngineProcess {
  const child: ChildProcess = spawn(process.execPath, [ENTRY, "engine", "--home", home], {
    stdio: ["pipe", "ignore", "pipe"],
    env: { ...process.env, NO_COLOR: "1", ROLLCALL_LOG_LEVEL: "error", ROLLCALL_CRASH_AT: crashAt },
  });
  let said = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  const socket = join(home, "engine.sock");
  const exited = once(child, "exit") as Promise<[number | null, NodeJS.Signals | null]>;
  const story = (ending: string): Error =>
    new Error(`The engine in ${home} (crash at "${crashAt}") ${ending}:\n${said}`);

  async function ended(): Promise<[number | null, NodeJS.Signals | null]> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(story("did not end")), PATIENCE_MS);
    });
    try {
      return await Promise.race([exited, late]);
    } finally {
      clearTimeout(timer);
      child.kill("SIGKILL");
    }
  }

  async function ready(): Promise<void> {
    // A socket left by a killed engine does not answer, so whoever answers is this one.
    await waitFor(
      async () => {
        if (child.exitCode !== null || child.signalCode !== null) return true;
        return isServed(socket);
      },
      PATIENCE_MS,
      "the engine to answer",
    );
    if (child.exitCode !== null || child.signalCode !== null) throw story("ended before it answered");
  }

  return {
    ready,
    crashed: async () => {
      const [code, signal] = await ended();
      if (signal !== "SIGKILL") throw story(`ended with ${signal ?? code} instead`);
    },
    kill: async () => {
      child.kill("SIGKILL");
      await exited;
    },
    finish: async () => {
      await ready();
      await callSocket(socket, "run", { full: false });
      await callSocket(socket, "sync", {});
      child.kill("SIGTERM");
      const [code, signal] = await ended();
      if (code !== 0) throw story(`ended with ${signal ?? code} when told to stop`);
      if (said !== "") throw story("complained");
    },
  };
}
