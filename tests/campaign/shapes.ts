import { expression, type ScopeColumn } from "./expressions.js";
import { aggregate } from "./grouping.js";
import type { GeneratedQuery } from "./queries.js";
import type { Random } from "./random.js";
import { condition, inScope, selected, someTypes, source, where } from "./sources.js";
import { list, optional, type SqlNode, sql, text, typed } from "./tree.js";

type Made = Omit<GeneratedQuery, "group">;

/** UNION, INTERSECT and EXCEPT, also in each other and as a CTE that is read twice. */
export function setOperation(random: Random): Made {
  const types = someTypes(random, 3).map((type) => (type === "FLOAT64" ? "INT64" : type));
  const branch = (): SqlNode => {
    const from = source(random, 2);
    return sql`SELECT ${list(selected(random, from.columns, types), ", ")} FROM ${from.from}${where(random, from.columns)}`;
  };
  const operator = (): string => random.pick(["UNION ALL", "UNION DISTINCT", "INTERSECT DISTINCT", "EXCEPT DISTINCT"]);
  const first = operator();
  const two = sql`(${branch()}) ${first} (${branch()})`;
  const all = random.oneIn(2) ? two : sql`(${two}) ${operator()} (${branch()})`;
  if (random.oneIn(3)) {
    const name = types[0] === "INT64" ? "SUM(c0)" : "COUNT(c0)";
    return {
      node: sql`WITH u AS (${all}) SELECT COUNT(*) AS n, ${name} AS m FROM u WHERE c0 IN (SELECT c0 FROM u)`,
      isOrdered: false,
    };
  }
  return { node: all, isOrdered: false };
}

function inner(random: Random): readonly [string, readonly ScopeColumn[]] {
  const columns: readonly ScopeColumn[] = [
    { sql: "q.id", type: "INT64" },
    { sql: "q.k", type: "INT64" },
    { sql: "q.s", type: "STRING" },
    { sql: "q.v", type: "INT64" },
    { sql: "q.b", type: "BOOL" },
    { sql: "q.d", type: "DATE" },
  ];
  return [random.pick(["left_rows", "right_rows"]), columns];
}

/** A subquery that may read the row outside of it, as a BOOL or another type. */
function subquery(random: Random, outer: readonly ScopeColumn[]): SqlNode {
  const [table, columns] = inner(random);
  const isCorrelated = !random.oneIn(3);
  const integers = outer.filter(({ type }) => type === "INT64");
  const link =
    isCorrelated && integers.length > 0
      ? random.pick([
          `q.k = ${random.pick(integers).sql}`,
          `q.id < ${random.pick(integers).sql}`,
          `q.v = ${random.pick(integers).sql}`,
        ])
      : "TRUE";
  const more = random.oneIn(2)
    ? text("")
    : optional(sql` AND ${condition(random, [...columns, ...(isCorrelated ? outer : [])], 1)}`);
  const rows = sql`FROM ${table} AS q WHERE ${link}${more}`;
  const one = (type: string): SqlNode => expression(random, type, inScope(columns, 1));
  const outside = (type: string): SqlNode => expression(random, type, inScope(outer, 1));
  switch (random.integer(1, 9)) {
    case 1:
      return typed("BOOL", sql`EXISTS (SELECT 1 ${rows})`);
    case 2:
      return typed("BOOL", sql`NOT EXISTS (SELECT q.s ${rows})`);
    case 3:
      return typed("BOOL", sql`${outside("INT64")} IN (SELECT ${one("INT64")} ${rows})`);
    case 4:
      return typed("BOOL", sql`${outside("STRING")} NOT IN (SELECT ${one("STRING")} ${rows})`);
    case 5:
      return typed("BOOL", sql`${outside("INT64")} > (SELECT MAX(${one("INT64")}) ${rows})`);
    case 6:
      return typed("INT64", sql`(SELECT ${random.pick(["SUM", "MIN", "COUNT", "MAX"])}(${one("INT64")}) ${rows})`);
    case 7:
      return typed("STRING", sql`(SELECT ${one("STRING")} ${rows} ORDER BY q.s DESC, q.id LIMIT 1)`);
    case 8:
      return typed("ARRAY<INT64>", sql`ARRAY(SELECT ${one("INT64")} ${rows} ORDER BY q.id)`);
    default:
      return typed(
        "ROW",
        sql`ARRAY(SELECT AS STRUCT q.id AS p, ${one("STRING")} AS r ${rows} ORDER BY q.d, q.id LIMIT 3)`,
      );
  }
}

/** Subqueries in SELECT, WHERE and CTEs. */
export function subqueries(random: Random): Made {
  const from = source(random, 2);
  const items = list([
    ...from.keys.map((key, i) => sql`${key} AS k${String(i)}`),
    ...Array.from({ length: random.integer(1, 2) }, (_, i) => sql`${subquery(random, from.columns)} AS c${String(i)}`),
  ]);
  const found = subquery(random, from.columns);
  const filter =
    found.type === "BOOL"
      ? optional(sql` WHERE ${found}${random.oneIn(3) ? optional(sql` OR ${condition(random, from.columns, 1)}`) : ""}`)
      : where(random, from.columns);
  const query = sql`SELECT ${items} FROM ${from.from}${filter}`;
  if (!random.oneIn(4)) return { node: query, isOrdered: false };
  const total = aggregate(random, from);
  return {
    node: sql`WITH w1 AS (${query}), w2 AS (SELECT ${total} AS t FROM ${from.from}) SELECT w1.*, w2.t FROM w1 CROSS JOIN w2`,
    isOrdered: false,
  };
}

export function pivoted(random: Random): Made {
  const table = random.pick(["left_rows", "right_rows"]);
  const calls = random.some(
    ["SUM(v) AS total", "COUNT(*) AS n", "MAX(s) AS top", "AVG(f) AS mean", "COUNTIF(b) AS marked"],
    random.integer(1, 3),
  );
  const aggregates = list(calls.map(text));
  const [by, values] = random.pick([
    ["k", ["1 AS one", "2 AS two", "3 AS three", "NULL AS none"]],
    ["s", ["'a' AS a", "'b' AS b", "'é' AS e", "'' AS empty"]],
    ["b", ["TRUE AS t", "FALSE AS f"]],
  ] as const);
  const keep = random.pick(["", "k AS g, ", "s AS g, ", "EXTRACT(MONTH FROM d) AS g, "]);
  const read = "k, s, v, f, b";
  const wanted = list(random.some(values, random.integer(1, values.length)).map(text));
  return {
    node: sql`SELECT * FROM (SELECT ${keep}${keep.startsWith("k") || keep.startsWith("s") ? read : read} FROM ${table}${where(random, [])}) PIVOT (${aggregates} FOR ${by} IN (${wanted}))`,
    isOrdered: false,
  };
}

export function unpivoted(random: Random): Made {
  const table = random.pick(["left_rows", "right_rows"]);
  const nulls = random.pick(["", " INCLUDE NULLS", " EXCLUDE NULLS"]);
  const shape = random.pick([
    "(x FOR name IN (k, v, id2))",
    "(x FOR name IN (k AS 'kk', v AS 'vv'))",
    "((x, y) FOR name IN ((k, v), (id2, w)))",
    "((x, y) FOR name IN ((k, v) AS 1, (w, id2) AS 2))",
  ]);
  const [id, w] = [
    expression(
      random,
      "INT64",
      inScope(
        [
          { sql: "v", type: "INT64" },
          { sql: "s", type: "STRING" },
        ],
        1,
      ),
    ),
    text("k + 1"),
  ];
  return {
    node: sql`SELECT * FROM (SELECT id, s, k, v, ${id} AS id2, ${w} AS w FROM ${table}) UNPIVOT${nulls} ${shape}`,
    isOrdered: false,
  };
}

export function recursive(random: Random): Made {
  const table = random.pick(["left_rows", "right_rows"]);
  const limit = random.integer(2, 7);
  const walk = sql`WITH RECURSIVE r AS (SELECT 1 AS n, CAST(${expression(random, "INT64", inScope([], 0))} AS INT64) AS m UNION ALL SELECT n + ${String(random.integer(1, 2))}, ${expression(
    random,
    "INT64",
    inScope(
      [
        { sql: "n", type: "INT64" },
        { sql: "m", type: "INT64" },
      ],
      1,
    ),
  )} FROM r WHERE n < ${String(limit)})`;
  if (random.oneIn(2)) return { node: sql`${walk} SELECT * FROM r`, isOrdered: false };
  if (random.oneIn(2))
    return {
      node: sql`${walk} SELECT t.id, r.n, r.m FROM r ${random.pick(["JOIN", "LEFT JOIN"])} ${table} AS t ON t.k = r.n`,
      isOrdered: false,
    };
  return {
    node: sql`WITH RECURSIVE graph AS (SELECT k AS node, id AS start FROM ${table} WHERE k IS NOT NULL UNION DISTINCT SELECT t.v, g.start FROM graph AS g JOIN left_rows AS t ON t.id = g.node WHERE t.v IS NOT NULL) SELECT start, COUNT(*) AS n, MAX(node) AS top FROM graph GROUP BY start`,
    isOrdered: false,
  };
}
