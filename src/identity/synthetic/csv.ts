import { COLUMNS, type SyntheticRecord } from "./record.js";

const NEEDS_QUOTES = /[",\r\n]/;

function cell(text: string): string {
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** RFC 4180: lines end with CR LF, the header is the first. Cells are as the feeds give them, formula or not. */
export const CSV_HEADER = `${COLUMNS.join(",")}\r\n`;

export function csvLine(record: SyntheticRecord): string {
  let line = cell(record[COLUMNS[0]]);
  for (let n = 1; n < COLUMNS.length; n++) line += `,${cell(record[COLUMNS[n] as (typeof COLUMNS)[number]])}`;
  return `${line}\r\n`;
}
