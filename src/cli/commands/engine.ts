import { once } from "node:events";
import { startSchedules } from "../../orchestration/schedules.js";
import { serveSocket } from "../../orchestration/socket.js";
import { readConfig } from "../config.js";
import { CONTROL_CALLS } from "../control.js";
import { stopSignal } from "../stop-signal.js";
import { openEngine } from "../wiring/engine.js";
import { createClosers } from "../wiring/shared.js";

/**
 * The engine: lands, cycles and syncs until it is told to stop or its edge is gone. Whoever finds its socket finds it at
 * work. When it cannot start it closes everything and throws, so that its process ends and the edge tries another.
 */
export async function engine(options: { home: string }): Promise<void> {
  const config = readConfig(process.env, options);
  const closers = createClosers();
  // Reading standard input keeps the process alive, so this comes first and is undone last.
  closers.add(() => process.stdin.destroy());
  const stopped = Promise.race([stopSignal(), once(process.stdin.resume(), "end")]);
  try {
    const opened = await openEngine(config);
    const { control } = opened;
    closers.add(() => control.close());
    await opened.start();
    const calls = Object.fromEntries([
      ["ping", async () => "pong"],
      ["metrics", () => opened.metrics()],
      ...CONTROL_CALLS.map((name) => [name, (input: unknown) => control[name](input as never)]),
    ]) as Parameters<typeof serveSocket>[1];
    const socket = await serveSocket(config.home.socket, calls);
    closers.add(() => socket.close());
    const schedules = startSchedules(opened.schedules, { logger: opened.logger });
    closers.add(() => schedules.stop());
    await stopped;
  } finally {
    await closers.close();
  }
}
