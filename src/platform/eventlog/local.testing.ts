import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Clock, systemClock } from "../clock.js";
import type { EventLogLimits, EventLogSubject } from "./contract.js";
import { createLocalEventLog } from "./local.js";
import type { EventLog } from "./port.js";

export interface LocalEventLogSubject extends EventLogSubject {
  readonly file: string;
}

/** The embedded log for the contract: one file in a folder of its own, and a clock that can jump. */
export async function createLocalSubject(limits: EventLogLimits): Promise<LocalEventLogSubject> {
  const folder = await mkdtemp(join(tmpdir(), "rollcall-log-"));
  const file = join(folder, "log.db");
  let aheadMs = 0;
  const clock: Clock = { now: () => systemClock.now() + aheadMs, sleep: systemClock.sleep };
  return {
    file,
    open: async () => createLocalEventLog({ file, ...limits }, { clock }),
    advance: (ms) => {
      aheadMs += ms;
    },
    child: { module: import.meta.url, config: file },
    dispose: () => rm(folder, { recursive: true }),
  };
}

export async function openForChild(config: string): Promise<EventLog> {
  return createLocalEventLog({ file: config }, { clock: systemClock });
}
