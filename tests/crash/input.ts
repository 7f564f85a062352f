import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { decodeRecord } from "../../loaders/codec.js";
import { SOURCES, type SourceId } from "../../loaders/record.js";
import { readConfig } from "../../src/cli/config.js";
import { createDemoData } from "../../src/cli/demo/data.js";
import { createSender } from "../../src/cli/demo/send.js";
import { openEdge } from "../../src/cli/wiring/edge.js";
import { openFiles } from "../../src/cli/wiring/files.js";
import { systemClock } from "../../src/platform/clock.js";
import { createLocalEventLog } from "../../src/platform/eventlog/local.js";
import type { StoredRecord } from "../../src/platform/eventlog/port.js";
import { removeHome, temporaryHome } from "../support/product.js";

/**
 * What every home of this suite gets: the demo's people, sent once through the real doors, and kept as the log records
 * those made of it. Homes fed with these records under the same keys hold the same events to the byte.
 */
export interface Input {
  /** Holds `keys.json` and `secrets.json`. */
  readonly home: string;
  readonly records: readonly StoredRecord[];
}

const PEOPLE = 300;
const SEED = 11;
/** One in so many records comes again, in a later portion. */
const REPEAT_EVERY = 40;

export async function createInput(): Promise<Input> {
  const home = temporaryHome();
  const config = { ...readConfig({}, { home, port: 0 }), logLevel: "silent" } as const;
  const data = createDemoData({ people: PEOPLE, seed: SEED, nowMs: Date.now() });
  const edge = await openEdge(config, { isEngineReady: async () => false });
  const sender = createSender({ url: edge.url, secrets: config.secrets });
  await sender.segment("website", data.website);
  await sender.segment("mobile", data.mobile);
  await sender.sendgrid(data.email);
  await sender.twilio(data.whatsapp);
  await edge.close();
  const files = await openFiles(config);
  const exports = {
    "contacts.csv": data.contactsCsv,
    "enrolments.csv": data.enrollmentsCsv,
    "changes.ndjson": data.changesNdjson,
  };
  for (const [name, content] of Object.entries(exports)) {
    writeFileSync(join(home, name), content);
    await files.land("salesforce", join(home, name), () => undefined);
  }
  await files.close();
  return { home, records: await readLog(home) };
}

/** All records of a home's log, topic by topic. */
export async function readLog(home: string): Promise<StoredRecord[]> {
  const log = createLocalEventLog({ file: join(home, "log.sqlite") }, { clock: systemClock });
  try {
    await log.ensureTopics(SOURCES);
    const states = (await Promise.all(SOURCES.map((topic) => log.partitions(topic)))).flat();
    const parts = states
      .filter(({ start, end }) => end > start)
      .map(({ topic, partition, start, end }) => log.readRange(topic, partition, start, end - 1));
    return (await Promise.all(parts)).flat();
  } finally {
    await log.close();
  }
}

/** A new home with the input's keys and an empty log. */
export function homeFor(input: Input): string {
  const home = temporaryHome();
  for (const file of ["keys.json", "secrets.json"]) copyFileSync(join(input.home, file), join(home, file));
  return home;
}

export function removeInput(input: Input): void {
  removeHome(input.home);
}

/**
 * The input in `count` portions of every partition's records in their order; each portion after the first repeats some
 * of the one before it, as senders do. All portions together are the same records whatever the count.
 */
export function portionsOf(records: readonly StoredRecord[], count: number): StoredRecord[][] {
  const portions: StoredRecord[][] = Array.from({ length: count }, () => []);
  const place = (index: number, size: number): number => Math.min(count - 1, Math.floor((index * count) / size));
  for (const partition of byPartition(records)) {
    partition.forEach((record, index) => {
      portions[place(index, partition.length)]?.push(record);
    });
  }
  const repeated = records.filter((_, index) => index % REPEAT_EVERY === 0);
  const portionOf = new Map(portions.flatMap((portion, index) => portion.map((record) => [record, index] as const)));
  for (const record of repeated) portions[Math.min(count - 1, (portionOf.get(record) ?? 0) + 1)]?.push(record);
  return portions;
}

function byPartition(records: readonly StoredRecord[]): StoredRecord[][] {
  const groups = new Map<string, StoredRecord[]>();
  for (const record of records) {
    const key = `${record.topic}/${record.partition}`;
    const group = groups.get(key);
    if (group) group.push(record);
    else groups.set(key, [record]);
  }
  return [...groups.values()];
}

/** Appends records to a home's log, as the edge does. */
export async function feed(home: string, records: readonly StoredRecord[]): Promise<void> {
  const log = createLocalEventLog({ file: join(home, "log.sqlite") }, { clock: systemClock });
  try {
    await log.ensureTopics(SOURCES);
    for (const topic of SOURCES) {
      const own = records.filter((record) => record.topic === topic);
      if (own.length > 0) await log.append(topic, own);
    }
  } finally {
    await log.close();
  }
}

/** What a log holds: dead letters, and events by the bronze table they are meant for. */
export interface LogContent {
  readonly records: number;
  readonly deadLetters: number;
  /** Of the dead letters that have one. */
  readonly deadLetterIds: readonly string[];
  /** Ids by table, one per record: a repeated event is there as often as it was sent. */
  readonly eventIds: ReadonlyMap<string, readonly string[]>;
  readonly countByTopic: ReadonlyMap<SourceId, number>;
}

export function contentOf(records: readonly StoredRecord[]): LogContent {
  const eventIds = new Map<string, string[]>();
  const countByTopic = new Map<SourceId, number>();
  const deadLetterIds: string[] = [];
  let deadLetters = 0;
  for (const { topic, value } of records) {
    countByTopic.set(topic as SourceId, (countByTopic.get(topic as SourceId) ?? 0) + 1);
    const decoded = decodeRecord(value);
    if (decoded.kind === "dead_letter") {
      deadLetters += 1;
      if (decoded.eventId !== null) deadLetterIds.push(decoded.eventId);
    } else eventIds.set(decoded.table, [...(eventIds.get(decoded.table) ?? []), decoded.eventId]);
  }
  return { records: records.length, deadLetters, deadLetterIds, eventIds, countByTopic };
}
