import type { ResolvedNode } from "../../googlesql/resolved.js";
import { aggregateSql } from "./aggregates.js";
import type { Generator } from "./generator.js";
import { orderBySql } from "./ordering.js";
import { columnName, selectList } from "./sql.js";

/**
 * OVER (...). Every window is written out at its function: a named window that a frame is added to would lose its
 * PARTITION BY in DuckDB.
 */
export function analyticScanSql(generator: Generator, node: ResolvedNode): string {
  const computed = new Map<string, string>();
  for (const group of node.nodes("functionGroupList")) {
    for (const item of group.nodes("analyticFunctionList")) {
      const call = item.node("expr");
      computed.set(item.column("column").id, aggregateSql(generator, call, overClause(generator, group, call)));
    }
  }
  const items = node.columns("columnList").map((column) => {
    const sql = computed.get(column.id);
    return sql === undefined ? generator.column(column) : `${sql} AS ${columnName(column.id)}`;
  });
  return `SELECT ${selectList(items)} FROM (${generator.scan(node.node("inputScan"))})`;
}

function overClause(generator: Generator, group: ResolvedNode, call: ResolvedNode): string {
  const partition = (group.optionalNode("partitionBy")?.nodes("partitionByList") ?? []).map((reference) => {
    reference.ignore("isCorrelated");
    return generator.column(reference.column("column"));
  });
  const order = group.optionalNode("orderBy")?.nodes("orderByItemList") ?? [];
  const frame = frameClause(generator, call, order.length > 0);
  const parts = [
    partition.length === 0 ? "" : `PARTITION BY ${partition.join(", ")}`,
    order.length === 0 ? "" : `ORDER BY ${orderBySql(generator, order, { isSingleKey: hasRangeOffset(call) })}`,
    frame,
  ];
  return ` OVER (${parts.filter((part) => part !== "").join(" ")})`;
}

function hasRangeOffset(call: ResolvedNode): boolean {
  const frame = call.optionalNode("windowFrame");
  if (frame?.text("frameUnit") !== "RANGE") return false;
  return ["startExpr", "endExpr"].some((field) => frame.node(field).text("boundaryType").startsWith("OFFSET"));
}

const UNBOUNDED: Readonly<Record<string, string>> = {
  UNBOUNDED_PRECEDING: "UNBOUNDED PRECEDING",
  CURRENT_ROW: "CURRENT ROW",
  UNBOUNDED_FOLLOWING: "UNBOUNDED FOLLOWING",
};

/** Without ORDER BY a RANGE frame that reaches the current row holds the whole partition: DuckDB wants none then. */
function frameClause(generator: Generator, call: ResolvedNode, isOrdered: boolean): string {
  const frame = call.optionalNode("windowFrame");
  if (frame === null) return "";
  const bound = (field: string): string => {
    const edge = frame.node(field);
    const type = edge.text("boundaryType");
    const unbounded = UNBOUNDED[type];
    if (unbounded !== undefined) return unbounded;
    return `${generator.expression(edge.node("expression"))} ${type === "OFFSET_PRECEDING" ? "PRECEDING" : "FOLLOWING"}`;
  };
  const unit = frame.text("frameUnit") || "ROWS";
  const [start, end] = [bound("startExpr"), bound("endExpr")];
  if (!isOrdered && unit === "RANGE" && start === "UNBOUNDED PRECEDING") return "";
  return `${unit} BETWEEN ${start} AND ${end}`;
}
