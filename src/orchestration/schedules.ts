import { type ScheduledTask, schedule } from "node-cron";
import { errorFields, type Logger } from "../platform/telemetry/log.js";

/** Work that time, not data, makes due. Times are UTC. */
export interface Schedule {
  readonly name: string;
  /** Five fields of cron. */
  readonly cron: string;
  readonly run: () => Promise<unknown>;
}

export interface Schedules {
  stop(): Promise<void>;
}

/** Starts the schedules. A run that is still going when the next is due is not doubled; a failure is logged. */
export function startSchedules(schedules: readonly Schedule[], deps: { readonly logger: Logger }): Schedules {
  const running = new Set<Promise<void>>();
  const tasks: ScheduledTask[] = schedules.map((entry) =>
    schedule(
      entry.cron,
      () => {
        const work = entry
          .run()
          .then(() => undefined)
          .catch((error: unknown) => {
            deps.logger.error({ schedule: entry.name, ...errorFields(error) }, "scheduled work failed");
          })
          .finally(() => running.delete(work));
        running.add(work);
        return work;
      },
      { name: entry.name, timezone: "Etc/UTC", noOverlap: true },
    ),
  );
  return {
    stop: async () => {
      await Promise.all(tasks.map((task) => task.stop()));
      await Promise.all(running);
    },
  };
}
