import type { Micros } from "../../src/platform/clock.js";

/** How far landing has come: the next offset of each partition, and the clock that stamps batches. */
export interface Progress {
  /** Forgets what was believed and takes over what the warehouse and the manifests say. */
  reset(state: ProgressState): void;
  /** Undefined while nothing of that partition has landed. */
  nextOffset(topic: string, partition: number): number | undefined;
  /** An `ingested_at` above every one given out before, never behind the clock. Open until `landed`. */
  stamp(nowMs: number): Micros;
  landed(batch: LandedBatch): void;
  /** Every row with a smaller `ingested_at` has landed, and no row will ever get one. 0 while nothing has landed. */
  closedUpTo(): Micros;
  /** Resolves when all targets have landed; rejects when landing reports a failure first. */
  reached(targets: readonly Target[]): Promise<void>;
  fail(error: unknown): void;
  /** Nothing lands any more: who waits, now or later, is told so. */
  close(error: unknown): void;
}

export interface Target {
  readonly topic: string;
  readonly partition: number;
  /** The first offset that need not have landed. */
  readonly end: number;
}

export interface LandedBatch {
  readonly topic: string;
  readonly partition: number;
  readonly nextOffset: number;
  readonly ingestedAt: Micros;
}

export interface ProgressState {
  readonly landed: readonly LandedBatch[];
  /** `ingested_at` of the batches that are still on their way. */
  readonly open: readonly Micros[];
  /** The latest `ingested_at` any manifest was given. */
  readonly latestGiven: Micros;
}

interface Waiter {
  readonly targets: readonly Target[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export function createProgress(): Progress {
  const next = new Map<string, number>();
  const open = new Set<Micros>();
  const waiters = new Set<Waiter>();
  let latestGiven: Micros = 0;
  let latestLanded: Micros = 0;
  let closedBy: { readonly error: unknown } | null = null;

  const hasReached = (targets: readonly Target[]): boolean =>
    targets.every(({ topic, partition, end }) => (next.get(keyOf(topic, partition)) ?? 0) >= end);

  function settleWaiters(): void {
    for (const waiter of waiters) {
      if (!hasReached(waiter.targets)) continue;
      waiters.delete(waiter);
      waiter.resolve();
    }
  }

  function take(batch: LandedBatch): void {
    next.set(keyOf(batch.topic, batch.partition), batch.nextOffset);
    latestLanded = Math.max(latestLanded, batch.ingestedAt);
    latestGiven = Math.max(latestGiven, latestLanded);
    open.delete(batch.ingestedAt);
  }

  function fail(error: unknown): void {
    for (const waiter of waiters) waiter.reject(error);
    waiters.clear();
  }

  return {
    reset: (state) => {
      next.clear();
      open.clear();
      latestGiven = Math.max(latestGiven, state.latestGiven);
      latestLanded = 0;
      for (const batch of state.landed) take(batch);
      for (const ingestedAt of state.open) open.add(ingestedAt);
      settleWaiters();
    },
    nextOffset: (topic, partition) => next.get(keyOf(topic, partition)),
    stamp: (nowMs) => {
      latestGiven = Math.max(nowMs * 1000, latestGiven + 1);
      open.add(latestGiven);
      return latestGiven;
    },
    landed: (batch) => {
      take(batch);
      settleWaiters();
    },
    closedUpTo: () => Math.min(latestLanded === 0 ? 0 : latestLanded + 1, ...open),
    reached: (targets) =>
      new Promise((resolve, reject) => {
        if (hasReached(targets)) resolve();
        else if (closedBy) reject(closedBy.error);
        else waiters.add({ targets, resolve, reject });
      }),
    fail,
    close: (error) => {
      closedBy = { error };
      fail(error);
    },
  };
}

function keyOf(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}
