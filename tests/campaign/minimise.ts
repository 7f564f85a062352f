import type { Engines, Outcome } from "./campaign.js";
import { LITERALS, nullOf } from "./literals.js";
import { type Plainer, render, type SqlNode, shorter } from "./tree.js";

/** The shortest query found that still comes out the same wrong way. */
export async function minimise(
  engines: Engines,
  node: SqlNode,
  isOrdered: boolean,
  kind: Outcome["kind"],
  most = 300,
): Promise<string> {
  const plainer = plainerOf(engines);
  let current = node;
  let tried = 0;
  const seen = new Set<string>();
  const stillWrong = async (candidate: SqlNode): Promise<boolean> => {
    const sql = render(candidate);
    if (seen.has(sql)) return false;
    seen.add(sql);
    tried += 1;
    return (await engines.compare({ sql, isOrdered })).kind === kind;
  };
  let improved = true;
  while (improved && tried < most) {
    improved = false;
    for (const candidate of shorter(current, plainer)) {
      if (tried >= most) break;
      if (render(candidate).length >= render(current).length && !isPlainer(candidate, current)) continue;
      if (!(await stillWrong(candidate))) continue;
      current = candidate;
      improved = true;
      break;
    }
  }
  return render(current);
}

/** A literal may be longer than the column it stands for, and still says more. */
function isPlainer(candidate: SqlNode, current: SqlNode): boolean {
  return columnsIn(candidate) < columnsIn(current);
}

function columnsIn(node: SqlNode): number {
  if (node.column !== undefined) return 1;
  return node.parts.reduce((sum, part) => sum + (typeof part === "string" ? 0 : columnsIn(part)), 0);
}

function plainerOf(engines: Engines): Plainer {
  const values = new Map<string, readonly string[]>();
  for (const { columns, rows } of engines.fixtures) {
    for (const [i, { name }] of columns.entries()) values.set(name, [...new Set(rows.map((row) => row[i] ?? "NULL"))]);
  }
  return ({ type = "", column }) => {
    if (column !== undefined && !column.includes(".")) return values.get(column) ?? [];
    return column === undefined ? [nullOf(type), ...(LITERALS[type] ?? []).slice(0, 4)] : [];
  };
}
