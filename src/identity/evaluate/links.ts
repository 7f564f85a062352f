import { RollcallError } from "../../platform/errors.js";
import { type CsvFormat, csvRows } from "./csv-rows.js";

/** Who is who by links between records. */
export interface LinkedPeople {
  /** The person of the record with that id in the file of that place. Records that nothing links are each a person. */
  personOf(fileIndex: number, recordId: string): string;
  /** Throws INPUT_INVALID where a link names a record that nobody asked for. */
  checkAll(): void;
}

export interface LinkFile extends CsvFormat {
  readonly file: string;
  readonly left: string;
  readonly right: string;
  /** How many files of records there are. Of two, the left column names records of the first and the right one of the second. */
  readonly fileCount: number;
}

const MAX_PROBLEMS = 10;

/** Reads a CSV with a header and two columns of record ids: who is linked, also by way of others, is one person. */
export async function readLinks({ file, left, right, fileCount, ...format }: LinkFile): Promise<LinkedPeople> {
  if (fileCount > 2)
    throw invalid([`${file}: links are between the records of one file or of two, not of ${fileCount}`]);
  const sides = [
    { column: left, fileIndex: 0 },
    { column: right, fileIndex: fileCount - 1 },
  ];
  const parents = new Map<string, string>();
  const lineOf = new Map<string, number>();
  const asked = new Set<string>();
  const rootOf = (record: string): string => {
    let root = record;
    for (let next = parents.get(root); next !== undefined; next = parents.get(root)) root = next;
    for (let each = record; each !== root; ) {
      const next = parents.get(each) ?? root;
      parents.set(each, root);
      each = next;
    }
    return root;
  };
  let places: number[] | null = null;
  for await (const { line, cells } of csvRows(file, format)) {
    if (places === null) {
      places = sides.map(({ column }) => cells.indexOf(column));
      const missing = sides.filter((_, side) => places?.[side] === -1);
      if (missing.length > 0) throw invalid(missing.map(({ column }) => `${file}:1: no column "${column}"`));
      continue;
    }
    const ids = places.map((place) => cells[place] ?? "");
    if (ids.includes("")) throw invalid([`${file}:${line}: names one record only: each link is between two`]);
    const [a, b] = ids.map((id, side) => keyOf(sides[side]?.fileIndex ?? 0, id));
    if (a === undefined || b === undefined) continue;
    for (const record of [a, b]) if (!lineOf.has(record)) lineOf.set(record, line);
    const [one, other] = [rootOf(a), rootOf(b)];
    if (one !== other) parents.set(other, one);
  }
  return {
    personOf: (fileIndex, recordId) => {
      const record = keyOf(fileIndex, recordId);
      asked.add(record);
      return rootOf(record);
    },
    checkAll: () => {
      const unknown = [...lineOf].filter(([record]) => !asked.has(record)).slice(0, MAX_PROBLEMS);
      if (unknown.length > 0)
        throw invalid(unknown.map(([, line]) => `${file}:${line}: links a record that there is not`));
    },
  };
}

function keyOf(fileIndex: number, recordId: string): string {
  return `${fileIndex}:${recordId}`;
}

function invalid(problems: readonly string[]): RollcallError {
  return new RollcallError("INPUT_INVALID", problems.join("\n"), { isRetriable: false });
}
