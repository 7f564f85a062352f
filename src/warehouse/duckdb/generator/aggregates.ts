import { functionName, type ResolvedNode } from "../../googlesql/resolved.js";
import type { Generator } from "./generator.js";
import { orderBySql } from "./ordering.js";

/** An aggregate or analytic call, taken apart. `over` is " OVER (...)" for a window, else empty. */
interface Aggregate {
  readonly generator: Generator;
  readonly node: ResolvedNode;
  readonly name: string;
  readonly args: readonly string[];
  readonly nodes: readonly ResolvedNode[];
  readonly distinct: string;
  readonly order: string;
  readonly limit: number | null;
  readonly ignoresNulls: boolean;
  readonly over: string;
}

/** The same in DuckDB, NULLs, types and all. */
const SAME = new Set(
  "max bit_and bit_or bit_xor covar_pop stddev_pop stddev_samp var_pop var_samp any_value".split(" "),
);

const NAVIGATION = new Set(["first_value", "last_value", "nth_value", "lag", "lead"]);
const NUMBERING = new Set(["row_number", "rank", "dense_rank", "percent_rank", "cume_dist"]);

export function aggregateSql(generator: Generator, node: ResolvedNode, over = ""): string {
  const nodes = node.nodes("argumentList");
  const order = node.nodes("orderByItemList");
  const limit = node.optionalNode("limit");
  const aggregate: Aggregate = {
    generator,
    node,
    name: functionName(node),
    args: nodes.map((argument) => generator.expression(argument)),
    nodes,
    distinct: node.flag("distinct") ? "DISTINCT " : "",
    order: order.length === 0 ? "" : ` ORDER BY ${orderBySql(generator, order)}`,
    limit: limit === null ? null : Number(limit.literal()),
    ignoresNulls: node.text("nullHandlingModifier") === "IGNORE_NULLS",
    over,
  };
  if (node.text("errorMode") === "SAFE_ERROR_MODE")
    return generator.unsupported(`SAFE.${aggregate.name.toUpperCase()}`, node);
  const having = node.optionalNode("havingModifier");
  return having === null ? plainSql(aggregate) : havingSql(aggregate, having);
}

function first({ args, generator, node }: Aggregate): string {
  return args[0] ?? generator.unsupported("an aggregate of nothing", node);
}

/** `name(args) FILTER (...) OVER (...)`. */
function called(aggregate: Aggregate, call: string, filter?: string): string {
  return `${call}${filter === undefined ? "" : ` FILTER (WHERE ${filter})`}${aggregate.over}`;
}

function havingSql(aggregate: Aggregate, having: ResolvedNode): string {
  const { generator, node, name } = aggregate;
  if (!["any_value", "max", "min"].includes(name) || aggregate.over !== "") {
    return generator.unsupported(`${name.toUpperCase()} with HAVING MAX or MIN`, node);
  }
  const by = generator.expression(having.node("havingExpr"));
  if (name === "any_value")
    return `arg_${having.text("kind") === "MIN" ? "min" : "max"}_null(${first(aggregate)}, ${by})`;
  return generator.unsupported(`${name.toUpperCase()} with HAVING MAX or MIN`, node);
}

function plainSql(aggregate: Aggregate): string {
  const { name, args, distinct, generator, node } = aggregate;
  switch (name) {
    case "$count_star":
      return called(aggregate, "count(*)");
    case "count":
      return called(aggregate, `count(${distinct}${first(aggregate)})`);
    case "countif":
      if (distinct !== "") return generator.unsupported("COUNTIF(DISTINCT)", node);
      return called(aggregate, "count(*)", first(aggregate));
    case "sum":
      return sumSql(aggregate);
    case "avg":
      return averageSql(aggregate);
    case "min":
      return minimumSql(aggregate);
    case "logical_and":
      return called(aggregate, `bool_and(${first(aggregate)})`);
    case "logical_or":
      return called(aggregate, `bool_or(${first(aggregate)})`);
    case "stddev":
      return called(aggregate, `stddev_samp(${distinct}${first(aggregate)})`);
    case "variance":
      return called(aggregate, `var_samp(${distinct}${first(aggregate)})`);
    case "array_agg":
      return listSql(aggregate);
    case "array_concat_agg":
      return arrayConcatSql(aggregate);
    case "string_agg":
      return stringAggSql(aggregate);
    case "corr":
    case "covar_samp":
      return `CASE WHEN ${called(aggregate, `regr_count(${args.join(", ")})`)} >= 2 THEN ${called(aggregate, `${name}(${args.join(", ")})`)} END`;
    case "percentile_cont":
      requireNoNulls(aggregate);
      return called(aggregate, `quantile_cont(${args.join(", ")})`);
    case "percentile_disc":
      requireNoNulls(aggregate);
      return called(aggregate, `quantile_disc(${args.join(", ")})`);
    case "grouping":
    case "$grouping":
      return `grouping(${first(aggregate)})`;
    case "max_by":
    case "min_by":
      // A row whose value is NULL counts, as for ANY_VALUE(... HAVING MAX ...).
      return called(aggregate, `arg_${name.slice(0, 3)}_null(${args.join(", ")})`);
    case "ntile":
      return called(aggregate, `ntile(${first(aggregate)})`);
    default:
      return otherSql(aggregate);
  }
}

/** DuckDB's quantiles leave NULLs out. */
function requireNoNulls({ generator, node, name }: Aggregate): void {
  if (node.text("nullHandlingModifier") === "RESPECT_NULLS")
    generator.unsupported(`${name.toUpperCase()} with RESPECT NULLS`, node);
}

function otherSql(aggregate: Aggregate): string {
  const { name, args, distinct, generator, node, ignoresNulls } = aggregate;
  if (NAVIGATION.has(name)) {
    const list = args.map((value, i) => (i === 1 ? `CAST(${value} AS INTEGER)` : value)).join(", ");
    return called(aggregate, `${name}(${list}${ignoresNulls ? " IGNORE NULLS" : ""})`);
  }
  if (NUMBERING.has(name)) return called(aggregate, `${name}()`);
  if (SAME.has(name)) return called(aggregate, `${name}(${distinct}${args.join(", ")})`);
  if (name.startsWith("approx_") || name.startsWith("hll_count.")) return sketchSql(aggregate);
  return generator.unsupported(`the aggregate ${name.toUpperCase()}`, node);
}

/** DuckDB sums integers to 128 bits; the cast back raises where BigQuery's sum overflows. */
function sumSql(aggregate: Aggregate): string {
  const sum = called(aggregate, `sum(${aggregate.distinct}${first(aggregate)})`);
  switch (aggregate.node.type.kind) {
    case "INT64":
      return `CAST(${sum} AS BIGINT)`;
    case "NUMERIC":
      return `CAST(${sum} AS DECIMAL(38,9))`;
    case "BIGNUMERIC":
      return `CAST(${sum} AS DECIMAL(38,18))`;
    case "DOUBLE":
      return sum;
    default:
      return aggregate.generator.unsupported(`SUM of ${aggregate.node.type.kind}`, aggregate.node);
  }
}

/** NaN if there is any, where DuckDB has it above every number. */
function minimumSql(aggregate: Aggregate): string {
  const value = first(aggregate);
  const minimum = called(aggregate, `min(${value})`);
  if (aggregate.node.type.kind !== "DOUBLE") return minimum;
  return `CASE WHEN ${called(aggregate, `bool_or(isnan(${value}))`)} THEN 'NaN'::DOUBLE ELSE ${minimum} END`;
}

function averageSql(aggregate: Aggregate): string {
  const { generator, node, distinct } = aggregate;
  const value = first(aggregate);
  if (node.type.kind === "NUMERIC") {
    const sum = `CAST(${called(aggregate, `sum(${distinct}${value})`)} AS DECIMAL(38,9))`;
    const count = `CAST(${called(aggregate, `count(${distinct}${value})`)} AS DECIMAL(38,9))`;
    return generator.expand("numdiv", [sum, count], ["NUMERIC", "NUMERIC"], node);
  }
  if (node.type.kind !== "DOUBLE") return generator.unsupported(`AVG of ${node.type.kind}`, node);
  return called(aggregate, `avg(${distinct}${value})`);
}

function listSql(aggregate: Aggregate): string {
  const value = first(aggregate);
  const filter = aggregate.ignoresNulls ? `${value} IS NOT NULL` : undefined;
  const list = called(aggregate, `list(${aggregate.distinct}${value}${aggregate.order})`, filter);
  return aggregate.limit === null ? list : `(${list})[1:${aggregate.limit}]`;
}

function arrayConcatSql(aggregate: Aggregate): string {
  const value = first(aggregate);
  if (aggregate.limit !== null) return aggregate.generator.unsupported("ARRAY_CONCAT_AGG with LIMIT", aggregate.node);
  return `flatten(${called(aggregate, `list(${value}${aggregate.order})`, `${value} IS NOT NULL`)})`;
}

function stringAggSql(aggregate: Aggregate): string {
  const value = first(aggregate);
  const separator = aggregate.args[1] ?? "','";
  if (aggregate.node.type.kind === "BYTES")
    return aggregate.generator.unsupported("STRING_AGG of BYTES", aggregate.node);
  if (aggregate.limit === null) {
    return called(aggregate, `string_agg(${aggregate.distinct}${value}, ${separator}${aggregate.order})`);
  }
  const list = called(aggregate, `list(${aggregate.distinct}${value}${aggregate.order})`, `${value} IS NOT NULL`);
  return `array_to_string((${list})[1:${aggregate.limit}], ${separator})`;
}

/** A sketch: the hashes of the values seen, 16 hexadecimal digits each. Exact, and larger than BigQuery's. */
function sketchOf(hashes: string): string {
  return `encode(array_to_string(list_sort(list_distinct(${hashes})), ''))`;
}

/** The hashes of all sketches of a group, repeated or not. */
function hashesOf(sketch: string): string {
  return `flatten(list(regexp_extract_all(decode(${sketch}), '.{16}')) FILTER (WHERE ${sketch} IS NOT NULL))`;
}

/** Approximate aggregates, which are exact here. */
function sketchSql(aggregate: Aggregate): string {
  const { name, args, nodes, distinct, generator, node } = aggregate;
  if (aggregate.over !== "") return generator.unsupported(`${name.toUpperCase()} as a window function`, node);
  const value = first(aggregate);
  const constant = (index: number): number => Number(nodes[index]?.literal() ?? 0);
  switch (name) {
    case "approx_count_distinct":
      return `count(DISTINCT ${value})`;
    case "approx_quantiles": {
      requireNoNulls(aggregate);
      const steps = constant(1);
      const points = Array.from({ length: steps + 1 }, (_, i) => i / steps).join(", ");
      return `quantile_disc(${distinct}${value}, [${points}])`;
    }
    case "approx_top_count":
      return (
        "list_transform(list_reverse(list_sort(list_filter(list_append(" +
        `list_transform(map_entries(histogram(${value})), lambda e: {'c': e.value::BIGINT, 'v': e.key}), ` +
        `{'c': count(*) FILTER (WHERE ${value} IS NULL), 'v': NULL}), lambda e: e.c > 0)))` +
        `[1:${constant(1)}], lambda e: {'value': e.v, 'count': e.c})`
      );
    case "approx_top_sum":
      return (
        `(SELECT list({'value': v, 'sum': s} ORDER BY s DESC)[1:${constant(2)}] FROM (SELECT v, ` +
        `${node.type.kind === "ARRAY" && isSumOfIntegers(node) ? "CAST(sum(w) AS BIGINT)" : "sum(w)"} AS s ` +
        `FROM (SELECT unnest(list({'v': ${value}, 'w': ${args[1] ?? "NULL"}}), recursive := true)) GROUP BY v))`
      );
    case "hll_count.init":
      return sketchOf(`list(printf('%016x', hash(${value}))) FILTER (WHERE ${value} IS NOT NULL)`);
    case "hll_count.merge":
      return `coalesce(len(list_distinct(${hashesOf(value)})), 0)`;
    case "hll_count.merge_partial":
      return sketchOf(hashesOf(value));
    default:
      return generator.unsupported(`the aggregate ${name.toUpperCase()}`, node);
  }
}

function isSumOfIntegers(node: ResolvedNode): boolean {
  const { type } = node;
  if (type.kind !== "ARRAY" || type.element.kind !== "STRUCT") return false;
  return type.element.fields.some((field) => field.name === "sum" && field.type.kind === "INT64");
}
