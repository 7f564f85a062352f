import type { Micros } from "../../../src/platform/clock.js";
import type { Json } from "../../../src/platform/documents/port.js";
import type { DecodeContext, Decoded, JsonObject } from "../../record.js";
import { split } from "../contracts/split.js";
import { featuresOf, MESSAGE_TRAITS, NO_TRAITS } from "../describe.js";
import { createNamespaceOf } from "../namespaces.js";
import {
  contentId,
  type Failure,
  type IntakeContext,
  identifiersOf,
  isObject,
  safeEventId,
  stableJson,
  toDeadLetter,
  withNotes,
} from "../outcome.js";
import { checkEnvelope, findContract, type SegmentTable, trackedEvents } from "./contracts.js";
import { snakeCaseName } from "./event-name.js";
import { readTimes, type SegmentTimes } from "./times.js";

export interface SegmentContext extends IntakeContext {
  readonly table: SegmentTable;
  /** When the sender says it sent the request; null when the message did not come by a request. */
  readonly sentAt: Micros | null;
}

const TYPES = ["track", "identify", "page", "screen", "group", "alias"];
/** Fields that became columns, and the write key, which is a credential. */
const NOT_IN_PAYLOAD: ReadonlySet<string> = new Set([
  "type",
  "messageId",
  "timestamp",
  "sentAt",
  "receivedAt",
  "writeKey",
]);
/** What differs when the same message is sent once more. */
const CHANGES_ON_RESEND: ReadonlySet<string> = new Set(["sentAt", "receivedAt", "writeKey"]);

/** One message of Segment's HTTP spec: one row, or one dead letter. Never throws for what is in the message. */
export function decodeSegmentMessage(message: unknown, original: Buffer, ctx: SegmentContext): Decoded {
  if (!isObject(message)) {
    return toDeadLetter(ctx.table, original, ctx, {
      reason: "wrong_type",
      detail: "/: expected object",
      stage: "decode",
    });
  }
  const eventId = readEventId(message, ctx);
  const refuse = (failure: Failure): Decoded => toDeadLetter(ctx.table, original, ctx, { eventId, ...failure });

  const { type, event } = message;
  if (typeof type === "string" && !TYPES.includes(type)) {
    return refuse({ reason: "unknown_event", detail: `/type: expected one of ${TYPES.join(", ")}` });
  }
  const envelopeFault = checkEnvelope(message);
  if (envelopeFault !== null) return refuse(envelopeFault);
  if (type === "track" && event === undefined) return refuse({ reason: "missing_field", detail: "/event: required" });
  const name = typeof event === "string" ? snakeCaseName(event) : undefined;
  const contract = findContract(ctx.table, String(type), name);
  if (contract === null) {
    const known = trackedEvents(ctx.table).join(", ");
    return refuse({ reason: "unknown_event", detail: `/event: expected one of ${known}` });
  }
  const fault = contract.check(message);
  if (fault !== null) return refuse({ ...fault, contract: contract.id });
  if (isAbsent(message.userId) && isAbsent(message.anonymousId)) {
    return refuse({ reason: "missing_field", detail: "/userId or /anonymousId: required", contract: contract.id });
  }
  const times = readTimes(message, ctx.sentAt, ctx.receivedAt);
  if (times === null) {
    return refuse({ reason: "wrong_type", detail: "/timestamp: expected an ISO 8601 time", contract: contract.id });
  }

  const isRenamed = type === "track" && name !== event;
  const named = isRenamed ? { ...message, event: name } : message;
  const { payload, personal, found } = split(without(named, NOT_IN_PAYLOAD), contract, ctx.region);
  const notes = notesOn(times, isRenamed ? event : undefined);
  const namespaceOf = createNamespaceOf(ctx.institution, ctx.table === "website_events" ? "website" : "mobile");
  const identifiers = identifiersOf(
    found.map(({ type, raw }) => ({ type, raw, role: "own" })),
    ctx,
    namespaceOf,
  );
  return {
    kind: "event",
    table: ctx.table,
    eventId: eventId ?? contentId(ctx, "message", stableJson(without(message, CHANGES_ON_RESEND))),
    eventType: String(type),
    source: ctx.source,
    contract: contract.id,
    occurredAt: times.occurredAt,
    sentAt: times.sentAt,
    receivedAt: ctx.receivedAt,
    payload: notes === null ? payload : withNotes(payload, notes),
    personal,
    identifiers,
    // A group's traits are the group's.
    features: featuresOf(message, type === "group" ? NO_TRAITS : MESSAGE_TRAITS, identifiers, ctx),
  };
}

function readEventId(message: JsonObject, ctx: DecodeContext): string | null {
  const { messageId } = message;
  return typeof messageId === "string" && messageId !== "" ? safeEventId(ctx, messageId) : null;
}

/** What was said where the row says something else; null where it does not. */
function notesOn({ reportedAt }: SegmentTimes, reportedEvent: Json | undefined): JsonObject | null {
  if (reportedAt === null && reportedEvent === undefined) return null;
  return {
    ...(reportedAt === null ? {} : { reported_at: reportedAt }),
    ...(reportedEvent === undefined ? {} : { reported_event: reportedEvent }),
  };
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || value === "";
}

function without(message: JsonObject, names: ReadonlySet<string>): JsonObject {
  const rest: Record<string, JsonObject[string]> = {};
  for (const key of Object.keys(message)) if (!names.has(key)) rest[key] = message[key];
  return rest;
}
