import { type ExpressionOptions, expression, type ScopeColumn } from "./expressions.js";
import type { Random } from "./random.js";
import { list, optional, type SqlNode, sql, text } from "./tree.js";

/** What a query reads: a FROM clause, and the columns it offers. */
export interface Source {
  readonly from: SqlNode;
  readonly columns: readonly ScopeColumn[];
  /** Columns that name one row. */
  readonly keys: readonly string[];
}

const RELATION: Readonly<Record<string, string>> = {
  id: "INT64",
  k: "INT64",
  s: "STRING",
  v: "INT64",
  n: "NUMERIC",
  f: "FLOAT64",
  d: "DATE",
  ts: "TIMESTAMP",
  b: "BOOL",
};

function columnsOf(alias: string): readonly ScopeColumn[] {
  return Object.entries(RELATION).map(([name, type]) => ({ sql: `${alias}.${name}`, type }));
}

export function inScope(columns: readonly ScopeColumn[], depth = 2): ExpressionOptions {
  return { columns, depth, isTame: true, isTotal: true };
}

export function condition(random: Random, columns: readonly ScopeColumn[], depth = 2): SqlNode {
  return expression(random, "BOOL", inScope(columns, depth));
}

/** WHERE, in half of the queries. */
export function where(random: Random, columns: readonly ScopeColumn[]): SqlNode {
  return random.oneIn(2) ? text("") : optional(sql` WHERE ${condition(random, columns)}`);
}

function oneTable(random: Random, alias: string): Source {
  const name = random.pick(["left_rows", "right_rows"]);
  return { from: text(`${name} AS ${alias}`), columns: columnsOf(alias), keys: [`${alias}.id`] };
}

function derivedTable(random: Random, alias: string): Source {
  const inner = columnsOf("i");
  const [first, second] = [random.pick(["INT64", "STRING"]), random.pick(["INT64", "FLOAT64", "DATE", "STRING"])];
  const [x, y] = [first, second].map((type) => expression(random, type, inScope(inner, 1)));
  return {
    from: sql`(SELECT i.id, ${x as SqlNode} AS x, ${y as SqlNode} AS y FROM left_rows AS i${where(random, inner)}) AS ${alias}`,
    columns: [
      { sql: `${alias}.id`, type: "INT64" },
      { sql: `${alias}.x`, type: first },
      { sql: `${alias}.y`, type: second },
    ],
    keys: [`${alias}.id`],
  };
}

function single(random: Random, alias: string): Source {
  return random.oneIn(4) ? derivedTable(random, alias) : oneTable(random, alias);
}

const JOINS = ["JOIN", "INNER JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "LEFT OUTER JOIN"];

function joinCondition(random: Random, left: readonly ScopeColumn[], right: readonly ScopeColumn[]): SqlNode {
  const type = random.pick(["INT64", "STRING", "INT64"]);
  const of = (columns: readonly ScopeColumn[]): string => {
    const fitting = columns.filter((column) => column.type === type);
    return fitting.length === 0 ? "1" : random.pick(fitting).sql;
  };
  const [a, b] = [of(left), of(right)];
  const equality = a === "1" || b === "1" ? text("TRUE") : text(`${a} = ${b}`);
  if (random.oneIn(3)) return sql`${equality}${optional(sql` AND ${condition(random, [...left, ...right], 1)}`)}`;
  return random.oneIn(8) ? condition(random, [...left, ...right], 1) : equality;
}

function joined(random: Random, left: Source, alias: string): Source {
  const kind = random.integer(1, 9);
  if (kind === 1) return crossJoined(left, single(random, alias), random.pick([" CROSS JOIN ", ", "]));
  if (kind === 2) return unnested(random, left, alias);
  const right = single(random, alias);
  const columns = [...left.columns, ...right.columns];
  const on = joinCondition(random, left.columns, right.columns);
  return {
    from: sql`${left.from} ${random.pick(JOINS)} ${right.from} ON ${on}`,
    columns,
    keys: [...left.keys, ...right.keys],
  };
}

function crossJoined(left: Source, right: Source, separator: string): Source {
  return {
    from: sql`${left.from}${separator}${right.from}`,
    columns: [...left.columns, ...right.columns],
    keys: [...left.keys, ...right.keys],
  };
}

/** An array of the row, one row an element. */
function unnested(random: Random, left: Source, alias: string): Source {
  const owner = left.columns.find(({ sql: name }) => name.endsWith(".ts"))?.sql.split(".")[0];
  const offset = `${alias}_at`;
  const keys = [...left.keys, offset];
  const isStructs = owner !== undefined && random.oneIn(2);
  const array = owner === undefined ? "[10, NULL, 30]" : isStructs ? `${owner}.items` : `${owner}.ai`;
  const join = random.pick([", ", " CROSS JOIN ", " LEFT JOIN "]);
  const from = sql`${left.from}${join}UNNEST(${array}) AS ${alias} WITH OFFSET AS ${offset}`;
  const element: readonly ScopeColumn[] = isStructs
    ? [
        { sql: `${alias}.k`, type: "STRING" },
        { sql: `${alias}.v`, type: "INT64" },
      ]
    : [{ sql: alias, type: "INT64" }];
  return { from, columns: [...left.columns, ...element, { sql: offset, type: "INT64" }], keys };
}

/** One table, or up to three joined. */
export function source(random: Random, most = 3): Source {
  let made = single(random, "ra");
  for (const alias of ["rb", "rc"].slice(0, random.integer(0, most - 1))) made = joined(random, made, alias);
  return made;
}

export function joinedSource(random: Random): Source {
  const two = joined(random, single(random, "ra"), "rb");
  return random.oneIn(2) ? two : joined(random, two, "rc");
}

/** So many expressions of the source, named c0, c1, ... */
export function selected(
  random: Random,
  columns: readonly ScopeColumn[],
  types: readonly string[],
): readonly SqlNode[] {
  return types.map((type, i) => sql`${expression(random, type, inScope(columns))} AS c${String(i)}`);
}

export function someTypes(random: Random, most = 4): readonly string[] {
  return Array.from({ length: random.integer(1, most) }, () =>
    random.pick(["INT64", "STRING", "FLOAT64", "NUMERIC", "BOOL", "DATE", "TIMESTAMP"]),
  );
}

/** Some expressions with their directions, then the keys: a total order. */
export function totalOrder(random: Random, from: Source): SqlNode {
  const wanted = Array.from({ length: random.integer(0, 2) }, () => {
    const { sql: name } = random.pick(from.columns);
    const direction = random.pick(["", " DESC", " ASC", " NULLS LAST", " DESC NULLS FIRST", " NULLS FIRST"]);
    return optional(text(`${name}${direction}`));
  });
  return list([...wanted, ...from.keys.map(text)]);
}
