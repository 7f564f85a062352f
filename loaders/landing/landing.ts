import type { Clock, Micros } from "../../src/platform/clock.js";
import type { Documents } from "../../src/platform/documents/port.js";
import { RollcallError } from "../../src/platform/errors.js";
import type { Consumer, EventLog, StoredRecord } from "../../src/platform/eventlog/port.js";
import { createQueue } from "../../src/platform/queue.js";
import { errorFields, type Logger } from "../../src/platform/telemetry/log.js";
import type { Metrics } from "../../src/platform/telemetry/metrics.js";
import type { Warehouse } from "../../src/warehouse/port.js";
import { SOURCES } from "../record.js";
import { createBacklog } from "./backlog.js";
import { createLander, type Lander, type LanderDeps } from "./lander.js";
import { type Manifest, type Manifests, openManifests } from "./manifests.js";
import { createProgress, type LandedBatch } from "./progress.js";
import { bronzeTables } from "./rows.js";

export interface LandingConfig {
  /** Upper bounds of one batch. A backlog fills them; what trickles in lands as it comes. */
  readonly maxRecords: number;
  readonly maxBytes: number;
  /** A partition's batches that are not full come at least this far apart, in ms, so that a trickle gathers. */
  readonly flushMs: number;
  /** How often an idle log is asked for more, in ms. */
  readonly pollMs: number;
}

export const EMBEDDED_LANDING: LandingConfig = {
  maxRecords: 20_000,
  maxBytes: 32 * 1024 * 1024,
  flushMs: 200,
  pollMs: 50,
};

export interface LandingDeps extends Omit<LanderDeps, "manifests" | "progress" | "warehouse"> {
  readonly log: EventLog;
  readonly warehouse: Pick<Warehouse, "land" | "landedOffsets" | "ensureTables">;
  readonly documents: Documents;
  readonly clock: Clock;
  readonly metrics: Pick<Metrics, "counter" | "gauge">;
  readonly logger: Pick<Logger, "info" | "warn" | "error">;
}

/**
 * From the event log into bronze: every log record becomes exactly one row, of its table or of `bronze.dead_letters`.
 *
 * What fails pauses landing and is tried again, with the open batch first; nothing is skipped and nothing is dropped.
 * The warehouse's landed offsets are the truth; the log's group offset is only a hint, for pruning.
 */
export interface Landing {
  /** Makes missing topics and tables, finishes open batches, then lands until `stop`. Throws what stands in the way. */
  start(): Promise<void>;
  /**
   * Resolves when what the log held at the call has landed. Rejects when landing met what trying again cannot help, and
   * with CANCELLED when it is stopped before.
   */
  idle(): Promise<void>;
  /** Records in the log that have not landed. */
  lag(): Promise<number>;
  /** The window a cycle may read up to: every row with a smaller `ingested_at` has landed, none will come. */
  closedUpTo(): Micros;
  /** Finishes the batch in hand. */
  stop(): Promise<void>;
}

export const LANDING_GROUP = "landing";

const SHORTEST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** Landed manifests have done their work; they stay a day for whoever asks what a batch was. */
const MANIFEST_LIFE = 86_400_000_000;
const BATCHES_PER_PRUNE = 1000;

function stopped(): RollcallError {
  return new RollcallError(
    "CANCELLED",
    "Landing was stopped before all that was waited for had landed. It is safe in the event log: start landing again.",
    { isRetriable: true },
  );
}

export function createLanding(config: LandingConfig, deps: LandingDeps): Landing {
  const { log, warehouse, clock, logger } = deps;
  const pauses = deps.metrics.counter({
    name: "rollcall_landing_pauses_total",
    help: "Times landing paused because something it needs failed.",
    labels: ["code"],
  });
  const waiting = deps.metrics.gauge({
    name: "rollcall_landing_lag_records",
    help: "Records in the event log that have not landed.",
    labels: ["topic"],
  });
  const progress = createProgress();
  const backlog = createBacklog(log, progress);
  const stopping = new AbortController();
  /** One batch at a time, whatever the log delivers at once: `ingested_at` rises in the order in which batches land. */
  const inTurn = createQueue();
  const landedAtMs = new Map<string, number>();
  let manifests: Manifests;
  let lander: Lander;
  let consumer: Consumer | null = null;
  let loop: Promise<void> = Promise.resolve();
  let failures = 0;
  let batches = 0;

  /** Takes the warehouse's word for what has landed, then finishes what was left open, with exactly its records. */
  async function recover(): Promise<void> {
    const landed = await warehouse.landedOffsets();
    await backlog.refuseReplacedLog(landed);
    const open = await manifests.open();
    const latestGiven = (await manifests.latestIngestedAt()) ?? 0;
    progress.reset({ landed, open: open.map((manifest) => manifest.ingested_at), latestGiven });
    for (const manifest of open) await finish(manifest, landed);
    await forgetOldManifests();
    // The batch a crash interrupted landed without its group offset: the hint catches up here.
    const positions = await backlog.partitions();
    await log.commit(
      LANDING_GROUP,
      positions.map(({ topic, partition, start }) => ({
        topic,
        partition,
        offset: progress.nextOffset(topic, partition) ?? start,
      })),
    );
  }

  async function finish(manifest: Manifest, landed: readonly LandedBatch[]): Promise<void> {
    const { topic, partition, first, last } = manifest;
    const known = landed.find((offset) => offset.topic === topic && offset.partition === partition);
    if (known && known.nextOffset > last) {
      await manifests.markLanded(manifest);
      progress.landed({ ...known, ingestedAt: manifest.ingested_at });
    } else {
      await lander.finish(manifest, await log.readRange(topic, partition, first, last));
    }
    logger.info({ batch: manifest._id }, "finished a batch that was left open");
  }

  async function forgetOldManifests(): Promise<void> {
    await manifests.prune(clock.now() * 1000 - MANIFEST_LIFE);
  }

  async function landBatch(batch: readonly StoredRecord[]): Promise<void> {
    const fresh = batch.filter(
      ({ topic, partition, offset }) => offset >= (progress.nextOffset(topic, partition) ?? 0),
    );
    const topic = fresh[0]?.topic;
    if (topic !== undefined) {
      await lander.land(fresh);
      waiting.set(await backlog.lag(topic), { topic });
    }
    failures = 0;
    batches += 1;
    if (batches % BATCHES_PER_PRUNE === 0) await forgetOldManifests();
  }

  /** Waits before a batch that is not full: what arrives meanwhile comes with the next one. */
  async function gather(batch: readonly StoredRecord[]): Promise<void> {
    const place = `${batch[0]?.topic}/${batch[0]?.partition}`;
    const restMs = (landedAtMs.get(place) ?? 0) + config.flushMs - clock.now();
    if (batch.length < config.maxRecords && restMs > 0) await clock.sleep(restMs, stopping.signal);
    landedAtMs.set(place, clock.now());
  }

  function open(): Promise<Consumer> {
    const { maxRecords, maxBytes, pollMs: idleMs } = config;
    const { startAt } = backlog;
    return log.consume(
      { group: LANDING_GROUP, topics: SOURCES, maxRecords, maxBytes, startAt, idleMs },
      async (batch) => {
        await gather(batch);
        await inTurn.run(() => landBatch(batch));
      },
    );
  }

  async function pauseAfter(error: unknown): Promise<void> {
    const pauseMs = Math.min(LONGEST_PAUSE_MS, SHORTEST_PAUSE_MS * 2 ** failures);
    const facts = { pause_ms: pauseMs, ...errorFields(error) };
    failures += 1;
    pauses.add({ code: error instanceof RollcallError ? error.code : "INTERNAL" });
    if (error instanceof RollcallError && error.isRetriable) {
      logger.warn(facts, "landing is paused");
    } else {
      logger.error(facts, "landing is paused until what it needs is repaired");
      progress.fail(error);
    }
    await clock.sleep(pauseMs, stopping.signal);
  }

  async function land(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        if (!consumer) {
          await recover();
          consumer = await open();
          if (stopping.signal.aborted) await consumer.stop();
        }
        await consumer.done;
      } catch (error) {
        if (!stopping.signal.aborted) await pauseAfter(error);
      }
      consumer = null;
    }
  }

  return {
    start: async () => {
      await log.ensureTopics(SOURCES);
      await warehouse.ensureTables(bronzeTables());
      manifests = await openManifests(deps.documents);
      lander = createLander({ ...deps, manifests, progress });
      await recover();
      consumer = await open();
      loop = land();
    },
    idle: async () => progress.reached(await backlog.partitions()),
    lag: () => backlog.lag(),
    closedUpTo: () => progress.closedUpTo(),
    stop: async () => {
      stopping.abort();
      await Promise.allSettled([consumer?.stop()]);
      await loop;
      progress.close(stopped());
    },
  };
}
