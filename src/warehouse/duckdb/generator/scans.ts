import type { ResolvedColumn, ResolvedNode } from "../../googlesql/resolved.js";
import { aggregateScanSql } from "./aggregation.js";
import type { Generator } from "./generator.js";
import { jsonSteps } from "./json-reads.js";
import { orderBySql } from "./ordering.js";
import { columnName, quoteName, selectList } from "./sql.js";
import { analyticScanSql } from "./windows.js";

export interface ScanOptions {
  /** Adds the column `ord`, the place of each element, to a chain of scans over one array. */
  readonly keepOrdinal?: boolean;
}

/** One scan as one SELECT, its columns named after their ids. */
export function scanSql(generator: Generator, node: ResolvedNode, options: ScanOptions = {}): string {
  switch (node.kind) {
    case "SingleRowScan":
      return "SELECT 1 AS _";
    case "TableScan":
    case "":
      return tableScan(generator, node);
    case "ProjectScan":
      return projectScan(generator, node, options);
    case "FilterScan": {
      const input = generator.scan(node.node("inputScan"), options);
      return `SELECT ${outputs(generator, node, options)} FROM (${input}) WHERE ${generator.expression(node.node("filterExpr"))}`;
    }
    case "JoinScan":
      return joinScan(generator, node);
    case "ArrayScan":
      return arrayScan(generator, node, options);
    case "AggregateScan":
      return aggregateScanSql(generator, node);
    case "AnalyticScan":
      return analyticScanSql(generator, node);
    case "OrderByScan":
      return `SELECT ${outputs(generator, node)} FROM (${generator.scan(node.node("inputScan"))}) ORDER BY ${orderBySql(generator, node.nodes("orderByItemList"))}`;
    case "LimitOffsetScan":
      return limitScan(generator, node);
    case "SetOperationScan":
      return setOperation(generator, node);
    case "WithScan":
      return `${withClause(generator, node)} ${generator.scan(node.node("query"))}`;
    case "WithRefScan":
      return withReference(generator, node);
    case "RecursiveRefScan":
      return recursiveReference(generator, node);
    case "SampleScan":
      return sampleScan(generator, node);
    default:
      return generator.unsupported(`the scan ${node.kind}`, node);
  }
}

function outputs(generator: Generator, node: ResolvedNode, options: ScanOptions = {}): string {
  const columns = node.columns("columnList").map((column) => generator.column(column));
  return selectList(options.keepOrdinal === true ? [...columns, "ord"] : columns);
}

function tableScan(generator: Generator, node: ResolvedNode): string {
  const items = node.columns("columnList").map((column) => `${quoteName(column.name)} AS ${columnName(column.id)}`);
  return `SELECT ${selectList(items)} FROM ${generator.table(node)}`;
}

function projectScan(generator: Generator, node: ResolvedNode, options: ScanOptions): string {
  const input = node.node("inputScan");
  const json = jsonSteps(generator, node.nodes("exprList"), input);
  const computed = new Map(
    node.nodes("exprList").map((item) => [item.column("column").id, generator.expression(item.node("expr"))]),
  );
  const items = node.columns("columnList").map((column) => {
    const sql = computed.get(column.id);
    return sql === undefined ? generator.column(column) : `${sql} AS ${columnName(column.id)}`;
  });
  json.end();
  if (options.keepOrdinal === true) items.push("ord");
  return `SELECT ${selectList(items)} FROM (${json.around(generator.scan(input, options))})`;
}

function joinScan(generator: Generator, node: ResolvedNode): string {
  const type = node.text("joinType") || "INNER";
  const left = generator.scan(node.node("leftScan"));
  const right = generator.scan(node.node("rightScan"));
  const condition = node.optionalNode("joinExpr");
  const join =
    condition === null && type === "INNER"
      ? `CROSS JOIN (${right})`
      : `${type} JOIN (${right}) ON ${condition === null ? "TRUE" : generator.expression(condition)}`;
  return `SELECT ${outputs(generator, node)} FROM (${left}) ${join}`;
}

/** UNNEST, alone or joined to the rows it comes from. */
function arrayScan(generator: Generator, node: ResolvedNode, options: ScanOptions): string {
  const input = node.optionalNode("inputScan");
  if (input !== null) return joinedArrayScan(generator, node, input);
  if (node.has("joinExpr")) return generator.unsupported("UNNEST with a condition of its own", node);
  const items = unnested(node, "a");
  if (options.keepOrdinal === true) items.push("unnest(range(len(a))) AS ord");
  return `SELECT ${items.join(", ")} FROM (SELECT ${generator.expression(node.node("arrayExpr"))} AS a)`;
}

/** The element, and its place where the scan gives it. Functions that unnest go in step when they stand side by side. */
function unnested(node: ResolvedNode, array: string, orNull = false): string[] {
  const filled = (list: string): string => (orNull ? `CASE WHEN len(${array}) > 0 THEN ${list} ELSE [NULL] END` : list);
  const element = node.column("elementColumn");
  const offset = node.optionalNode("arrayOffsetColumn")?.column("column");
  const items = [`unnest(${filled(array)}) AS ${columnName(element.id)}`];
  if (offset !== undefined) items.push(`unnest(${filled(`range(len(${array}))`)}) AS ${columnName(offset.id)}`);
  return items;
}

/**
 * Unnested in the SELECT list: that keeps the order of elements, and costs what the rows cost. A lateral join would number all
 * rows of the table below, and so read all of it, before any filter.
 */
function joinedArrayScan(generator: Generator, node: ResolvedNode, input: ResolvedNode): string {
  const array = generator.expression(node.node("arrayExpr"));
  const name = `_a${node.column("elementColumn").id}`;
  const isOuter = node.flag("isOuter");
  const condition = node.optionalNode("joinExpr");
  const rows = generator.scan(input);
  if (isOuter && condition !== null) {
    const lateral = `SELECT ${unnested(node, "a").join(", ")} FROM (SELECT ${array} AS a)`;
    return `SELECT ${outputs(generator, node)} FROM (${rows}) LEFT JOIN LATERAL (${lateral}) ON ${generator.expression(condition)}`;
  }
  const all = `SELECT *, ${unnested(node, name, isOuter).join(", ")} FROM (SELECT *, ${array} AS ${name} FROM (${rows}))`;
  const where = condition === null ? "" : ` WHERE ${generator.expression(condition)}`;
  return `SELECT ${outputs(generator, node)} FROM (${all})${where}`;
}

function limitScan(generator: Generator, node: ResolvedNode): string {
  const input = node.node("inputScan");
  const inner = generator.scan(input);
  const base = input.kind === "OrderByScan" ? inner : `SELECT * FROM (${inner})`;
  return base + limitClause(generator, node);
}

export function limitClause(generator: Generator, node: ResolvedNode): string {
  const offset = node.optionalNode("offset");
  const limit = ` LIMIT ${generator.expression(node.node("limit"))}`;
  return offset === null ? limit : `${limit} OFFSET ${generator.expression(offset)}`;
}

const SET_OPERATORS: Readonly<Record<string, string>> = {
  UNION_ALL: "UNION ALL",
  UNION_DISTINCT: "UNION",
  INTERSECT_ALL: "INTERSECT ALL",
  INTERSECT_DISTINCT: "INTERSECT",
  EXCEPT_ALL: "EXCEPT ALL",
  EXCEPT_DISTINCT: "EXCEPT",
};

function setOperation(generator: Generator, node: ResolvedNode): string {
  const type = node.text("opType");
  const operator = SET_OPERATORS[type] ?? generator.unsupported(`the set operation ${type}`, node);
  if (!["", "BY_POSITION"].includes(node.text("columnMatchMode"))) {
    return generator.unsupported("a set operation by column name", node);
  }
  node.ignore("columnPropagationMode"); // Means something only for operations by column name.
  const columns = node.columns("columnList");
  return node
    .nodes("inputItemList")
    .map((item) => `(${setOperationItem(generator, item, columns)})`)
    .reduce((left, right) => `(${left} ${operator} ${right})`)
    .replace(/^\(([\s\S]*)\)$/, "$1");
}

function setOperationItem(generator: Generator, item: ResolvedNode, columns: readonly ResolvedColumn[]): string {
  const items = item
    .columns("outputColumnList")
    .map((column, i) => `${generator.column(column)} AS ${columnName(columns[i]?.id ?? "")}`);
  return `SELECT ${selectList(items)} FROM (${generator.scan(item.node("scan"))})`;
}

/** "WITH a AS (...), b AS (...)". The analyzer's names are unique in the statement. */
export function withClause(generator: Generator, node: ResolvedNode): string {
  const entries = node.nodes("withEntryList").map((entry) => {
    const name = entry.text("withQueryName");
    const query = entry.node("withSubquery");
    const columns = query.columns("columnList");
    generator.withColumns.set(name, columns);
    const names = columns.length === 0 ? ["_"] : columns.map((column) => columnName(column.id));
    const sql = query.kind === "RecursiveScan" ? recursiveSql(generator, name, query) : generator.scan(query);
    return `${quoteName(name)}(${names.join(", ")}) AS (${sql})`;
  });
  return `WITH ${node.flag("recursive") ? "RECURSIVE " : ""}${entries.join(", ")}`;
}

function recursiveSql(generator: Generator, name: string, node: ResolvedNode): string {
  const columns = node.columns("columnList");
  const first = setOperationItem(generator, node.node("nonRecursiveTerm"), columns);
  generator.recursions.push({ name, columns });
  const next = setOperationItem(generator, node.node("recursiveTerm"), columns);
  generator.recursions.pop();
  return `${first} ${node.text("opType") === "UNION_DISTINCT" ? "UNION" : "UNION ALL"} ${next}`;
}

function renamed(columns: readonly ResolvedColumn[], source: readonly ResolvedColumn[]): string {
  return selectList(columns.map((column, i) => `${columnName(source[i]?.id ?? "")} AS ${columnName(column.id)}`));
}

function withReference(generator: Generator, node: ResolvedNode): string {
  const name = node.text("withQueryName");
  const source = generator.withColumns.get(name) ?? generator.unsupported(`the WITH query ${name}`, node);
  return `SELECT ${renamed(node.columns("columnList"), source)} FROM ${quoteName(name)}`;
}

function recursiveReference(generator: Generator, node: ResolvedNode): string {
  const recursion = generator.recursions.at(-1) ?? generator.unsupported("this recursive reference", node);
  return `SELECT ${renamed(node.columns("columnList"), recursion.columns)} FROM ${quoteName(recursion.name)}`;
}

function sampleScan(generator: Generator, node: ResolvedNode): string {
  const size = String(node.node("size").literal());
  node.ignore("method"); // BigQuery has SYSTEM only, which promises no method.
  const sample = node.text("unit") === "PERCENT" ? `${size} PERCENT (bernoulli)` : `reservoir(${size} ROWS)`;
  return `SELECT * FROM (${generator.scan(node.node("inputScan"))}) USING SAMPLE ${sample}`;
}
