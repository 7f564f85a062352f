import { isUtf8 } from "node:buffer";

/** What a source may nest: deeper is an attack or a mistake. */
export const MAX_DEPTH = 32;

export type ParsedJson =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly reason: "malformed_json" | "invalid_utf8" | "too_deep" };

/** Hints in the text that a number may not survive as a double: sixteen digits, or an exponent of three. */
const RISKY_NUMBER = /[\d.]{16}|\d[eE][+-]?\d{3}/;
/** Strings are matched whole, so that digits inside them are left alone. */
const STRING_OR_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const NUMBER = /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;
const SURROGATE_ESCAPE = /\\u[dD][89a-fA-F]/;
const LONE_SURROGATE = /\p{Cs}/gu;

/**
 * Reads one JSON text as everything behind it can hold it.
 *
 * Integers beyond 2^53 and decimals a double would round become strings of the same digits; a `__proto__` key is
 * dropped; half a surrogate pair becomes U+FFFD, because no encoding can write it. A byte order mark is skipped.
 */
export function parseJson(bytes: Buffer): ParsedJson {
  if (!isUtf8(bytes)) return { ok: false, reason: "invalid_utf8" };
  const text = withoutMark(bytes.toString("utf8"));
  let value: unknown;
  try {
    value = JSON.parse(text);
    // Valid now: the rewriting below may rely on it.
    if (RISKY_NUMBER.test(text)) value = JSON.parse(quoteLossyNumbers(text));
  } catch {
    return { ok: false, reason: "malformed_json" };
  }
  if (!isShallow(value, 1)) return { ok: false, reason: "too_deep" };
  return { ok: true, value: SURROGATE_ESCAPE.test(text) ? repairStrings(value) : value };
}

function withoutMark(text: string): string {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

function quoteLossyNumbers(text: string): string {
  return text.replace(STRING_OR_NUMBER, (token) => (token.startsWith('"') || survives(token) ? token : `"${token}"`));
}

/** Whether the double nearest to the literal prints as the same number. */
function survives(literal: string): boolean {
  const value = Number(literal);
  return Number.isFinite(value) && decimalOf(literal) === decimalOf(String(value));
}

/** Significant digits and exponent of a decimal literal: equal texts are equal numbers. */
function decimalOf(literal: string): string {
  const [, whole = "", fraction = "", exponent = "0"] = NUMBER.exec(literal) ?? [];
  const digits = (whole + fraction).replace(/^0+/, "");
  const significant = digits.replace(/0+$/, "");
  if (significant === "") return "0";
  const sign = literal.startsWith("-") ? "-" : "";
  return `${sign}${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`;
}

/** False when deeper than the limit. Takes out `__proto__` keys on its way. */
function isShallow(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (depth > MAX_DEPTH) return false;
  if (Array.isArray(value)) return value.every((item) => isShallow(item, depth + 1));
  const object = value as Record<string, unknown>;
  if (Object.hasOwn(object, "__proto__")) Reflect.deleteProperty(object, "__proto__");
  for (const key in object) if (!isShallow(object[key], depth + 1)) return false;
  return true;
}

function repairStrings(value: unknown): unknown {
  if (typeof value === "string") return value.replace(LONE_SURROGATE, "\ufffd");
  if (Array.isArray(value)) return value.map(repairStrings);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [repairStrings(key), repairStrings(item)]));
}
