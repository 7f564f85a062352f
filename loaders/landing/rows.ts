import bronze from "../../includes/bronze.json" with { type: "json" };
import { EARLIEST_MICROS, LATEST_MICROS, type Micros, microsToIso } from "../../src/platform/clock.js";
import { messageOf } from "../../src/platform/errors.js";
import type { StoredRecord } from "../../src/platform/eventlog/port.js";
import { clearEnvelope } from "../../src/privacy/envelope.js";
import type { Column, Row, TableName } from "../../src/warehouse/port.js";
import { decodeRecord } from "../codec.js";
import type { DeadLetter, Decoded, EventRecord, EventTable, SourceId } from "../record.js";
import { isObject, withNotes } from "../sources/outcome.js";

/** Bronze rows, column by column as `includes/bronze.json` lists them. */
export const DEAD_LETTERS = "dead_letters";

/** What every row of one batch shares. */
export interface BatchStamp {
  readonly batchId: string;
  readonly ingestedAt: Micros;
}

/** A log record and what was read from it; what could not be read is a dead letter. */
export interface ReadRecord {
  readonly record: StoredRecord;
  readonly decoded: Decoded;
}

const DEAD_LETTER_LIFE = 30 * 86_400_000_000;

/** With these columns the warehouse makes the tables that are missing. */
export function bronzeTables(): (TableName & { readonly columns: readonly Column[] })[] {
  const columns: Readonly<Record<string, readonly Column[]>> = {
    event: bronze.columns.event.map(({ name, type }) => ({ name, type })),
    dead_letter: bronze.columns.dead_letter.map(({ name, type }) => ({ name, type })),
  };
  return Object.entries(bronze.tables).map(([table, declared]) => ({
    dataset: "bronze",
    table,
    columns: columns[declared.columns] ?? [],
  }));
}

/**
 * Never throws: a record that cannot be read becomes a dead letter. A time that a TIMESTAMP cannot hold would fail the
 * whole batch; it is bounded, because an odd clock is no reason to lose an event.
 */
export function readRecord(record: StoredRecord): ReadRecord {
  const receivedAt = record.appendedAtMs * 1000;
  try {
    return { record, decoded: withBoundedTimes(decodeRecord(record.value), receivedAt) };
  } catch (error) {
    return { record, decoded: brokenRecord(record, receivedAt, messageOf(error)) };
  }
}

function brokenRecord(record: StoredRecord, receivedAt: Micros, detail: string): DeadLetter {
  return {
    kind: "dead_letter",
    table: TABLE_OF_TOPIC[record.topic as SourceId] ?? "website_events",
    eventId: null,
    source: record.topic,
    stage: "land",
    reason: "broken_row",
    detail,
    contract: null,
    line: null,
    original: record.value,
    originalObject: null,
    headers: record.headers,
    receivedAt,
  };
}

/** `appendedAt` stands for a time of receipt that is none. */
function withBoundedTimes(decoded: Decoded, appendedAt: Micros): Decoded {
  const receivedAt = isTimestamp(decoded.receivedAt) ? decoded.receivedAt : appendedAt;
  if (decoded.kind === "dead_letter") return { ...decoded, receivedAt };
  const { occurredAt, payload } = decoded;
  const sentAt = decoded.sentAt !== null && isTimestamp(decoded.sentAt) ? decoded.sentAt : null;
  if (isTimestamp(occurredAt)) return { ...decoded, receivedAt, sentAt };
  return {
    ...decoded,
    receivedAt,
    sentAt,
    occurredAt: occurredAt < EARLIEST_MICROS ? EARLIEST_MICROS : receivedAt,
    payload: withNotes(payload, {
      reported_micros: occurredAt,
      ...(isObject(payload._rollcall) ? payload._rollcall : {}),
    }),
  };
}

function isTimestamp(micros: Micros): boolean {
  return Number.isFinite(micros) && micros >= EARLIEST_MICROS && micros <= LATEST_MICROS;
}

/** Rows by bronze table. `isSuppressed` tells of an identifier's hmac whether its person was erased. */
export function buildRows(
  records: readonly ReadRecord[],
  stamp: BatchStamp,
  isSuppressed: (hmac: string) => boolean,
): Record<string, Row[]> {
  const tables: Record<string, Row[]> = {};
  const shared = { ingested_at: microsToIso(stamp.ingestedAt), batch_id: stamp.batchId };
  for (const { record, decoded } of records) {
    const place = { ...shared, log_topic: record.topic, log_partition: record.partition, log_offset: record.offset };
    const table = decoded.kind === "event" ? decoded.table : DEAD_LETTERS;
    const row = decoded.kind === "event" ? eventRow(decoded, place, isSuppressed) : deadLetterRow(decoded, place);
    tables[table] ??= [];
    tables[table].push(row);
  }
  return tables;
}

interface Place {
  readonly ingested_at: string;
  readonly batch_id: string;
  readonly log_topic: string;
  readonly log_partition: number;
  readonly log_offset: number;
}

/**
 * An event of an erased person lands without its personal part: the row stays, so that counts close, and nobody is
 * resurrected. Of somebody else's event only the erased person's own identifier goes.
 */
function eventRow(event: EventRecord, place: Place, isSuppressed: (hmac: string) => boolean): Row {
  const isErased = event.identifiers.some(({ role, hmac }) => role === "own" && isSuppressed(hmac));
  return {
    event_id: event.eventId,
    event_type: event.eventType,
    source: event.source,
    contract: event.contract,
    occurred_at: microsToIso(event.occurredAt),
    sent_at: event.sentAt === null ? null : microsToIso(event.sentAt),
    received_at: microsToIso(event.receivedAt),
    ...place,
    payload: event.payload,
    personal: isErased ? null : event.personal,
    identifiers: isErased ? [] : event.identifiers.filter(({ hmac }) => !isSuppressed(hmac)),
    features: isErased ? [] : event.features,
    erased_at: isErased ? place.ingested_at : null,
  };
}

function deadLetterRow(letter: DeadLetter, place: Place): Row {
  return {
    dead_letter_id: `${place.log_topic}-${place.log_partition}-${place.log_offset}`,
    event_id: letter.eventId,
    source: letter.source,
    source_object: letter.table,
    stage: letter.stage,
    reason: letter.reason,
    detail: letter.detail,
    contract: letter.contract,
    line: letter.line,
    original: letter.originalObject === null ? clearEnvelope(letter.original) : Buffer.alloc(0),
    original_object: letter.originalObject,
    headers: letter.headers,
    attempts: 1,
    received_at: microsToIso(letter.receivedAt),
    ...place,
    expires_at: microsToIso(letter.receivedAt + DEAD_LETTER_LIFE),
  };
}

/** Where a record of a topic was most likely meant to go, when it cannot say so itself. */
const TABLE_OF_TOPIC: Readonly<Record<SourceId, EventTable>> = {
  website: "website_events",
  mobile: "mobile_events",
  salesforce: "salesforce_changes",
  email: "email_events",
  whatsapp: "whatsapp_messages",
};
