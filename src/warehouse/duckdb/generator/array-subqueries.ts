import { functionName, type ResolvedNode } from "../../googlesql/resolved.js";
import type { Generator } from "./generator.js";
import { columnName } from "./sql.js";
import { duckdbType } from "./types.js";

/**
 * Subqueries over one array of the row: `EXISTS (SELECT 1 FROM UNNEST(t.array) AS x WHERE ...)` and `(SELECT MAX(x) FROM ...)`
 * as functions of lists. As correlated subqueries DuckDB would number every row, unnest all arrays and join them back.
 *
 * Each gives null where the subquery is of another form. An array that is not the row's own, such as a parameter, may be long,
 * and a join over it is the better plan.
 */
export function existsInArray(generator: Generator, subquery: ResolvedNode): string | null {
  if (readsOuterRows(subquery)) return null;
  let scan = subquery.node("subquery");
  for (; scan.kind === "ProjectScan"; scan = scan.node("inputScan")) {
    scan.ignore("exprList"); // What a subquery selects means nothing to EXISTS.
  }
  const elements = elementsOf(generator, scan);
  return elements === null ? null : `coalesce(len(${elements.list}) > 0, FALSE)`;
}

export function aggregateOfArray(generator: Generator, subquery: ResolvedNode): string | null {
  if (readsOuterRows(subquery)) return null;
  let scan = subquery.node("subquery");
  for (; scan.kind === "ProjectScan"; scan = scan.node("inputScan")) if (scan.has("exprList")) return null;
  if (scan.kind !== "AggregateScan" || scan.has("groupByList") || scan.has("groupingSetList")) return null;
  const [item, ...more] = scan.nodes("aggregateList");
  if (item === undefined || more.length > 0) return null;
  const elements = elementsOf(generator, scan.node("inputScan"));
  if (elements === null) return null;
  item.ignore("column"); // The only one: the value of the subquery.
  return aggregateSql(generator, item.node("expr"), elements);
}

/** Whether the row is itself in a subquery, and the one around that is mentioned: DuckDB's lambdas do not see so far. */
function readsOuterRows(subquery: ResolvedNode): boolean {
  const references = subquery.nodes("parameterList");
  for (const reference of references) reference.ignore("column", "isCorrelated");
  return references.some((reference) => reference.flag("isCorrelated"));
}

interface Elements {
  /** The array without the elements that WHERE leaves out. */
  readonly list: string;
  /** What expressions call one element. */
  readonly name: string;
}

/** `SELECT ... FROM UNNEST(array) WHERE ...`; the name of the element's column becomes that of the lambda's parameter. */
function elementsOf(generator: Generator, scan: ResolvedNode): Elements | null {
  if (scan.kind === "FilterScan") {
    const elements = elementsOf(generator, scan.node("inputScan"));
    if (elements === null) return null;
    const condition = generator.expression(scan.node("filterExpr"));
    if (!fitsInLambda(condition)) return null;
    return { ...elements, list: `list_filter(${elements.list}, lambda ${elements.name}: ${condition})` };
  }
  const isPlain = !scan.has("inputScan") && !scan.has("joinExpr") && !scan.has("arrayOffsetColumn");
  if (scan.kind !== "ArrayScan" || !isPlain) return null;
  const list = generator.expression(scan.node("arrayExpr"));
  return isOfTheRow(list) ? { list, name: columnName(scan.column("elementColumn").id) } : null;
}

function isOfTheRow(sql: string): boolean {
  return /\b_c\d+\b/.test(sql);
}

/** DuckDB has no subqueries in lambdas, nor the target of a statement that changes a table. */
function fitsInLambda(sql: string): boolean {
  return !/\bSELECT\b|\btarget\."/.test(sql);
}

const FUNCTIONS: Readonly<Record<string, string>> = { max: "list_max", min: "list_min", sum: "list_sum" };
const MODIFIERS = ["distinct", "havingModifier", "orderByItemList", "limit"];

function aggregateSql(generator: Generator, call: ResolvedNode, { list, name }: Elements): string | null {
  const of = FUNCTIONS[functionName(call)];
  const [argument] = call.nodes("argumentList");
  // NaN is greatest to DuckDB's lists, and no order of adding is promised: other numbers go the general way.
  const isExact = !["DOUBLE", "BIGNUMERIC", "INTERVAL"].includes(call.type.kind);
  const isModified = call.text("errorMode") === "SAFE_ERROR_MODE" || MODIFIERS.some((field) => call.has(field));
  if (of === undefined || argument === undefined || !isExact || isModified) return null;
  call.ignore("nullHandlingModifier"); // These take no notice of NULLs either way.
  const value = generator.expression(argument);
  if (!fitsInLambda(value)) return null;
  const values = value === name ? list : `list_transform(${list}, lambda ${name}: ${value})`;
  return `CAST(${of}(${values}) AS ${duckdbType(call.type)})`;
}
