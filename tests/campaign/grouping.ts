import { expression, type ScopeColumn } from "./expressions.js";
import { nullOf } from "./literals.js";
import type { GeneratedQuery } from "./queries.js";
import type { Random } from "./random.js";
import { inScope, type Source, source, where } from "./sources.js";
import { list, optional, render, type SqlNode, sql, text, typed } from "./tree.js";

/** Aggregates by result type; "{o}" is the total order of the rows. */
const AGGREGATES: readonly (readonly [string, string])[] = [
  ["INT64", "COUNT(*)"],
  ["INT64", "COUNT({INT64})"],
  ["INT64", "COUNT(DISTINCT {STRING})"],
  ["INT64", "COUNTIF({BOOL})"],
  ["INT64", "SUM({INT64})"],
  ["INT64", "SUM(DISTINCT {INT64})"],
  ["FLOAT64", "SUM({FLOAT64})"],
  ["NUMERIC", "SUM({NUMERIC})"],
  ["FLOAT64", "AVG({INT64})"],
  ["FLOAT64", "AVG({FLOAT64})"],
  ["NUMERIC", "AVG({NUMERIC})"],
  ["INT64", "MIN({INT64})"],
  ["STRING", "MAX({STRING})"],
  ["DATE", "MIN({DATE})"],
  ["FLOAT64", "MAX({FLOAT64})"],
  ["BOOL", "LOGICAL_AND({BOOL})"],
  ["BOOL", "LOGICAL_OR({BOOL})"],
  ["INT64", "BIT_AND({INT64})"],
  ["INT64", "BIT_OR({INT64})"],
  ["INT64", "BIT_XOR({INT64})"],
  ["FLOAT64", "STDDEV({FLOAT64})"],
  ["FLOAT64", "VAR_POP({INT64})"],
  ["FLOAT64", "VARIANCE({FLOAT64})"],
  ["FLOAT64", "STDDEV_POP({FLOAT64})"],
  ["FLOAT64", "CORR({FLOAT64}, {INT64})"],
  ["FLOAT64", "COVAR_POP({FLOAT64}, {INT64})"],
  ["FLOAT64", "COVAR_SAMP({FLOAT64}, {FLOAT64})"],
  ["STRING", "STRING_AGG({STRING} ORDER BY {o})"],
  ["STRING", "STRING_AGG({STRING}, '|' ORDER BY {o} DESC)"],
  ["STRING", "STRING_AGG(DISTINCT {STRING}, '-' ORDER BY 1)"],
  ["STRING", "STRING_AGG({STRING}, '' ORDER BY {o} LIMIT 2)"],
  ["ARRAY<INT64>", "ARRAY_AGG({INT64} ORDER BY {o})"],
  ["ARRAY<INT64>", "ARRAY_AGG({INT64} IGNORE NULLS ORDER BY {o} DESC LIMIT 2)"],
  ["ARRAY<STRING>", "ARRAY_AGG({STRING} RESPECT NULLS ORDER BY {o})"],
  ["STRUCT", "ARRAY_AGG(STRUCT({INT64} AS p, {STRING} AS q) ORDER BY {o})"],
  ["STRUCT", "ARRAY_AGG(STRUCT({INT64} AS p, {STRING} AS q) ORDER BY {o} LIMIT 1)[OFFSET(0)]"],
  ["ARRAY<INT64>", "ARRAY_CONCAT_AGG([{INT64}, {INT64}] ORDER BY {o})"],
  ["INT64", "MAX(IF({BOOL}, {INT64}, NULL))"],
  ["INT64", "ANY_VALUE({INT64} HAVING MAX {o1})"],
  ["STRING", "ANY_VALUE({STRING} HAVING MIN {o1})"],
];

export function aggregate(random: Random, from: Source, types?: readonly string[]): SqlNode {
  const fitting = types === undefined ? AGGREGATES : AGGREGATES.filter(([type]) => types.includes(type));
  const [type, template] = random.pick(fitting);
  const one =
    from.keys.length === 1
      ? (from.keys[0] ?? "1")
      : `CONCAT(${from.keys.map((key) => `IFNULL(CAST(${key} AS STRING), '~')`).join(", '/', ")})`;
  // One expression more would be one too many for a DISTINCT aggregate: it may be ordered by its argument only.
  if (template.includes("DISTINCT") && template.includes("ORDER BY")) return distinctAggregate(random, type, from);
  const order = from.keys.join(", ");
  const parts = template.split(/\{([^}]+)\}/).map((part, i) => {
    if (i % 2 === 0) return part;
    if (part === "o1") return one;
    return part === "o" ? order : expression(random, part, inScope(from.columns, 1));
  });
  return typed(type, { parts });
}

function distinctAggregate(random: Random, type: string, from: Source): SqlNode {
  const names = from.columns.filter((column) => column.type === type).map((column) => column.sql);
  const name = names.length === 0 ? "'x'" : random.pick(names);
  return typed(type, text(`STRING_AGG(DISTINCT ${name}, '-' ORDER BY ${name})`));
}

const KEY_TYPES = ["INT64", "STRING", "BOOL", "DATE", "NUMERIC", "FLOAT64", "STRING", "INT64"];

/** GROUP BY of expressions, with ROLLUP, CUBE and GROUPING SETS, HAVING and all aggregates. */
export function grouped(random: Random): Omit<GeneratedQuery, "group"> {
  const from = source(random, 2);
  const aggregates = Array.from(
    { length: random.integer(1, 3) },
    (_, i) => sql`${aggregate(random, from)} AS a${String(i)}`,
  );
  const filter = where(random, from.columns);
  if (random.oneIn(5)) return { node: sql`SELECT ${list(aggregates)} FROM ${from.from}${filter}`, isOrdered: false };
  const isSimple = random.oneIn(2);
  const wanted = Array.from({ length: random.integer(1, 3) }, () => {
    const type = random.pick(KEY_TYPES);
    return isSimple ? columnOf(random, from.columns, type) : expression(random, type, inScope(from.columns, 1));
  });
  // One key under two names is one key to the analyzer.
  const keys = [...new Map(wanted.map((key) => [render(key), key])).values()];
  const names = keys.map((_, i) => `g${i}`);
  // The keys are named one level below, so that GROUPING SETS can name them too; and a join has columns of one name twice.
  const flatItems = from.columns.map((column) => text(`${column.sql} AS ${flatColumn(column.sql)}`));
  const inner = list([...flatItems, ...keys.map((key, i) => sql`${key} AS g${String(i)}`)]);
  const rows = sql`(SELECT ${inner} FROM ${from.from}${filter}) AS z`;
  const flat: Source = { from: rows, columns: flatColumns(from), keys: from.keys.map((key) => flatName(key)) };
  const items = Array.from(
    { length: random.integer(1, 3) },
    (_, i) => sql`${aggregate(random, flat)} AS a${String(i)}`,
  );
  const having = random.oneIn(3) ? optional(sql` HAVING ${havingCondition(random, flat)}`) : text("");
  const { clause, sets } = random.pick(groupings(names));
  const select = (shown: readonly SqlNode[], by: string): SqlNode =>
    sql`SELECT ${list([...shown, ...items])} FROM ${rows}${by}${having}`;
  const node = select(names.map(text), ` GROUP BY ${clause}`);
  if (sets.length === 1) return { node, isOrdered: false };
  const one = (set: readonly string[]): SqlNode =>
    select(
      names.map((name, i) =>
        set.includes(name) ? text(name) : text(`${nullOf(keys[i]?.type ?? "INT64")} AS ${name}`),
      ),
      set.length === 0 ? "" : ` GROUP BY ${set.join(", ")}`,
    );
  return { node, reference: list(sets.map(one), " UNION ALL "), isOrdered: false };
}

interface Grouping {
  readonly clause: string;
  /** What it stands for: the reference evaluator knows one set of keys at a time. */
  readonly sets: readonly (readonly string[])[];
}

function groupings(names: readonly string[]): readonly Grouping[] {
  const all = names.join(", ");
  const first = names[0] ?? "";
  const plain: Grouping = { clause: all, sets: [names] };
  const rollup = [...names.keys(), names.length].map((count) => names.slice(0, count));
  const cube = Array.from({ length: 2 ** names.length }, (_, bits) =>
    names.filter((_name, i) => (bits >> i) % 2 === 1),
  );
  return [
    plain,
    plain,
    plain,
    { clause: `ROLLUP(${all})`, sets: rollup },
    { clause: `CUBE(${all})`, sets: cube },
    { clause: `GROUPING SETS ((${all}), ${first}, ())`, sets: [names, [first], []] },
  ];
}

function havingCondition(random: Random, from: Source): SqlNode {
  return random.oneIn(2)
    ? sql`COUNT(*) > ${String(random.integer(0, 3))}`
    : sql`${aggregate(random, from, ["INT64"])} ${random.pick([">", "<=", "="])} ${String(random.integer(-5, 10))}`;
}

function columnOf(random: Random, columns: readonly ScopeColumn[], type: string): SqlNode {
  const names = columns.filter((column) => column.type === type);
  return names.length === 0 ? expression(random, type, inScope(columns, 0)) : typed(type, text(random.pick(names).sql));
}

const flatColumn = (name: string): string => name.replace(".", "_");
const flatName = (name: string): string => `z.${flatColumn(name)}`;

function flatColumns(from: Source): readonly ScopeColumn[] {
  return from.columns.map(({ sql: name, type }) => ({ sql: flatName(name), type }));
}
