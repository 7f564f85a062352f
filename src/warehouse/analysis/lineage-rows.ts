import { ANY_ROW, both, type Conditions, type KeySet } from "../googlesql/lineage-keys.js";
import type { Edge } from "./lineage-script.js";

/** How what is known of rows goes from one table's rows to another's, over an edge. Null where no row of both can be so. */
export interface RowRules {
  /** Given that the edge feeds such rows: which rows it comes from. */
  upstream(edge: Edge, where: Conditions | undefined): Conditions | null;
  /** Given that the edge comes from such rows: which rows it feeds. */
  downstream(edge: Edge, where: Conditions | undefined): Conditions | null;
}

/**
 * Only columns that some statement fills with known values, or carries on from such columns, can tell rows apart: all other conditions
 * are left out. So are those of columns that get new values in rows that keep others.
 */
export function createRowRules(edges: readonly Edge[], rewrites: ReadonlySet<string>): RowRules {
  const telling = tellingColumns(edges, rewrites);
  const keep = (table: string, conditions: Conditions): Conditions =>
    Object.fromEntries(
      Object.entries(conditions).filter(([column, set]) => isTelling(set) && telling.has(keyOf(table, column))),
    );
  const known = new Map(
    edges.map((edge) => {
      const where = keep(edge.from.table, edge.from.where ?? ANY_ROW);
      return [edge, { where, given: keep(edge.to.table, edge.given) }] as const;
    }),
  );
  const of = (edge: Edge) => known.get(edge) ?? { where: ANY_ROW, given: ANY_ROW };
  return {
    upstream(edge, where = ANY_ROW) {
      const { where: own, given } = of(edge);
      const asked = keep(edge.to.table, where);
      if (both(given, asked) === null) return null;
      return sameColumns(edge, asked, "up", (column) => telling.has(keyOf(edge.from.table, column)), own);
    },
    downstream(edge, where = ANY_ROW) {
      const { where: own, given } = of(edge);
      const rows = both(own, keep(edge.from.table, where));
      if (rows === null) return null;
      return sameColumns(edge, rows, "down", (column) => telling.has(keyOf(edge.to.table, column)), given);
    },
  };
}

function keyOf(table: string, column: string): string {
  return `${table}.${column}`.toLowerCase();
}

/** `known` and what the conditions say of the columns that are the same at the other end. */
function sameColumns(
  { same }: Edge,
  conditions: Conditions,
  direction: "up" | "down",
  canTell: (column: string) => boolean,
  known: Conditions,
): Conditions | null {
  let found: Conditions | null = known;
  for (const [to, from] of same) {
    const set = conditions[direction === "up" ? to : from];
    const column = direction === "up" ? from : to;
    if (set !== undefined && canTell(column)) found = found && both(found, { [column]: set });
  }
  return found;
}

/** That a value is there, or that none is, says little of which rows these are. */
function isTelling(set: KeySet): boolean {
  return ("in" in set ? set.in : set.notIn).some((value) => value !== null);
}

/** Columns with known values, and columns that carry those on; without the ones that are rewritten. */
function tellingColumns(edges: readonly Edge[], rewrites: ReadonlySet<string>): ReadonlySet<string> {
  const telling = new Set<string>();
  const carriers = new Map<string, Set<string>>();
  for (const { from, to, given, same } of edges) {
    for (const [column, set] of Object.entries(given)) if (isTelling(set)) telling.add(keyOf(to.table, column));
    for (const [target, source] of same) {
      const key = keyOf(from.table, source);
      carriers.set(key, (carriers.get(key) ?? new Set()).add(keyOf(to.table, target)));
    }
  }
  for (const column of rewrites) telling.delete(column);
  for (const column of telling)
    for (const carrier of carriers.get(column) ?? []) if (!rewrites.has(carrier)) telling.add(carrier);
  return telling;
}
