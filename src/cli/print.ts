import type { Row, SqlType } from "../warehouse/port.js";
import { isNumberType, isTextType } from "./cells.js";

/** How rows look on a terminal and in a pipe. */
export const FORMATS = ["table", "csv", "json"] as const;
export type Format = (typeof FORMATS)[number];

export interface Printable {
  /**
   * In their order: a row's own members come in another one where names are numbers. The GoogleSQL type, where there is one, says how
   * a value is written; else the value does.
   */
  readonly columns: readonly { readonly name: string; readonly type?: SqlType }[];
  /** Values as `cellOf` gives them. */
  readonly rows: readonly Row[];
}

function asText(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** RFC 4180; texts a spreadsheet would run as a formula are neutralised with a leading quote, numbers are left alone. */
function csvCell(value: unknown, type = "STRING"): string {
  const text = asText(value);
  const isFormula = isTextType(type) && /^[=+\-@\t\r]/.test(text);
  const safe = isFormula ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const WIDEST_CELL = 60;

/** Data from outside must not steer the terminal: control characters, and those that turn text around, are shown by their codes. */
function shown(text: string): string {
  return text.replaceAll(
    /[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu,
    (char) => `\\u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
  );
}

function isNumberOrNull(value: unknown): boolean {
  return value === null || typeof value === "number" || typeof value === "bigint";
}

function tableText({ columns, rows }: Printable): string {
  const cut = (text: string): string => {
    const line = shown(text.replaceAll(/\s+/g, " "));
    return line.length > WIDEST_CELL ? `${line.slice(0, WIDEST_CELL - 1)}…` : line;
  };
  const cells = rows.map((row) => columns.map(({ name }) => cut(asText(row[name]))));
  const widths = columns.map(({ name }, n) =>
    Math.max(shown(name).length, ...cells.map((row) => (row[n] as string).length)),
  );
  const isNumber = columns.map(({ name, type }) =>
    type === undefined ? rows.every((row) => isNumberOrNull(row[name])) : isNumberType(type),
  );
  const line = (values: readonly string[]): string =>
    values
      .map((text, n) => (isNumber[n] ? text.padStart(widths[n] as number) : text.padEnd(widths[n] as number)))
      .join("  ")
      .trimEnd();
  const header = line(columns.map(({ name }) => shown(name)));
  return [header, widths.map((width) => "─".repeat(width)).join("  "), ...cells.map(line)].join("\n");
}

/** Written by hand around each value: an object would put names that are numbers first. */
function jsonText({ columns, rows }: Printable): string {
  if (rows.length === 0) return "[]";
  const member = (name: string, value: unknown): string =>
    `    ${JSON.stringify(name)}: ${JSON.stringify(value ?? null, null, 2).replaceAll("\n", "\n    ")}`;
  const objects = rows.map((row) => `  {\n${columns.map(({ name }) => member(name, row[name])).join(",\n")}\n  }`);
  return `[\n${objects.join(",\n")}\n]`;
}

export function formatRows(result: Printable, format: Format): string {
  if (format === "json") return jsonText(result);
  if (format === "table") return tableText(result);
  return [
    result.columns.map(({ name }) => csvCell(name)).join(","),
    ...result.rows.map((row) => result.columns.map(({ name, type }) => csvCell(row[name], type)).join(",")),
  ].join("\n");
}

export function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}

export function formatDuration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

const BYTE_UNITS = ["B", "KB", "MB", "GB", "TB", "PB"];

/** In powers of 1000, as BigQuery bills. */
export function formatBytes(bytes: number): string {
  const power = Math.min(BYTE_UNITS.length - 1, bytes < 1 ? 0 : Math.floor(Math.log10(bytes) / 3));
  const amount = bytes / 1000 ** power;
  return `${power === 0 ? amount : amount.toFixed(1)} ${BYTE_UNITS[power]}`;
}
