import { fileURLToPath } from "node:url";
import type { Decoded, EventTable } from "../../record.js";
import { contractOf, loadContracts } from "../contracts/load.js";
import { split } from "../contracts/split.js";
import { EMAIL_TRAITS, featuresOf } from "../describe.js";
import { createNamespaceOf } from "../namespaces.js";
import {
  boundTime,
  type Failure,
  type IntakeContext,
  identifiersOf,
  isObject,
  reportedTime,
  safeEventId,
  toDeadLetter,
  withNotes,
} from "../outcome.js";

const TABLE: EventTable = "email_events";
const MICROS_PER_SECOND = 1_000_000;

const KINDS = [
  "processed",
  "deferred",
  "delivered",
  "open",
  "click",
  "bounce",
  "dropped",
  "spamreport",
  "unsubscribe",
  "group_unsubscribe",
  "group_resubscribe",
];

const contract = contractOf(loadContracts("email", fileURLToPath(new URL("./contracts", import.meta.url))), "event");

/** One element of SendGrid's Event Webhook. `timestamp` is SendGrid's clock, in seconds. */
export function decodeSendgridEvent(value: unknown, original: Buffer, ctx: IntakeContext): Decoded {
  if (!isObject(value)) {
    return toDeadLetter(TABLE, original, ctx, { reason: "wrong_type", detail: "/: expected object", stage: "decode" });
  }
  const { sg_event_id: id, event } = value;
  const eventId = typeof id === "string" && id !== "" ? safeEventId(ctx, id) : null;
  const refuse = (failure: Failure): Decoded =>
    toDeadLetter(TABLE, original, ctx, { eventId, contract: contract.id, ...failure });

  if (typeof event === "string" && !KINDS.includes(event)) {
    return refuse({ reason: "unknown_event", detail: `/event: expected one of ${KINDS.join(", ")}` });
  }
  const fault = contract.check(value);
  if (fault !== null) return refuse(fault);
  const seconds = Number(value.timestamp);

  const { occurredAt, isCut } = boundTime(seconds * MICROS_PER_SECOND, ctx.receivedAt);
  const { payload, personal, found } = split(value, contract, ctx.region);
  const identifiers = identifiersOf(
    found.map(({ type, raw }) => ({ type, raw, role: "own" })),
    ctx,
    createNamespaceOf(ctx.institution, "email"),
  );
  return {
    kind: "event",
    table: TABLE,
    eventId: String(eventId),
    eventType: String(event),
    source: ctx.source,
    contract: contract.id,
    occurredAt,
    sentAt: null,
    receivedAt: ctx.receivedAt,
    payload: isCut ? withNotes(payload, { reported_at: reportedTime(seconds * 1000) }) : payload,
    personal,
    identifiers,
    features: featuresOf(value, EMAIL_TRAITS, identifiers, ctx),
  };
}
