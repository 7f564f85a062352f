import { type CsvRecord, parseCsvRecord } from "./csv-record.js";
import type { Line } from "./lines.js";

export interface CsvRow {
  readonly record: CsvRecord;
  /** The line it begins at. */
  readonly line: number;
  readonly original: Buffer;
}

export type TextLine = Extract<Line, { kind: "line" }>;

/** A quoted cell may hold line breaks, but not the rest of the file: behind these a quote was never closed. */
const MAX_LINES = 100;
const MAX_BYTES = 64 * 1024;
const QUOTE = 0x22;
const LINE_END = Buffer.from("\n");

export interface CsvFramer {
  /** The rows that end with this line. */
  push(line: TextLine): CsvRow[];
  /** The rows left when nothing more follows. */
  end(): CsvRow[];
}

/**
 * Puts lines together to rows. A row whose quotes do not close, or close in the wrong place, is broken alone: reading
 * goes on with the line behind its first, so one stray quote costs one row and not those after it.
 */
export function createCsvFramer(): CsvFramer {
  let pending: TextLine[] = [];
  let pendingBytes = 0;
  let isInsideQuotes = false;

  function take(line: TextLine, rows: CsvRow[]): TextLine[] {
    if (pending.length === 0 && line.bytes.length === 0) return [];
    pending.push(line);
    pendingBytes += line.bytes.length;
    if (countQuotes(line.bytes) % 2 === 1) isInsideQuotes = !isInsideQuotes;
    if (isInsideQuotes && pending.length < MAX_LINES && pendingBytes < MAX_BYTES) return [];
    return close(rows);
  }

  /** Makes a row of what is pending; returns the lines that have to be read again. */
  function close(rows: CsvRow[]): TextLine[] {
    const [first, ...rest] = pending;
    if (first === undefined) return [];
    const original = rest.length === 0 ? first.bytes : join(pending);
    const record = parseCsvRecord(original);
    pending = [];
    pendingBytes = 0;
    isInsideQuotes = false;
    if (record.ok || rest.length === 0) {
      rows.push({ record, line: first.number, original });
      return [];
    }
    rows.push({ record, line: first.number, original: first.bytes });
    return rest;
  }

  function readAll(lines: readonly TextLine[], rows: CsvRow[]): void {
    const queue = [...lines];
    for (let line = queue.shift(); line !== undefined; line = queue.shift()) queue.unshift(...take(line, rows));
  }

  return {
    push: (line) => {
      const rows: CsvRow[] = [];
      readAll([line], rows);
      return rows;
    },
    end: () => {
      const rows: CsvRow[] = [];
      while (pending.length > 0) readAll(close(rows), rows);
      return rows;
    },
  };
}

function countQuotes(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(QUOTE); at !== -1; at = bytes.indexOf(QUOTE, at + 1)) count++;
  return count;
}

function join(lines: readonly TextLine[]): Buffer {
  return Buffer.concat(lines.flatMap(({ bytes }, n) => (n === 0 ? [bytes] : [LINE_END, bytes])));
}
