import type { ResolvedNode } from "../../googlesql/resolved.js";
import type { Generator } from "./generator.js";
import { mergeSql } from "./merge.js";
import { columnName, quoteName, quoteText } from "./sql.js";

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
  return items
    .map((item) => {
      const assigned = item.node("target");
      if (assigned.kind !== "ColumnRef") return generator.unsupported("UPDATE of a part of a column", item);
      const value = item.node("setValue").node("value");
      const sql = value.kind === "DMLDefault" ? "DEFAULT" : generator.expression(value);
      return `${quoteName(assigned.column("column").name)} = ${sql}`;
    })
    .join(", ");
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
