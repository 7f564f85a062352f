import type { Feature } from "../src/identity/normalise/features.js";
import type { Micros } from "../src/platform/clock.js";
import type { Json } from "../src/platform/documents/port.js";

/**
 * What decode makes of one event, and what one log record holds: one bronze row, or one dead letter.
 *
 * The event is split once, here: `payload` is what may be seen, `personal` and the identifiers' values are what must be
 * sealed. The log codec (`loaders/codec.ts`) keeps the second part in an envelope of its own.
 */
export const SOURCES = ["website", "mobile", "salesforce", "email", "whatsapp"] as const;
export type SourceId = (typeof SOURCES)[number];

export const EVENT_TABLES = [
  "website_events",
  "mobile_events",
  "salesforce_changes",
  "salesforce_contacts",
  "salesforce_enrollments",
  "email_events",
  "whatsapp_messages",
] as const;
export type EventTable = (typeof EVENT_TABLES)[number];

export const IDENTIFIER_TYPES = [
  "user_id",
  "student_number",
  "salesforce_contact_id",
  "salesforce_lead_id",
  "email",
  "phone",
  "device_id",
  "push_token",
  "anonymous_id",
] as const;
export type IdentifierType = (typeof IDENTIFIER_TYPES)[number];

/** `own`: of the person the event is about. `mentioned`: found in a message's text. `recipient`: of somebody addressed. */
export type IdentifierRole = "own" | "mentioned" | "recipient";

export interface Identifier {
  /** Within what the value is unique: an institution, a CRM org, "global" for email and phone. */
  readonly namespace: string;
  readonly type: IdentifierType;
  /** First 128 bits of HMAC-SHA256(pepper, namespace|type|canonical value), base64url: 22 characters. */
  readonly hmac: string;
  /** The canonical value. Personal. */
  readonly value: string;
  readonly role: IdentifierRole;
}

export type JsonObject = { readonly [key: string]: Json | undefined };

export interface EventRecord {
  readonly kind: "event";
  readonly table: EventTable;
  readonly eventId: string;
  readonly eventType: string;
  /** Write key name or feed. */
  readonly source: string;
  /** "name/MODEL-REVISION-ADDITION" */
  readonly contract: string;
  readonly occurredAt: Micros;
  readonly sentAt: Micros | null;
  readonly receivedAt: Micros;
  readonly payload: JsonObject;
  readonly personal: JsonObject | null;
  /** Own ones first, strongest first. The first is the key owner. */
  readonly identifiers: readonly Identifier[];
  /** What the event tells of its person, folded for comparing; each field at most once. Personal. */
  readonly features: readonly Feature[];
}

export const DEAD_LETTER_REASONS = [
  "malformed_json",
  "invalid_utf8",
  "too_large",
  "too_deep",
  "missing_field",
  "wrong_type",
  "unknown_event",
  "broken_row",
  "contract_violation",
] as const;
export type DeadLetterReason = (typeof DEAD_LETTER_REASONS)[number];

export interface DeadLetter {
  readonly kind: "dead_letter";
  /** The bronze table it was meant for. */
  readonly table: EventTable;
  readonly eventId: string | null;
  readonly source: string;
  readonly stage: "collect" | "decode" | "contract" | "land";
  readonly reason: DeadLetterReason;
  /** Path or column and what was expected; never a value. */
  readonly detail: string;
  readonly contract: string | null;
  readonly line: number | null;
  /** The bytes as received; empty when `originalObject` names where they are kept. */
  readonly original: Buffer;
  readonly originalObject: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly receivedAt: Micros;
}

export type Decoded = EventRecord | DeadLetter;

/** What a source's decode may ask for. */
export interface DecodeContext {
  readonly source: string;
  /** Unique within: user ids and student numbers of this institution. */
  readonly institution: string;
  /** ISO 3166 alpha-2 region that phone numbers without a country code belong to. */
  readonly region: string;
  readonly receivedAt: Micros;
  /** Canonicalises and keys one identifier; null when the value is not a valid one of its type. */
  readonly identify: (namespace: string, type: IdentifierType, raw: string, role: IdentifierRole) => Identifier | null;
}
