import type { Row } from "../warehouse/port.js";

/** How rows look on a terminal and in a pipe. */
export const FORMATS = ["table", "csv", "json"] as const;
export type Format = (typeof FORMATS)[number];

export interface Printable {
  readonly columns: readonly { readonly name: string }[];
  readonly rows: readonly Row[];
}

function asText(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "object") return toJson(value);
  return String(value);
}

/** INT64 beyond 2^53 and bytes become text. */
function toJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, (_, v: unknown) => (typeof v === "bigint" ? v.toString() : v), indent);
}

/** RFC 4180; cells a spreadsheet would run as a formula are neutralised with a leading quote. */
function csvCell(value: unknown): string {
  const text = asText(value);
  const isFormula = typeof value === "string" && /^[=+\-@\t\r]/.test(text);
  const safe = isFormula ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const WIDEST_CELL = 60;

function tableText({ columns, rows }: Printable): string {
  const cut = (text: string): string => {
    const line = text.replaceAll(/\s+/g, " ");
    return line.length > WIDEST_CELL ? `${line.slice(0, WIDEST_CELL - 1)}…` : line;
  };
  const cells = rows.map((row) => columns.map(({ name }) => cut(asText(row[name]))));
  const widths = columns.map(({ name }, n) => Math.max(name.length, ...cells.map((row) => (row[n] as string).length)));
  const isNumber = columns.map(({ name }) =>
    rows.every((row) => row[name] === null || typeof row[name] === "number" || typeof row[name] === "bigint"),
  );
  const line = (values: readonly string[]): string =>
    values
      .map((text, n) => (isNumber[n] ? text.padStart(widths[n] as number) : text.padEnd(widths[n] as number)))
      .join("  ")
      .trimEnd();
  const header = line(columns.map(({ name }) => name));
  return [header, widths.map((width) => "─".repeat(width)).join("  "), ...cells.map(line)].join("\n");
}

export function formatRows(result: Printable, format: Format): string {
  if (format === "json") return toJson(result.rows, 2);
  if (format === "table") return tableText(result);
  const names = result.columns.map(({ name }) => name);
  return [
    names.map(csvCell).join(","),
    ...result.rows.map((row) => names.map((name) => csvCell(row[name])).join(",")),
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
