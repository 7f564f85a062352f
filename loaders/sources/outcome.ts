import { createHash } from "node:crypto";
import { EARLIEST_MICROS, type Micros } from "../../src/platform/clock.js";
import { RollcallError } from "../../src/platform/errors.js";
import {
  type DeadLetter,
  type DeadLetterReason,
  type DecodeContext,
  type EventTable,
  IDENTIFIER_TYPES,
  type Identifier,
  type IdentifierRole,
  type IdentifierType,
  type JsonObject,
} from "../record.js";

/** What the way in knows of a message beside its content. */
export interface Intake {
  /** Transport headers without credentials; kept with a dead letter. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Line in the file, for files. */
  readonly line?: number;
}

export interface IntakeContext extends DecodeContext, Intake {}

export interface Candidate {
  readonly type: IdentifierType;
  readonly raw: string;
  readonly role: IdentifierRole;
}

export interface Failure {
  readonly reason: DeadLetterReason;
  /** Path or column and what was expected; never a value. */
  readonly detail: string;
  readonly stage?: DeadLetter["stage"];
  readonly eventId?: string | null;
  readonly contract?: string | null;
}

/** Ahead of the receiver's clock by more than this, a source's clock is wrong. */
const MAX_AHEAD_MICROS = 10 * 60 * 1_000_000;
/** The last millisecond JavaScript can tell. */
const MAX_DATE_MS = 8.64e15;
const ROLES: readonly IdentifierRole[] = ["own", "recipient", "mentioned"];
const MAX_EVENT_ID_LENGTH = 256;

export function toDeadLetter(table: EventTable, original: Buffer, ctx: IntakeContext, failure: Failure): DeadLetter {
  return {
    kind: "dead_letter",
    table,
    eventId: failure.eventId ?? null,
    source: ctx.source,
    stage: failure.stage ?? "contract",
    reason: failure.reason,
    detail: failure.detail,
    contract: failure.contract ?? null,
    line: ctx.line ?? null,
    original,
    originalObject: null,
    headers: ctx.headers ?? {},
    receivedAt: ctx.receivedAt,
  };
}

/**
 * Own ones first, then strongest first, each once, in the same order whatever the order of the candidates; values that
 * are no identifiers are left out. `strength` is the source's order where it is not the general one.
 */
export function identifiersOf(
  candidates: readonly Candidate[],
  ctx: DecodeContext,
  namespaceOf: (type: IdentifierType) => string,
  strength: readonly IdentifierType[] = IDENTIFIER_TYPES,
): Identifier[] {
  const rank = ({ role, type }: Identifier): number => ROLES.indexOf(role) * strength.length + strength.indexOf(type);
  const found: Identifier[] = [];
  for (const { type, raw, role } of candidates) {
    const identifier = ctx.identify(namespaceOf(type), type, raw, role);
    if (identifier !== null) found.push(identifier);
  }
  // Of two alike the hmac decides: the order of a message's keys must not choose the owner.
  found.sort((a, b) => rank(a) - rank(b) || (a.hmac < b.hmac ? -1 : 1));
  // One hmac stays once, in its closest role: who signs with the own address does not mention somebody.
  const seen = new Set<string>();
  return found.filter(({ hmac }) => !seen.has(hmac) && seen.add(hmac));
}

export interface Occurrence {
  readonly occurredAt: Micros;
  /** Whether it is not what the source's clock said; the payload then says what it reported. */
  readonly isCut: boolean;
}

/**
 * A clock is never a reason to refuse an event: more than ten minutes ahead becomes `receivedAt`, the past is always
 * accepted, and what lies before the first year of a TIMESTAMP becomes its first moment.
 */
export function boundTime(reported: Micros, receivedAt: Micros): Occurrence {
  if (reported - receivedAt > MAX_AHEAD_MICROS) return { occurredAt: receivedAt, isCut: true };
  if (reported < EARLIEST_MICROS) return { occurredAt: EARLIEST_MICROS, isCut: true };
  return { occurredAt: reported, isCut: false };
}

/** How a note says a number of milliseconds that may lie beyond what a date can tell. */
export function reportedTime(ms: number): string {
  return Math.abs(ms) <= MAX_DATE_MS ? new Date(ms).toISOString() : `${ms} ms`;
}

/** Adds Rollcall's own notes on the event. */
export function withNotes(payload: JsonObject, notes: JsonObject): JsonObject {
  return { ...payload, _rollcall: notes };
}

/**
 * An event id made of content, for sources that send none: the same content gives the same id. Keyed by the pepper
 * (through `identify`, which holds it): ids outlive an erasure, and the bare hash of a student number and a module could
 * be found again by trying all numbers.
 */
export function contentId(ctx: DecodeContext, kind: string, content: string): string {
  const digest = createHash("sha256").update(content).digest("hex");
  const keyed = ctx.identify(`event-id:${kind}`, "anonymous_id", digest, "own");
  if (keyed === null) throw new RollcallError("INTERNAL", "identify refused a content hash.", { isRetriable: false });
  return `${kind}_${keyed.hmac}`;
}

/** Ids show in tools: one that is an email address, or no id by its length, is replaced by its keyed hash. */
export function safeEventId(ctx: DecodeContext, id: string): string {
  return id.includes("@") || id.length > MAX_EVENT_ID_LENGTH ? contentId(ctx, "id", id) : id;
}

/** JSON with sorted keys: equal content is equal text. */
export function stableJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
