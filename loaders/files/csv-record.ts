import { isUtf8 } from "node:buffer";
import { parse } from "csv-parse/sync";

export type CsvRecord =
  | { readonly ok: true; readonly cells: readonly string[] }
  | { readonly ok: false; readonly reason: "invalid_utf8" | "broken_row"; readonly detail: string };

/** The cells of one record after RFC 4180, which may span lines where a quoted cell does. */
export function parseCsvRecord(bytes: Buffer): CsvRecord {
  if (!isUtf8(bytes)) return { ok: false, reason: "invalid_utf8", detail: "expected UTF-8" };
  const text = bytes.toString("utf8");
  // Without a quote there is nothing to interpret; a parser of its own costs ten times the row.
  if (!text.includes('"')) return { ok: true, cells: text.split(",") };
  try {
    const records = parse(text, { relax_column_count: true });
    const [cells] = records;
    if (records.length === 1 && cells !== undefined) return { ok: true, cells };
  } catch {
    // The parser's message quotes the cell it stumbled over, which may be personal: it is not passed on.
  }
  return { ok: false, reason: "broken_row", detail: "expected quotes only around whole cells, doubled inside" };
}
