import type { TestOutcome } from "../model-tests/model-test.js";
import type { Cells, TableDiff } from "./row-diff.js";

/** A diff as aligned lines, for people. */
export interface Paint {
  readonly wanted: (text: string) => string;
  readonly got: (text: string) => string;
  readonly quiet: (text: string) => string;
}

const same = (text: string): string => text;
export const PLAIN: Paint = { wanted: same, got: same, quiet: same };

const WIDEST_CELL = 60;
/** What is kept of a long text before the first character that differs. */
const BEFORE_DIFFERENCE = 12;
const MOST_ROWS = 20;

/** The failures of a test: in which of its ways, and what differs there. */
export function failureLines({ ways, failures }: TestOutcome, paint: Paint = PLAIN): string[] {
  return failures.flatMap((failure) => {
    const isEvery = ways.length > 1 && failure.ways.length === ways.length;
    const where = isEvery ? `in all ${ways.length} ways` : failure.ways.join("; ");
    if ("error" in failure) return [`${where}:`, ...failure.error.split("\n").map((line) => `  ${line}`)];
    return [`${where}: ${failure.table} differs`, ...diffLines(failure.diff, paint)];
  });
}

export function diffLines(diff: TableDiff, paint: Paint = PLAIN): string[] {
  const { columns, labels, changed, missing, unexpected } = diff;
  const cells = changed.flatMap(({ label, cells: own }) =>
    own.map(({ column, type, expected, actual }, index) => {
      const [wanted, got] = clipTogether(expected, actual);
      return [...label.map((text) => (index === 0 ? clip(text) : "")), column, type, wanted, got];
    }),
  );
  const places = labels.length;
  const header = [...labels, "column", "type", "expected", "got"];
  const painted = (text: string, at: number): string =>
    at === places + 2 ? paint.wanted(text) : at === places + 3 ? paint.got(text) : text;
  const whole = (rows: readonly Cells[], mark: Paint["got"]): string[] =>
    table(
      columns.map(({ name }) => name),
      rows.map((row) => row.map(clip)),
      paint,
      mark,
    );
  return [
    ...(cells.length === 0 ? [] : table(header, cells, paint, painted)),
    ...(missing.length === 0 ? [] : [`${rowCount(missing.length)} missing:`, ...whole(missing, paint.wanted)]),
    ...(unexpected.length === 0
      ? []
      : [`${rowCount(unexpected.length)} not expected:`, ...whole(unexpected, paint.got)]),
  ];
}

function rowCount(count: number): string {
  return count === 1 ? "1 row" : `${count} rows`;
}

function table(
  header: readonly string[],
  rows: readonly Cells[],
  paint: Paint,
  mark: (text: string, column: number) => string,
): string[] {
  const shown = rows.slice(0, MOST_ROWS);
  const widths = header.map((name, at) => Math.max(name.length, ...shown.map((row) => row[at]?.length ?? 0)));
  const lastColumn = header.length - 1;
  const line = (row: Cells, style: (text: string, column: number) => string): string =>
    `  ${row.map((text, at) => style(at === lastColumn ? text : text.padEnd(widths[at] ?? 0), at)).join("  ")}`;
  const rest = rows.length - shown.length;
  return [
    line(header, (text) => paint.quiet(text)),
    ...shown.map((row) => line(row, mark)),
    ...(rest === 0 ? [] : [paint.quiet(`  and ${rest} more`)]),
  ];
}

function clip(text: string): string {
  return text.length > WIDEST_CELL ? `${text.slice(0, WIDEST_CELL - 1)}…` : text;
}

/** Two long texts cut around where they begin to differ. */
function clipTogether(a: string, b: string): [string, string] {
  if (a.length <= WIDEST_CELL && b.length <= WIDEST_CELL) return [a, b];
  let shared = 0;
  while (shared < a.length && a[shared] === b[shared]) shared += 1;
  const from = Math.max(0, shared - BEFORE_DIFFERENCE);
  const cut = (text: string): string => clip(from === 0 ? text : `…${text.slice(from)}`);
  return [cut(a), cut(b)];
}
