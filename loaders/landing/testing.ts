import { type Clock, systemClock } from "../../src/platform/clock.js";
import type { Documents } from "../../src/platform/documents/port.js";
import { createSqliteDocuments } from "../../src/platform/documents/sqlite.js";
import { createLocalEventLog } from "../../src/platform/eventlog/local.js";
import type { EventLog } from "../../src/platform/eventlog/port.js";
import { createMetrics, type Metrics } from "../../src/platform/telemetry/metrics.js";
import type { LandBatch, LandedOffset, Row, Warehouse } from "../../src/warehouse/port.js";
import { encodeRecord } from "../codec.js";
import type { EventRecord, SourceId } from "../record.js";
import { createLanding, type Landing, type LandingConfig, type LandingDeps } from "./landing.js";

/** A landing for tests: the real log and documents, and a warehouse in memory that can be told to fail. */
export interface MemoryWarehouse extends Pick<Warehouse, "land" | "landedOffsets" | "ensureTables"> {
  readonly batches: LandBatch[];
  /** Thrown by the next landings, one each. */
  readonly failures: Error[];
  rows(table: string): Row[];
  clear(): void;
}

export function createMemoryWarehouse(): MemoryWarehouse {
  const batches: LandBatch[] = [];
  const failures: Error[] = [];
  return {
    batches,
    failures,
    rows: (table) => batches.flatMap((batch) => batch.tables[table] ?? []),
    clear: () => void batches.splice(0),
    ensureTables: async () => undefined,
    land: async (batch) => {
      const failure = failures.shift();
      if (failure) throw failure;
      const isNew = !batches.some(({ batchId }) => batchId === batch.batchId);
      if (isNew) batches.push(batch);
      return { isNew, rows: 0 };
    },
    landedOffsets: async () => {
      const offsets = new Map<string, LandedOffset>();
      for (const { topic, partition, lastOffset, ingestedAt } of batches) {
        offsets.set(`${topic}/${partition}`, { topic, partition, nextOffset: lastOffset + 1, ingestedAt });
      }
      return [...offsets.values()];
    },
  };
}

export interface TestLanding {
  readonly log: EventLog;
  readonly documents: Documents;
  readonly warehouse: MemoryWarehouse;
  readonly metrics: Metrics;
  readonly landing: Landing;
}

export const QUICK: LandingConfig = { maxRecords: 10, maxBytes: 1024 * 1024, flushMs: 0, pollMs: 1 };

/** Time that does not have to be waited for. */
export const impatient: Clock = { now: () => systemClock.now(), sleep: () => systemClock.sleep(0) };

export interface Stores {
  readonly log: EventLog;
  readonly documents: Documents;
  readonly warehouse: MemoryWarehouse;
}

export function openStores(folder: string): Stores {
  return {
    log: createLocalEventLog({ file: `${folder}/log.db` }, { clock: systemClock }),
    documents: createSqliteDocuments({ file: `${folder}/documents.db` }),
    warehouse: createMemoryWarehouse(),
  };
}

export function createTestLanding(
  stores: Stores,
  config: Partial<LandingConfig> = {},
  overrides: Partial<LandingDeps> = {},
): TestLanding {
  const metrics = createMetrics();
  const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const deps = { ...stores, clock: impatient, metrics, logger: quiet, ...overrides };
  return { ...stores, metrics, landing: createLanding({ ...QUICK, ...config }, deps) };
}

export function testEvent(eventId: string, rest: Partial<EventRecord> = {}): EventRecord {
  return {
    kind: "event",
    table: "website_events",
    eventId,
    eventType: "track",
    source: "site",
    contract: "test/1-0-0",
    occurredAt: 1_767_225_600_000_001,
    sentAt: null,
    receivedAt: 1_767_225_600_000_002,
    payload: { event: "x" },
    personal: null,
    identifiers: [],
    features: [],
    ...rest,
  };
}

export async function appendEvents(log: EventLog, source: SourceId, ids: readonly string[]): Promise<void> {
  await log.ensureTopics([source]);
  await log.append(
    source,
    ids.map((id) => encodeRecord(testEvent(id))),
  );
}
