import type { Decoded, EventTable, SourceId } from "../record.js";
import { parseJson } from "../sources/contracts/parse-json.js";
import { decodeSendgridEvent } from "../sources/email/decode.js";
import { decodeMobileMessage } from "../sources/mobile/decode.js";
import { type IntakeContext, isObject, toDeadLetter } from "../sources/outcome.js";
import { decodeChangeEvent } from "../sources/salesforce/decode-change.js";
import { decodeContactRow, decodeEnrollmentRow } from "../sources/salesforce/decode-row.js";
import { decodeWebsiteMessage } from "../sources/website/decode.js";
import { decodeTwilioWebhook } from "../sources/whatsapp/decode.js";
import { type CsvHeader, type CsvObject, readCsvHeader } from "./csv-header.js";
import { type CsvRow, createCsvFramer, type TextLine } from "./csv-rows.js";

/** Turns the lines of one file into events and dead letters, one per record. */
export interface FileReader {
  /** The bronze table for which the next record is meant. */
  table(): EventTable;
  push(line: TextLine): Decoded[];
  end(): Decoded[];
}

interface NdjsonKind {
  readonly table: EventTable;
  readonly decode: (value: unknown, original: Buffer, ctx: IntakeContext) => Decoded;
}

const NDJSON: Readonly<Record<SourceId, NdjsonKind>> = {
  // A file did not travel: nobody saw how far its clock was from ours, so times stay as they are written.
  website: {
    table: "website_events",
    decode: (value, original, ctx) => decodeWebsiteMessage(value, original, { ...ctx, sentAt: null }),
  },
  mobile: {
    table: "mobile_events",
    decode: (value, original, ctx) => decodeMobileMessage(value, original, { ...ctx, sentAt: null }),
  },
  salesforce: { table: "salesforce_changes", decode: decodeChangeEvent },
  email: { table: "email_events", decode: decodeSendgridEvent },
  whatsapp: { table: "whatsapp_messages", decode: decodeTwilioParams },
};

const EXPECTED = {
  malformed_json: "expected one JSON object a line",
  invalid_utf8: "expected UTF-8",
  too_deep: "expected at most 32 levels of nesting",
} as const;

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
const BLANK = /^\s*$/;
const LONGEST_BLANK = 64;

export function createNdjsonReader(source: SourceId, ctx: IntakeContext): FileReader {
  const { table, decode } = NDJSON[source];
  return {
    table: () => table,
    push: ({ bytes, number }) => {
      if (isBlank(bytes)) return [];
      const lineContext = { ...ctx, line: number };
      const parsed = parseJson(bytes);
      if (parsed.ok) return [decode(parsed.value, bytes, lineContext)];
      const { reason } = parsed;
      return [toDeadLetter(table, bytes, lineContext, { reason, detail: EXPECTED[reason], stage: "decode" })];
    },
    end: () => [],
  };
}

/** The first row is the header. Throws INPUT_INVALID when its columns are not those of the object. */
export function createCsvReader(object: CsvObject | undefined, ctx: IntakeContext): FileReader {
  const framer = createCsvFramer();
  let header: CsvHeader | null = null;

  function decode(row: CsvRow): Decoded[] {
    const { record, line, original } = row;
    if (header === null) {
      header = readCsvHeader(record.ok ? record.cells : [], object);
      return [];
    }
    const { kind, columns } = header;
    const rowContext = { ...ctx, line };
    if (!record.ok) {
      const { reason, detail } = record;
      return [toDeadLetter(kind.table, original, rowContext, { reason, detail, stage: "decode" })];
    }
    const { cells } = record;
    if (cells.length !== columns.length) {
      const detail = `expected ${columns.length} columns, found ${cells.length}`;
      return [toDeadLetter(kind.table, original, rowContext, { reason: "broken_row", detail, stage: "decode" })];
    }
    const values = Object.fromEntries(columns.map((column, n) => [column, cells[n] ?? ""]));
    const decodeRow = header.object === "contacts" ? decodeContactRow : decodeEnrollmentRow;
    return [decodeRow(values, line, original, ctx)];
  }

  return {
    table: () => header?.kind.table ?? "salesforce_contacts",
    push: (line) => framer.push(line.number === 1 ? withoutMark(line) : line).flatMap(decode),
    end: () => framer.end().flatMap(decode),
  };
}

function decodeTwilioParams(value: unknown, original: Buffer, ctx: IntakeContext): Decoded {
  if (isObject(value)) return decodeTwilioWebhook(value, original, ctx);
  const failure = { reason: "wrong_type", detail: "/: expected object", stage: "decode" } as const;
  return toDeadLetter("whatsapp_messages", original, ctx, failure);
}

function isBlank(bytes: Buffer): boolean {
  return bytes.length <= LONGEST_BLANK && BLANK.test(bytes.toString("latin1"));
}

function withoutMark(line: TextLine): TextLine {
  const hasMark = line.bytes.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK);
  return hasMark ? { ...line, bytes: line.bytes.subarray(BYTE_ORDER_MARK.length) } : line;
}
