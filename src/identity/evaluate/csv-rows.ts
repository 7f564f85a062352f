import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { CsvError, parse } from "csv-parse";
import { messageOf, RollcallError } from "../../platform/errors.js";
import { likelyEncoding, noText, utf16Of } from "./encoding.js";

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
  // Of the last row that was read, which may be further than the last that was asked for.
  let lastLine = 0;
  try {
    const { header, isAll } = await firstLine(texts);
    const parser = parse({
      delimiter: delimiter ?? delimiterOf(header),
      info: true,
      on_record: (record, { lines }) => {
        lastLine = lines;
        return record;
      },
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
    throw readable(file, error, lastLine + 1);
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
  let begin: Buffer | null = null;
  const decode = (bytes?: Buffer): string => {
    try {
      return decoder.decode(bytes, { stream: bytes !== undefined });
    } catch (cause) {
      throw wronglyEncoded(file, encoding, { begin, cause });
    }
  };
  for await (const chunk of createReadStream(file)) {
    const bytes = chunk as Buffer;
    if (begin === null) {
      const problem = noText(bytes);
      if (problem !== null) throw refused(`${file} ${problem}`);
      begin = bytes;
      // As UTF-8 or Windows-1252 every second character would be a zero, and no column be found.
      if (utf16Of(bytes) !== null && !decoder.encoding.startsWith("utf-16")) {
        throw wronglyEncoded(file, encoding, { begin });
      }
    }
    yield decode(bytes);
  }
  yield decode();
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

/** `line` is where the row begins that could not be read. A quote that is never closed is noticed at the end of the file. */
function readable(file: string, error: unknown, line: number): RollcallError {
  if (error instanceof RollcallError) return error;
  // The parser's own words quote the cell it stumbled over.
  if (error instanceof CsvError) {
    const noticed = typeof error.lines === "number" && error.lines > line ? `, noticed in line ${error.lines}` : "";
    return refused(
      `${file}:${line}: no CSV: quotes stand only around whole cells and are doubled inside (${error.code}${noticed})`,
    );
  }
  return refused(`${file} cannot be read: ${messageOf(error)}`, error);
}

function wronglyEncoded(
  file: string,
  encoding: string,
  { begin, cause }: { begin: Uint8Array | null; cause?: unknown },
): RollcallError {
  return refused(
    `${file}: is not written in ${encoding}: say in the mapping how it is, as in  encoding: ${likelyEncoding(begin ?? new Uint8Array())}`,
    cause,
  );
}

function refused(message: string, cause?: unknown): RollcallError {
  return new RollcallError("INPUT_INVALID", message, { isRetriable: false, cause });
}
