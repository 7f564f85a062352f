import { RollcallError } from "../../platform/errors.js";
import { dateText } from "../googlesql/values.js";
import type { Column, Row, SqlType } from "../port.js";
import type { Cell, FieldSchema, ResultRow, TableSchema } from "./api.js";

/** What comes back from BigQuery: cells of text by a schema, read into the values the port promises. */

/** Older names of types, which tables made by other tools still show. */
const TYPE_NAMES: Readonly<Record<string, string>> = {
  INTEGER: "INT64",
  FLOAT: "FLOAT64",
  BOOLEAN: "BOOL",
  RECORD: "STRUCT",
};

function typeName(field: FieldSchema): string {
  return TYPE_NAMES[field.type] ?? field.type;
}

function fieldType(field: FieldSchema): SqlType {
  const name = typeName(field);
  const inner = (field.fields ?? []).map((nested) => `${nested.name} ${fieldType(nested)}`).join(", ");
  const type = name === "STRUCT" ? `STRUCT<${inner}>` : name;
  return field.mode === "REPEATED" ? `ARRAY<${type}>` : type;
}

export function columnsOf(schema: TableSchema | undefined): Column[] {
  return (schema?.fields ?? []).map((field) => ({ name: field.name, type: fieldType(field) }));
}

/** Reads rows of one schema. Timestamps must have been asked for as whole microseconds. */
export function rowReader(schema: TableSchema | undefined): (row: ResultRow) => Row {
  const readers = (schema?.fields ?? []).map((field) => ({ name: field.name, read: cellReader(field) }));
  return ({ f }) => Object.fromEntries(readers.map(({ name, read }, index) => [name, read(f[index]?.v)]));
}

type Reader = (value: unknown) => unknown;

function cellReader(field: FieldSchema): Reader {
  const scalar = scalarReader(field);
  const read: Reader = (value) => (value === null || value === undefined ? null : scalar(value));
  if (field.mode !== "REPEATED") return read;
  return (value) => (Array.isArray(value) ? value.map((cell: Cell) => read(cell.v)) : []);
}

function scalarReader(field: FieldSchema): Reader {
  switch (typeName(field)) {
    case "INT64":
      return integer;
    case "FLOAT64":
      return float;
    case "BOOL":
      return (value) => value === true || value === "true";
    case "BYTES":
      return (value) => Buffer.from(String(value), "base64");
    case "TIMESTAMP":
      return (value) => `${momentText(BigInt(String(value)))}Z`;
    case "DATETIME":
    case "TIME":
      return withMicros;
    case "JSON":
      return (value) => JSON.parse(String(value));
    case "STRUCT": {
      const read = rowReader({ fields: field.fields ?? [] });
      return (value) => read(value as ResultRow);
    }
    default:
      return (value) => value;
  }
}

function integer(value: unknown): number | bigint {
  const exact = BigInt(String(value));
  const number = Number(exact);
  return Number.isSafeInteger(number) ? number : exact;
}

function float(value: unknown): number {
  const text = String(value).replace(/inf(?:inity)?$/i, "Infinity");
  const number = Number(text);
  if (Number.isNaN(number) && text !== "NaN") {
    throw new RollcallError("WAREHOUSE_FAILED", "BigQuery sent a FLOAT64 that is not a number", { isRetriable: false });
  }
  return number;
}

/** BigQuery leaves a fraction of nothing away. */
function withMicros(value: unknown): string {
  const [whole = "", fraction = ""] = String(value).split(".");
  return `${whole}.${fraction.padEnd(6, "0")}`;
}

const MICROS_PER_DAY = 86_400_000_000n;

/** Beyond the year 2255 microseconds are no safe number any more: BigInt all the way. */
function momentText(micros: bigint): string {
  const ofDay = ((micros % MICROS_PER_DAY) + MICROS_PER_DAY) % MICROS_PER_DAY;
  const days = Number((micros - ofDay) / MICROS_PER_DAY);
  const seconds = Number(ofDay / 1_000_000n);
  const clock = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
    .map((part) => String(part).padStart(2, "0"))
    .join(":");
  return `${dateText(days)}T${clock}.${String(ofDay % 1_000_000n).padStart(6, "0")}`;
}
