import { anyCall, expression, type ScopeColumn } from "./expressions.js";
import type { Fixture } from "./fixtures.js";
import { grouped } from "./grouping.js";
import { createRandom, type Random } from "./random.js";
import { pivoted, recursive, setOperation, subqueries, unpivoted } from "./shapes.js";
import { condition, inScope, joinedSource, selected, someTypes, source, totalOrder, where } from "./sources.js";
import { list, optional, type SqlNode, sql, text } from "./tree.js";
import { windowed } from "./windows.js";

export interface GeneratedQuery {
  readonly group: string;
  readonly node: SqlNode;
  /** What the reference evaluator is asked instead, where it does not know the construct. */
  readonly reference?: SqlNode;
  /** Whether the order of the rows is part of the result. */
  readonly isOrdered: boolean;
}

type Shape = (random: Random) => Omit<GeneratedQuery, "group">;

const SHAPES: Readonly<Record<string, Shape>> = {
  joins: (random) => rowsOf(random, joinedSource(random)),
  ordering: ordered,
  grouping: grouped,
  windows: windowed,
  "set operations": setOperation,
  subqueries,
  pivot: (random) => (random.oneIn(2) ? pivoted(random) : unpivoted(random)),
  recursion: recursive,
};

/** More of what has more ways to be. */
const WEIGHTS = [
  "joins",
  "joins",
  "ordering",
  "grouping",
  "grouping",
  "grouping",
  "windows",
  "windows",
  "windows",
  "set operations",
  "subqueries",
  "subqueries",
  "subqueries",
  "pivot",
  "recursion",
];

/** The query of this number: the same for the same seed, whatever was generated before it. */
export function generateQuery(seed: number, number: number, fixtures: readonly Fixture[]): GeneratedQuery {
  const random = createRandom(Math.imul(seed, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca6b));
  if (random.oneIn(3)) {
    const group = random.pick(WEIGHTS);
    return { group, ...(SHAPES[group] ?? ordered)(random) };
  }
  return random.oneIn(3) ? overLiterals(random) : overColumns(random, fixtures);
}

/** A constant expression, values at the ends of their types included. */
function overLiterals(random: Random): GeneratedQuery {
  const { group, node } = anyCall(random, { columns: [], depth: random.integer(1, 2) });
  return { group, node: sql`SELECT ${node} AS x`, isOrdered: false };
}

/** An expression over all rows of a table, or over two: less can fail then. */
function overColumns(random: Random, fixtures: readonly Fixture[]): GeneratedQuery {
  const wide = fixtures[0] as Fixture;
  const columns = wide.columns.map(({ name, type }): ScopeColumn => ({ sql: name, type }));
  const { group, node } = anyCall(random, { columns, depth: random.integer(1, 3), isTame: true });
  const [first, second] = [random.integer(1, wide.rows.length), random.integer(1, wide.rows.length)];
  const some = random.oneIn(2) ? text("") : optional(text(` WHERE id IN (${first}, ${second})`));
  return { group, node: sql`SELECT ${list([text("id"), sql`${node} AS x`])} FROM wide${some}`, isOrdered: false };
}

type Made = Omit<GeneratedQuery, "group">;

function rowsOf(random: Random, from: ReturnType<typeof source>): Made {
  const distinct = random.oneIn(6) ? optional(text("DISTINCT ")) : text("");
  const items = list(selected(random, from.columns, someTypes(random)));
  return { node: sql`SELECT ${distinct}${items} FROM ${from.from}${where(random, from.columns)}`, isOrdered: false };
}

/** ORDER BY with every place of NULLs, LIMIT and OFFSET. */
function ordered(random: Random): Made {
  const from = source(random, 2);
  const limit = random.oneIn(2)
    ? text("")
    : optional(text(` LIMIT ${random.integer(0, 8)}${random.oneIn(2) ? "" : " OFFSET 2"}`));
  const items = list(selected(random, from.columns, someTypes(random)));
  const order = totalOrder(random, from);
  if (random.oneIn(4)) {
    const filter = optional(sql` WHERE ${condition(random, [{ sql: "y", type: "INT64" }], 1)}`);
    const inner = sql`SELECT ${expression(random, "INT64", inScope(from.columns))} AS y FROM ${from.from} ORDER BY ${order}${limit}`;
    return { node: sql`SELECT y FROM (${inner})${filter}`, isOrdered: false };
  }
  return {
    node: sql`SELECT ${items} FROM ${from.from}${where(random, from.columns)} ORDER BY ${order}${limit}`,
    isOrdered: true,
  };
}
