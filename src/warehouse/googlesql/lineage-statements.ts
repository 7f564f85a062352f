import { DEFAULT_PROJECT, tableKey } from "./catalog.js";
import type { OutputLineage, StatementLineage } from "./lineage.js";
import { literalsOf } from "./lineage-conditions.js";
import { VARIABLE_COLUMN, variableTable } from "./lineage-expressions.js";
import { type Carried, entriesOf, forget, Passage, plainSources } from "./lineage-given.js";
import { type LineageScope, Tracer, UnknownPart } from "./lineage-tracer.js";
import { CONSTANT, columnValue, merge, sortedColumns, type Value } from "./lineage-values.js";
import { outputNames } from "./output-names.js";
import type { ResolvedColumn, ResolvedNode } from "./resolved.js";

/** The statement writes no rows anybody could ask about. */
const NOTHING: StatementLineage = { writes: null, outputs: [], conditions: [] };

/**
 * Where the columns of a resolved statement come from. Never throws: of a statement it does not understand it says that every output
 * is made of every column of every table the statement names.
 */
export function lineageOf(node: ResolvedNode, scope: LineageScope): StatementLineage {
  const tracer = new Tracer(scope);
  try {
    let traced: Traced = { writes: null, outputs: [] };
    const conditions = tracer.collecting(() => {
      traced = trace(tracer, node);
    });
    const rows: Record<string, string>[] = [];
    const outputs = traced.outputs.map(([name, value]) => ({ name, sources: plainSources(value, rows) }));
    return {
      writes: traced.writes,
      outputs,
      conditions: sortedColumns(merge(conditions)),
      ...(rows.length === 0 ? {} : { rows }),
      ...(traced.rewrites === undefined ? {} : { rewrites: traced.rewrites }),
    };
  } catch (error) {
    if (!(error instanceof UnknownPart)) throw error;
    return everything(node, scope);
  }
}

/** Of `DECLARE name DEFAULT (query)` or `SET name = (query)`: a table of one column, what decides the rows deciding the value. */
export function variableLineage(name: string, query: StatementLineage): StatementLineage {
  const deciding = query.conditions.map((column) => ({ ...column, flow: "decide" as const, into: [] }));
  const values = query.outputs.map(({ sources }) => forget(entriesOf(sources)));
  const sources = plainSources(merge([...values, deciding]), []);
  return { writes: variableTable(name), outputs: [{ name: VARIABLE_COLUMN, sources }], conditions: [] };
}

interface Traced {
  readonly writes: string | null;
  /** What is known of rows is told by the names of outputs. */
  readonly outputs: readonly (readonly [name: string, value: Value])[];
  readonly rewrites?: readonly string[];
}

function trace(tracer: Tracer, node: ResolvedNode): Traced {
  switch (node.kind) {
    case "QueryStmt":
      return { writes: null, outputs: query(tracer, node) };
    case "CreateTableAsSelectStmt":
    case "CreateViewStmt":
    case "CreateMaterializedViewStmt":
      return { writes: created(node, tracer.scope), outputs: query(tracer, node) };
    case "CreateTableStmt":
      return { writes: created(node, tracer.scope), outputs: copied(tracer, node) };
    case "AssertStmt":
      tracer.decide(tracer.expression(node.node("expression")));
      return { writes: null, outputs: [] };
    case "InsertStmt":
      return { writes: target(tracer, node), outputs: insert(tracer, node) };
    case "UpdateStmt":
      return update(tracer, node);
    case "DeleteStmt":
      return { writes: target(tracer, node), outputs: condition(tracer, node, "whereExpr") };
    case "TruncateStmt":
      return { writes: target(tracer, node), outputs: [] };
    case "MergeStmt":
      return mergeInto(tracer, node);
    default:
      return { writes: null, outputs: [] };
  }
}

function query(tracer: Tracer, node: ResolvedNode): Traced["outputs"] {
  tracer.scan(node.node("query"));
  const outputs = node.nodes("outputColumnList");
  const names = outputNames(outputs);
  return written(
    tracer,
    outputs.map((output, i) => [names[i] ?? "", output.column("column")]),
  );
}

/** Columns of a row as outputs by other names. */
function written(
  tracer: Tracer,
  columns: readonly (readonly [name: string, column: ResolvedColumn])[],
): Traced["outputs"] {
  const carried = columns.map(([name, { id }]): Carried => {
    const from = tracer.symbolOf(id);
    return { from, to: name.toLowerCase(), domain: tracer.domain(from) };
  });
  const passage = new Passage("", distinct(carried));
  return columns.map(([name, { id }]) => [name, passage.carry(tracer.column(id))]);
}

/** Without names that several outputs have. */
function distinct(carried: readonly Carried[]): readonly Carried[] {
  return carried.filter(({ to }) => carried.filter((other) => other.to === to).length === 1);
}

/** "silver.events" of a path with or without the project; a temporary table's bare name. */
function created(node: ResolvedNode, scope: LineageScope): string {
  const parts = node.texts("namePath").flatMap((name) => name.split("."));
  if (parts.length > 1 && parts[0]?.toLowerCase() === DEFAULT_PROJECT) parts.shift();
  const isTemporary = node.text("createScope") === "CREATE_TEMP";
  const dataset = parts.length > 1 ? (parts.at(-2) ?? null) : isTemporary ? null : (scope.defaultDataset ?? null);
  return tableKey({ dataset, table: parts.at(-1) ?? "" });
}

/** CREATE TABLE ... COPY and CLONE carry their rows over; LIKE carries only columns. */
function copied(tracer: Tracer, node: ResolvedNode): Traced["outputs"] {
  const source = node.optionalNode("copyFrom") ?? node.optionalNode("cloneFrom");
  if (source === null) return [];
  const key = source.referenceName("table").toLowerCase();
  const table = tracer.scope.tables.find((known) => tableKey(known) === key) ?? tracer.unknown();
  return table.columns.map(({ name }) => [name, columnValue(key, name)]);
}

function target(tracer: Tracer, node: ResolvedNode): string {
  const scan = node.node("tableScan");
  tracer.scan(scan);
  return scan.referenceName("table").toLowerCase();
}

function condition(tracer: Tracer, node: ResolvedNode, field: string): Traced["outputs"] {
  const expression = node.optionalNode(field);
  if (expression !== null) tracer.decide(tracer.expression(expression));
  return [];
}

type Assigned = readonly (readonly [name: string, expression: ResolvedNode])[];

/** The values of one row by the columns they go to. */
function rowOf(tracer: Tracer, assigned: Assigned): Traced["outputs"] {
  const carried = assigned.map(([name, expression]): Carried => {
    const domain = literalsOf(tracer, expression);
    return { from: tracer.symbol(expression), to: name.toLowerCase(), domain };
  });
  // Another row of the statement may be made of the same row in another way.
  const name = carried.map(({ from, to }) => `${from} ${to}`).join();
  const passage = new Passage(name, distinct(carried));
  return assigned.map(([name, expression]) => [name, passage.carry(tracer.expression(expression))]);
}

function insertedRow(tracer: Tracer, row: ResolvedNode, columns: readonly ResolvedColumn[]): Traced["outputs"] {
  const values = row.nodes("valueList").map((entry) => entry.node("value"));
  return rowOf(
    tracer,
    columns.flatMap(({ name }, i) => {
      const value = values[i];
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}

/** A column comes from all that set it. */
function together(rows: Traced["outputs"]): Traced["outputs"] {
  const names = [...new Set(rows.map(([name]) => name))];
  return names.map((name) => [name, merge(rows.filter(([column]) => column === name).map(([, value]) => value))]);
}

function insert(tracer: Tracer, node: ResolvedNode): Traced["outputs"] {
  const columns = node.columns("insertColumnList");
  const input = node.optionalNode("query");
  if (input === null) {
    const rows = node.nodes("rowList").flatMap((row) => insertedRow(tracer, row, columns));
    return together([...columns.map(({ name }) => [name, CONSTANT] as const), ...rows]);
  }
  tracer.scan(input);
  const outputs = node.columns("queryOutputColumnList");
  return written(
    tracer,
    columns.map(({ name }, i) => [name, outputs[i] ?? tracer.unknown()]),
  );
}

function assignments(tracer: Tracer, items: readonly ResolvedNode[]): Assigned {
  return items.map((item) => {
    const assigned = item.node("target");
    if (assigned.kind !== "ColumnRef") return tracer.unknown();
    return [assigned.column("column").name, item.node("setValue").node("value")];
  });
}

/** Rows that stay and have new values in some columns: nothing is known of the others beside them. */
function rewritten(tracer: Tracer, assigned: Assigned): Pick<Required<Traced>, "outputs" | "rewrites"> {
  return {
    outputs: assigned.map(([name, expression]) => [name, forget(tracer.expression(expression))]),
    rewrites: assigned.map(([name]) => name.toLowerCase()),
  };
}

function update(tracer: Tracer, node: ResolvedNode): Traced {
  const writes = target(tracer, node);
  const source = node.optionalNode("fromScan");
  if (source !== null) tracer.scan(source);
  condition(tracer, node, "whereExpr");
  return { writes, ...rewritten(tracer, assignments(tracer, node.nodes("updateItemList"))) };
}

/** Every branch may be the one a row takes. One that sets all columns makes a new row. */
function mergeInto(tracer: Tracer, node: ResolvedNode): Traced {
  const writes = target(tracer, node);
  const all = tracer.scope.tables.find((known) => tableKey(known) === writes)?.columns.length;
  tracer.scan(node.node("fromScan"));
  condition(tracer, node, "mergeExpr");
  const rows: Traced["outputs"][number][] = [];
  const rewrites = new Set<string>();
  for (const clause of node.nodes("whenClauseList")) {
    condition(tracer, clause, "matchExpr");
    if (clause.text("actionType") === "INSERT") {
      rows.push(...insertedRow(tracer, clause.node("insertRow"), clause.columns("insertColumnList")));
    } else if (clause.text("actionType") === "UPDATE") {
      const assigned = assignments(tracer, clause.nodes("updateItemList"));
      if (assigned.length === all) rows.push(...rowOf(tracer, assigned));
      else {
        const some = rewritten(tracer, assigned);
        rows.push(...some.outputs);
        for (const name of some.rewrites) rewrites.add(name);
      }
    }
  }
  return { writes, outputs: together(rows), ...(rewrites.size === 0 ? {} : { rewrites: [...rewrites] }) };
}

/** The answer for what is not understood. */
function everything(node: ResolvedNode, scope: LineageScope): StatementLineage {
  const columns = scope.tables.flatMap((table) =>
    table.columns.map(({ name }) => ({ table: tableKey(table), column: name, path: [] })),
  );
  const sources = columns.map((column) => ({ ...column, flow: "derive" as const, into: [] }));
  const writes = writtenTable(node, scope);
  const known = scope.tables.find((table) => tableKey(table) === writes)?.columns.map(({ name }) => name);
  const names = known ?? outputNames(node.nodes("outputColumnList"));
  const outputs: OutputLineage[] = names.map((name) => ({ name, sources: plainSources(sources, []) }));
  if (outputs.length === 0 && writes === null) return NOTHING;
  return { writes, outputs, conditions: columns, rewrites: names.map((name) => name.toLowerCase()) };
}

function writtenTable(node: ResolvedNode, scope: LineageScope): string | null {
  if (node.kind.startsWith("Create")) return created(node, scope);
  return node.optionalNode("tableScan")?.referenceName("table").toLowerCase() ?? null;
}
