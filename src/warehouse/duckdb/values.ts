import {
  BIGINT,
  BLOB,
  BOOLEAN,
  DOUBLE,
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBIntervalValue,
  DuckDBListValue,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTimeValue,
  type DuckDBType,
  type DuckDBValue,
  LIST,
  listValue,
  STRUCT,
  structValue,
  TIMESTAMPTZ,
  VARCHAR,
} from "@duckdb/node-api";
import { RollcallError } from "../../platform/errors.js";
import type { GoogleType } from "../googlesql/types.js";
import { dateText } from "../googlesql/values.js";
import { fieldName } from "./generator/types.js";

/** What a parameter travels as; the SQL casts it to its own type, from text where that is exact. */
export function parameterType(type: GoogleType): DuckDBType {
  switch (type.kind) {
    case "INT64":
      return BIGINT;
    case "DOUBLE":
      return DOUBLE;
    case "BOOL":
      return BOOLEAN;
    case "BYTES":
      return BLOB;
    case "TIMESTAMP":
      return TIMESTAMPTZ;
    case "ARRAY":
      return LIST(parameterType(type.element));
    case "STRUCT":
      return STRUCT(
        Object.fromEntries(type.fields.map((field, i) => [fieldName(type.fields, i), parameterType(field.type)])),
      );
    default:
      return VARCHAR;
  }
}

function refuse(name: string, type: GoogleType): never {
  throw new RollcallError("INPUT_INVALID", `Parameter @${name} is not a value of type ${type.kind}`, {
    isRetriable: false,
    details: { parameter: name, type: type.kind },
  });
}

/** Throws INPUT_INVALID, without the value, when the value is not of its type. */
export function parameterValue(name: string, value: unknown, type: GoogleType): DuckDBValue {
  if (value === null || value === undefined) return null;
  switch (type.kind) {
    case "INT64":
      if (typeof value === "bigint") return value;
      return typeof value === "number" && Number.isSafeInteger(value) ? BigInt(value) : refuse(name, type);
    case "DOUBLE":
      return typeof value === "number" ? value : refuse(name, type);
    case "BOOL":
      return typeof value === "boolean" ? value : refuse(name, type);
    case "BYTES":
      return value instanceof Uint8Array ? new DuckDBBlobValue(value) : refuse(name, type);
    case "TIMESTAMP":
      return typeof value === "number" && Number.isSafeInteger(value)
        ? new DuckDBTimestampTZValue(BigInt(value))
        : refuse(name, type);
    case "JSON":
      return JSON.stringify(value) ?? refuse(name, type);
    case "ARRAY":
      if (!Array.isArray(value)) return refuse(name, type);
      return listValue(value.map((entry: unknown) => parameterValue(name, entry, type.element)));
    case "STRUCT": {
      if (typeof value !== "object") return refuse(name, type);
      const entries = type.fields.map((field, i) => {
        const key = fieldName(type.fields, i);
        return [key, parameterValue(name, (value as Record<string, unknown>)[key], field.type)] as const;
      });
      return structValue(Object.fromEntries(entries));
    }
    case "INTERVAL":
    case "ENUM":
      return refuse(name, type);
    default:
      return typeof value === "string" ? value : refuse(name, type);
  }
}

/** Reads one value of a column whose type is known. */
export type Reader = (value: DuckDBValue) => unknown;

const pad = (value: bigint | number, width = 2): string => String(value).padStart(width, "0");

function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value % by < 0n ? quotient - 1n : quotient;
}

const MICROS_PER_DAY = 86_400_000_000n;

function clockText(microsOfDay: bigint): string {
  const seconds = microsOfDay / 1_000_000n;
  return `${pad(seconds / 3600n)}:${pad((seconds / 60n) % 60n)}:${pad(seconds % 60n)}.${pad(microsOfDay % 1_000_000n, 6)}`;
}

function momentText(micros: bigint): string {
  const days = floorDivide(micros, MICROS_PER_DAY);
  return `${dateText(Number(days))}T${clockText(micros - days * MICROS_PER_DAY)}`;
}

/** "Y-M D H:M:S.ffffff", as BigQuery prints an INTERVAL. */
function intervalText({ months, days, micros }: DuckDBIntervalValue): string {
  const sign = (value: bigint | number): string => (value < 0 ? "-" : "");
  const [wholeMonths, wholeMicros] = [Math.abs(months), micros < 0n ? -micros : micros];
  const seconds = wholeMicros / 1_000_000n;
  const fraction = wholeMicros % 1_000_000n === 0n ? "" : `.${pad(wholeMicros % 1_000_000n, 6)}`;
  const clock = `${seconds / 3600n}:${(seconds / 60n) % 60n}:${seconds % 60n}${fraction}`;
  return `${sign(months)}${Math.floor(wholeMonths / 12)}-${wholeMonths % 12} ${days} ${sign(micros)}${clock}`;
}

function integer(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function decimalText(value: DuckDBDecimalValue): string {
  const text = value.toString();
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

function plainReader(type: GoogleType): Reader {
  switch (type.kind) {
    case "INT64":
      return (value) => (typeof value === "bigint" ? integer(value) : value);
    case "NUMERIC":
    case "BIGNUMERIC":
      return (value) => (value instanceof DuckDBDecimalValue ? decimalText(value) : value);
    case "BYTES":
      return (value) => (value instanceof DuckDBBlobValue ? Buffer.from(value.bytes) : value);
    case "DATE":
      return (value) => (value instanceof DuckDBDateValue ? dateText(value.days) : value);
    case "TIMESTAMP":
      return (value) => (value instanceof DuckDBTimestampTZValue ? `${momentText(value.micros)}Z` : value);
    case "DATETIME":
      return (value) => (value instanceof DuckDBTimestampValue ? momentText(value.micros) : value);
    case "TIME":
      return (value) => (value instanceof DuckDBTimeValue ? clockText(value.micros) : value);
    case "INTERVAL":
      return (value) => (value instanceof DuckDBIntervalValue ? intervalText(value) : value);
    case "JSON":
      return (value) => (typeof value === "string" ? JSON.parse(value) : value);
    case "ARRAY": {
      const element = createReader(type.element);
      return (value) => (value instanceof DuckDBListValue ? value.items.map(element) : value);
    }
    case "STRUCT": {
      const fields = type.fields.map((field, i) => ({
        name: fieldName(type.fields, i),
        read: createReader(field.type),
      }));
      return (value) => {
        if (!(value instanceof DuckDBStructValue)) return value;
        return Object.fromEntries(fields.map(({ name, read }) => [name, read(value.entries[name] ?? null)]));
      };
    }
    default:
      return (value) => value;
  }
}

export function createReader(type: GoogleType): Reader {
  const read = plainReader(type);
  return (value) => (value === null ? null : read(value));
}
