import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { CsvError, parse } from "csv-parse";
import { messageOf, RollcallError } from "../../platform/errors.js";

export interface CsvFormat {
  /** Null: see `delimiterOf`. */
  readonly delimiter: string | null;
  /** As the WHATWG's Encoding Standard names it. */
  readonly encoding: string;
}

export interface CsvRow {
  /** Where the row ends. */
  readonly line: number;
  readonly cells: readonly string[];
}

const DELIMITERS = [",", ";", "\t", "|"];
/** A header that is longer is read as far. */
const LONGEST_HEADER = 65_536;

/**
 * The rows of a CSV (RFC 4180), the header first. Cells are trimmed, empty lines left out. Throws INPUT_INVALID for what cannot be
 * read, with the line where it is known; no message quotes a cell.
 */
export async function* csvRows(file: string, { delimiter, encoding }: CsvFormat): AsyncGenerator<CsvRow> {
  const texts = decoded(file, encoding);
  try {
    const { header, isAll } = await firstLine(texts);
    const parser = parse({
      delimiter: delimiter ?? delimiterOf(header),
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
    });
    // What goes wrong with the texts goes wrong with the parser, where rows are waited for.
    pipeline(joined(header, isAll ? [] : texts), parser).catch(() => undefined);
    for await (const row of parser) {
      const { info, record } = row as { info: { lines: number }; record: string[] };
      yield { line: info.lines, cells: record };
    }
  } catch (error) {
    throw readable(file, error);
  } finally {
    await texts.return(undefined);
  }
}

/** That of comma, semicolon, tab and bar which a header has most of outside quotes; a comma where it has none. */
export function delimiterOf(header: string): string {
  const line = header.replace(/"[^"]*"/g, "").split(/[\r\n]/, 1)[0] ?? "";
  const count = (delimiter: string): number => line.split(delimiter).length;
  return DELIMITERS.reduce((best, each) => (count(each) > count(best) ? each : best));
}

/** Without a byte order mark. */
async function* decoded(file: string, encoding: string): AsyncGenerator<string, void> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  let isFirst = true;
  for await (const chunk of createReadStream(file)) {
    const bytes = chunk as Buffer;
    try {
      yield decoder.decode(bytes, { stream: true });
    } catch (cause) {
      throw wronglyEncoded(file, encoding, { cause, isUtf16: isFirst && bytes[0] === 0xff && bytes[1] === 0xfe });
    }
    isFirst = false;
  }
  try {
    yield decoder.decode();
  } catch (cause) {
    throw wronglyEncoded(file, encoding, { cause, isUtf16: false });
  }
}

async function* joined(header: string, texts: AsyncIterable<string> | Iterable<string>): AsyncGenerator<string> {
  yield header;
  yield* texts;
}

async function firstLine(texts: AsyncGenerator<string, void>): Promise<{ header: string; isAll: boolean }> {
  let header = "";
  while (header.length < LONGEST_HEADER && !/[\r\n]./s.test(header)) {
    const next = await texts.next();
    if (next.done === true) return { header, isAll: true };
    header += next.value;
  }
  return { header, isAll: false };
}

function readable(file: string, error: unknown): RollcallError {
  if (error instanceof RollcallError) return error;
  // The parser's own words quote the cell it stumbled over.
  if (error instanceof CsvError) {
    const line = typeof error.lines === "number" ? `:${error.lines}` : "";
    return refused(
      `${file}${line}: no CSV: quotes stand only around whole cells and are doubled inside (${error.code})`,
    );
  }
  return refused(`${file} cannot be read: ${messageOf(error)}`, error);
}

function wronglyEncoded(
  file: string,
  encoding: string,
  { cause, isUtf16 }: { cause: unknown; isUtf16: boolean },
): RollcallError {
  const likely = isUtf16 ? "utf-16le" : "windows-1252";
  return refused(
    `${file}: is not written in ${encoding}: say in the mapping how it is, as in  encoding: ${likely}`,
    cause,
  );
}

function refused(message: string, cause?: unknown): RollcallError {
  return new RollcallError("INPUT_INVALID", message, { isRetriable: false, cause });
}
