import { RollcallError } from "../errors.js";
import type { Sqlite } from "../sqlite/driver.js";
import type { SqlRow } from "../sqlite/engine.js";
import { partitionOf } from "./partition.js";
import type { LogPosition, LogRecord, PartitionState, StoredRecord } from "./port.js";

/** One partition of one topic; its records are the table `records_<id>`, by offset. */
export interface Slot {
  readonly id: number;
  readonly topic: string;
  readonly partition: number;
}

export interface ReadLimits {
  readonly maxRecords: number;
  readonly maxBytes: number;
}

/** What one append does to one partition. */
interface Lane {
  readonly slot: Slot;
  readonly statement: string;
  count: number;
  nextOffset: number;
}

/** The statements of the local log. Whatever changes something is to be called inside `sqlite.write`. */
export interface LogStore {
  createTopic(topic: string, partitions: number): void;
  /** In partition order. Throws LOG_FAILED when there is no such topic. */
  slots(topic: string): readonly Slot[];
  allSlots(): readonly Slot[];
  insert(slots: readonly Slot[], records: readonly LogRecord[], nowMs: number): LogPosition[];
  /** From `offset` on, without a gap; at least one record when there is one. */
  read(slot: Slot, offset: number, limits: ReadLimits): StoredRecord[];
  state(slot: Slot): PartitionState;
  /** Makes the group known for the slot: from now on nothing is pruned that it has not passed. */
  join(group: string, slot: Slot): void;
  commit(group: string, slot: Slot, offset: number): void;
  committed(group: string, slot: Slot): number | undefined;
  /** Deletes at most `limit` records from the front. Returns how many went. */
  deletePassed(slot: Slot, appendedBeforeMs: number, limit: number): number;
}

/** One table per partition keeps every insert at the end of its tree: no index, no page split, and a prune is one range. */
const SCHEMA = [
  `CREATE TABLE IF NOT EXISTS slots (
    id INTEGER PRIMARY KEY, topic TEXT NOT NULL, partition INTEGER NOT NULL, next_offset INTEGER NOT NULL DEFAULT 0,
    UNIQUE (topic, partition))`,
  // A next_offset of NULL is a group that reads here and has not committed yet.
  `CREATE TABLE IF NOT EXISTS groups (
    name TEXT NOT NULL, slot_id INTEGER NOT NULL, next_offset INTEGER, PRIMARY KEY (name, slot_id)) WITHOUT ROWID`,
];

const recordsTable = (slotId: number): string => `CREATE TABLE records_${slotId} (
  offset INTEGER PRIMARY KEY, key TEXT NOT NULL, headers TEXT, appended_at_ms INTEGER NOT NULL, value BLOB NOT NULL)`;

const NO_HEADERS: Readonly<Record<string, string>> = Object.freeze({});

/** Inside `sqlite.write`; harmless when it has been done before. */
export function createLogSchema(sqlite: Sqlite): void {
  for (const statement of SCHEMA) sqlite.run(statement);
}

export function createLogStore(sqlite: Sqlite): LogStore {
  // Topics are never removed and keep their partitions, so what was read once stays true.
  const known = new Map<string, readonly Slot[]>();

  const slots = (topic: string): readonly Slot[] => {
    const found = known.get(topic) ?? readSlots(topic);
    if (found.length === 0) {
      const message = `There is no topic "${topic}"; name it in ensureTopics first`;
      throw new RollcallError("LOG_FAILED", message, { isRetriable: false, details: { topic } });
    }
    known.set(topic, found);
    return found;
  };

  const readSlots = (topic: string): readonly Slot[] =>
    sqlite.all("SELECT id, topic, partition FROM slots WHERE topic = ? ORDER BY partition", topic).map(toSlot);

  const end = (slot: Slot): number =>
    Number(sqlite.get("SELECT next_offset FROM slots WHERE id = ?", slot.id)?.next_offset);

  const start = (slot: Slot): number =>
    Number(sqlite.get(`SELECT min(offset) AS first FROM records_${slot.id}`)?.first ?? end(slot));

  /** Offsets are given out by the file, inside the transaction: several processes append, and none is used twice. */
  const takeOffsets = (slot: Slot, count: number): number => {
    const take = "UPDATE slots SET next_offset = next_offset + ? WHERE id = ? RETURNING next_offset";
    return Number(sqlite.get(take, count, slot.id)?.next_offset) - count;
  };

  /** The lowest offset a group still wants; 0 while no group is known, for then nobody has read anything. */
  const passedByAll = (slot: Slot): number => {
    const lowest = "SELECT min(coalesce(next_offset, 0)) AS passed FROM groups WHERE slot_id = ?";
    return Number(sqlite.get(lowest, slot.id)?.passed ?? 0);
  };

  return {
    slots,
    allSlots: () => sqlite.all("SELECT id, topic, partition FROM slots ORDER BY id").map(toSlot),
    createTopic: (topic, partitions) => {
      if (readSlots(topic).length > 0) return;
      for (let partition = 0; partition < partitions; partition++) {
        const row = sqlite.get("INSERT INTO slots (topic, partition) VALUES (?, ?) RETURNING id", topic, partition);
        sqlite.run(recordsTable(Number(row?.id)));
      }
    },
    insert: (topicSlots, records, nowMs) => {
      const lanes = topicSlots.map((slot) => ({
        slot,
        statement: `INSERT INTO records_${slot.id} VALUES (?, ?, ?, ?, ?)`,
        count: 0,
        nextOffset: 0,
      }));
      const routed = records.map((record) => ({ record, lane: lanes[partitionOf(record.key, lanes.length)] as Lane }));
      for (const { lane } of routed) lane.count += 1;
      for (const lane of lanes) if (lane.count > 0) lane.nextOffset = takeOffsets(lane.slot, lane.count);
      return routed.map(({ record: { key, value, headers }, lane }) => {
        const { topic, partition } = lane.slot;
        const offset = lane.nextOffset++;
        const headersJson = headers === undefined ? null : JSON.stringify(headers);
        sqlite.run(lane.statement, offset, key, headersJson, nowMs, value);
        return { topic, partition, offset };
      });
    },
    read: (slot, offset, { maxRecords, maxBytes }) => {
      const records: StoredRecord[] = [];
      let bytes = 0;
      const rows = sqlite.each(
        `SELECT * FROM records_${slot.id} WHERE offset >= ? ORDER BY offset LIMIT ?`,
        offset,
        maxRecords,
      );
      for (const row of rows) {
        const record = toRecord(slot, row);
        bytes += record.value.length;
        if (bytes > maxBytes && records.length > 0) break;
        records.push(record);
      }
      return records;
    },
    state: (slot) => ({ topic: slot.topic, partition: slot.partition, start: start(slot), end: end(slot) }),
    join: (group, slot) => {
      sqlite.run("INSERT OR IGNORE INTO groups (name, slot_id) VALUES (?, ?)", group, slot.id);
    },
    commit: (group, slot, offset) => {
      const upsert = `INSERT INTO groups (name, slot_id, next_offset) VALUES (?, ?, ?)
        ON CONFLICT (name, slot_id) DO UPDATE SET next_offset = excluded.next_offset`;
      sqlite.run(upsert, group, slot.id, offset);
    },
    committed: (group, slot) => {
      const row = sqlite.get("SELECT next_offset FROM groups WHERE name = ? AND slot_id = ?", group, slot.id);
      return row?.next_offset == null ? undefined : Number(row.next_offset);
    },
    deletePassed: (slot, appendedBeforeMs, limit) => {
      const front = `SELECT offset, appended_at_ms FROM records_${slot.id} WHERE offset < ? ORDER BY offset LIMIT ?`;
      const rows = sqlite.all(front, passedByAll(slot), limit);
      // A clock that was set back may leave a younger record in front of an older one: the older one waits.
      const young = rows.findIndex((row) => Number(row.appended_at_ms) >= appendedBeforeMs);
      const last = rows.at(young === -1 ? -1 : young - 1);
      if (young === 0 || last === undefined) return 0;
      return sqlite.run(`DELETE FROM records_${slot.id} WHERE offset <= ?`, last.offset ?? null);
    },
  };
}

function toSlot(row: SqlRow): Slot {
  return { id: Number(row.id), topic: String(row.topic), partition: Number(row.partition) };
}

function toRecord(slot: Slot, row: SqlRow): StoredRecord {
  const value = row.value as Uint8Array;
  return {
    topic: slot.topic,
    partition: slot.partition,
    offset: Number(row.offset),
    key: String(row.key),
    value: Buffer.from(value.buffer, value.byteOffset, value.byteLength),
    headers: typeof row.headers === "string" ? (JSON.parse(row.headers) as Record<string, string>) : NO_HEADERS,
    appendedAtMs: Number(row.appended_at_ms),
  };
}
