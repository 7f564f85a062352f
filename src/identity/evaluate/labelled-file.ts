import { createReadStream } from "node:fs";
import { CsvError, parse } from "csv-parse";
import { messageOf, RollcallError } from "../../platform/errors.js";
import { createRowReader, type LabelledRecord, type RowReader } from "./labelled-row.js";
import { type Mapping, mappingOfHeader } from "./mapping.js";

export interface LabelledFile<Type extends string> {
  readonly path: string;
  /** Null: its columns are called as a mapping's keys are. */
  readonly mapping: Mapping<Type> | null;
  /** The kinds of identifier there are, for a file without a mapping. */
  readonly types: readonly Type[];
}

const BATCH_ROWS = 20_000;
const MAX_PROBLEMS = 10;

/**
 * The records of a labelled CSV (RFC 4180, UTF-8, with a header), some thousands at a time. Cells are trimmed; empty ones say
 * nothing. Throws INPUT_INVALID with file and line for what is wrong with the header or with rows, up to ten at once; no message
 * quotes a value.
 */
export async function* readLabelledFile<Type extends string>(
  config: LabelledFile<Type>,
): AsyncGenerator<readonly LabelledRecord<Type>[]> {
  const { path: file } = config;
  const problems: string[] = [];
  let read: RowReader<Type> | null = null;
  let columnCount = 0;
  let batch: LabelledRecord<Type>[] = [];
  let rowCount = 0;
  for await (const { line, cells } of rowsOf(file, config.mapping?.delimiter ?? ",")) {
    if (read === null) {
      const mapping = config.mapping ?? mappingOfHeader(file, cells, config.types);
      checkHeader(file, cells, mapping);
      read = createRowReader(file, cells, mapping);
      columnCount = cells.length;
      continue;
    }
    rowCount += 1;
    const result =
      cells.length === columnCount
        ? read(cells, line)
        : `${file}:${line}: has ${cells.length} cells, the header has ${columnCount}`;
    if (typeof result === "string") problems.push(result);
    else batch.push(result);
    if (problems.length >= MAX_PROBLEMS) break;
    if (batch.length < BATCH_ROWS || problems.length > 0) continue;
    yield batch;
    batch = [];
  }
  if (problems.length > 0) throw invalid([...problems, ...(problems.length >= MAX_PROBLEMS ? ["and maybe more"] : [])]);
  if (rowCount === 0) throw invalid([`${file}: holds no records: a header and one row per record are expected`]);
  if (batch.length > 0) yield batch;
}

interface CsvRow {
  readonly line: number;
  readonly cells: readonly string[];
}

async function* rowsOf(file: string, delimiter: string): AsyncGenerator<CsvRow> {
  const parser = parse({
    bom: true,
    delimiter,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    trim: true,
  });
  const input = createReadStream(file);
  input.on("error", (error) => parser.destroy(error));
  try {
    for await (const row of input.pipe(parser)) {
      const { info, record } = row as { info: { lines: number }; record: string[] };
      yield { line: info.lines, cells: record };
    }
  } catch (error) {
    // The parser's own words quote the cell it stumbled over.
    if (error instanceof CsvError) {
      const line = typeof error.lines === "number" ? `:${error.lines}` : "";
      throw invalid([
        `${file}${line}: no CSV: quotes stand only around whole cells and are doubled inside (${error.code})`,
      ]);
    }
    throw new RollcallError("INPUT_INVALID", `${file} cannot be read: ${messageOf(error)}`, {
      isRetriable: false,
      cause: error,
    });
  } finally {
    input.destroy();
  }
}

/** Tells the file's columns only where one of them was expected: a file without a header begins with somebody's data. */
function checkHeader<Type extends string>(file: string, header: readonly string[], mapping: Mapping<Type>): void {
  const missing = mapping.columns.filter(({ column }) => !header.includes(column));
  if (missing.length > 0) {
    const isHeader = mapping.columns.some(({ column }) => header.includes(column));
    throw invalid([
      ...missing.map(({ column, place }) => `${place}: no column "${column}" in ${file}`),
      isHeader
        ? `Its columns are: ${header.join(", ")}.`
        : "Its first row names none of the columns that are asked for: is it a header?",
    ]);
  }
  const repeated = mapping.columns.filter(({ column }) => header.indexOf(column) !== header.lastIndexOf(column));
  if (repeated.length > 0) {
    throw invalid(repeated.map(({ column }) => `${file}:1: column "${column}" is there more than once`));
  }
}

function invalid(problems: readonly string[]): RollcallError {
  return new RollcallError("INPUT_INVALID", problems.join("\n"), { isRetriable: false });
}
