import type { EventLogLimits } from "./contract.js";
import type { ConsumeOptions, EventLog, LogRecord, StoredRecord } from "./port.js";

export const LIMITS: EventLogLimits = { retentionMs: 60_000, maxBytes: 2 * 1024 * 1024 };
export const TOPIC = "events";

export function record(key: string, text: string): LogRecord {
  return { key, value: Buffer.from(text) };
}

export function numbered(
  count: number,
  key: (number: number) => string = (number) => `key-${number % 8}`,
): LogRecord[] {
  return Array.from({ length: count }, (_, number) => record(key(number), String(number)));
}

export function texts(records: readonly StoredRecord[]): string[] {
  return records.map(({ value }) => value.toString());
}

export const READ_ALL = { topics: [TOPIC], maxRecords: 1_000, maxBytes: 1_000_000, idleMs: 1 } as const;

/** Consumes until `count` records came, then stops. Gives the batches; fails as the consumer fails. */
export async function takeBatches(
  log: EventLog,
  count: number,
  options: Partial<ConsumeOptions> & Pick<ConsumeOptions, "group">,
): Promise<StoredRecord[][]> {
  const batches: StoredRecord[][] = [];
  let missing = count;
  let enough: () => void = () => undefined;
  const complete = new Promise<void>((resolve) => {
    enough = resolve;
  });
  const consumer = await log.consume({ ...READ_ALL, ...options }, async (batch) => {
    batches.push([...batch]);
    missing -= batch.length;
    if (missing <= 0) enough();
  });
  await Promise.race([complete, consumer.done]);
  await consumer.stop();
  await consumer.done;
  return batches;
}

export async function take(
  log: EventLog,
  count: number,
  options: Partial<ConsumeOptions> & Pick<ConsumeOptions, "group">,
): Promise<StoredRecord[]> {
  return (await takeBatches(log, count, options)).flat();
}

/** Everything the topic holds now, by partition, in order. */
export async function readEverything(log: EventLog): Promise<StoredRecord[][]> {
  const states = await log.partitions(TOPIC);
  return Promise.all(
    states.map(({ partition, start, end }) => (start === end ? [] : log.readRange(TOPIC, partition, start, end - 1))),
  );
}
