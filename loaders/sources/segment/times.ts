import { isoToMicros, type Micros } from "../../../src/platform/clock.js";
import type { JsonObject } from "../../record.js";
import { boundTime } from "../outcome.js";

export interface SegmentTimes {
  readonly occurredAt: Micros;
  readonly sentAt: Micros | null;
  /** What the source said, when its clock was cut; else null. */
  readonly reportedAt: string | null;
}

/**
 * When a message happened, after Segment's formula `timestamp = receivedAt - (sentAt - originalTimestamp)`: sender and
 * receiver saw the sending at the same moment, so their clocks differ by `sentAt - receivedAt`.
 *
 * Only a transport that received the message itself knows that difference: `sentAt` is what it says, and null (a file)
 * leaves the time as it is written. Null when the message's own time is no time.
 */
export function readTimes(message: JsonObject, sentAt: Micros | null, receivedAt: Micros): SegmentTimes | null {
  const reported = textOf(message.timestamp) ?? textOf(message.originalTimestamp);
  const writtenSentAt = isoToMicros(textOf(message.sentAt) ?? "");
  if (reported === null) return { occurredAt: receivedAt, sentAt: sentAt ?? writtenSentAt, reportedAt: null };
  const reportedMicros = isoToMicros(reported);
  if (reportedMicros === null) return null;
  const skew = sentAt === null ? 0 : sentAt - receivedAt;
  const { occurredAt, isCut } = boundTime(reportedMicros - skew, receivedAt);
  return { occurredAt, sentAt: sentAt ?? writtenSentAt, reportedAt: isCut ? reported : null };
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
