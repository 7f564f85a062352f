import type { Micros } from "../../platform/clock.js";
import { RollcallError } from "../../platform/errors.js";
import { formatType, type GoogleType, type ScalarKind } from "../googlesql/types.js";
import { didYouMean } from "./suggest.js";

/** Values as fixtures write them, turned into parameters and into texts that compare by type. */

const TIMESTAMP_TEXT = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?))?(?:\.(\d{1,6}))?\s*(Z|[+-]\d\d(?::?\d\d)?)?$/;

/** ISO 8601 with up to six decimals and a zone; without a zone it is UTC. Throws INPUT_INVALID. */
export function microsOf(text: string): Micros {
  const match = TIMESTAMP_TEXT.exec(text);
  const [, date, time = "00:00:00", fraction = "", zone = "Z"] = match ?? [];
  const offset = /^[+-]\d\d$/.test(zone) ? `${zone}:00` : zone;
  const millis = Date.parse(`${date}T${time}${offset}`);
  if (match === null || Number.isNaN(millis) || !isMoment(text)) throw invalid("TIMESTAMP", text);
  return millis * 1000 + Number(fraction.padEnd(6, "0"));
}

/** Whether the day a text begins with is in the calendar, and its hour on the clock: JavaScript takes 30 February for 2 March. */
function isMoment(text: string): boolean {
  const day = text.slice(0, 10);
  const midnight = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(midnight) && isoOf(midnight * 1000).startsWith(day) && !/^[T ]24/.test(text.slice(10));
}

export function isoOf(micros: Micros): string {
  const millis = Math.floor(micros / 1000);
  return `${new Date(millis).toISOString().slice(0, -1)}${String(micros - millis * 1000).padStart(3, "0")}Z`;
}

/** A fixture's value as the warehouse port takes it. */
export function paramValue(value: unknown, type: GoogleType): unknown {
  if (value === null || value === undefined) return null;
  switch (type.kind) {
    case "TIMESTAMP":
      return microsOf(String(value));
    case "BYTES":
      return Buffer.isBuffer(value) ? value : Buffer.from(String(value), "base64");
    case "INT64":
      return typeof value === "string" ? BigInt(value) : value;
    case "NUMERIC":
    case "BIGNUMERIC":
    case "STRING":
      return String(value);
    case "ARRAY":
      if (!Array.isArray(value)) throw invalid("ARRAY", value);
      return value.map((entry) => paramValue(entry, type.element));
    case "STRUCT": {
      const fields = fieldsOf(value);
      const known = new Set(type.fields.map(({ name }) => name));
      const unknown = Object.keys(fields).filter((name) => !known.has(name));
      if (unknown.length > 0) throw invalid(`STRUCT without ${unknown.join(", ")}`, value);
      return Object.fromEntries(type.fields.map(({ name, type: of }) => [name, paramValue(fields[name], of)]));
    }
    default:
      return value;
  }
}

/**
 * What is wrong with a fixture's value, as the end of a sentence that begins with its column ("is INT64, not \"many\""); null
 * when nothing is.
 */
export function valueProblem(value: unknown, type: GoogleType): string | null {
  if (value === null || value === undefined || type.kind === "JSON") return null;
  if (type.kind === "ARRAY") return arrayProblem(value, type.element);
  if (type.kind === "STRUCT") return structProblem(value, type);
  if (type.kind === "ENUM" || isWritten(value, type.kind)) return null;
  const hint = type.kind === "STRING" && typeof value !== "object" ? ": write it in quotes" : "";
  return `is ${formatType(type)}, not ${JSON.stringify(value)}${hint}`;
}

function arrayProblem(value: unknown, element: GoogleType): string | null {
  if (!Array.isArray(value)) return `is an ARRAY, not ${JSON.stringify(value)}: write [..]`;
  for (const [index, entry] of value.entries()) {
    const problem = valueProblem(entry, element);
    if (problem !== null) return within(`[${index}]`, problem);
  }
  return null;
}

function structProblem(value: unknown, { fields }: GoogleType & { kind: "STRUCT" }): string | null {
  if (typeof value !== "object" || Array.isArray(value)) {
    return `is a STRUCT, not ${JSON.stringify(value)}: write { field: value }`;
  }
  const types = new Map(fields.map(({ name, type }) => [name, type]));
  for (const [name, entry] of Object.entries(fieldsOf(value))) {
    const type = types.get(name);
    if (type === undefined) return `has no field ${name}${didYouMean(name, [...types.keys()])}`;
    const problem = valueProblem(entry, type);
    if (problem !== null) return within(`.${name}`, problem);
  }
  return null;
}

/** A problem of a part, told from the whole: "[0].hmac is STRING, not 2". */
export function within(part: string, problem: string): string {
  return /^[.[]/.test(problem) ? `${part}${problem}` : `${part} ${problem}`;
}

const WRITTEN: Readonly<Record<string, RegExp>> = {
  INT64: /^-?\d+$/,
  NUMERIC: /^-?\d+(\.\d+)?$/,
  BIGNUMERIC: /^-?\d+(\.\d+)?$/,
  DATE: /^\d{4}-\d\d-\d\d$/,
  DATETIME: /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?)?$/,
  TIME: /^\d\d:\d\d(:\d\d(\.\d{1,6})?)?$/,
  TIMESTAMP: TIMESTAMP_TEXT,
  BYTES: /^[A-Za-z0-9+/]*={0,2}$/,
};

const WITH_DAY: ReadonlySet<ScalarKind> = new Set(["DATE", "DATETIME", "TIMESTAMP"]);

/** Whether a scalar is written as its type wants it. */
function isWritten(value: unknown, kind: ScalarKind): boolean {
  switch (kind) {
    case "STRING":
      return typeof value === "string";
    case "BOOL":
      return typeof value === "boolean";
    case "DOUBLE":
      return typeof value === "number" || typeof value === "bigint";
    case "BYTES":
      if (Buffer.isBuffer(value)) return true;
      break;
    case "INT64":
    case "NUMERIC":
    case "BIGNUMERIC":
      if (typeof value === "number") return kind !== "INT64" || Number.isInteger(value);
      if (typeof value === "bigint") return true;
      break;
  }
  if (typeof value !== "string" || WRITTEN[kind]?.test(value) === false) return false;
  return !WITH_DAY.has(kind) || isMoment(value);
}

/** Equal texts for equal values of the type: what a fixture writes and what the warehouse gives meet here. */
export function canonicalValue(value: unknown, type: GoogleType): string {
  if (value === null || value === undefined) return "NULL";
  switch (type.kind) {
    case "TIMESTAMP":
      return isoOf(microsOf(String(value)));
    case "BYTES":
      return Buffer.isBuffer(value) ? value.toString("base64") : String(value);
    case "NUMERIC":
    case "BIGNUMERIC":
      return canonicalDecimal(String(value));
    case "DOUBLE":
      return canonicalFloat(Number(value));
    case "STRING":
      return JSON.stringify(String(value));
    case "DATETIME":
      return canonicalDatetime(String(value));
    case "TIME":
      return canonicalTime(String(value));
    case "JSON":
      return JSON.stringify(sortKeys(value));
    case "ARRAY":
      return `[${(Array.isArray(value) ? value : []).map((entry) => canonicalValue(entry, type.element)).join(", ")}]`;
    case "STRUCT":
      return `{${type.fields.map(({ name, type: of }) => `${name}: ${canonicalValue(fieldsOf(value)[name], of)}`).join(", ")}}`;
    default:
      return String(value);
  }
}

/** Sums in another order differ in the last bits: 12 digits tell whether a model is right. */
function canonicalFloat(value: number): string {
  return String(Number(value.toPrecision(12)));
}

function canonicalDecimal(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

function canonicalDatetime(text: string): string {
  const [date = "", time = "00:00:00"] = text.split(/[T ]/);
  return `${date}T${canonicalTime(time)}`;
}

function canonicalTime(text: string): string {
  const [clock = "", fraction = ""] = text.split(".");
  return `${clock.length === 5 ? `${clock}:00` : clock}.${fraction.padEnd(6, "0")}`;
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, entry]) => [key, sortKeys(entry)]));
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function invalid(type: string, value: unknown): RollcallError {
  return new RollcallError("INPUT_INVALID", `not a ${type}: ${JSON.stringify(value)}`, { isRetriable: false });
}
