import type { CatalogColumn } from "../../googlesql/catalog.js";
import { outputNames } from "../../googlesql/output-names.js";
import type { ResolvedNode } from "../../googlesql/resolved.js";
import type { Generator } from "./generator.js";
import { orderBySql } from "./ordering.js";
import { limitClause, withClause } from "./scans.js";
import { quoteName } from "./sql.js";

/** A column of a query as its reader sees it. */
export interface OutputColumn extends CatalogColumn {
  /** The generated name inside the query. */
  readonly source: string;
}

export function outputColumns(generator: Generator, outputs: readonly ResolvedNode[]): readonly OutputColumn[] {
  const names = outputNames(outputs);
  return outputs.map((output, i) => {
    const column = output.column("column");
    return { name: names[i] ?? "", type: column.type, source: generator.column(column) };
  });
}

/**
 * A whole query. Its ORDER BY and LIMIT stand at the outermost level, where DuckDB keeps the order of rows.
 */
export function querySql(generator: Generator, scan: ResolvedNode, outputs: readonly ResolvedNode[]): string {
  if (scan.kind === "WithScan") {
    const clause = withClause(generator, scan);
    return `${clause} ${querySql(generator, scan.node("query"), outputs)}`;
  }
  const isLimited = scan.kind === "LimitOffsetScan" && scan.node("inputScan").kind === "OrderByScan";
  const ordered = isLimited ? scan.node("inputScan") : scan.kind === "OrderByScan" ? scan : null;
  const input = generator.scan(ordered === null ? scan : ordered.node("inputScan"));
  const list = outputColumns(generator, outputs)
    .map((column) => `${column.source} AS ${quoteName(column.name)}`)
    .join(", ");
  const order = ordered === null ? "" : ` ORDER BY ${orderBySql(generator, ordered.nodes("orderByItemList"))}`;
  return `SELECT ${list} FROM (${input})${order}${isLimited ? limitClause(generator, scan) : ""}`;
}
