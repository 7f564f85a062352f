import { tableKey } from "../googlesql/catalog.js";
import type { ColumnSource, Flow, StatementLineage } from "../googlesql/lineage.js";
import { ANY_ROW, type Conditions, conditionsKey, implies, isAnyRow } from "../googlesql/lineage-keys.js";
import { extendPath, weaker } from "../googlesql/lineage-values.js";
import type { Action } from "../project/action.js";
import type { AnalysedAction, ProjectAnalysis, Variant } from "./analyse.js";
import { createRowRules } from "./lineage-rows.js";
import { type Edge, withoutTemporaries } from "./lineage-script.js";

/** One step from a part of a column to another, and who makes it. */
export interface Step {
  readonly part: ColumnSource;
  readonly flow: Flow;
  readonly action: Action;
}

/** A statement of an action and the columns that decide about its rows. */
export interface Decision {
  readonly action: Action;
  readonly variant: Variant;
  /** Null for a check, which writes nothing. */
  readonly writes: string | null;
  readonly columns: readonly ColumnSource[];
}

export interface LineageTable {
  /** "silver.events", in lower case. */
  readonly key: string;
  readonly columns: readonly string[];
  /** The action of that name: the file to look into. Null for tables that no model declares. */
  readonly action: Action | null;
}

/**
 * Which column is made of which, over a whole project: the union of all statements that write a table, in its full build and in its
 * cycles. Temporary tables and variables of a script are looked through. Names are matched without regard to case.
 */
export interface LineageGraph {
  /** In the order in which models run. */
  readonly tables: ReadonlyMap<string, LineageTable>;
  /**
   * What goes straight into the part, sorted. A part of a part that was copied whole is found by its own path. Of a part with `where`
   * only what goes into such rows, and each step's part has the `where` of the rows that it comes from: whoever goes on from it stays
   * with the rows that the way is about.
   */
  sourcesOf(part: ColumnSource): readonly Step[];
  /** What the part goes straight into, sorted. */
  targetsOf(part: ColumnSource): readonly Step[];
  /** Filters, joins, GROUP BY and QUALIFY, checks included. */
  readonly decisions: readonly Decision[];
  /** Sources that no table has. None, unless the analysis has failures. */
  readonly dangling: readonly Edge[];
}

export function lineageGraph(analysis: Pick<ProjectAnalysis, "actions" | "catalog">): LineageGraph {
  const edges: Edge[] = [];
  const decisions: Decision[] = [];
  const rewrites = new Set<string>();
  for (const analysed of analysis.actions.values()) {
    const script = scriptOf(analysed);
    edges.push(...script.edges);
    decisions.push(...script.decisions);
    for (const column of script.rewrites) rewrites.add(column);
  }
  const tables = tablesOf(analysis);
  const rules = createRowRules(edges, rewrites);
  const incoming = groupBy(edges, (edge) => columnKey(edge.to));
  const outgoing = groupBy(edges, (edge) => columnKey(edge.from));
  const named = (part: ColumnSource): ColumnSource => {
    const table = tables.get(part.table.toLowerCase());
    const column = table?.columns.find((name) => name.toLowerCase() === part.column.toLowerCase());
    return { ...part, table: table?.key ?? part.table, column: column ?? part.column };
  };
  const steps = (found: readonly Edge[], follow: (edge: Edge) => ColumnSource | null): readonly Step[] => {
    const kept = new Map<string, readonly Step[]>();
    for (const edge of found) {
      const part = follow(edge);
      if (part === null) continue;
      const key = `${partKey({ ...part, where: ANY_ROW })}\n${edge.action.id}`;
      const step: Step = { part: named(part), flow: edge.flow, action: edge.action };
      const known = kept.get(key) ?? [];
      if (known.some((one) => tells(one, step))) continue;
      kept.set(key, [...known.filter((one) => !tells(step, one)), step]);
    }
    return [...kept].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, same]) => [...same].sort(byRows));
  };
  return {
    tables,
    decisions,
    sourcesOf: (part) =>
      steps(incoming.get(columnKey(part)) ?? [], (edge) =>
        inRows(across(part.path, edge.to, edge.from, edge.flow), () => rules.upstream(edge, part.where)),
      ),
    targetsOf: (part) =>
      steps(outgoing.get(columnKey(part)) ?? [], (edge) =>
        inRows(across(part.path, edge.from, edge.to, edge.flow), () => rules.downstream(edge, part.where)),
      ),
    dangling: edges.filter(({ from }) => !hasColumn(tables, from)),
  };
}

/** The table's and the column's name: one key for all parts of a column. */
export function columnKey({ table, column }: ColumnSource): string {
  return `${table}.${column}`.toLowerCase();
}

/** The same for the same part of the same rows only. */
export function partKey(part: ColumnSource): string {
  const rows = conditionsKey(part.where ?? ANY_ROW);
  return [columnKey(part), ...part.path].join(".") + (rows === "" ? "" : `\n${rows}`);
}

/** Whether the first of two steps to a part says all that the second does. */
function tells(one: Step, other: Step): boolean {
  return weaker(one.flow, other.flow) === other.flow && implies(one.part.where ?? ANY_ROW, other.part.where ?? ANY_ROW);
}

function byRows(a: Step, b: Step): number {
  return conditionsKey(a.part.where ?? ANY_ROW) < conditionsKey(b.part.where ?? ANY_ROW) ? -1 : 1;
}

/** The part in those rows; null where there are none. */
function inRows(part: ColumnSource | null, rowsOf: () => Conditions | null): ColumnSource | null {
  if (part === null) return null;
  const rows = rowsOf();
  if (rows === null) return null;
  const { table, column, path } = part;
  return isAnyRow(rows) ? { table, column, path } : { table, column, path, where: rows };
}

/** "silver.events.properties.score", as people write it: a step into an array is "[]". */
export function partText({ table, column, path }: ColumnSource): string {
  return [table, column, ...path].join(".").replaceAll(".[]", "[]");
}

/** "field = email", "field in (email, phone)", "field not in (email)": the rows that the part is about; empty for all. */
export function rowsText({ where = ANY_ROW }: ColumnSource): string {
  const texts = Object.entries(where).map(([column, set]) => {
    const values = ("in" in set ? set.in : set.notIn).map((value) => value ?? "null");
    if ("in" in set && values.length === 1) return `${column} = ${values[0]}`;
    return `${column} ${"in" in set ? "in" : "not in"} (${values.join(", ")})`;
  });
  return texts.join(" and ");
}

/**
 * The part at the other end of an edge: of a copied part its own part there; of the whole, whatever the edge carries of it. Null when
 * the edge is about another part.
 */
function across(path: readonly string[], near: ColumnSource, far: ColumnSource, flow: Flow): ColumnSource | null {
  const shared = Math.min(path.length, near.path.length);
  if (near.path.slice(0, shared).join("\n") !== path.slice(0, shared).join("\n")) return null;
  if (flow !== "copy" || path.length <= near.path.length) return far;
  return { ...far, path: path.slice(near.path.length).reduce(extendPath, far.path) };
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return groups;
}

function hasColumn(tables: LineageGraph["tables"], { table, column }: ColumnSource): boolean {
  return tables.get(table)?.columns.some((name) => name.toLowerCase() === column.toLowerCase()) ?? false;
}

function tablesOf({
  actions,
  catalog,
}: Pick<ProjectAnalysis, "actions" | "catalog">): ReadonlyMap<string, LineageTable> {
  const actionOf = new Map([...actions.values()].map(({ action }) => [action.id.toLowerCase(), action]));
  const inOrder = [...actionOf.keys(), ...[...catalog.keys()].filter((key) => !actionOf.has(key))];
  const tables = inOrder.flatMap((key) => {
    const table = catalog.get(key);
    const columns = table?.columns.map(({ name }) => name) ?? [];
    return table === undefined ? [] : [{ key: tableKey(table), columns, action: actionOf.get(key) ?? null }];
  });
  return new Map(tables.map((table) => [table.key, table]));
}

interface Script {
  readonly edges: readonly Edge[];
  readonly decisions: readonly Decision[];
  readonly rewrites: readonly string[];
}

/** Each of its texts is a script of its own, with temporary tables of its own. */
function scriptOf({ action, statements }: AnalysedAction): Script {
  const edges: Edge[] = [];
  const decisions: Decision[] = [];
  const rewrites: string[] = [];
  for (const variant of ["full", "incremental", "check"] as const) {
    const lineages = statements.filter((one) => one.variant === variant).map((one): StatementLineage => one.lineage);
    const script = withoutTemporaries(action, lineages);
    edges.push(...script.edges);
    rewrites.push(...script.rewrites);
    for (const { writes, columns } of script.decisions)
      if (columns.length > 0) decisions.push({ action, variant, writes, columns });
  }
  return { edges, decisions, rewrites };
}
