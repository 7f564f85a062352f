import type { ResolvedNode } from "../../googlesql/resolved.js";
import { aggregateSql } from "./aggregates.js";
import type { Generator } from "./generator.js";
import { columnName, selectList } from "./sql.js";

/**
 * GROUP BY. The keys get names of their own one level below ("_g12"): DuckDB binds GROUP BY to an input column before an
 * alias of the same name.
 */
export function aggregateScanSql(generator: Generator, node: ResolvedNode): string {
  const keys = node.nodes("groupByList");
  const keyIds = new Set(keys.map((key) => key.column("column").id));
  const input = generator.scan(node.node("inputScan"));
  const from =
    keys.length === 0
      ? input
      : `SELECT *${keys
          .map((key) => `, ${generator.expression(key.node("expr"))} AS ${keyName(key.column("column").id)}`)
          .join("")} FROM (${input})`;
  const computed = new Map<string, string>();
  for (const item of node.nodes("aggregateList")) {
    computed.set(item.column("column").id, aggregateSql(generator, item.node("expr")));
  }
  for (const call of node.nodes("groupingCallList")) {
    const key = call.node("groupByColumn").column("column");
    computed.set(call.column("outputColumn").id, `grouping(${keyName(key.id)})`);
  }
  const items = node.columns("columnList").map(({ id }) => {
    return `${keyIds.has(id) ? keyName(id) : computed.get(id)} AS ${columnName(id)}`;
  });
  return `SELECT ${selectList(items)} FROM (${from})${groupBy(generator, node, [...keyIds])}`;
}

function keyName(id: string): string {
  return `_g${id}`;
}

function groupBy(generator: Generator, node: ResolvedNode, keyIds: readonly string[]): string {
  const sets = node.nodes("groupingSetList");
  node.ignore("rollupColumnList"); // The same columns as in the grouping sets, in an older form.
  if (sets.length > 0) return ` GROUP BY GROUPING SETS (${sets.map((set) => groupingSet(generator, set)).join(", ")})`;
  return keyIds.length === 0 ? "" : ` GROUP BY ${keyIds.map(keyName).join(", ")}`;
}

function keysOf(references: readonly ResolvedNode[]): string {
  return references.map((reference) => keyName(reference.column("column").id)).join(", ");
}

function groupingSet(generator: Generator, set: ResolvedNode): string {
  const multiColumns = (field: string): string => {
    return set
      .nodes(field)
      .map((multi) => {
        const columns = multi.nodes("columnList");
        return columns.length === 1 ? keysOf(columns) : `(${keysOf(columns)})`;
      })
      .join(", ");
  };
  switch (set.kind) {
    case "Rollup":
      return `ROLLUP (${multiColumns("rollupColumnList")})`;
    case "Cube":
      return `CUBE (${multiColumns("cubeColumnList")})`;
    case "GroupingSet":
      return `(${keysOf(set.nodes("groupByColumnList"))})`;
    default:
      return generator.unsupported(`the grouping ${set.kind}`, set);
  }
}
