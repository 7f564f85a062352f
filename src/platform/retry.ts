import type { Clock } from "./clock.js";
import { messageOf, RollcallError } from "./errors.js";

export interface RetryConfig {
  /** Calls in all, the first included. */
  readonly attempts: number;
  /** The first wait is between nothing and this; the bound doubles with every failure. */
  readonly baseMs: number;
  /** The bound grows no further. A wait the other side asked for may be longer. */
  readonly maxMs: number;
  readonly signal?: AbortSignal;
}

export interface RetryDeps {
  readonly clock: Clock;
  /** From 0 to below 1. */
  readonly random: () => number;
}

/**
 * Calls `work` until it succeeds, with exponential backoff and full jitter between calls; `attempt` counts from 1.
 * Only a RollcallError that says `isRetriable` is tried again; its `details.retryAfterMs` is the shortest wait.
 * Throws what the last call threw, or CANCELLED (with that as its cause) once the signal aborts.
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export async function retry<T>(
  work: (attempt: number) => Promise<T>,
  config: RetryConfig,
  { clock, random }: RetryDeps,
): Promise<T> {
  throwIfCancelled(config.signal, undefined);
  for (let attempt = 1; ; attempt++) {
    try {
      return await work(attempt);
    } catch (error) {
      if (!(error instanceof RollcallError) || !error.isRetriable || attempt >= config.attempts) throw error;
      throwIfCancelled(config.signal, error);
      await clock.sleep(waitMs(attempt, error, config, random), config.signal);
      throwIfCancelled(config.signal, error);
    }
  }
}

function waitMs(attempt: number, error: RollcallError, { baseMs, maxMs }: RetryConfig, random: () => number): number {
  const jittered = random() * Math.min(maxMs, baseMs * 2 ** (attempt - 1));
  const { retryAfterMs } = error.details;
  return typeof retryAfterMs === "number" ? Math.max(retryAfterMs, jittered) : jittered;
}

function throwIfCancelled(signal: AbortSignal | undefined, lastError: RollcallError | undefined): void {
  if (!signal?.aborted) return;
  const after = lastError ? `, after: ${messageOf(lastError)}` : "";
  throw new RollcallError("CANCELLED", `Stopped on request${after}`, { isRetriable: false, cause: lastError });
}
