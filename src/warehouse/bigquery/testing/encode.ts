import { isoToMicros } from "../../../platform/clock.js";
import { type GoogleType, parseType } from "../../googlesql/types.js";
import type { Column, Params, Row } from "../../port.js";
import type { Cell, ParameterType, ParameterValue, QueryParameter, ResultRow } from "../api.js";

/** Values as the API writes them, from and to those of the port. */

export function encodeRow(columns: readonly Column[], row: Row, isInt64Timestamp: boolean): ResultRow {
  return { f: columns.map(({ name, type }) => encodeCell(parseType(type), row[name], isInt64Timestamp)) };
}

function encodeCell(type: GoogleType, value: unknown, isInt64Timestamp: boolean): Cell {
  return { v: encodeValue(type, value, isInt64Timestamp) };
}

function encodeValue(type: GoogleType, value: unknown, isInt64Timestamp: boolean): unknown {
  // A NULL list comes back as an empty one.
  if (type.kind === "ARRAY") {
    const entries = Array.isArray(value) ? value : [];
    return entries.map((entry: unknown) => encodeCell(type.element, entry, isInt64Timestamp));
  }
  if (value === null || value === undefined) return null;
  switch (type.kind) {
    case "STRUCT": {
      const fields = value as Readonly<Record<string, unknown>>;
      return { f: type.fields.map((field) => encodeCell(field.type, fields[field.name], isInt64Timestamp)) };
    }
    case "BYTES":
      return (value as Buffer).toString("base64");
    case "TIMESTAMP": {
      const micros = isoToMicros(String(value)) ?? Number.NaN;
      return isInt64Timestamp ? String(micros) : (micros / 1e6).toExponential().replace("e+", "E");
    }
    case "DATETIME":
    case "TIME":
      return String(value).replace(/\.000000$/, "");
    case "JSON":
      return JSON.stringify(value);
    default:
      return String(value);
  }
}

export function decodeParameters(parameters: readonly QueryParameter[]): Params {
  return Object.fromEntries(
    parameters.map(({ name, parameterType, parameterValue }) => {
      const type = typeText(parameterType);
      return [name, { type, value: decodeValue(parseType(type), parameterValue) }];
    }),
  );
}

function typeText(type: ParameterType): string {
  if (type.arrayType !== undefined) return `ARRAY<${typeText(type.arrayType)}>`;
  if (type.structTypes === undefined) return type.type;
  return `STRUCT<${type.structTypes.map((field) => `${field.name} ${typeText(field.type)}`).join(", ")}>`;
}

function decodeValue(type: GoogleType, sent: ParameterValue): unknown {
  if (type.kind === "ARRAY") return sent.arrayValues?.map((entry) => decodeValue(type.element, entry)) ?? null;
  if (type.kind === "STRUCT") {
    const { structValues } = sent;
    if (structValues === undefined) return null;
    return Object.fromEntries(
      type.fields.map((field) => [field.name, decodeValue(field.type, structValues[field.name] ?? {})]),
    );
  }
  return sent.value === null || sent.value === undefined ? null : fromText(type, sent.value);
}

function fromText(type: GoogleType, text: string): unknown {
  switch (type.kind) {
    case "INT64":
      return BigInt(text);
    case "DOUBLE":
      return Number(text);
    case "BOOL":
      return text === "true";
    case "BYTES":
      return Buffer.from(text, "base64");
    case "TIMESTAMP":
      return isoToMicros(text);
    case "JSON":
      return JSON.parse(text);
    default:
      return text;
  }
}

/** A value of a line of a load job, as a parameter of the port. Throws when it is not of its type. */
export function decodeLoaded(type: GoogleType, value: unknown): unknown {
  if (type.kind === "ARRAY")
    return Array.isArray(value) ? value.map((entry) => decodeLoaded(type.element, entry)) : null;
  if (value === null || value === undefined || type.kind === "JSON") return value ?? null;
  if (type.kind === "STRUCT") {
    const fields = value as Readonly<Record<string, unknown>>;
    return Object.fromEntries(type.fields.map((field) => [field.name, decodeLoaded(field.type, fields[field.name])]));
  }
  return fromText(type, String(value));
}
