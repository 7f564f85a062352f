import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CSV_HEADER, csvLine } from "./csv.js";
import { COLUMNS, type SyntheticRecord } from "./record.js";

const records = fc.array(
  fc.record(Object.fromEntries(COLUMNS.map((column) => [column, fc.string({ unit: "grapheme" })]))),
  { minLength: 1, maxLength: 5 },
);

describe("csv", () => {
  it("gives back every text through a reader of RFC 4180", () => {
    fc.assert(
      fc.property(records, (rows) => {
        const text = CSV_HEADER + rows.map((row) => csvLine(row as SyntheticRecord)).join("");
        const read: unknown = parse(text, { columns: true, record_delimiter: "\r\n" });
        expect(read).toEqual(rows.map((row) => ({ ...row })));
      }),
      { numRuns: 50 },
    );
  });

  it("quotes what needs it and nothing else", () => {
    const empty = Object.fromEntries(COLUMNS.map((column) => [column, ""])) as SyntheticRecord;
    const line = csvLine({ ...empty, record_id: "r1", full_name: 'O"NEILL, Ana', phone: "+44 20" });
    expect(line).toBe(`r1${",".repeat(11)}+44 20${",".repeat(5)}"O""NEILL, Ana"${",".repeat(8)}\r\n`);
  });
});
