import type { Clock } from "../clock.js";
import { RollcallError } from "../errors.js";
import { openSqlite, type Sqlite } from "../sqlite/driver.js";
import { startLocalConsumer } from "./local-consumer.js";
import { createLogSchema, createLogStore, type LogStore, type Slot } from "./local-store.js";
import type { Consumer, EventLog, LogRecord, StoredRecord } from "./port.js";

export interface LocalEventLogConfig {
  readonly file: string;
  /** Of topics made from now on; a topic keeps the number it was made with. Default 4. */
  readonly partitions?: number;
  /** Default 7 days. */
  readonly retentionMs?: number;
  /** Cap on the size of the kept records, with what the file needs around them. Default 2 GiB. */
  readonly maxBytes?: number;
}

export interface LocalEventLogDeps {
  readonly clock: Clock;
}

const PARTITIONS = 4;
const RETENTION_MS = 7 * 24 * 60 * 60 * 1000;
const MAX_BYTES = 2 * 1024 ** 3;
/** Bounds how long a prune holds the write lock at a time. */
const PRUNE_RECORDS = 2_000;
const PRUNE_PAGES = 2_000;
const NAME = /^[A-Za-z0-9._-]{1,200}$/;

/**
 * The event log in one SQLite file. Appends that wait together share one flush to disk.
 * Records no group has read are never pruned, not even when no group is known yet.
 */
export function createLocalEventLog(config: LocalEventLogConfig, { clock }: LocalEventLogDeps): EventLog {
  const codes = { failed: "LOG_FAILED", full: "LOG_FULL" } as const;
  const sqlite = openSqlite({ file: config.file, codes, incrementalVacuum: true });
  const store = createLogStore(sqlite);
  const maxBytes = config.maxBytes ?? MAX_BYTES;
  const consumers = new Set<Consumer>();
  const schema = sqlite.write(() => createLogSchema(sqlite));
  schema.catch(() => undefined); // Every operation awaits it, so the first one to come tells.

  const slotOf = (topic: string, partition: number): Slot => {
    const slot = store.slots(topic)[partition];
    if (slot) return slot;
    throw invalid(`Topic "${topic}" has no partition ${partition}`);
  };

  const prunePartition = async (slot: Slot, appendedBeforeMs: number): Promise<number> => {
    let removed = 0;
    for (;;) {
      const count = await sqlite.write(() => store.deletePassed(slot, appendedBeforeMs, PRUNE_RECORDS));
      removed += count;
      if (count < PRUNE_RECORDS) return removed;
    }
  };

  return {
    ensureTopics: async (topics) => {
      await schema;
      for (const topic of topics) requireName("topic", topic);
      await sqlite.write(() => {
        for (const topic of topics) store.createTopic(topic, config.partitions ?? PARTITIONS);
      });
    },

    append: async (topic, records) => {
      await schema;
      const slots = store.slots(topic);
      const bytes = sizeOf(records);
      return sqlite.write(() => {
        requireRoom(sqlite, bytes, maxBytes);
        return store.insert(slots, records, clock.now());
      });
    },

    consume: async (options, handler) => {
      await schema;
      requireName("group", options.group);
      if (!(options.maxRecords >= 1)) throw invalid("maxRecords must be at least 1");
      const slots = options.topics.flatMap((topic) => store.slots(topic));
      await sqlite.write(() => {
        for (const slot of slots) store.join(options.group, slot);
      });
      const consumer = startLocalConsumer(options, slots, handler, { sqlite, store, clock });
      consumers.add(consumer);
      const forget = (): boolean => consumers.delete(consumer);
      consumer.done.then(forget, forget);
      return consumer;
    },

    readRange: async (topic, partition, first, last) => {
      await schema;
      const slot = slotOf(topic, partition);
      if (!(first >= 0 && last >= first)) throw invalid(`Not a range of offsets: ${first} to ${last}`);
      const limits = { maxRecords: last - first + 1, maxBytes: Number.POSITIVE_INFINITY };
      const records = store.read(slot, first, limits);
      requireWhole(records, store, slot, first, last);
      return records;
    },

    partitions: async (topic) => {
      await schema;
      return store.slots(topic).map((slot) => store.state(slot));
    },

    commit: async (group, positions) => {
      await schema;
      requireName("group", group);
      await sqlite.write(() => {
        for (const { topic, partition, offset } of positions) {
          const slot = slotOf(topic, partition);
          const { end } = store.state(slot);
          if (!(offset >= 0 && offset <= end)) throw invalid(`${topic}/${partition} ends at ${end}, not at ${offset}`);
          store.commit(group, slot, offset);
        }
      });
    },

    committed: async (group, topic) => {
      await schema;
      const offsets = new Map<number, number>();
      for (const slot of store.slots(topic)) {
        const offset = store.committed(group, slot);
        if (offset !== undefined) offsets.set(slot.partition, offset);
      }
      return offsets;
    },

    prune: async () => {
      await schema;
      const appendedBeforeMs = clock.now() - (config.retentionMs ?? RETENTION_MS);
      let removed = 0;
      for (const slot of store.allSlots()) removed += await prunePartition(slot, appendedBeforeMs);
      await giveBackPages(sqlite);
      await sqlite.scrub();
      return removed;
    },

    close: async () => {
      await Promise.all([...consumers].map((consumer) => consumer.stop()));
      await sqlite.close();
    },
  };
}

function invalid(message: string): RollcallError {
  return new RollcallError("INPUT_INVALID", message, { isRetriable: false });
}

function requireName(kind: "topic" | "group", name: string): void {
  if (!NAME.test(name))
    throw invalid(`A ${kind} is named with letters, digits, ".", "_" and "-"; this is not: "${name}"`);
}

/** Bytes of the values, keys and headers, about as the file will hold them. */
function sizeOf(records: readonly LogRecord[]): number {
  let bytes = 0;
  for (const { key, value, headers } of records) {
    // SQLite's API cuts bound text there.
    if (key.includes("\0")) throw invalid("A record's key may not hold a NUL character");
    bytes += value.length + key.length;
    for (const name in headers) bytes += name.length + (headers[name]?.length ?? 0);
  }
  return bytes;
}

function pragma(sqlite: Sqlite, name: "page_count" | "freelist_count" | "page_size"): number {
  return Number(sqlite.get(`PRAGMA ${name}`)?.[name]);
}

function requireRoom(sqlite: Sqlite, bytes: number, maxBytes: number): void {
  if (bytes > maxBytes) {
    const message = "This call is larger than the whole event log may be; split it, or raise the log's size cap";
    throw new RollcallError("TOO_LARGE", message, { isRetriable: false, details: { bytes, maxBytes } });
  }
  const usedBytes = (pragma(sqlite, "page_count") - pragma(sqlite, "freelist_count")) * pragma(sqlite, "page_size");
  if (usedBytes + bytes <= maxBytes) return;
  const message = "The event log is full; let its readers catch up and prune, or raise its size cap";
  throw new RollcallError("LOG_FULL", message, { isRetriable: true, details: { usedBytes, maxBytes, bytes } });
}

function requireWhole(
  records: readonly StoredRecord[],
  store: LogStore,
  slot: Slot,
  first: number,
  last: number,
): void {
  if (records.length === last - first + 1 && records[0]?.offset === first) return;
  const { topic, partition, start, end } = store.state(slot);
  const message = `${topic}/${partition} holds offsets ${start} to ${end}, not all of ${first} to ${last}`;
  throw new RollcallError("LOG_FAILED", message, { isRetriable: false, details: { topic, partition, start, end } });
}

/** In slices, so that appends get their turn. */
async function giveBackPages(sqlite: Sqlite): Promise<void> {
  while (pragma(sqlite, "freelist_count") > 0) {
    // One row per page comes back: only reading them all frees them all.
    await sqlite.write(() => sqlite.all(`PRAGMA incremental_vacuum(${PRUNE_PAGES})`));
  }
}
