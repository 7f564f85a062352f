import { RollcallError } from "../../../platform/errors.js";
import type { GoogleType, ScalarKind, StructField } from "../../googlesql/types.js";
import type { SqlKind } from "../library/kinds.js";
import { quoteName } from "./sql.js";

/**
 * GoogleSQL types in DuckDB, one to one, so that a table's GoogleSQL types can be read back from the file.
 * BIGNUMERIC keeps 18 of its 38 digits after the point: more do not fit DuckDB's widest decimal.
 */
const DUCKDB: Readonly<Record<ScalarKind, string>> = {
  STRING: "VARCHAR",
  BYTES: "BLOB",
  INT64: "BIGINT",
  DOUBLE: "DOUBLE",
  NUMERIC: "DECIMAL(38,9)",
  BIGNUMERIC: "DECIMAL(38,18)",
  BOOL: "BOOLEAN",
  DATE: "DATE",
  TIMESTAMP: "TIMESTAMP WITH TIME ZONE",
  DATETIME: "TIMESTAMP",
  TIME: "TIME",
  INTERVAL: "INTERVAL",
  JSON: "JSON",
};

const GOOGLE: ReadonlyMap<string, ScalarKind> = new Map([
  ...Object.entries(DUCKDB).map(([kind, text]) => [text, kind as ScalarKind] as const),
  // Types that only foreign tables have, where the value fits without loss.
  ["INTEGER", "INT64"],
  ["SMALLINT", "INT64"],
  ["TINYINT", "INT64"],
  ["UINTEGER", "INT64"],
  ["FLOAT", "DOUBLE"],
  ["UUID", "STRING"],
]);

/** The name of a struct's field in DuckDB, which has no anonymous ones. */
export function fieldName(fields: readonly StructField[], index: number): string {
  const name = fields[index]?.name ?? "";
  return name === "" ? `_f${index}` : name;
}

export function duckdbType(type: GoogleType): string {
  switch (type.kind) {
    case "ARRAY":
      return `${duckdbType(type.element)}[]`;
    case "STRUCT":
      return `STRUCT(${type.fields.map((field, i) => `${quoteName(fieldName(type.fields, i))} ${duckdbType(field.type)}`).join(", ")})`;
    case "ENUM":
      throw new RollcallError("SQL_UNSUPPORTED", `A value of type ${type.name} cannot be kept`, { isRetriable: false });
    default:
      return DUCKDB[type.kind];
  }
}

/** As text, where that is how a value goes to JavaScript and back: of what it has no exact number or date for. */
export function wireType(type: GoogleType): string {
  switch (type.kind) {
    case "ARRAY":
      return `${wireType(type.element)}[]`;
    case "STRUCT":
      return `STRUCT(${type.fields.map((field, i) => `${quoteName(fieldName(type.fields, i))} ${wireType(field.type)}`).join(", ")})`;
    case "INT64":
    case "DOUBLE":
    case "BOOL":
    case "BYTES":
    case "TIMESTAMP":
      return DUCKDB[type.kind];
    default:
      return DUCKDB.STRING;
  }
}

/** What overloads are chosen by. Enums (date parts, modes) are passed as text. */
export function kindOf(type: GoogleType): SqlKind {
  return type.kind === "ENUM" ? "STRING" : type.kind;
}

/** Reads DuckDB's own text of a type: `STRUCT("city" VARCHAR, zip VARCHAR)[]`. Null for a type GoogleSQL has not. */
export function googleType(text: string): GoogleType | null {
  const trimmed = text.trim();
  if (trimmed.endsWith("[]")) {
    const element = googleType(trimmed.slice(0, -2));
    return element === null ? null : { kind: "ARRAY", element };
  }
  if (trimmed.startsWith("STRUCT(") && trimmed.endsWith(")")) {
    const fields = splitTopLevel(trimmed.slice("STRUCT(".length, -1)).map(structField);
    return fields.every((field) => field !== null) ? { kind: "STRUCT", fields } : null;
  }
  const kind = GOOGLE.get(trimmed.replace(/,\s+/g, ","));
  if (kind !== undefined) return { kind };
  const decimal = /^DECIMAL\(\d+,(\d+)\)$/.exec(trimmed);
  return decimal === null ? null : { kind: Number(decimal[1]) <= 9 ? "NUMERIC" : "BIGNUMERIC" };
}

function structField(text: string): StructField | null {
  const match = /^\s*(?:"((?:[^"]|"")*)"|(\w+))\s+([\s\S]+)$/.exec(text);
  const type = match?.[3] === undefined ? null : googleType(match[3]);
  if (match === null || type === null) return null;
  const name = (match[1] ?? match[2] ?? "").replaceAll('""', '"');
  return { name: /^_f\d+$/.test(name) ? "" : name, type };
}

function splitTopLevel(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  let isQuoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (char === '"') isQuoted = !isQuoted;
    else if (isQuoted) continue;
    else if (char === "(") depth += 1;
    else if (char === ")") depth -= 1;
    else if (char === "," && depth === 0) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}
