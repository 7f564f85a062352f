import type { Micros } from "../../platform/clock.js";
import { RollcallError } from "../../platform/errors.js";
import type { GoogleType } from "../googlesql/types.js";

/** Values as fixtures write them, turned into parameters and into texts that compare by type. */

/** ISO 8601 with up to six decimals and a zone; without a zone it is UTC. Throws INPUT_INVALID. */
export function microsOf(text: string): Micros {
  const match = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?))?(?:\.(\d{1,6}))?\s*(Z|[+-]\d\d(?::?\d\d)?)?$/.exec(
    text,
  );
  const [, date, time = "00:00:00", fraction = "", zone = "Z"] = match ?? [];
  const offset = /^[+-]\d\d$/.test(zone) ? `${zone}:00` : zone;
  const millis = Date.parse(`${date}T${time}${offset}`);
  if (match === null || Number.isNaN(millis)) throw invalid("TIMESTAMP", text);
  return millis * 1000 + Number(fraction.padEnd(6, "0"));
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
