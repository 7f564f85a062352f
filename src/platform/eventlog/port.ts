/**
 * The event log: a durable, ordered buffer between those who accept events and those who land them.
 *
 * Written with Kafka in mind: topics, partitions, offsets, consumer groups. The embedded adapter keeps the same
 * notions in one SQLite file that several processes open at once (one appends, another consumes).
 * Guarantee: when `append` resolves, the records survive a crash. A record's place (topic, partition, offset) never
 * changes; offsets of one partition rise without reuse.
 */
export interface LogRecord {
  /** Decides the partition: records of one key keep their order. Never a raw identifier. */
  readonly key: string;
  readonly value: Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface StoredRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  readonly value: Buffer;
  readonly headers: Readonly<Record<string, string>>;
  readonly appendedAtMs: number;
}

export interface LogPosition {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** Where a partition stands: the records `[start, end)` can be read. */
export interface PartitionState {
  readonly topic: string;
  readonly partition: number;
  readonly start: number;
  readonly end: number;
}

export interface ConsumeOptions {
  readonly group: string;
  readonly topics: readonly string[];
  /** Upper bounds of one batch; a batch holds records of one partition, in offset order, without a gap. */
  readonly maxRecords: number;
  readonly maxBytes: number;
  /**
   * First offset to deliver for a partition. Asked once per assignment; undefined means the group's committed offset,
   * else the earliest. This is how the warehouse's landed offset stays the truth and the group's offset a hint.
   */
  readonly startAt?: (topic: string, partition: number) => Promise<number | undefined>;
  /** How long to wait for more before an idle partition is asked again. */
  readonly idleMs?: number;
}

export type BatchHandler = (batch: readonly StoredRecord[]) => Promise<void>;

export interface Consumer {
  /** Resolves when the batch in hand is done and its offset committed. Delivers nothing afterwards. */
  stop(): Promise<void>;
  /** Settles when the consumer ends: fulfilled after `stop`, rejected with what a handler or the log threw. */
  readonly done: Promise<void>;
}

export interface EventLog {
  /** Makes the topics if they are missing. */
  ensureTopics(topics: readonly string[]): Promise<void>;
  /**
   * Appends in order and resolves with one position per record once all are durable.
   * Throws LOG_FULL (retriable) at the size cap: nothing of this call was kept.
   */
  append(topic: string, records: readonly LogRecord[]): Promise<LogPosition[]>;
  /**
   * Calls the handler batch by batch; the group's offset is committed after the handler resolves (at least once).
   * A handler that throws ends the consumer: the same records come again next time.
   */
  consume(options: ConsumeOptions, handler: BatchHandler): Promise<Consumer>;
  /** Exactly the records `[first, last]` of one partition. Throws LOG_FAILED when any of them is gone. */
  readRange(topic: string, partition: number, first: number, last: number): Promise<StoredRecord[]>;
  partitions(topic: string): Promise<PartitionState[]>;
  commit(group: string, positions: readonly LogPosition[]): Promise<void>;
  /** The committed offset (the next one to read) per partition; partitions never committed are absent. */
  committed(group: string, topic: string): Promise<ReadonlyMap<number, number>>;
  /** Deletes what is past its retention and passed by every known group. Returns how many records went. */
  prune(): Promise<number>;
  close(): Promise<void>;
}
