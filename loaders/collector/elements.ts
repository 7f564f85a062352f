import type { DeadLetterReason } from "../record.js";
import type { Decoders } from "./decoders.js";
import type { Span } from "./split-json.js";

/** One event of a request that carries several: its own bytes, and its own outcome. */
export interface Element {
  readonly original: Buffer;
  readonly parsed:
    | { readonly ok: true; readonly value: unknown }
    | { readonly ok: false; readonly reason: DeadLetterReason; readonly detail: string };
}

export function parseElements(
  bytes: Buffer,
  spans: readonly Span[],
  maxBytes: number,
  parseJson: Decoders["parseJson"],
): Element[] {
  return spans.map(({ start, end }) => {
    const original = bytes.subarray(start, end);
    if (original.length > maxBytes) {
      return { original, parsed: { ok: false, reason: "too_large", detail: tooLarge(maxBytes) } };
    }
    const parsed = parseJson(original);
    return { original, parsed: parsed.ok ? parsed : { ...parsed, detail: detailOf(parsed.reason) } };
  });
}

/** Whether the text itself is broken, which its sender can repair; too large or too deep is one event's own fault. */
export function isBroken({ parsed }: Element): boolean {
  return !parsed.ok && (parsed.reason === "malformed_json" || parsed.reason === "invalid_utf8");
}

const DETAILS: Partial<Record<DeadLetterReason, string>> = {
  malformed_json: "valid JSON expected",
  invalid_utf8: "UTF-8 expected",
  too_deep: "less nesting expected",
};

export function tooLarge(maxBytes: number): string {
  return `an event of at most ${maxBytes / 1024} KB expected`;
}

export function detailOf(reason: DeadLetterReason): string {
  return DETAILS[reason] ?? reason;
}

/** The lines of NDJSON that hold something. */
export function lineSpans(bytes: Buffer): Span[] {
  const spans: Span[] = [];
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(0x0a, start);
    const end = newline < 0 ? bytes.length : newline;
    if (bytes.toString("latin1", start, end).trim() !== "") spans.push({ start, end });
    start = end + 1;
  }
  return spans;
}
