import type { ResolvedNode } from "../../googlesql/resolved.js";
import type { Generator } from "./generator.js";
import { mergeSql } from "./merge.js";
import { columnName, quoteName, quoteText } from "./sql.js";
import { fieldName } from "./types.js";

/** What BigQuery says when a row of the target matches several rows of the source. */
export const SEVERAL_MATCHES = "UPDATE/MERGE must match at most one source row for each target row";

/** INSERT, UPDATE, DELETE, MERGE, TRUNCATE. The target goes by the alias `target`, the source by `source`. */
export function dmlSql(generator: Generator, node: ResolvedNode): readonly string[] | null {
  switch (node.kind) {
    case "InsertStmt":
      return [insertSql(generator, node)];
    case "UpdateStmt":
      return updateSql(generator, node);
    case "DeleteStmt":
      return [`DELETE FROM ${target(generator, node)} AS target WHERE ${generator.expression(node.node("whereExpr"))}`];
    case "MergeStmt":
      return mergeSql(generator, node);
    case "TruncateStmt":
      if (node.has("whereExpr")) return generator.unsupported("TRUNCATE with WHERE", node);
      return [`DELETE FROM ${target(generator, node)}`];
    default:
      return null;
  }
}

export function target(generator: Generator, node: ResolvedNode): string {
  const scan = node.node("tableScan");
  for (const column of scan.columns("columnList")) {
    generator.columnSql.set(column.id, `target.${quoteName(column.name)}`);
  }
  return generator.table(scan);
}

function insertSql(generator: Generator, node: ResolvedNode): string {
  const mode = node.text("insertMode");
  if (mode !== "" && mode !== "OR_ERROR") return generator.unsupported(`INSERT ${mode}`, node);
  const columns = node.columns("insertColumnList").map((column) => quoteName(column.name));
  const into = `INSERT INTO ${target(generator, node)} (${columns.join(", ")})`;
  const query = node.optionalNode("query");
  if (query === null) {
    return `${into} VALUES ${node
      .nodes("rowList")
      .map((row) => `(${rowSql(generator, row)})`)
      .join(", ")}`;
  }
  const outputs = node.columns("queryOutputColumnList").map((column) => columnName(column.id));
  return `${into} SELECT ${outputs.join(", ")} FROM (${generator.scan(query)})`;
}

export function rowSql(generator: Generator, row: ResolvedNode): string {
  return row
    .nodes("valueList")
    .map((entry) => {
      const value = entry.node("value");
      return value.kind === "DMLDefault" ? "DEFAULT" : generator.expression(value);
    })
    .join(", ");
}

export function assignments(generator: Generator, items: readonly ResolvedNode[]): string {
  const columns = new Map<
    string,
    { readonly name: string; readonly column: string; parts: StructPart | null; sql: string }
  >();
  for (const item of items) {
    const assigned = item.node("target");
    const value = item.node("setValue").node("value");
    const { root, path } = assignedPath(generator, assigned);
    if (path.length > 0 && value.kind === "DMLDefault") generator.unsupported("DEFAULT for a field of a struct", item);
    const sql = value.kind === "DMLDefault" ? "DEFAULT" : generator.expression(value);
    const column = root.column("column");
    const known = columns.get(column.id) ?? { name: column.name, column: generator.column(column), parts: null, sql };
    columns.set(column.id, known);
    if (path.length > 0) known.parts = withPart(known.parts, path, sql);
  }
  return [...columns.values()]
    .map(({ name, column, parts, sql }) => `${quoteName(name)} = ${parts === null ? sql : structSql(column, parts)}`)
    .join(", ");
}

/** New values by field of a struct, or the value itself. */
type StructPart = string | ReadonlyMap<string, StructPart>;

/** The column that `s.a.b` is a part of, and the fields that lead there. */
function assignedPath(
  generator: Generator,
  assigned: ResolvedNode,
): { readonly root: ResolvedNode; readonly path: readonly string[] } {
  if (assigned.kind === "ColumnRef") {
    assigned.ignore("isCorrelated");
    return { root: assigned, path: [] };
  }
  const struct = assigned.kind === "GetStructField" ? assigned.node("expr") : null;
  if (struct?.type.kind !== "STRUCT") return generator.unsupported("UPDATE of a part of a column", assigned);
  assigned.ignore("fieldExprIsPositional");
  const { root, path } = assignedPath(generator, struct);
  return { root, path: [...path, fieldName(struct.type.fields, Number(assigned.text("fieldIdx")))] };
}

function withPart(parts: StructPart | null, [field = "", ...rest]: readonly string[], sql: string): StructPart {
  const known = new Map(typeof parts === "string" || parts === null ? [] : parts);
  return known.set(field, rest.length === 0 ? sql : withPart(known.get(field) ?? null, rest, sql));
}

/** The struct with new values for some fields. GoogleSQL refuses to set a field of a NULL struct. */
function structSql(struct: string, parts: StructPart): string {
  if (typeof parts === "string") return parts;
  const fields = [...parts].map(([field, part]) => {
    return `${quoteName(field)} := ${structSql(`struct_extract(${struct}, ${quoteText(field)})`, part)}`;
  });
  const refusal = `error(${quoteText("Cannot set a field of a NULL STRUCT")})`;
  return `CASE WHEN ${struct} IS NULL THEN ${refusal} ELSE struct_update(${struct}, ${fields.join(", ")}) END`;
}

function updateSql(generator: Generator, node: ResolvedNode): readonly string[] {
  const table = target(generator, node);
  const source = node.optionalNode("fromScan");
  const set = assignments(generator, node.nodes("updateItemList"));
  const where = generator.expression(node.node("whereExpr"));
  if (source === null) return [`UPDATE ${table} AS target SET ${set} WHERE ${where}`];
  const from = `(${generator.scan(source)}) AS source`;
  return [severalMatchesGuard(table, from, where), `UPDATE ${table} AS target SET ${set} FROM ${from} WHERE ${where}`];
}

/** Raises when a row of the target meets several of the source: DuckDB would take any of them. */
export function severalMatchesGuard(table: string, source: string, condition: string): string {
  return (
    `SELECT error(${quoteText(SEVERAL_MATCHES)}) FROM (SELECT 1 FROM ${table} AS target, ${source} ` +
    `WHERE ${condition} GROUP BY target.rowid HAVING count(*) > 1)`
  );
}
