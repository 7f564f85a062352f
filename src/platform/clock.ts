/** Time comes through `deps.clock`, so that tests are exact and never sleep. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves after `ms`, or at once when the signal aborts (it does not reject). */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Microseconds since the epoch, a safe integer until the year 2255. The unit of every warehouse timestamp in TypeScript. */
export type Micros = number;

/** What a warehouse's TIMESTAMP can hold: the years 1 to 9999, to the last whole second. */
export const EARLIEST_MICROS: Micros = -62_135_596_800_000_000;
export const LATEST_MICROS: Micros = 253_402_300_799_000_000;

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) {
        resolve();
        return;
      }
      const done = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal?.addEventListener("abort", done, { once: true });
    }),
};

/** A clock that moves only when told to: `advance` also wakes the sleepers that are due. */
export interface ManualClock extends Clock {
  advance(ms: number): void;
}

export function createManualClock(startMs: number): ManualClock {
  let nowMs = startMs;
  const sleepers = new Set<{ at: number; wake: () => void }>();
  return {
    now: () => nowMs,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const sleeper = {
          at: nowMs + ms,
          wake: () => {
            sleepers.delete(sleeper);
            signal?.removeEventListener("abort", sleeper.wake);
            resolve();
          },
        };
        sleepers.add(sleeper);
        if (signal?.aborted) sleeper.wake();
        else signal?.addEventListener("abort", sleeper.wake, { once: true });
      }),
    advance: (ms) => {
      nowMs += ms;
      for (const sleeper of [...sleepers]) if (sleeper.at <= nowMs) sleeper.wake();
    },
  };
}

/** "2026-01-31T09:30:00.123456Z": what every timestamp looks like in JSON, with microseconds. */
export function microsToIso(micros: Micros): string {
  const seconds = Math.floor(micros / 1_000_000);
  const fraction = micros - seconds * 1_000_000;
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${String(fraction).padStart(6, "0")}Z`;
}

const ISO = /^((?:\d{4}|[+-]\d{6})-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,9}))?(Z|[+-]\d\d:?\d\d)?$/;

/**
 * Parses ISO 8601 with up to nanoseconds (cut to micros) and with years as JavaScript writes them beyond 9999; no zone means
 * UTC. Null when it is not a time.
 */
export function isoToMicros(text: string): Micros | null {
  const match = ISO.exec(text);
  if (!match) return null;
  const [, date, time, fraction = "", zone = "Z"] = match;
  const ms = Date.parse(`${date}T${time?.length === 5 ? `${time}:00` : time}${zone}`);
  if (Number.isNaN(ms)) return null;
  return ms * 1000 + Number(fraction.padEnd(6, "0").slice(0, 6));
}
