import { fileURLToPath } from "node:url";
import { findEmails, findPhones } from "../../../src/identity/normalise/find.js";
import { isoToMicros, type Micros } from "../../../src/platform/clock.js";
import type { Decoded, EventTable, JsonObject } from "../../record.js";
import { contractOf, loadContracts } from "../contracts/load.js";
import { split } from "../contracts/split.js";
import { featuresOf, NO_TRAITS, WHATSAPP_TRAITS } from "../describe.js";
import { createNamespaceOf } from "../namespaces.js";
import {
  boundTime,
  type Candidate,
  type IntakeContext,
  identifiersOf,
  type Occurrence,
  safeEventId,
  toDeadLetter,
  withNotes,
} from "../outcome.js";

type TwilioParams = Readonly<Record<string, string>>;

const TABLE: EventTable = "whatsapp_messages";
const CHANNEL = /^whatsapp:/i;
const DIGITS = /^\d{7,15}$/;
const MEDIA_URL = /^MediaUrl\d+$/;
const MEDIA_TYPE = /^MediaContentType\d+$/;
/** Statuses of a message that came in; every other is of one that went out. */
const INBOUND_STATUSES: ReadonlySet<string> = new Set(["received", "receiving"]);

const contract = contractOf(
  loadContracts("whatsapp", fileURLToPath(new URL("./contracts", import.meta.url))),
  "message",
);

/**
 * One Twilio webhook: a message that came in (`inbound`) or how one that went out fares (`status`). The person is who is
 * not us: the sender of the first, the recipient of the second. Twilio sends no time, so it happened when it came, unless
 * `DateSent` (the name of Twilio's message resource) says otherwise: histories are landed from files with it.
 */
export function decodeTwilioWebhook(
  received: Readonly<Record<string, unknown>>,
  original: Buffer,
  ctx: IntakeContext,
): Decoded {
  const eventId = readEventId(received, ctx);
  const fault = contract.check(received);
  if (fault !== null) return toDeadLetter(TABLE, original, ctx, { ...fault, eventId, contract: contract.id });
  // The contract: every parameter is a text.
  const params = received as TwilioParams;
  const status = statusOf(params);
  const sentAt = params.DateSent === undefined ? null : isoToMicros(params.DateSent);
  if (params.DateSent !== undefined && sentAt === null) {
    const detail = "/DateSent: expected an ISO 8601 time";
    return toDeadLetter(TABLE, original, ctx, { reason: "wrong_type", detail, eventId, contract: contract.id });
  }
  const isInbound = INBOUND_STATUSES.has(status);
  const { payload, personal } = split(withoutMedia(params), contract, ctx.region);
  const mediaUrls = valuesOf(params, MEDIA_URL);
  const { occurredAt, isCut } = occurrence(sentAt, ctx.receivedAt);
  const identifiers = identifiersOf(
    candidates(params, isInbound, ctx.region),
    ctx,
    createNamespaceOf(ctx.institution, "whatsapp"),
  );
  const described = {
    ...payload,
    SmsStatus: status,
    Direction: isInbound ? "inbound" : "outbound",
    MediaContentTypes: valuesOf(params, MEDIA_TYPE),
  };
  return {
    kind: "event",
    table: TABLE,
    eventId: String(eventId),
    eventType: isInbound ? "inbound" : "status",
    source: ctx.source,
    contract: contract.id,
    occurredAt,
    sentAt,
    receivedAt: ctx.receivedAt,
    payload: isCut ? withNotes(described, { reported_at: params.DateSent }) : described,
    personal: mediaUrls.length === 0 ? personal : { ...personal, MediaUrls: mediaUrls },
    identifiers,
    // The profile's name is the sender's.
    features: featuresOf(params, isInbound ? WHATSAPP_TRAITS : NO_TRAITS, identifiers, ctx),
  };
}

function readEventId(params: Readonly<Record<string, unknown>>, ctx: IntakeContext): string | null {
  const { MessageSid: sid } = params;
  return typeof sid === "string" && sid !== "" ? safeEventId(ctx, `${sid}:${statusOf(params)}`) : null;
}

/** One message has one event per status. */
function statusOf(params: Readonly<Record<string, unknown>>): string {
  return String(params.MessageStatus ?? params.SmsStatus ?? "received");
}

function occurrence(sentAt: Micros | null, receivedAt: Micros): Occurrence {
  return boundTime(sentAt ?? receivedAt, receivedAt);
}

function candidates(params: TwilioParams, isInbound: boolean, region: string): Candidate[] {
  const { From = "", To = "", WaId = "", Body = "" } = params;
  const found: Candidate[] = [{ type: "phone", raw: (isInbound ? From : To).replace(CHANNEL, ""), role: "own" }];
  if (isInbound && DIGITS.test(WaId)) found.push({ type: "phone", raw: `+${WaId}`, role: "own" });
  for (const raw of findEmails(Body)) found.push({ type: "email", raw, role: "mentioned" });
  for (const raw of findPhones(Body, region)) found.push({ type: "phone", raw, role: "mentioned" });
  return found;
}

/** A media link opens the picture without a password: it is as personal as the picture. */
function withoutMedia(params: TwilioParams): JsonObject {
  return Object.fromEntries(Object.entries(params).filter(([name]) => !MEDIA_URL.test(name) && !MEDIA_TYPE.test(name)));
}

function valuesOf(params: TwilioParams, name: RegExp): string[] {
  return Object.keys(params)
    .filter((key) => name.test(key))
    .sort((a, b) => Number(a.replace(/\D/g, "")) - Number(b.replace(/\D/g, "")))
    .map((key) => params[key] ?? "");
}
