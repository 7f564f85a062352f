import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** A module that a second process loads, and the text it is told to work with. */
export interface ChildModule {
  /** The `href` of the module's URL. */
  readonly module: string;
  readonly config: string;
}

export interface Child {
  /** What it printed, line by line, until it ends. */
  readonly lines: AsyncIterableIterator<string>;
  /** SIGKILL: it gets no chance to finish anything. Resolves when it is gone. */
  kill(): Promise<void>;
  /** Resolves with its exit code, null when a signal ended it. */
  readonly exited: Promise<number | null>;
}

/** Runs a TypeScript file in a process of its own; its standard error is ours. */
export function startChild(script: URL, args: readonly string[]): Child {
  const child: ChildProcess = spawn(process.execPath, ["--import", "tsx", script.pathname, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (!child.stdout) throw new Error("The child has no standard output");
  const exited = once(child, "exit").then(([code]) => code as number | null);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    lines,
    exited,
    kill: async () => {
      child.kill("SIGKILL");
      await exited;
    },
  };
}
