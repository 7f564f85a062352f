import { MASK, maskResult, type PersonalParts } from "../privacy/mask.js";
import type { RowDiff, TableDiff } from "../warehouse/diff/diff.js";
import type { Row } from "../warehouse/port.js";

/**
 * A diff without personal values: by where the columns of either side come from, and by name, as the rows of a query are masked. A
 * column that is personal on one side is masked on both. Null stands for a side that cannot be followed: all of its columns are masked.
 */
export function maskDiff(
  diff: TableDiff,
  personalNames: ReadonlySet<string>,
  sides: readonly (PersonalParts | null)[],
): TableDiff {
  const parts = sides.includes(null)
    ? new Map(diff.columns.map(({ name }) => [name.toLowerCase(), WHOLE] as const))
    : joined(sides.filter((side) => side !== null));
  const masked = (row: Row): Row => maskResult({ columns: [], rows: [row] }, personalNames, parts).rows[0] as Row;
  return { ...diff, rows: diff.rows.map((row) => maskRow(row, masked)) };
}

const WHOLE = [[]] as const;

/** By column in lower case: a side may write it otherwise. */
function joined(sides: readonly PersonalParts[]): PersonalParts {
  const parts = new Map<string, readonly (readonly string[])[]>();
  for (const [name, paths] of sides.flatMap((side) => [...side])) {
    const key = name.toLowerCase();
    parts.set(key, [...(parts.get(key) ?? []), ...paths]);
  }
  return parts;
}

function maskRow(row: RowDiff, masked: (row: Row) => Row): RowDiff {
  return {
    ...row,
    key: Object.fromEntries(
      Object.entries(row.key).map(([name, value]) => [
        name,
        masked({ [name.toLowerCase()]: value })[name.toLowerCase()],
      ]),
    ),
    cells: row.cells.map((cell) => {
      const text = (value: string | null): string | null => maskText(cell.column.toLowerCase(), value, masked);
      return { ...cell, before: text(cell.before), after: text(cell.after) };
    }),
  };
}

/** A text of JSON stays as it is written where nothing in it is masked. */
function maskText(column: string, text: string | null, masked: (row: Row) => Row): string | null {
  if (text === null) return null;
  const value: unknown = JSON.parse(text);
  const shown = masked({ [column]: value })[column];
  if (shown === MASK) return MASK;
  const after = JSON.stringify(shown);
  return after === JSON.stringify(value) ? text : after;
}
