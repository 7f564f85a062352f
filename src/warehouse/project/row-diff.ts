import { parseType } from "../googlesql/types.js";
import type { Column, Row } from "../port.js";
import { canonicalValue } from "./typed-value.js";

/**
 * Compares rows without regard to their order, cell by cell and by type. Each difference names the row (by its first
 * columns) and the cell.
 */
export function diffRows(columns: readonly Column[], expected: readonly Row[], actual: readonly Row[]): string[] {
  const types = columns.map((column) => ({ name: column.name, type: parseType(column.type) }));
  const canonical = (row: Row): string[] => types.map(({ name, type }) => canonicalValue(row[name] ?? null, type));
  const missing = expected.map(canonical);
  const extra: string[][] = [];
  for (const row of actual.map(canonical)) {
    const at = missing.findIndex((candidate) => candidate.every((cell, index) => cell === row[index]));
    if (at === -1) extra.push(row);
    else missing.splice(at, 1);
  }
  const problems: string[] = [];
  for (const row of missing) {
    const nearest = takeNearest(row, extra);
    if (nearest === null) problems.push(`missing row: ${show(columns, row)}`);
    else problems.push(...cellProblems(columns, row, nearest));
  }
  for (const row of extra) problems.push(`unexpected row: ${show(columns, row)}`);
  return problems;
}

/** The unmatched row that shares most cells, at least half of them, so that one wrong cell reads as one wrong cell. */
function takeNearest(row: readonly string[], candidates: string[][]): string[] | null {
  const shared = candidates.map((candidate) => candidate.filter((cell, index) => cell === row[index]).length);
  const best = Math.max(-1, ...shared);
  if (best * 2 < row.length) return null;
  return candidates.splice(shared.indexOf(best), 1)[0] ?? null;
}

function cellProblems(columns: readonly Column[], expected: readonly string[], actual: readonly string[]): string[] {
  const label = show(columns.slice(0, 2), expected);
  return columns.flatMap(({ name }, index) =>
    expected[index] === actual[index]
      ? []
      : [`row ${label}: ${name} should be ${expected[index]}, is ${actual[index]}`],
  );
}

function show(columns: readonly Column[], row: readonly string[]): string {
  return `{ ${columns.map(({ name }, index) => `${name}: ${row[index]}`).join(", ")} }`;
}
