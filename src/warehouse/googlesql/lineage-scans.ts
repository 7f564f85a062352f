import { factsOf, literalsOf } from "./lineage-conditions.js";
import { type Carried, forget, Passage } from "./lineage-given.js";
import { type KeySet, unite } from "./lineage-keys.js";
import type { Tracer } from "./lineage-tracer.js";
import {
  columnValue,
  ELEMENT,
  merge,
  type Origin,
  part,
  sortedEntries,
  through,
  type Value,
} from "./lineage-values.js";
import { functionName, type ResolvedColumn, type ResolvedNode } from "./resolved.js";

/** Rounds after which a recursive query counts as traced. Each round can only add; what is there is settled long before. */
const MOST_ROUNDS = 100;

type ScanTracer = (tracer: Tracer, node: ResolvedNode) => void;

const SCANS: Readonly<Record<string, ScanTracer>> = {
  SingleRowScan: () => undefined,
  TableScan: tableScan,
  // Where a field can only be a table's scan, its node has no name of its own.
  "": tableScan,
  ProjectScan: projectScan,
  FilterScan: filterScan,
  JoinScan: joinScan,
  ArrayScan: arrayScan,
  AggregateScan: aggregateScan,
  AnalyticScan: analyticScan,
  OrderByScan: (tracer, node) => tracer.scan(node.node("inputScan")),
  SampleScan: (tracer, node) => tracer.scan(node.node("inputScan")),
  LimitOffsetScan: limitScan,
  SetOperationScan: setOperation,
  RecursiveScan: recursiveScan,
  WithScan: withScan,
  WithRefScan: (tracer, node) => rename(tracer, node, tracer.withColumns.get(node.text("withQueryName"))),
  RecursiveRefScan: (tracer, node) => rename(tracer, node, tracer.recursions.at(-1)),
};

/** Gives every column of the scan its value, and the tracer what decides about its rows. */
export function traceScan(tracer: Tracer, node: ResolvedNode): void {
  const trace = SCANS[node.kind] ?? tracer.unknown();
  trace(tracer, node);
}

function tableScan(tracer: Tracer, node: ResolvedNode): void {
  const table = node.referenceName("table").toLowerCase();
  const columns = node.columns("columnList");
  const keys = new Map(columns.map(({ id, name }) => [tracer.nameOf(id), name.toLowerCase()]));
  const origin: Origin = { id: tracer.nameOf(columns[0]?.id ?? ""), keys };
  for (const { id, name } of columns) tracer.set(id, columnValue(table, name, origin));
}

function projectScan(tracer: Tracer, node: ResolvedNode): void {
  tracer.scan(node.node("inputScan"));
  bindAll(tracer, node.nodes("exprList"));
}

function filterScan(tracer: Tracer, node: ResolvedNode): void {
  tracer.scan(node.node("inputScan"));
  const filter = node.node("filterExpr");
  tracer.decide(tracer.expression(filter));
  tracer.assume(node.columns("columnList"), factsOf(tracer, filter, "true"));
}

function withScan(tracer: Tracer, node: ResolvedNode): void {
  for (const entry of node.nodes("withEntryList")) {
    const query = entry.node("withSubquery");
    tracer.scan(query);
    tracer.withColumns.set(entry.text("withQueryName"), query.columns("columnList"));
  }
  tracer.scan(node.node("query"));
}

function bindAll(tracer: Tracer, items: readonly ResolvedNode[]): void {
  for (const item of items) tracer.bind(item.column("column").id, item.node("expr"));
}

/** Rows of a query that may be read elsewhere too: what is known of one is known of its own columns only. */
function rename(tracer: Tracer, node: ResolvedNode, source: readonly ResolvedColumn[] = []): void {
  const columns = node.columns("columnList");
  const from = columns.map((_, i) => source[i]?.id ?? tracer.unknown());
  const carried = columns.map(
    ({ id }, i): Carried => ({ from: tracer.symbolOf(from[i] ?? ""), to: tracer.nameOf(id) }),
  );
  const passage = new Passage(tracer.nameOf(columns[0]?.id ?? ""), carried);
  columns.forEach(({ id }, i) => {
    const domain = tracer.domain(carried[i]?.from ?? "");
    tracer.set(id, passage.carry(tracer.column(from[i] ?? "")), { domain });
  });
}

/** What a condition of an outer join says holds of the rows that the join may have none of, and of the others nothing. */
function joinScan(tracer: Tracer, node: ResolvedNode): void {
  const [left, right] = [node.node("leftScan"), node.node("rightScan")];
  const [leftColumns, rightColumns] = [left.columns("columnList"), right.columns("columnList")];
  tracer.scan(left);
  if (node.flag("isLateral")) {
    tracer.apart(() => tracer.scan(right));
    tracer.forgetAliases(rightColumns);
  } else tracer.scan(right);
  const condition = node.optionalNode("joinExpr");
  if (condition !== null) tracer.decide(tracer.expression(condition));
  const facts = condition === null ? {} : factsOf(tracer, condition, "true");
  const type = node.text("joinType") || "INNER";
  if (type === "INNER") tracer.assume([...leftColumns, ...rightColumns], facts);
  if (type === "LEFT") tracer.restrict(rightColumns, facts);
  if (type === "RIGHT") tracer.restrict(leftColumns, facts);
  if (type === "LEFT" || type === "FULL") tracer.makeOptional(rightColumns);
  if (type === "RIGHT" || type === "FULL") tracer.makeOptional(leftColumns);
}

/** UNNEST: there are as many rows as the array has elements. */
function arrayScan(tracer: Tracer, node: ResolvedNode): void {
  const input = node.optionalNode("inputScan");
  if (input !== null) tracer.scan(input);
  const arrays = [...node.nodes("arrayExprList"), ...node.nodes("arrayExpr")].map((array) => tracer.expression(array));
  const elements = [
    ...node.columns("elementColumnList"),
    ...(node.has("elementColumn") ? [node.column("elementColumn")] : []),
  ];
  const nodes = [...node.nodes("arrayExprList"), ...node.nodes("arrayExpr")];
  const isOuter = node.flag("isOuter");
  elements.forEach(({ id }, i) => {
    const domain = isOuter || elements.length > 1 ? undefined : elementsOf(tracer, nodes[i] ?? tracer.unknown());
    tracer.set(id, part(arrays[i] ?? tracer.unknown(), ELEMENT), { domain });
  });
  const offset = node.optionalNode("arrayOffsetColumn");
  if (offset !== null) tracer.set(offset.column("column").id, through("decide", merge(arrays)));
  const condition = node.optionalNode("joinExpr");
  tracer.decide(...arrays, ...(condition === null ? [] : [tracer.expression(condition)]));
  if (condition === null) return;
  const facts = factsOf(tracer, condition, "true");
  if (isOuter) tracer.restrict(elements, facts);
  else tracer.assume([...(input?.columns("columnList") ?? []), ...elements], facts);
}

/** The values of an array that is written out. */
function elementsOf(tracer: Tracer, node: ResolvedNode): KeySet | undefined {
  if (node.kind !== "FunctionCall" || functionName(node) !== "$make_array") return undefined;
  const sets = node.nodes("argumentList").map((element) => literalsOf(tracer, element));
  if (sets.length === 0) return undefined;
  return sets.reduce((a, b) => (a === undefined || b === undefined ? undefined : unite(a, b)));
}

/** Of the rows of a group only what they are grouped by is known afterwards; in the totals of grouping sets that is NULL. */
function aggregateScan(tracer: Tracer, node: ResolvedNode): void {
  tracer.scan(node.node("inputScan"));
  const keys = node.nodes("groupByList");
  const hasTotals = node.has("groupingSetList") || node.has("rollupColumnList");
  const carried = keys.map((key): Carried & { readonly id: string } => {
    const { id } = key.column("column");
    const expression = key.node("expr");
    return { id, from: tracer.symbol(expression), to: tracer.nameOf(id), domain: literalsOf(tracer, expression) };
  });
  const passage = new Passage(tracer.nameOf(carried[0]?.id ?? ""), hasTotals ? [] : carried);
  const values = keys.map((key) => passage.carry(tracer.expression(key.node("expr"))));
  const made = node.nodes("aggregateList").map((item) => ({
    id: item.column("column").id,
    value: passage.carry(tracer.expression(item.node("expr"))),
  }));
  carried.forEach(({ id, domain }, i) => {
    tracer.set(id, values[i] ?? [], hasTotals ? {} : { domain });
  });
  for (const { id, value } of made) tracer.set(id, value);
  tracer.decide(...keys.map((key) => tracer.column(key.column("column").id)));
  for (const call of node.nodes("groupingCallList")) {
    const key = tracer.expression(call.node("groupByColumn"));
    tracer.set(call.column("outputColumn").id, through("decide", key));
  }
}

/**
 * OVER (PARTITION BY ... ORDER BY ...) decides what a function sees. Its value may come from any row of the partition: only what they
 * are partitioned by is the same.
 */
function analyticScan(tracer: Tracer, node: ResolvedNode): void {
  tracer.scan(node.node("inputScan"));
  for (const group of node.nodes("functionGroupList")) {
    const references = [
      ...(group.optionalNode("partitionBy")?.nodes("partitionByList") ?? []),
      ...(group.optionalNode("orderBy")?.nodes("orderByItemList") ?? []).map((item) => item.node("columnRef")),
    ];
    const shared = (group.optionalNode("partitionBy")?.nodes("partitionByList") ?? [])
      .map((reference) => tracer.symbol(reference))
      .filter((symbol) => symbol !== null);
    const functions = group.nodes("analyticFunctionList");
    const name = tracer.nameOf(functions[0]?.column("column").id ?? "");
    const passage = new Passage(
      name,
      shared.map((symbol) => ({ from: symbol, to: symbol })),
    );
    const window = references.map((reference) => through("decide", tracer.expression(reference)));
    for (const item of functions) {
      const value = merge([tracer.expression(item.node("expr")), ...window]);
      tracer.set(item.column("column").id, passage.carry(value));
    }
  }
}

/** The first rows of an order: what orders them decides which those are. */
function limitScan(tracer: Tracer, node: ResolvedNode): void {
  const input = node.node("inputScan");
  tracer.scan(input);
  if (input.kind !== "OrderByScan") return;
  tracer.decide(...input.nodes("orderByItemList").map((item) => tracer.expression(item.node("columnRef"))));
}

interface Branch {
  readonly values: readonly Value[];
  readonly domains: readonly (KeySet | undefined)[];
}

/** The rows of one input as rows of the operation: in its rows a constant column is known beside all others. */
function branchOf(tracer: Tracer, item: ResolvedNode, columns: readonly ResolvedColumn[], number: number): Branch {
  tracer.scan(item.node("scan"));
  const inputs = item.columns("outputColumnList");
  const carried = columns.map(({ id }, i): Carried => {
    const from = tracer.symbolOf(inputs[i]?.id ?? tracer.unknown());
    return { from, to: tracer.nameOf(id), domain: tracer.domain(from) };
  });
  const passage = new Passage(`${tracer.nameOf(columns[0]?.id ?? "")}.${number}`, carried);
  return {
    values: inputs.map(({ id }) => passage.carry(tracer.column(id))),
    domains: carried.map(({ domain }) => domain),
  };
}

/** The values of a term of a recursive query, of which nothing is known: rows may come from any round. */
function termValues(tracer: Tracer, item: ResolvedNode): readonly Value[] {
  tracer.scan(item.node("scan"));
  return item.columns("outputColumnList").map(({ id }) => forget(tracer.column(id)));
}

/** INTERSECT and EXCEPT give rows of their first input, which the others choose among. DISTINCT compares whole rows. */
function setOperation(tracer: Tracer, node: ResolvedNode): void {
  const type = node.text("opType");
  const columns = node.columns("columnList");
  const inputs = node.nodes("inputItemList").map((item, i) => branchOf(tracer, item, columns, i));
  const giving = type.startsWith("UNION") ? inputs : inputs.slice(0, 1);
  columns.forEach(({ id }, i) => {
    const domain = giving
      .map(({ domains }) => domains[i])
      .reduce((a, b) => (a === undefined || b === undefined ? undefined : unite(a, b)));
    tracer.set(id, merge(giving.map(({ values }) => values[i] ?? tracer.unknown())), { domain });
  });
  if (type !== "UNION_ALL") tracer.decide(...inputs.flatMap(({ values }) => values));
}

function recursiveScan(tracer: Tracer, node: ResolvedNode): void {
  const columns = node.columns("columnList");
  let known = termValues(tracer, node.node("nonRecursiveTerm"));
  tracer.recursions.push(columns);
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    columns.forEach(({ id }, i) => {
      tracer.set(id, known[i] ?? tracer.unknown());
    });
    const next = termValues(tracer, node.node("recursiveTerm"));
    const grown = known.map((value, i) => merge([value, next[i] ?? tracer.unknown()]));
    const isSettled = grown.every((value, i) => isSame(value, known[i] ?? []));
    known = grown;
    if (isSettled) break;
  }
  tracer.recursions.pop();
  if (node.text("opType") === "UNION_DISTINCT") tracer.decide(...known);
}

function isSame(a: Value, b: Value): boolean {
  return a.length === b.length && JSON.stringify(sortedEntries(a)) === JSON.stringify(sortedEntries(b));
}
