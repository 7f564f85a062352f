import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { messageOf } from "../platform/errors.js";

export interface KeeperConfig {
  /** The pause before a start grows from here, doubling, … */
  readonly firstPauseMs: number;
  /** … up to here, as long as no engine lives longer than that. */
  readonly longestPauseMs: number;
  /** How long a stopping engine may take before it is killed. A crash is safe: it costs a recovery, no event. */
  readonly stopMs: number;
}

export interface KeeperDeps {
  /** Starts an engine. `isFirst` is false for those that take the place of one that ended. */
  readonly launch: (isFirst: boolean) => Pick<ChildProcess, "once" | "kill">;
  readonly now: () => number;
  /** Tells a person what became of the engine. */
  readonly say: (message: string) => void;
}

export interface EngineKeeper {
  /** Ends the engine and starts no other. Resolves when it is gone. */
  stop(): Promise<void>;
}

/** Keeps an engine alive: starts it, and starts it again whenever it ends or could not be started, whatever the reason. */
export function keepEngine(config: KeeperConfig, deps: KeeperDeps): EngineKeeper {
  let isStopping = false;
  let child: Pick<ChildProcess, "once" | "kill"> | null = null;
  let restart: NodeJS.Timeout | undefined;
  let pauseMs = config.firstPauseMs;

  const start = (isFirst: boolean): void => {
    const startedAt = deps.now();
    const started = deps.launch(isFirst);
    child = started;
    const ended = (how: string): void => {
      if (child !== started) return;
      child = null;
      if (isStopping) return;
      if (deps.now() - startedAt > config.longestPauseMs) pauseMs = config.firstPauseMs;
      deps.say(`The engine ended (${how}); starting it again. Next start in ${Math.round(pauseMs / 1000)} s.`);
      restart = setTimeout(() => start(false), pauseMs);
      pauseMs = Math.min(config.longestPauseMs, pauseMs * 2);
    };
    started.once("exit", (code, signal) => ended(String(signal ?? code)));
    // Where the system has no process to give there is no exit, and unheard this would end the edge.
    started.once("error", (error) => ended(messageOf(error)));
  };

  start(true);
  return {
    stop: async () => {
      isStopping = true;
      clearTimeout(restart);
      if (child === null) return;
      const stopped = child;
      const ended = once(stopped as ChildProcess, "exit");
      stopped.kill("SIGTERM");
      const deadline = setTimeout(() => {
        deps.say("The engine takes too long to stop and is killed; the next start finishes what it left.");
        stopped.kill("SIGKILL");
      }, config.stopMs);
      await ended;
      clearTimeout(deadline);
    },
  };
}
