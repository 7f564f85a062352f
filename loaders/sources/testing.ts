import { createIdentify } from "../../src/identity/normalise/identify.js";
import type { DeadLetter, DecodeContext, Decoded, EventRecord } from "../record.js";

/** What the tests of decode share. */
export const RECEIVED_AT = Date.UTC(2026, 0, 31, 12) * 1000;

export const context: DecodeContext = {
  source: "feed",
  institution: "north",
  region: "GB",
  receivedAt: RECEIVED_AT,
  identify: createIdentify({ pepper: Buffer.alloc(32, 1), region: "GB" }),
};

export function bytesOf(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

export function asEvent(decoded: Decoded): EventRecord {
  if (decoded.kind !== "event") throw new Error(`expected an event, got ${decoded.reason} ${decoded.detail}`);
  return decoded;
}

export function asDeadLetter(decoded: Decoded): DeadLetter {
  if (decoded.kind !== "dead_letter") throw new Error("expected a dead letter, got an event");
  return decoded;
}

/** "type=value" of each identifier; others than own ones with their role in front. */
export function namesOf(event: EventRecord): string[] {
  return event.identifiers.map(({ type, value, role }) => `${role === "own" ? "" : `${role} `}${type}=${value}`);
}
