import { RollcallError } from "../../platform/errors.js";
import type { Row } from "../port.js";
import type { FieldSchema } from "./api.js";

/**
 * Rows as a load job reads them: one JSON object a line. Integers beyond 2^53 are text, bytes base64, JSON columns plain JSON,
 * a NULL list an empty one (a column cannot hold another).
 */
export interface Lines {
  readonly lines: readonly string[];
  readonly rowCount: number;
}

/** Throws INPUT_INVALID for a row with a column that the table does not have. */
export function toLines(table: string, fields: readonly FieldSchema[], rows: readonly Row[]): Lines {
  const known = new Set(fields.map(({ name }) => name));
  const lines = rows.map((row) => {
    const extra = Object.keys(row).filter((name) => row[name] !== undefined && !known.has(name));
    if (extra.length > 0) {
      throw new RollcallError("INPUT_INVALID", `${table} has no column ${extra.join(", ")}`, { isRetriable: false });
    }
    return `${JSON.stringify(objectOf(fields, row))}\n`;
  });
  return { lines, rowCount: rows.length };
}

function objectOf(fields: readonly FieldSchema[], values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(fields.map((field) => [field.name, jsonOf(field, values[field.name])]));
}

function jsonOf(field: FieldSchema, value: unknown): unknown {
  if (field.mode !== "REPEATED") return value === null || value === undefined ? null : single(field, value);
  return Array.isArray(value) ? value.map((entry: unknown) => single(field, entry)) : (value ?? []);
}

function single(field: FieldSchema, value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (typeof value === "bigint") return String(value);
  if (field.fields === undefined || typeof value !== "object" || value === null) return value;
  return objectOf(field.fields, value as Readonly<Record<string, unknown>>);
}
