import { LITERALS, literal, nullOf } from "./literals.js";
import type { Random } from "./random.js";

export interface FixtureColumn {
  readonly name: string;
  readonly type: string;
}

export interface Fixture {
  readonly name: string;
  readonly columns: readonly FixtureColumn[];
  /** A literal per column and row. */
  readonly rows: readonly (readonly string[])[];
}

type Make = (random: Random) => string;

const orNull =
  (type: string, make: Make): Make =>
  (random) =>
    random.oneIn(6) ? nullOf(type) : make(random);
const integer = (low: number, high: number): Make => orNull("INT64", (random) => String(random.integer(low, high)));
const quarters = orNull("FLOAT64", (random) => `CAST(${random.integer(-40, 40) / 4} AS FLOAT64)`);
const decimal = orNull("NUMERIC", (random) => `NUMERIC '${random.integer(-9999, 9999) / 100}'`);
const day = orNull("DATE", (random) => `DATE '${dayText(random, 2023, 2025)}'`);
const moment = orNull("TIMESTAMP", (random) => `TIMESTAMP '${dayText(random, 2023, 2025)} ${clockText(random)}+00'`);
const word = orNull("STRING", (random) => random.pick(["'a'", "'b'", "'ab'", "'é'", "'B'", "''"]));
const truth = orNull("BOOL", (random) => random.pick(["TRUE", "FALSE"]));
const anyOf =
  (type: string): Make =>
  (random) =>
    literal(random, type, true);

function pad(value: number): string {
  return String(value).padStart(2, "0");
}

function dayText(random: Random, from: number, to: number): string {
  return `${random.integer(from, to)}-${pad(random.integer(1, 12))}-${pad(random.integer(1, 28))}`;
}

function clockText(random: Random): string {
  const fraction = random.oneIn(2) ? "" : `.${String(random.integer(0, 999_999)).padStart(6, "0")}`;
  return `${pad(random.integer(0, 23))}:${pad(random.integer(0, 59))}:${pad(random.integer(0, 59))}${fraction}`;
}

function table(
  random: Random,
  name: string,
  count: number,
  columns: readonly (readonly [string, string, Make])[],
): Fixture {
  const rows = Array.from({ length: count }, (_, i) => [String(i + 1), ...columns.map(([, , make]) => make(random))]);
  return {
    name,
    columns: [{ name: "id", type: "INT64" }, ...columns.map(([column, type]) => ({ name: column, type }))],
    rows,
  };
}

const ITEMS = "ARRAY<STRUCT<k STRING, v INT64>>";

function items(random: Random): string {
  const entries = Array.from(
    { length: random.integer(0, 3) },
    () => `STRUCT<k STRING, v INT64>(${word(random)}, ${integer(-5, 9)(random)})`,
  );
  return `CAST([${entries.join(", ")}] AS ${ITEMS})`;
}

/** Few distinct values, so that groups, joins and ties occur. */
const RELATION: readonly (readonly [string, string, Make])[] = [
  ["k", "INT64", integer(1, 4)],
  ["s", "STRING", word],
  ["v", "INT64", integer(-20, 40)],
  ["n", "NUMERIC", decimal],
  ["f", "FLOAT64", quarters],
  ["d", "DATE", day],
  ["ts", "TIMESTAMP", moment],
  ["b", "BOOL", truth],
  [
    "ai",
    "ARRAY<INT64>",
    (random) =>
      `CAST([${Array.from({ length: random.integer(0, 3) }, () => random.integer(0, 4)).join(", ")}] AS ARRAY<INT64>)`,
  ],
  ["items", ITEMS, items],
];

/** The tables every query of a seed reads: `wide` has a column of each type, `left_rows` and `right_rows` are to be joined. */
export function createFixtures(random: Random): readonly Fixture[] {
  const wide = Object.keys(LITERALS).map((type): readonly [string, string, Make] => {
    const name = `c_${type.replaceAll(/\W+/g, "_").toLowerCase().replace(/_$/, "")}`;
    return [name, type, type === "INT64" ? integer(-30, 130) : type === "FLOAT64" ? quarters : anyOf(type)];
  });
  const second: readonly (readonly [string, string, Make])[] = [
    ["c_string_2", "STRING", anyOf("STRING")],
    ["c_date_2", "DATE", day],
    ["c_timestamp_2", "TIMESTAMP", moment],
    ["c_datetime_2", "DATETIME", orNull("DATETIME", (r) => `DATETIME '${dayText(r, 1968, 2030)} ${clockText(r)}'`)],
    ["c_int64_2", "INT64", integer(-3, 9)],
    ["c_numeric_2", "NUMERIC", decimal],
  ];
  return [
    table(random, "wide", 14, [...wide, ...second]),
    table(random, "left_rows", 14, RELATION),
    table(random, "right_rows", 10, RELATION),
  ];
}

/** The table as a query. */
export function fixtureSql(fixture: Fixture): string {
  return fixture.rows
    .map((row) => `SELECT ${row.map((value, i) => `${value} AS ${fixture.columns[i]?.name ?? ""}`).join(", ")}`)
    .join(" UNION ALL ");
}
