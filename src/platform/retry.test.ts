import { describe, expect, test } from "vitest";
import type { Clock } from "./clock.js";
import { RollcallError } from "./errors.js";
import { retry } from "./retry.js";

const retriable = (details?: Record<string, unknown>): RollcallError =>
  new RollcallError("TARGET_FAILED", "try again", { isRetriable: true, ...(details && { details }) });

/** Does not wait; remembers how long it was asked to. */
function createRecordingClock(onSleep: () => void = () => undefined) {
  const waits: number[] = [];
  const clock: Clock = {
    now: () => 0,
    sleep: async (ms) => {
      waits.push(ms);
      onSleep();
    },
  };
  return { clock, waits };
}

/** Fails with each of `errors`, then succeeds. */
function failing(...errors: unknown[]) {
  const attempts: number[] = [];
  return {
    attempts,
    work: async (attempt: number): Promise<string> => {
      attempts.push(attempt);
      if (attempts.length <= errors.length) throw errors[attempts.length - 1];
      return "done";
    },
  };
}

const CONFIG = { attempts: 6, baseMs: 100, maxMs: 1_000 };

describe("retry", () => {
  test("gives what the first success gives; waits double up to the bound", async () => {
    const { clock, waits } = createRecordingClock();
    const { work, attempts } = failing(...Array.from({ length: 5 }, () => retriable()));
    expect(await retry(work, CONFIG, { clock, random: () => 0.5 })).toBe("done");
    expect(attempts).toEqual([1, 2, 3, 4, 5, 6]);
    expect(waits).toEqual([50, 100, 200, 400, 500]);
  });

  test("the jitter is full: from no wait to the whole bound", async () => {
    for (const [random, wait] of [
      [0, 0],
      [0.999, 99.9],
    ] as const) {
      const { clock, waits } = createRecordingClock();
      await retry(failing(retriable()).work, CONFIG, { clock, random: () => random });
      expect(waits).toEqual([wait]);
    }
  });

  test("throws the last failure after the last attempt", async () => {
    const { clock, waits } = createRecordingClock();
    const errors = [retriable(), retriable(), retriable()];
    const { work } = failing(...errors);
    await expect(retry(work, { ...CONFIG, attempts: 3 }, { clock, random: () => 0 })).rejects.toBe(errors[2]);
    expect(waits).toHaveLength(2);
  });

  test.each([
    ["says that trying again is useless", new RollcallError("INPUT_INVALID", "no", { isRetriable: false })],
    ["is not ours", new Error("unknown")],
    ["is no error at all", "text"],
  ])("does not try again what %s", async (_, error) => {
    const { clock, waits } = createRecordingClock();
    const { work, attempts } = failing(error);
    await expect(retry(work, CONFIG, { clock, random: () => 0 })).rejects.toBe(error);
    expect(attempts).toEqual([1]);
    expect(waits).toEqual([]);
  });

  test("waits at least as long as it is told to, even beyond the bound", async () => {
    const { clock, waits } = createRecordingClock();
    const { work } = failing(
      retriable({ retryAfterMs: 60_000 }),
      retriable({ retryAfterMs: 10 }),
      retriable({ retryAfterMs: "soon" }),
    );
    await retry(work, CONFIG, { clock, random: () => 0.5 });
    expect(waits).toEqual([60_000, 100, 200]);
  });

  test("stops when the signal aborts: before the first call, during a call, during a wait", async () => {
    const cancelled = { code: "CANCELLED", isRetriable: false };
    const before = failing();
    const aborted = { ...CONFIG, signal: AbortSignal.abort() };
    await expect(retry(before.work, aborted, { ...createRecordingClock(), random: () => 0 })).rejects.toMatchObject(
      cancelled,
    );
    expect(before.attempts).toEqual([]);

    const during = new AbortController();
    const error = retriable();
    const recording = createRecordingClock();
    const calling = retry(
      async () => {
        during.abort();
        throw error;
      },
      { ...CONFIG, signal: during.signal },
      { clock: recording.clock, random: () => 0 },
    );
    await expect(calling).rejects.toMatchObject({ ...cancelled, cause: error });
    expect(recording.waits).toEqual([]);

    const waiting = new AbortController();
    const { clock } = createRecordingClock(() => waiting.abort());
    const { work, attempts } = failing(retriable());
    const outcome = retry(work, { ...CONFIG, signal: waiting.signal }, { clock, random: () => 0 });
    await expect(outcome).rejects.toMatchObject(cancelled);
    expect(attempts).toEqual([1]);
  });
});
