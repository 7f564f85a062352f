import type { Clock, Micros } from "../platform/clock.js";
import { RollcallError } from "../platform/errors.js";
import { createQueue } from "../platform/queue.js";
import { errorFields, type Logger } from "../platform/telemetry/log.js";

/**
 * The engine's heart: land, and whenever something new has landed, run a cycle and sync what it changed.
 *
 * Guarantee: one cycle at a time, whoever asks for it. A failure stops nothing else: the last good data stays
 * published, the error is logged, and the next attempt comes after a pause that grows to half a minute.
 */
export interface LandingPort {
  start(): Promise<void>;
  /** Resolves when what the log held at the call has landed. */
  idle(): Promise<void>;
  /** Records of the log that have not landed. */
  lag(): Promise<number>;
  /** Every row with a smaller `ingested_at` has landed. */
  closedUpTo(): Micros;
  stop(): Promise<void>;
}

export interface CyclePort {
  runCycle(options: { windowTo: Micros; signal?: AbortSignal }): Promise<CycleOutcome>;
}

export interface CycleOutcome {
  /** Up to where it published. */
  readonly windowTo: Micros;
  /** Whether there is more to do although nothing lands. */
  readonly isUnsettled: boolean;
}

export interface SyncPort {
  run(options: { signal?: AbortSignal; marker?: string }): Promise<unknown>;
}

export interface EngineConfig {
  /** How long to let arrivals gather before a cycle, in ms. */
  readonly gatherMs: number;
  /** How often to look whether something landed, in ms. */
  readonly pollMs: number;
  /** How long after a cycle that left something unsettled the next one follows although nothing lands, in ms. */
  readonly settleMs: number;
}

export interface EngineDeps {
  readonly landing: LandingPort;
  readonly runner: CyclePort;
  readonly sync: SyncPort;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told after each cycle or failed attempt, for metrics. */
  readonly onCycle?: (outcome: { readonly ok: boolean; readonly ms: number }) => void;
}

export interface Engine {
  /** Lands and cycles until `stop`. */
  start(): Promise<void>;
  /** Lands what the log holds. Throws ENGINE_UNAVAILABLE when landing comes no further for a minute. */
  land(): Promise<void>;
  /** Lands what the log holds, then runs `work` up to what has landed, while no cycle or sync runs. */
  fresh<T>(work: (windowTo: Micros, signal: AbortSignal) => Promise<T>): Promise<T>;
  /** Runs `work` while no cycle or sync runs. */
  exclusively<T>(work: () => Promise<T>): Promise<T>;
  /** Has the loop sync at once although nothing new lands. */
  redeliver(): void;
  /** Finishes the cycle in hand, stops landing. */
  stop(): Promise<void>;
}

const LONGEST_PAUSE_MS = 30_000;
/** How long whoever waits for landing waits without any progress, and how often that is looked at. */
const LANDING_PATIENCE_MS = 60_000;
const LANDING_LOOK_MS = 1000;

export function createEngine(config: EngineConfig, deps: EngineDeps): Engine {
  const { landing, runner, sync, clock, logger } = deps;
  const stopping = new AbortController();
  const inTurn = createQueue();
  let landingStarted: Promise<void> | null = null;
  let loop: Promise<void> = Promise.resolve();
  /** Cycled and synced. Cycles that others ask for do not count: what they publish is still to be delivered. */
  let deliveredUpTo: Micros = 0;
  /** When to cycle although nothing landed, in ms. */
  let settleAt = Number.POSITIVE_INFINITY;

  function startLanding(): Promise<void> {
    landingStarted ??= landing.start().catch((error: unknown) => {
      // Whoever asks next finds out whether it works by now.
      landingStarted = null;
      throw error;
    });
    return landingStarted;
  }

  async function land(): Promise<void> {
    await startLanding();
    const over = new AbortController();
    const idle = landing.idle();
    // When patience ends first, nobody waits for this any more.
    idle.catch(() => undefined);
    try {
      await Promise.race([idle, outOfPatience(over.signal)]);
    } finally {
      over.abort();
    }
  }

  /** Throws when landing comes no further for as long as a caller should wait. What the log holds stays there. */
  async function outOfPatience(over: AbortSignal): Promise<void> {
    let closedUpTo = landing.closedUpTo();
    let lag = await landing.lag();
    let movedAt = clock.now();
    while (!over.aborted) {
      await clock.sleep(LANDING_LOOK_MS, over);
      const [closedNow, lagNow] = [landing.closedUpTo(), await landing.lag()];
      if (closedNow > closedUpTo || lagNow < lag) movedAt = clock.now();
      [closedUpTo, lag] = [closedNow, lagNow];
      if (clock.now() - movedAt < LANDING_PATIENCE_MS) continue;
      throw new RollcallError(
        "ENGINE_UNAVAILABLE",
        `${lag} records of the event log wait to land, and for ${LANDING_PATIENCE_MS / 1000} s none did: landing is paused ` +
          'until what it needs works again (the log says what, at "landing is paused"). Nothing is lost; try again then.',
        { isRetriable: true, details: { lag } },
      );
    }
  }

  async function attempt(): Promise<boolean> {
    const startedAt = clock.now();
    try {
      await inTurn.run(async () => {
        const windowTo = landing.closedUpTo();
        const cycle = await runner.runCycle({ windowTo, signal: stopping.signal });
        await sync.run({ signal: stopping.signal, marker: String(cycle.windowTo) });
        deliveredUpTo = windowTo;
        settleAt = cycle.isUnsettled ? clock.now() + config.settleMs : Number.POSITIVE_INFINITY;
      });
      deps.onCycle?.({ ok: true, ms: clock.now() - startedAt });
      return true;
    } catch (error) {
      if (stopping.signal.aborted) return true;
      deps.onCycle?.({ ok: false, ms: clock.now() - startedAt });
      logger.error(errorFields(error), "cycle failed; what was published stays, trying again");
      return false;
    }
  }

  async function runLoop(): Promise<void> {
    let pauseMs = config.pollMs;
    while (!stopping.signal.aborted) {
      if (landing.closedUpTo() <= deliveredUpTo && clock.now() < settleAt) {
        await clock.sleep(config.pollMs, stopping.signal);
        continue;
      }
      await clock.sleep(config.gatherMs, stopping.signal);
      if (stopping.signal.aborted) return;
      if (await attempt()) {
        pauseMs = config.pollMs;
      } else {
        pauseMs = Math.min(LONGEST_PAUSE_MS, Math.max(1000, pauseMs * 2));
        await clock.sleep(pauseMs, stopping.signal);
      }
    }
  }

  return {
    start: async () => {
      await startLanding();
      loop = runLoop();
    },
    land,
    fresh: async (work) => {
      await land();
      return inTurn.run(() => work(landing.closedUpTo(), stopping.signal));
    },
    exclusively: (work) => inTurn.run(work),
    redeliver: () => {
      deliveredUpTo = 0;
    },
    stop: async () => {
      stopping.abort();
      await loop;
      await inTurn.idle();
      if (landingStarted !== null) await landing.stop();
    },
  };
}
