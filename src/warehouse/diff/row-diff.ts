import { parseType } from "../googlesql/types.js";
import type { Column, Row, SqlType } from "../port.js";
import { canonicalValue } from "../project/typed-value.js";

/** What tells two tables apart: without regard to the order of their rows, cell by cell and by type. Values as text. */
export interface TableDiff {
  readonly columns: readonly Column[];
  /** By which columns a changed row is called. */
  readonly labels: readonly string[];
  readonly changed: readonly RowDiff[];
  readonly missing: readonly Cells[];
  readonly unexpected: readonly Cells[];
}

/** One text per column of the diff. */
export type Cells = readonly string[];

export interface RowDiff {
  readonly label: readonly string[];
  readonly cells: readonly CellDiff[];
}

export interface CellDiff {
  readonly column: string;
  readonly type: SqlType;
  readonly expected: string;
  readonly actual: string;
}

/** Rows without a key are called by their first columns. */
const LABEL_COLUMNS = 2;

/**
 * Compares rows, counting equal ones. What is left over is paired by `keys` where all of them are compared, else with
 * the row that shares most cells, so that one wrong cell reads as one wrong cell.
 */
export function diffRows(
  columns: readonly Column[],
  keys: readonly string[],
  expected: readonly Row[],
  actual: readonly Row[],
): TableDiff {
  const types = columns.map((column) => ({ name: column.name, type: parseType(column.type) }));
  const canonical = (row: Row): string[] => types.map(({ name, type }) => canonicalValue(row[name] ?? null, type));
  const missing = expected.map(canonical);
  const unexpected: Cells[] = [];
  // A warehouse gives rows in any order: the same differences read the same each time.
  for (const row of actual.map(canonical).sort(byText)) {
    const at = missing.findIndex((candidate) => candidate.every((cell, index) => cell === row[index]));
    if (at === -1) unexpected.push(row);
    else missing.splice(at, 1);
  }
  const places = keys.map((key) => columns.findIndex(({ name }) => name === key));
  const isKeyed = places.length > 0 && !places.includes(-1);
  const labels = isKeyed ? places : columns.slice(0, LABEL_COLUMNS).map((_, index) => index);
  const changed: RowDiff[] = [];
  const unpaired = missing.filter((row) => {
    const other = isKeyed ? takeSame(row, unexpected, places) : takeNearest(row, unexpected);
    if (other !== null) changed.push({ label: pick(row, labels), cells: cellDiffs(columns, row, other) });
    return other === null;
  });
  return { columns, labels: labels.map((at) => columns[at]?.name ?? ""), changed, missing: unpaired, unexpected };
}

function byText(a: Cells, b: Cells): number {
  const [left, right] = [a.join("\u0000"), b.join("\u0000")];
  return left < right ? -1 : Number(left > right);
}

export function isSame(diff: TableDiff): boolean {
  return diff.changed.length + diff.missing.length + diff.unexpected.length === 0;
}

function takeSame(row: Cells, candidates: Cells[], places: readonly number[]): Cells | null {
  const at = candidates.findIndex((candidate) => places.every((place) => candidate[place] === row[place]));
  return at === -1 ? null : (candidates.splice(at, 1)[0] ?? null);
}

/** The one that shares most cells, at least half of them. */
function takeNearest(row: Cells, candidates: Cells[]): Cells | null {
  const shared = candidates.map((candidate) => candidate.filter((cell, index) => cell === row[index]).length);
  const best = Math.max(-1, ...shared);
  if (best * 2 < row.length) return null;
  return candidates.splice(shared.indexOf(best), 1)[0] ?? null;
}

function cellDiffs(columns: readonly Column[], expected: Cells, actual: Cells): CellDiff[] {
  return columns.flatMap(({ name, type }, index) => {
    const [wanted, got] = [expected[index] ?? "", actual[index] ?? ""];
    return wanted === got ? [] : [{ column: name, type, expected: wanted, actual: got }];
  });
}

function pick(row: Cells, places: readonly number[]): string[] {
  return places.map((place) => row[place] ?? "");
}
