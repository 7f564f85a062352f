import type { DecodeContext, Decoded, EventTable, JsonObject } from "../../record.js";
import { split } from "../contracts/split.js";
import { featuresOf, SALESFORCE_TRAITS } from "../describe.js";
import { createNamespaceOf, SALESFORCE_STRENGTH } from "../namespaces.js";
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
import { changeContracts } from "./contracts.js";

const TABLE: EventTable = "salesforce_changes";
const MICROS_PER_MS = 1000;

/**
 * One change event of Change Data Capture. `commitTimestamp` is Salesforce's own clock, in milliseconds.
 *
 * Gap events say that changes happened without saying which: they become dead letters that ask for a re-read.
 */
export function decodeChangeEvent(value: unknown, original: Buffer, ctx: IntakeContext): Decoded {
  const event = unwrap(value);
  if (event === null) {
    return toDeadLetter(TABLE, original, ctx, { reason: "wrong_type", detail: "/: expected object", stage: "decode" });
  }
  const header = isObject(event.ChangeEventHeader) ? event.ChangeEventHeader : {};
  const eventId = readEventId(header, ctx);
  const refuse = (failure: Failure): Decoded => toDeadLetter(TABLE, original, ctx, { eventId, ...failure });

  if (typeof header.changeType === "string" && header.changeType.startsWith("GAP_")) {
    const detail =
      "/ChangeEventHeader/changeType: a gap event carries no fields; re-read the records it names from Salesforce";
    return refuse({ reason: "unknown_event", detail });
  }
  const { entityName } = header;
  const contract = typeof entityName === "string" ? changeContracts.get(entityName) : undefined;
  if (typeof entityName === "string" && contract === undefined) {
    return refuse({
      reason: "unknown_event",
      detail: `/ChangeEventHeader/entityName: expected one of ${[...changeContracts.keys()].join(", ")}`,
    });
  }
  if (contract === undefined)
    return refuse({ reason: "missing_field", detail: "/ChangeEventHeader/entityName: required" });
  const fault = contract.check(event);
  if (fault !== null) return refuse({ ...fault, contract: contract.id });
  const commitMs = Number(header.commitTimestamp);

  const { occurredAt, isCut } = boundTime(commitMs * MICROS_PER_MS, ctx.receivedAt);
  const { payload, personal, found } = split(event, contract, ctx.region);
  const identifiers = identifiersOf(
    found.map(({ type, raw }) => ({ type, raw, role: "own" })),
    ctx,
    createNamespaceOf(ctx.institution, "salesforce"),
    SALESFORCE_STRENGTH,
  );
  return {
    kind: "event",
    table: TABLE,
    eventId: String(eventId),
    eventType: String(header.changeType),
    source: ctx.source,
    contract: contract.id,
    occurredAt,
    sentAt: null,
    receivedAt: ctx.receivedAt,
    payload: isCut ? withNotes(payload, { reported_at: reportedTime(commitMs) }) : payload,
    personal,
    identifiers,
    features: featuresOf(event, SALESFORCE_TRAITS, identifiers, ctx),
  };
}

/** CometD wraps the event in `payload`; the Pub/Sub API does not. */
function unwrap(value: unknown): JsonObject | null {
  if (!isObject(value)) return null;
  return value.ChangeEventHeader === undefined && isObject(value.payload) ? value.payload : value;
}

function readEventId(header: JsonObject, ctx: DecodeContext): string | null {
  const { transactionKey, sequenceNumber } = header;
  if (typeof transactionKey !== "string" || typeof sequenceNumber !== "number") return null;
  return safeEventId(ctx, `${transactionKey}#${sequenceNumber}`);
}
