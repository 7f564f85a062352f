import { formatType, type GoogleType, parseType } from "../../src/warehouse/googlesql/types.js";
import type { Interval, LiteralValue } from "../../src/warehouse/googlesql/values.js";
import type { QueryResult } from "../../src/warehouse/port.js";

/** Results in one form, whoever gives them: numbers that are exact as text, moments as SQL writes them, JSON parsed. */
export interface Result {
  readonly columns: readonly CampaignColumn[];
  readonly rows: readonly (readonly unknown[])[];
}

export interface CampaignColumn {
  readonly name: string;
  readonly type: string;
}

const shortFraction = (text: string): string => text.replace(/(\.\d*?)0+(?=\+|$)/, "$1").replace(/\.(?=\+|$)/, "");

function floating(value: number): unknown {
  return Number.isFinite(value) ? (value === 0 ? 0 : value) : String(value);
}

/** Of the reference evaluator. */
export function canonicalLiteral(value: LiteralValue, type: GoogleType): unknown {
  if (value === null) return null;
  switch (type.kind) {
    case "DOUBLE":
      return floating(Number(value));
    case "BYTES":
      return (value as Buffer).toString("hex");
    case "TIMESTAMP":
    case "DATETIME":
    case "TIME":
      return shortFraction(String(value).replace(/\+00$/, ""));
    case "JSON":
      return JSON.parse(String(value));
    case "INTERVAL": {
      const { months, days, micros } = value as Interval;
      return `${months} ${days} ${micros}`;
    }
    case "ARRAY":
      return (value as readonly LiteralValue[]).map((entry) => canonicalLiteral(entry, type.element));
    case "STRUCT":
      return type.fields.map((field, i) => canonicalLiteral((value as readonly LiteralValue[])[i] ?? null, field.type));
    default:
      return typeof value === "boolean" ? value : String(value);
  }
}

/** Of the port. */
export function canonicalResult(result: QueryResult): Result {
  const types = result.columns.map(({ type }) => parseType(type));
  return {
    columns: result.columns.map(({ name }, i) => ({ name, type: formatType(types[i] as GoogleType) })),
    rows: result.rows.map((row) => result.columns.map(({ name }, i) => canonical(row[name], types[i] as GoogleType))),
  };
}

function canonical(value: unknown, type: GoogleType): unknown {
  if (value === null || value === undefined) return null;
  switch (type.kind) {
    case "DOUBLE":
      return floating(Number(value));
    case "BYTES":
      return (value as Buffer).toString("hex");
    case "TIMESTAMP":
    case "DATETIME":
    case "TIME":
      return shortFraction(String(value).replace("T", " ").replace("Z", ""));
    case "JSON":
      return value;
    case "INTERVAL":
      return intervalParts(String(value));
    case "ARRAY":
      return (value as readonly unknown[]).map((entry) => canonical(entry, type.element));
    case "STRUCT":
      return type.fields.map((field, i) =>
        canonical((value as Record<string, unknown>)[field.name === "" ? `_f${i}` : field.name], field.type),
      );
    default:
      return typeof value === "boolean" ? value : String(value);
  }
}

/** "1-2 3 4:5:6.7" as months, days and microseconds. */
function intervalParts(text: string): string {
  const [, yearSign, years, months, days, clockSign, h, m, s] =
    /^(-?)(\d+)-(\d+) (-?\d+) (-?)(\d+):(\d+):([\d.]+)$/.exec(text) ?? [];
  const signed = (sign: string | undefined, value: bigint): bigint => (sign === "-" ? -value : value);
  const [seconds = "0", fraction = ""] = (s ?? "0").split(".");
  const whole = (BigInt(h ?? 0) * 60n + BigInt(m ?? 0)) * 60n + BigInt(seconds);
  const micros = whole * 1_000_000n + BigInt(fraction.padEnd(6, "0"));
  return `${signed(yearSign, BigInt(years ?? 0) * 12n + BigInt(months ?? 0))} ${days} ${signed(clockSign, micros)}`;
}

/** Null when the results are the same: names, types, values, and rows in order where `isOrdered`. */
export function difference(expected: Result, found: Result, isOrdered: boolean): string | null {
  const columns = columnDifference(expected.columns, found.columns);
  if (columns !== null) return columns;
  const order = (rows: Result["rows"]): Result["rows"] => (isOrdered ? rows : rows.toSorted(byText));
  const [left, right] = [order(expected.rows), order(found.rows)];
  if (left.length !== right.length) return `${left.length} rows, ours ${right.length}`;
  const at = left.findIndex((row, i) => !isSame(row, right[i]));
  return at < 0 ? null : `row ${JSON.stringify(left[at])}, ours ${JSON.stringify(right[at])}`;
}

function columnDifference(expected: readonly CampaignColumn[], found: readonly CampaignColumn[]): string | null {
  if (expected.length !== found.length) return `${expected.length} columns, ours ${found.length}`;
  for (const [i, { name, type }] of expected.entries()) {
    const ours = found[i] as CampaignColumn;
    if (type !== ours.type) return `column ${i} is ${type}, ours ${ours.type}`;
    if (name !== "" && !name.startsWith("$") && name !== ours.name) return `column ${name}, ours ${ours.name}`;
  }
  return null;
}

function byText(a: unknown, b: unknown): number {
  const [left, right] = [rounded(a), rounded(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Doubles in their first digits only, so that the last one does not decide the order. */
function rounded(row: unknown): string {
  return JSON.stringify(row, (_, value: unknown) => (typeof value === "number" ? value.toPrecision(6) : value));
}

/** Doubles that come of several roundings agree to 13 digits. */
const TOLERANCE = 1e-13;

function isSame(expected: unknown, found: unknown): boolean {
  if (expected === found) return true;
  if (typeof expected === "number" && typeof found === "number") {
    const most = TOLERANCE * Math.max(Math.abs(expected), Math.abs(found));
    // What should be 0, and is what the roundings left.
    return Math.abs(expected - found) <= Math.max(most, TOLERANCE / 10);
  }
  if (typeof expected !== "object" || typeof found !== "object" || expected === null || found === null) return false;
  if (Array.isArray(expected) !== Array.isArray(found)) return false;
  const [left, right] = [Object.entries(expected), new Map(Object.entries(found))];
  return left.length === right.size && left.every(([key, value]) => right.has(key) && isSame(value, right.get(key)));
}
