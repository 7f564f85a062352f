import { callSocket, isServed } from "../orchestration/socket.js";
import { type Config, readConfig } from "./config.js";
import { CONTROL_CALLS, type EngineControl } from "./control.js";

export interface ControlOptions {
  readonly home: string;
  /** Whether a home is made where there is none. Without it that is an error, unless the warehouse lies elsewhere. */
  readonly makesHome?: boolean;
}

/** Asks the engine that is up, or opens the warehouse in this process when none is. */
export async function withControl<T>(
  { home, makesHome = false }: ControlOptions,
  work: (control: EngineControl) => Promise<T>,
): Promise<T> {
  const config = readConfig(process.env, { home, needsWarehouse: !makesHome });
  if (await isServed(config.home.socket)) return work(createRemoteControl(config.home.socket));
  const control = await openLocalControl(config);
  try {
    return await work(control);
  } finally {
    await control.close();
  }
}

/** A command is not a server: it says only what a person must know. */
async function openLocalControl(config: Config): Promise<EngineControl> {
  // Only here: who asks an engine that is up needs none of it.
  const { openEngine } = await import("./wiring/engine.js");
  const opened = await openEngine({ ...config, logLevel: config.logLevel === "info" ? "warn" : config.logLevel });
  return opened.control;
}

/** Every method of the control is a call of that name over the socket. */
function createRemoteControl(socket: string): EngineControl {
  const calls = Object.fromEntries(
    CONTROL_CALLS.map((name) => [name, (input?: unknown) => callSocket(socket, name, input)]),
  );
  // The socket serves exactly these calls with exactly these shapes: `commands/engine.ts` builds that end from CONTROL_CALLS.
  return { ...calls, close: async () => undefined } as unknown as EngineControl;
}
