import { basename, extname } from "node:path";
import { RollcallError } from "../../platform/errors.js";
import { csvRows } from "./csv-rows.js";
import { createRowReader, type LabelledRecord, type RowReader } from "./labelled-row.js";
import { readLinks } from "./links.js";
import type { Mapping } from "./mapping.js";

export interface LabelledFiles<Type extends string> {
  /** One or more, with the same columns. */
  readonly paths: readonly string[];
  readonly mapping: Mapping<Type>;
  /** Told of each file before its records, and how many lines the files before it have: records are numbered through all of them. */
  readonly onFile?: (path: string, linesBefore: number) => void;
}

const BATCH_ROWS = 20_000;
const MAX_PROBLEMS = 10;
const ONLY_SOURCE = "records";

/**
 * The records of labelled CSVs, each with a header, some thousands at a time. Throws INPUT_INVALID with file and line for what is
 * wrong with a header or with rows, up to ten at once; no message quotes a value.
 */
export async function* readLabelledFiles<Type extends string>({
  paths,
  mapping,
  onFile,
}: LabelledFiles<Type>): AsyncGenerator<readonly LabelledRecord<Type>[]> {
  const { truth } = mapping;
  const people = truth.by === "links" ? await readLinks({ ...truth, ...mapping, fileCount: paths.length }) : null;
  let linesBefore = 0;
  for (const [fileIndex, path] of paths.entries()) {
    onFile?.(path, linesBefore);
    const config = {
      linesBefore,
      defaultSource: paths.length === 1 ? ONLY_SOURCE : basename(path, extname(path)),
      personOf: people === null ? null : (recordId: string) => people.personOf(fileIndex, recordId),
    };
    for await (const { records, line } of readFile(path, mapping, config)) {
      yield records;
      linesBefore = config.linesBefore + line;
    }
  }
  people?.checkAll();
}

interface FileConfig {
  readonly linesBefore: number;
  readonly defaultSource: string;
  readonly personOf: ((recordId: string) => string) | null;
}

interface Batch<Type extends string> {
  readonly records: readonly LabelledRecord<Type>[];
  /** Where the last of them ends. */
  readonly line: number;
}

async function* readFile<Type extends string>(
  file: string,
  mapping: Mapping<Type>,
  config: FileConfig,
): AsyncGenerator<Batch<Type>> {
  const problems: string[] = [];
  let read: RowReader<Type> | null = null;
  let columnCount = 0;
  let batch: LabelledRecord<Type>[] = [];
  let rowCount = 0;
  let lastLine = 0;
  for await (const { line, cells } of csvRows(file, mapping)) {
    if (read === null) {
      checkHeader(file, cells, mapping);
      read = createRowReader({ ...config, file, header: cells, mapping });
      columnCount = cells.length;
      continue;
    }
    rowCount += 1;
    lastLine = line;
    const result =
      cells.length === columnCount
        ? read(cells, line)
        : `${file}:${line}: has ${cells.length} cells, the header has ${columnCount}`;
    if (typeof result === "string") problems.push(result);
    else batch.push(result);
    if (problems.length >= MAX_PROBLEMS) break;
    if (batch.length < BATCH_ROWS || problems.length > 0) continue;
    yield { records: batch, line };
    batch = [];
  }
  if (problems.length > 0) throw invalid([...problems, ...(problems.length >= MAX_PROBLEMS ? ["and maybe more"] : [])]);
  if (rowCount === 0) throw invalid([`${file}: holds no records: a header and one row per record are expected`]);
  if (batch.length > 0) yield { records: batch, line: lastLine };
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
  const repeated = new Set(
    mapping.columns.flatMap(({ column }) => (header.indexOf(column) === header.lastIndexOf(column) ? [] : [column])),
  );
  if (repeated.size > 0) {
    throw invalid([...repeated].map((column) => `${file}:1: column "${column}" is there more than once`));
  }
}

function invalid(problems: readonly string[]): RollcallError {
  return new RollcallError("INPUT_INVALID", problems.join("\n"), { isRetriable: false });
}
