import pc from "picocolors";
import type { Row, SqlType } from "../warehouse/port.js";
import { cellWidth, cutToWidth } from "./cell-width.js";
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
export function csvCell(value: unknown, type = "STRING"): string {
  const text = asText(value);
  const isFormula = isTextType(type) && /^[=+\-@\t\r]/.test(text);
  const safe = isFormula ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const WIDEST_CELL = 60;
const NULL = "NULL";
const ESCAPES: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/**
 * Data from outside must not steer the terminal: control characters, line ends, and those that turn text around, are shown by their
 * codes. Spaces are left as they are.
 */
function shown(text: string): string {
  return text.replaceAll(
    /[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu,
    (char) => ESCAPES[char] ?? `\\u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
  );
}

function isNumberOrNull(value: unknown): boolean {
  return value === null || typeof value === "number" || typeof value === "bigint";
}

interface TableCell {
  readonly text: string;
  readonly width: number;
  readonly isNull: boolean;
}

function tableCell(value: unknown): TableCell {
  const isNull = value === null || value === undefined;
  const text = isNull ? NULL : cutToWidth(shown(asText(value)), WIDEST_CELL);
  return { text, width: cellWidth(text), isNull };
}

function tableText({ columns, rows }: Printable, dim: (text: string) => string): string {
  const header = columns.map(({ name }) => ({ text: shown(name), width: cellWidth(shown(name)), isNull: false }));
  const cells = rows.map((row) => columns.map(({ name }) => tableCell(row[name])));
  const widths = header.map(({ width }, n) =>
    cells.reduce((widest, row) => Math.max(widest, row[n]?.width ?? 0), width),
  );
  const isNumber = columns.map(({ name, type }) =>
    type === undefined ? rows.every((row) => isNumberOrNull(row[name])) : isNumberType(type),
  );
  const padded = ({ text, width, isNull }: TableCell, n: number): string => {
    const space = " ".repeat((widths[n] ?? width) - width);
    const painted = isNull ? dim(text) : text;
    if (isNumber[n]) return space + painted;
    // Nothing stands behind the last column: a space at a line's end is one of the value.
    return n === columns.length - 1 ? painted : painted + space;
  };
  const line = (values: readonly TableCell[]): string => values.map(padded).join("  ");
  const rule = widths.map((width) => "─".repeat(width)).join("  ");
  return [line(header), rule, ...cells.map(line)].join("\n");
}

/** Written by hand around each value: an object would put names that are numbers first. */
function jsonText({ columns, rows }: Printable): string {
  if (rows.length === 0) return "[]";
  const member = (name: string, value: unknown): string =>
    `    ${JSON.stringify(name)}: ${JSON.stringify(value ?? null, null, 2).replaceAll("\n", "\n    ")}`;
  const objects = rows.map((row) => `  {\n${columns.map(({ name }) => member(name, row[name])).join(",\n")}\n  }`);
  return `[\n${objects.join(",\n")}\n]`;
}

/** In a table NULL is written out, by `dim`, so that it is no empty text; in CSV both are empty. */
export function formatRows(result: Printable, format: Format, dim: (text: string) => string = pc.dim): string {
  if (format === "json") return jsonText(result);
  if (format === "table") return tableText(result, dim);
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
