import { expression, type ScopeColumn } from "./expressions.js";
import type { GeneratedQuery } from "./queries.js";
import type { Random } from "./random.js";
import { condition, inScope, type Source, source, where } from "./sources.js";
import { list, optional, type SqlNode, sql, text, typed } from "./tree.js";

/** What goes over a window: with a total order only ("total"), any order ("ordered"), any frame ("framed"), no order ("plain"). */
type Need = "total" | "ordered" | "framed" | "plain" | "distinct";

const FUNCTIONS: readonly (readonly [Need, string, string])[] = [
  ["total", "INT64", "ROW_NUMBER()"],
  ["ordered", "INT64", "RANK()"],
  ["ordered", "INT64", "DENSE_RANK()"],
  ["ordered", "FLOAT64", "PERCENT_RANK()"],
  ["ordered", "FLOAT64", "CUME_DIST()"],
  ["total", "INT64", "NTILE(3)"],
  ["total", "INT64", "LAG({INT64})"],
  ["total", "STRING", "LAG({STRING}, 2, 'none')"],
  ["total", "INT64", "LEAD({INT64}, 1)"],
  ["total", "DATE", "LEAD({DATE}, 2)"],
  ["framed", "INT64", "FIRST_VALUE({INT64})"],
  ["framed", "STRING", "FIRST_VALUE({STRING} IGNORE NULLS)"],
  ["framed", "INT64", "LAST_VALUE({INT64})"],
  ["framed", "STRING", "LAST_VALUE({STRING} IGNORE NULLS)"],
  ["framed", "INT64", "NTH_VALUE({INT64}, 2)"],
  ["framed", "INT64", "NTH_VALUE({INT64}, 2 IGNORE NULLS)"],
  ["framed", "INT64", "SUM({INT64})"],
  ["framed", "FLOAT64", "AVG({FLOAT64})"],
  ["framed", "NUMERIC", "SUM({NUMERIC})"],
  ["framed", "NUMERIC", "AVG({NUMERIC})"],
  ["framed", "INT64", "COUNT(*)"],
  ["framed", "INT64", "COUNT({STRING})"],
  ["framed", "INT64", "COUNTIF({BOOL})"],
  ["framed", "INT64", "MIN({INT64})"],
  ["framed", "STRING", "MAX({STRING})"],
  ["framed", "BOOL", "LOGICAL_OR({BOOL})"],
  ["framed", "FLOAT64", "MIN({FLOAT64})"],
  ["framed", "ROW", "ARRAY_AGG({INT64})"],
  ["framed", "STRING", "STRING_AGG({STRING}, '|')"],
  ["framed", "FLOAT64", "STDDEV_SAMP({INT64})"],
  ["distinct", "INT64", "COUNT(DISTINCT {STRING})"],
  ["distinct", "INT64", "SUM(DISTINCT {INT64})"],
  ["plain", "FLOAT64", "PERCENTILE_CONT({FLOAT64}, 0.5)"],
  ["plain", "INT64", "PERCENTILE_DISC({INT64}, 0.5)"],
  ["plain", "FLOAT64", "PERCENTILE_CONT({FLOAT64}, 0.25 RESPECT NULLS)"],
];

const ROWS = [
  "UNBOUNDED PRECEDING",
  "2 PRECEDING",
  "1 PRECEDING",
  "CURRENT ROW",
  "1 FOLLOWING",
  "3 FOLLOWING",
  "UNBOUNDED FOLLOWING",
];

function rowsFrame(random: Random): string {
  const start = random.integer(0, 5);
  const end = random.integer(Math.max(start, 1), 6);
  if (start <= 3 && random.oneIn(4)) return ` ROWS ${ROWS[start] ?? ""}`;
  return ` ROWS BETWEEN ${ROWS[start] ?? ""} AND ${ROWS[end] ?? ""}`;
}

const RANGES = [
  "UNBOUNDED PRECEDING AND CURRENT ROW",
  "5 PRECEDING AND 5 FOLLOWING",
  "CURRENT ROW AND UNBOUNDED FOLLOWING",
  "10 PRECEDING AND 1 PRECEDING",
  "CURRENT ROW AND 7 FOLLOWING",
  "UNBOUNDED PRECEDING AND 3 FOLLOWING",
];

function partition(random: Random, columns: readonly ScopeColumn[]): SqlNode {
  if (random.oneIn(4)) return text("");
  const types = random.pick([["INT64"], ["STRING"], ["BOOL"], ["INT64", "STRING"], ["DATE"]]);
  const keys = types.map((type) => expression(random, type, inScope(columns, 1)));
  return optional(sql`PARTITION BY ${list(keys)}`);
}

/** Column names with directions; the keys after them, where the order must be total. */
function order(random: Random, from: Source, isTotal: boolean): SqlNode {
  const wanted = Array.from({ length: random.integer(isTotal ? 0 : 1, 2) }, () => {
    const { sql: name } = random.pick(from.columns);
    return text(`${name}${random.pick(["", " DESC", " NULLS LAST", " DESC NULLS FIRST"])}`);
  });
  return sql` ORDER BY ${list([...wanted.map(isTotal ? optional : (node) => node), ...(isTotal ? from.keys.map(text) : [])])}`;
}

function overClause(random: Random, need: Need, name: string, from: Source): SqlNode {
  const by = partition(random, from.columns);
  switch (need) {
    case "plain":
    case "distinct":
      return sql`(${by})`;
    case "ordered":
      return sql`(${by}${order(random, from, random.oneIn(2))})`;
    case "total":
      return sql`(${by}${order(random, from, true)})`;
    case "framed":
      break;
  }
  const isOrderSensitive = /VALUE|AGG/.test(name);
  if (!isOrderSensitive && random.oneIn(5)) return sql`(${by})`;
  if (!isOrderSensitive && random.oneIn(3)) {
    const numbers = from.columns.filter(({ type }) => type === "INT64" || type === "FLOAT64" || type === "NUMERIC");
    if (numbers.length > 0) {
      const direction = random.pick(["", " DESC"]);
      return sql`(${by} ORDER BY ${random.pick(numbers).sql}${direction}${optional(text(` RANGE BETWEEN ${random.pick(RANGES)}`))})`;
    }
  }
  const frame = random.oneIn(4) ? text("") : optional(text(rowsFrame(random)));
  return sql`(${by}${order(random, from, true)}${frame})`;
}

export function windowCall(random: Random, from: Source, only?: Need): SqlNode {
  const [need, type, template] = random.pick(
    only === undefined ? FUNCTIONS : FUNCTIONS.filter((one) => one[0] === only),
  );
  const parts = template.split(/\{([^}]+)\}/).map((part, i) => {
    return i % 2 === 0 ? part : expression(random, part, inScope(from.columns, 1));
  });
  return typed(type, sql`${{ parts }} OVER ${overClause(random, need, template, from)}`);
}

/** Windows with every frame, over rows and over groups, with QUALIFY. */
export function windowed(random: Random): Omit<GeneratedQuery, "group"> {
  const from = source(random, 2);
  const calls = Array.from(
    { length: random.integer(1, 3) },
    (_, i) => sql`${windowCall(random, from)} AS w${String(i)}`,
  );
  const filter = where(random, from.columns);
  if (random.oneIn(6)) {
    const key = typed("INT64", text(random.pick(from.columns.filter(({ type }) => type === "INT64")).sql));
    const direction = random.pick(["", " DESC"]);
    return {
      node: sql`SELECT ${key} AS g, ${list([
        sql`SUM(COUNT(*)) OVER (ORDER BY ${key}${direction}) AS w0`,
        sql`RANK() OVER (ORDER BY COUNT(*) DESC, ${key}) AS w1`,
        sql`LAG(COUNT(*)) OVER (ORDER BY ${key}) AS w2`,
      ])} FROM ${from.from}${filter} GROUP BY g`,
      isOrdered: false,
    };
  }
  const qualify = random.oneIn(3)
    ? optional(
        random.oneIn(2)
          ? sql` QUALIFY ${windowCall(random, from, "total")} IS NOT NULL`
          : sql` QUALIFY ROW_NUMBER() OVER (${partition(random, from.columns)}${order(random, from, true)}) <= 2`,
      )
    : text("");
  const keys = from.keys.map((key, i) => sql`${key} AS k${String(i)}`);
  const items = list([...keys, ...calls]);
  if (random.oneIn(6)) {
    const window = sql`${partition(random, from.columns)}${order(random, from, true)}`;
    const named = list([...keys, text("SUM(1) OVER w AS w0"), text("LAST_VALUE(1) OVER (w ROWS CURRENT ROW) AS w1")]);
    return { node: sql`SELECT ${named} FROM ${from.from}${filter} WINDOW w AS (${window})`, isOrdered: false };
  }
  const filtered = random.oneIn(4)
    ? sql`${filter}`
    : sql`${optional(sql` WHERE ${condition(random, from.columns, 1)}`)}`;
  return { node: sql`SELECT ${items} FROM ${from.from}${filtered}${qualify}`, isOrdered: false };
}
