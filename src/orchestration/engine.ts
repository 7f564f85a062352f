import type { Clock, Micros } from "../platform/clock.js";
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
  /** Every row with a smaller `ingested_at` has landed. */
  closedUpTo(): Micros;
  stop(): Promise<void>;
}

export interface CyclePort<Report> {
  runCycle(options: { windowTo: Micros; signal?: AbortSignal }): Promise<Report>;
}

export interface SyncPort {
  run(options: { signal?: AbortSignal; marker?: string }): Promise<unknown>;
}

export interface EngineConfig {
  /** How long to let arrivals gather before a cycle, in ms. */
  readonly gatherMs: number;
  /** How often to look whether something landed, in ms. */
  readonly pollMs: number;
}

export interface EngineDeps<CycleReport> {
  readonly landing: LandingPort;
  readonly runner: CyclePort<CycleReport>;
  readonly sync: SyncPort;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told after each cycle or failed attempt, for metrics. */
  readonly onCycle?: (outcome: { readonly ok: boolean; readonly ms: number }) => void;
}

export interface Engine<CycleReport> {
  /** Lands and cycles until `stop`. */
  start(): Promise<void>;
  /** Lands what the log holds. */
  land(): Promise<void>;
  /** Lands what the log holds, runs one cycle. */
  runOnce(): Promise<CycleReport>;
  /** Lands what the log holds, then runs `work` up to what has landed, while no cycle or sync runs. */
  fresh<T>(work: (windowTo: Micros) => Promise<T>): Promise<T>;
  /** Runs `work` while no cycle or sync runs. */
  exclusively<T>(work: () => Promise<T>): Promise<T>;
  /** Finishes the cycle in hand, stops landing. */
  stop(): Promise<void>;
}

const LONGEST_PAUSE_MS = 30_000;

export function createEngine<CycleReport>(config: EngineConfig, deps: EngineDeps<CycleReport>): Engine<CycleReport> {
  const { landing, runner, sync, clock, logger } = deps;
  const stopping = new AbortController();
  let tail: Promise<unknown> = Promise.resolve();
  let landingStarted: Promise<void> | null = null;
  let loop: Promise<void> = Promise.resolve();
  /** Cycled and synced. Cycles that others ask for do not count: what they publish is still to be delivered. */
  let deliveredUpTo: Micros = 0;

  function exclusively<T>(work: () => Promise<T>): Promise<T> {
    const result = tail.then(work, work);
    tail = result.catch(() => undefined);
    return result;
  }

  function startLanding(): Promise<void> {
    landingStarted ??= landing.start();
    return landingStarted;
  }

  async function land(): Promise<void> {
    await startLanding();
    await landing.idle();
  }

  function cycle(windowTo: Micros): Promise<CycleReport> {
    return runner.runCycle({ windowTo, signal: stopping.signal });
  }

  async function attempt(): Promise<boolean> {
    const startedAt = clock.now();
    try {
      await exclusively(async () => {
        const windowTo = landing.closedUpTo();
        await cycle(windowTo);
        await sync.run({ signal: stopping.signal, marker: String(windowTo) });
        deliveredUpTo = windowTo;
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
      if (landing.closedUpTo() <= deliveredUpTo) {
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
    runOnce: async () => {
      await land();
      return exclusively(() => cycle(landing.closedUpTo()));
    },
    fresh: async (work) => {
      await land();
      return exclusively(() => work(landing.closedUpTo()));
    },
    exclusively,
    stop: async () => {
      stopping.abort();
      await loop;
      await tail;
      if (landingStarted !== null) await landing.stop();
    },
  };
}
