import { RollcallError } from "../errors.js";
import type { SqlValue } from "../sqlite/engine.js";
import type { Condition, Query, Scalar } from "./port.js";

export interface SqlPart {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

/**
 * How a scalar of a document is kept for comparison. SQLite orders NULL, numbers, text, blobs; with booleans as blobs
 * that is the order of MongoDB: null, numbers, text by code point, booleans. A list or an object equals no scalar.
 */
const FALSE = "x'00'";
const TRUE = "x'01'";
const NOT_SCALAR = "x'ff'";

/** The comparable form of what stands at a JSON path; `path` is an SQL expression. Absent is NULL, as null is. */
export function comparable(path: string): string {
  return (
    `CASE json_type(doc, ${path}) WHEN 'true' THEN ${TRUE} WHEN 'false' THEN ${FALSE} ` +
    `WHEN 'array' THEN ${NOT_SCALAR} WHEN 'object' THEN ${NOT_SCALAR} ELSE json_extract(doc, ${path}) END`
  );
}

/** "a.b" as SQLite's "$.\"a\".\"b\"". Throws INPUT_INVALID for what is not a dotted path of plain names. */
export function jsonPath(field: string): string {
  if (!/^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/.test(field)) throw invalid(`Not a dotted path of plain names: "${field}"`);
  return `$.${field
    .split(".")
    .map((name) => `"${name}"`)
    .join(".")}`;
}

/** The column that holds the comparable form of an indexed field. */
export function columnOf(field: string): string {
  return field === "_id" ? "_id" : `field:${markCapitals(field)}`;
}

/** Names in SQLite do not tell "userId" from "userid". */
export function markCapitals(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `^${letter}`);
}

/** `WHERE ...`, or nothing. `column` turns a field into its column and throws for a field that has none. */
export function compileWhere(where: Query["where"], column: (field: string) => string): SqlPart {
  const parts = Object.entries(where ?? {}).map(([field, condition]) => compileCondition(column(field), condition));
  if (parts.length === 0) return { sql: "", values: [] };
  return { sql: `WHERE ${parts.map(({ sql }) => sql).join(" AND ")}`, values: parts.flatMap(({ values }) => values) };
}

/** The tie-break by `_id` makes the order total. */
export function compileOrder(sort: Query["sort"], column: (field: string) => string): string {
  const keys = (sort ?? []).map(({ field, descending }) => `${column(field)}${descending ? " DESC" : ""}`);
  return `ORDER BY ${[...keys, "_id"].join(", ")}`;
}

/** Equality with a scalar, as null equals absent. */
export function compileEquals(expression: string, value: Scalar): SqlPart {
  if (value === null) return { sql: `${expression} IS NULL`, values: [] };
  const operand = toOperand(value);
  return { sql: `${expression} = ${operand.sql}`, values: operand.values };
}

function compileCondition(column: string, condition: Condition): SqlPart {
  if (condition === null || typeof condition !== "object") return compileEquals(column, condition);
  if ("in" in condition) return compileIn(column, condition.in);
  const bounds = (["gt", "gte", "lt", "lte"] as const).flatMap((operator) => {
    const bound = condition[operator];
    return bound === undefined ? [] : [compileBound(column, operator, bound)];
  });
  if (bounds.length === 0) throw invalid("A condition needs a value, `in`, or at least one of gt, gte, lt and lte");
  return { sql: bounds.map(({ sql }) => sql).join(" AND "), values: bounds.flatMap(({ values }) => values) };
}

/** One parameter however long the list: SQLite bounds their number, and the statement is prepared once. */
function compileIn(column: string, list: readonly Scalar[]): SqlPart {
  const plain = list.filter((value) => typeof value === "string" || typeof value === "number");
  for (const value of plain) requireComparable(value);
  const choices = [`${column} IN (SELECT value FROM json_each(?))`];
  const booleans = [...new Set(list.filter((value) => typeof value === "boolean"))];
  if (booleans.length > 0) choices.push(`${column} IN (${booleans.map((value) => (value ? TRUE : FALSE)).join(", ")})`);
  if (list.includes(null)) choices.push(`${column} IS NULL`);
  return { sql: `(${choices.join(" OR ")})`, values: [JSON.stringify(plain)] };
}

type BoundOperator = "gt" | "gte" | "lt" | "lte";
const SYMBOLS: Readonly<Record<BoundOperator, string>> = { gt: ">", gte: ">=", lt: "<", lte: "<=" };

/** Values compare within their kind only: `{ gt: 5 }` finds no text, although SQLite orders text above numbers. */
function compileBound(column: string, operator: BoundOperator, bound: Scalar): SqlPart {
  if (bound === null)
    return { sql: operator === "gte" || operator === "lte" ? `${column} IS NULL` : "FALSE", values: [] };
  const { sql, values } = toOperand(bound);
  const isLower = operator === "gt" || operator === "gte";
  const otherEnd = isLower ? ABOVE_KIND[typeof bound as Kind] : BELOW_KIND[typeof bound as Kind];
  return { sql: `${column} ${SYMBOLS[operator]} ${sql} AND ${column} ${otherEnd}`, values };
}

type Kind = "number" | "string" | "boolean";
const ABOVE_KIND: Readonly<Record<Kind, string>> = { number: "< ''", string: "< x''", boolean: `< ${NOT_SCALAR}` };
const BELOW_KIND: Readonly<Record<Kind, string>> = { number: "IS NOT NULL", string: ">= ''", boolean: ">= x''" };

/**
 * Values enter as JSON, as documents do: SQLite's API cuts bound text at a NUL character, and its reading of a decimal may
 * differ from JavaScript's in the last bit. Both sides of a comparison must have gone the same way.
 */
function toOperand(value: Exclude<Scalar, null>): SqlPart {
  if (typeof value === "boolean") return { sql: value ? TRUE : FALSE, values: [] };
  requireComparable(value);
  if (typeof value === "number" && Number.isSafeInteger(value)) return { sql: "?", values: [value] };
  return { sql: "json_extract(?, '$')", values: [JSON.stringify(value)] };
}

/** Half a surrogate pair has no UTF-8 form, and NaN and infinities no JSON form: they would turn into something else. */
export function requireComparable(value: string | number): void {
  if (typeof value === "string" ? /\p{Surrogate}/u.test(value) : !Number.isFinite(value)) {
    throw invalid("Ids and indexed values are finite numbers and well-formed text");
  }
}

export function invalid(message: string): RollcallError {
  return new RollcallError("INPUT_INVALID", message, { isRetriable: false });
}
