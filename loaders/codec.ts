import { hash, randomBytes } from "node:crypto";
import type { Feature } from "../src/identity/normalise/features.js";
import { RollcallError } from "../src/platform/errors.js";
import type { LogRecord } from "../src/platform/eventlog/port.js";
import { clearEnvelope, openEnvelope } from "../src/privacy/envelope.js";
import {
  DEAD_LETTER_REASONS,
  type DeadLetter,
  type Decoded,
  EVENT_TABLES,
  type EventRecord,
  type Identifier,
  type JsonObject,
} from "./record.js";

/**
 * How one event lies in the log: `[format, 1 byte][length of the clear part, 4 bytes][clear part, JSON][envelope]`.
 *
 * The clear part holds what may be seen; the envelope holds what must be sealed: the personal part, the identifiers'
 * values and the features, or a dead letter's original. Bytes stay bytes, nothing is wrapped in base64.
 * Guarantee: `decodeRecord(encodeRecord(x).value)` equals `x`.
 */
const FORMAT = 1;
const HEADER_BYTES = 5;

type ClearIdentifier = Omit<Identifier, "value">;
type ClearEvent = Omit<EventRecord, "personal" | "identifiers" | "features"> & {
  readonly identifiers: readonly ClearIdentifier[];
};
type ClearDeadLetter = Omit<DeadLetter, "original">;

/** What is sealed of an event. `values` are the identifiers' values, in their order. */
interface SealedEvent {
  readonly personal: JsonObject | null;
  readonly values: readonly string[];
  /** Absent in what was written before there were any. */
  readonly features?: readonly Feature[];
}

export function encodeRecord(decoded: Decoded): LogRecord {
  const [clear, sealed] = decoded.kind === "event" ? partsOfEvent(decoded) : partsOfDeadLetter(decoded);
  const text = Buffer.from(JSON.stringify(clear));
  const header = Buffer.allocUnsafe(HEADER_BYTES);
  header[0] = FORMAT;
  header.writeUInt32BE(text.length, 1);
  return { key: logKey(decoded), value: Buffer.concat([header, text, clearEnvelope(sealed)]) };
}

/** Throws INPUT_INVALID (not retriable) when the bytes are not a record that `encodeRecord` of a known format wrote. */
export function decodeRecord(value: Buffer): Decoded {
  const format = value[0];
  if (format !== FORMAT || value.length < HEADER_BYTES) throw unreadable(`format ${format ?? "none"} is not known`);
  const clearEnd = HEADER_BYTES + value.readUInt32BE(1);
  if (clearEnd > value.length) throw unreadable("the record is cut short");
  const clear = parse<ClearEvent | ClearDeadLetter>(value.subarray(HEADER_BYTES, clearEnd));
  const sealed = openEnvelope(value.subarray(clearEnd));
  if (!EVENT_TABLES.includes(clear.table)) throw unreadable("its table is not known");
  if (clear.kind === "event") return joinEvent(clear, parse<SealedEvent>(sealed));
  if (clear.kind === "dead_letter" && DEAD_LETTER_REASONS.includes(clear.reason)) return { ...clear, original: sealed };
  throw unreadable("it is neither an event nor a dead letter");
}

function partsOfEvent(event: EventRecord): [ClearEvent, Buffer] {
  const { personal, identifiers, features, ...rest } = event;
  const clear = {
    ...rest,
    identifiers: identifiers.map(({ namespace, type, hmac, role }) => ({ namespace, type, hmac, role })),
  };
  const sealed: SealedEvent = { personal, values: identifiers.map(({ value }) => value), features };
  return [clear, Buffer.from(JSON.stringify(sealed))];
}

function partsOfDeadLetter(letter: DeadLetter): [ClearDeadLetter, Buffer] {
  const { original, ...clear } = letter;
  return [clear, original];
}

function joinEvent(clear: ClearEvent, sealed: SealedEvent): EventRecord {
  const isWhole =
    typeof clear.eventId === "string" &&
    typeof clear.receivedAt === "number" &&
    Array.isArray(clear.identifiers) &&
    Array.isArray(sealed.values) &&
    (sealed.features === undefined || Array.isArray(sealed.features)) &&
    clear.identifiers.length === sealed.values.length;
  if (!isWhole) throw unreadable("a required field is missing");
  return {
    ...clear,
    personal: sealed.personal,
    identifiers: clear.identifiers.map((identifier, index) => ({
      ...identifier,
      value: sealed.values[index] as string,
    })),
    features: sealed.features ?? [],
  };
}

/**
 * The key owner's hmac, so that a person's events keep their order; for an event about nobody a hash of its id, for one
 * without an id a random one. Keys show in tools: none of these gives away an identifier. A hash of a dead letter's
 * original would: a short one can be found again by trying all contents.
 */
function logKey(decoded: Decoded): string {
  if (decoded.kind === "event") {
    const owner = decoded.identifiers.find(({ role }) => role === "own");
    return owner ? owner.hmac : shortHash(decoded.eventId);
  }
  return decoded.eventId === null ? randomBytes(16).toString("base64url") : shortHash(decoded.eventId);
}

/** 22 characters, as an hmac has. */
function shortHash(content: string): string {
  return hash("sha256", content, "base64url").slice(0, 22);
}

/** `T` is a claim about our own bytes: what the callers rely on is checked by them. */
function parse<T>(bytes: Buffer): T {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString("utf8"));
  } catch {
    // The parser's message quotes the text it stumbled over, which may be personal: it is not passed on.
    throw unreadable("its JSON is broken");
  }
  if (typeof value !== "object" || value === null) throw unreadable("its JSON is not an object");
  return value as T;
}

function unreadable(why: string): RollcallError {
  return new RollcallError("INPUT_INVALID", `The log record cannot be read: ${why}.`, { isRetriable: false });
}
