import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Warehouse } from "../port.js";
import { createDuckdbWarehouse } from "./warehouse.js";

let warehouse: Warehouse;

beforeAll(async () => {
  warehouse = await createDuckdbWarehouse({ file: ":memory:", threads: 1, defaultDataset: "f" });
  await warehouse.execute(
    "CREATE SCHEMA f; CREATE TABLE f.t AS SELECT x AS a, CAST(x AS STRING) AS b FROM UNNEST([1, 2, 3]) AS x",
  );
});

afterAll(async () => {
  await warehouse.close();
});

async function value(sql: string): Promise<unknown> {
  const { columns, rows } = await warehouse.query(sql);
  return rows[0]?.[columns[0]?.name ?? ""];
}

describe("functions of the warehouse", () => {
  test("are called by their dataset, with or without the project, or by the default dataset", async () => {
    await warehouse.execute("CREATE OR REPLACE FUNCTION f.plus(x INT64, y INT64) AS (x + y)");
    expect(await value("SELECT f.plus(1, 2)")).toBe(3);
    expect(await value("SELECT `rollcall.f.plus`(1, 2)")).toBe(3);
    expect(await value("SELECT rollcall.f.PLUS(1, 2)")).toBe(3);
    expect(await value("SELECT plus(1, 2)")).toBe(3);
  });

  test("call each other, and a new definition counts from the next statement on", async () => {
    await warehouse.execute(
      "CREATE OR REPLACE FUNCTION f.one() AS (1); CREATE OR REPLACE FUNCTION f.next(x INT64) AS (x + f.one())",
    );
    expect(await value("SELECT f.next(1)")).toBe(2);
    await warehouse.execute("CREATE OR REPLACE FUNCTION f.one() AS (100)");
    expect(await value("SELECT f.next(1)")).toBe(101);
    await warehouse.execute(`
      CREATE OR REPLACE FUNCTION f.one() AS (5);
      CREATE OR REPLACE TABLE f.made AS SELECT f.next(1) AS a;
      CREATE OR REPLACE FUNCTION f.one() AS (6);
      INSERT INTO f.made (a) SELECT f.next(1)`);
    expect((await warehouse.query("SELECT a FROM f.made ORDER BY a")).rows).toEqual([{ a: 6 }, { a: 7 }]);
  });

  test("are called by functions of the script, before and after a change", async () => {
    await warehouse.execute(`
      CREATE OR REPLACE FUNCTION f.base() AS (1);
      CREATE TEMP FUNCTION above(x INT64) AS (x + f.base());
      CREATE OR REPLACE TABLE f.made AS SELECT above(0) AS a;
      CREATE OR REPLACE FUNCTION f.base() AS (10);
      INSERT INTO f.made (a) SELECT above(0);
      CREATE OR REPLACE FUNCTION f.base() AS (20);
      INSERT INTO f.made (a) SELECT above(0)`);
    expect((await warehouse.query("SELECT a FROM f.made ORDER BY a")).rows).toEqual([{ a: 1 }, { a: 10 }, { a: 20 }]);
  });

  test("that have the name of another's column are no part of it", async () => {
    await warehouse.execute(`
      CREATE FUNCTION f.uses_word() AS ((SELECT MAX(caller) FROM (SELECT 4 AS caller)));
      CREATE FUNCTION f.caller() AS (f.uses_word() + 1)`);
    expect(await value("SELECT f.uses_word()")).toBe(4);
    expect(await value("SELECT f.caller() + f.uses_word()")).toBe(9);
  });

  test("read tables, and follow a change of their columns", async () => {
    await warehouse.execute("CREATE OR REPLACE FUNCTION f.top() AS ((SELECT MAX(a) FROM f.t))");
    expect(await value("SELECT f.top() + 1")).toBe(4);
  });

  test("exist once: CREATE again fails, IF NOT EXISTS keeps, DROP drops", async () => {
    await warehouse.execute("CREATE OR REPLACE FUNCTION f.kept() AS ('old')");
    await expect(warehouse.execute("CREATE FUNCTION f.kept() AS ('new')")).rejects.toThrow(/Already exists/);
    await warehouse.execute("CREATE FUNCTION IF NOT EXISTS f.kept() AS ('new')");
    expect(await value("SELECT f.kept()")).toBe("old");
    await warehouse.execute("DROP FUNCTION f.kept");
    await expect(value("SELECT f.kept()")).rejects.toThrow(/Function not found: f\.kept/);
    await warehouse.execute("DROP FUNCTION IF EXISTS f.kept");
    await expect(warehouse.execute("DROP FUNCTION f.kept")).rejects.toThrow(/f\.kept is not there/);
  });

  test("belong to the transaction that makes them", async () => {
    const script =
      "BEGIN TRANSACTION; CREATE FUNCTION f.lost() AS (1); SELECT f.lost(); ASSERT FALSE; COMMIT TRANSACTION";
    await expect(warehouse.execute(script)).rejects.toMatchObject({ code: "ASSERTION_FAILED" });
    await expect(value("SELECT f.lost()")).rejects.toThrow(/Function not found/);
    await warehouse.execute("CREATE FUNCTION f.lost() AS (2)");
    expect(await value("SELECT f.lost()")).toBe(2);
  });

  test("that call each other in a circle are refused", async () => {
    await warehouse.execute(
      "CREATE FUNCTION f.a() AS (1); CREATE FUNCTION f.b() AS (f.a() + 1); CREATE OR REPLACE FUNCTION f.a() AS (f.b())",
    );
    await expect(value("SELECT f.a()")).rejects.toThrow(/^function f\.[ab]:1:\d+: Function not found: f\.[ab]/);
    expect(await value("SELECT a FROM f.t WHERE a = 2 AND b = '2'")).toBe(2);
  });

  test("go with their dataset by CASCADE, and stand in its way without", async () => {
    await warehouse.execute("CREATE SCHEMA gone; CREATE FUNCTION gone.g() AS (1)");
    await expect(warehouse.execute("DROP SCHEMA gone")).rejects.toThrow(/gone still has functions/);
    expect(await value("SELECT gone.g()")).toBe(1);
    await warehouse.execute("DROP SCHEMA gone CASCADE; CREATE SCHEMA gone");
    await expect(value("SELECT gone.g()")).rejects.toThrow(/Function not found/);
    expect(await value("SELECT COUNT(*) FROM ops.functions WHERE dataset = 'gone'")).toBe(0);
    await warehouse.execute("DROP SCHEMA gone");
  });

  test("are dropped by the text that dropped the dataset before there were any", async () => {
    const own = await createDuckdbWarehouse({ file: ":memory:", threads: 1 });
    await own.execute("CREATE SCHEMA s");
    await own.execute("DROP SCHEMA s CASCADE");
    await own.execute("CREATE SCHEMA s; CREATE FUNCTION s.g() AS (1)");
    await own.execute("DROP SCHEMA s CASCADE");
    expect((await own.query("SELECT COUNT(*) AS n FROM ops.functions")).rows).toEqual([{ n: 0 }]);
    await own.close();
  });

  test("survive a restart, JavaScript and ANY TYPE included", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "rollcall-test-"));
    const file = path.join(folder, "functions.duckdb");
    const first = await createDuckdbWarehouse({ file, threads: 1 });
    await first.execute(`
      CREATE SCHEMA s;
      CREATE FUNCTION s.twice(x ANY TYPE) AS (x * 2);
      CREATE FUNCTION s.shout(x STRING) RETURNS STRING LANGUAGE js AS "return x.toUpperCase() + '$1';"`);
    await first.close();
    const second = await createDuckdbWarehouse({ file, threads: 1 });
    expect((await second.query("SELECT s.twice(1.5) AS a, s.shout('b') AS b")).rows).toEqual([{ a: 3, b: "B$1" }]);
    expect((await second.query("SELECT dataset, name FROM ops.functions ORDER BY name")).rows).toEqual([
      { dataset: "s", name: "shout" },
      { dataset: "s", name: "twice" },
    ]);
    await second.close();
    await rm(folder, { recursive: true, force: true });
  });
});

describe("functions of ANY TYPE", () => {
  test("take the types of each call", async () => {
    const sql = `
      CREATE TEMP FUNCTION ratio(x ANY TYPE, y ANY TYPE) AS (IF(y = 0, NULL, x / y));
      SELECT ratio(1, 2) AS i, ratio(NUMERIC '1', NUMERIC '4') AS n, ratio(a, 0) AS z, ratio(a, a * 2) AS c FROM f.t WHERE a = 2`;
    const { columns, rows } = await warehouse.query(sql);
    expect(columns.map(({ type }) => type)).toEqual(["FLOAT64", "NUMERIC", "FLOAT64", "FLOAT64"]);
    expect(rows).toEqual([{ i: 0.5, n: "0.25", z: null, c: 0.5 }]);
  });

  test("hold subqueries, arrays and other functions", async () => {
    const sql = `
      CREATE TEMP FUNCTION plus_one(x ANY TYPE) AS (x + 1);
      CREATE TEMP FUNCTION last_of(list ANY TYPE) AS (list[SAFE_OFFSET(ARRAY_LENGTH(list) - 1)]);
      CREATE TEMP FUNCTION rank_in(x ANY TYPE) AS ((SELECT COUNT(*) FROM f.t WHERE a <= plus_one(x)));
      SELECT last_of(['a', 'b']) AS l, last_of([1, 2]) AS m, rank_in(a) AS r FROM f.t ORDER BY a`;
    expect((await warehouse.query(sql)).rows).toEqual([
      { l: "b", m: 2, r: 2 },
      { l: "b", m: 2, r: 3 },
      { l: "b", m: 2, r: 3 },
    ]);
  });

  test("that do not fit the call's types are refused at the call", async () => {
    const sql = "CREATE TEMP FUNCTION plus_one(x ANY TYPE) AS (x + 1);\nSELECT plus_one('a')";
    await expect(value(sql)).rejects.toThrow(/^SQL:2:8: Invalid function plus_one/);
  });
});

describe("JavaScript", () => {
  const js = (signature: string, body: string) => `CREATE TEMP FUNCTION j${signature} LANGUAGE js AS r"""${body}""";`;

  test.each([
    ["(x FLOAT64) RETURNS FLOAT64", "return x / 4;", "j(3)", 0.75],
    ["(x FLOAT64) RETURNS INT64", "return x * 2;", "j(3)", 6],
    ["() RETURNS INT64", "return '9007199254740993';", "j()", 9007199254740993n],
    ["(x STRING) RETURNS STRING", "return x.split('').reverse().join('');", "j('añb')", "bña"],
    ["(x STRING) RETURNS STRING", "return x === null ? 'none' : x;", "j(NULL)", "none"],
    ["(x STRING) RETURNS STRING", "return undefined;", "j('a')", null],
    ["(x BOOL) RETURNS BOOL", "return !x;", "j(TRUE)", false],
    ["(x BYTES) RETURNS BYTES", "return x;", "j(b'\\x00\\xff')", Buffer.from([0, 255])],
    ["(x BYTES) RETURNS STRING", "return x;", "j(b'\\x00\\xff')", "AP8="],
    ["(x NUMERIC) RETURNS STRING", "return typeof x + x;", "j(NUMERIC '12')", "number12"],
    ["(x NUMERIC) RETURNS STRING", "return typeof x + x;", "j(NUMERIC '12.50')", "string12.5"],
    ["(x NUMERIC) RETURNS NUMERIC", "return x;", "j(NUMERIC '0.123456789')", "0.123456789"],
    ["(x DATE) RETURNS STRING", "return x.toISOString();", "j(DATE '2026-02-03')", "2026-02-03T00:00:00.000Z"],
    ["(x DATE) RETURNS DATE", "x.setUTCDate(x.getUTCDate() + 1); return x;", "j(DATE '2026-02-28')", "2026-03-01"],
    [
      "(x TIMESTAMP) RETURNS TIMESTAMP",
      "return x;",
      "j(TIMESTAMP '1969-12-31 23:59:59.123456Z')",
      "1969-12-31T23:59:59.123456Z",
    ],
    [
      "(x TIMESTAMP) RETURNS BOOL",
      "return x instanceof Date && x.microsecond === 7;",
      "j(TIMESTAMP '2026-01-01 00:00:00.000007Z')",
      true,
    ],
    ["(x ARRAY<STRING>) RETURNS ARRAY<FLOAT64>", "return x.map((one) => one.length);", "j(['a', 'bcd'])", [1, 3]],
    ["(x ARRAY<FLOAT64>) RETURNS BOOL", "return x instanceof Array && Array.isArray(x);", "j([1.0])", true],
    [
      "(x STRUCT<a STRING, b ARRAY<FLOAT64>>) RETURNS STRUCT<n FLOAT64, s STRING>",
      "return {n: x.b[1], s: x.a};",
      "j(STRUCT('k', [1.0, 2.0]))",
      { n: 2, s: "k" },
    ],
    [
      "(x JSON) RETURNS JSON",
      "x.b = [1, null]; return x;",
      'j(JSON \'{"a": {"c": true}}\')',
      { a: { c: true }, b: [1, null] },
    ],
    ["(x STRING) RETURNS STRING", "const m = x.match(/\\d+/); return m && m[0];", "j('a12b')", "12"],
  ])("%s: %s", async (signature, body, call, expected) => {
    expect(await value(`${js(signature, body)} SELECT ${call}`)).toEqual(expected);
  });

  test("over many rows, with NULLs among them, keeps rows apart", async () => {
    const sql = `${js("(x FLOAT64) RETURNS FLOAT64", "return x === null ? null : x + 1;")}
      SELECT COUNT(*) AS n, COUNTIF(y = x + 1) AS same, COUNTIF(y IS NULL) AS missing
      FROM (SELECT x, j(IF(MOD(x, 3) = 0, NULL, x)) AS y FROM UNNEST(GENERATE_ARRAY(1, 9000)) AS x)`;
    expect((await warehouse.query(sql)).rows).toEqual([{ n: 9000, same: 6000, missing: 3000 }]);
  });

  test.each([
    ["(x FLOAT64) RETURNS INT64", "return x;", "j(1.5)", /f?j: returns a number that is no INT64/],
    ["() RETURNS STRING", "\n  return missing;", "j()", /missing is not defined \(line 2 of the function\)/],
    ["() RETURNS STRING", "throw new Error('mine');", "j()", /mine/],
    ["() RETURNS STRING", "return (;", "j()", /Unexpected token/],
    ["() RETURNS STRING", "return require('fs');", "j()", /require is not defined/],
    ["() RETURNS STRING", "return Promise.resolve('a');", "j()", /returns a Promise/],
  ])("%s: %s fails with its reason and the query's place", async (signature, body, call, message) => {
    const failed = value(`${js(signature, body)}\nSELECT ${call}`);
    await expect(failed).rejects.toThrow(message);
    await expect(failed).rejects.toThrow(/^SQL:\d+:1: /);
    await expect(failed).rejects.toMatchObject({ code: "WAREHOUSE_FAILED" });
  });

  test.each([
    ["CREATE TEMP FUNCTION j(x INT64) RETURNS STRING LANGUAGE js AS 'return x'", /an argument of type INT64/],
    [
      "CREATE TEMP FUNCTION j(x ARRAY<DATETIME>) RETURNS STRING LANGUAGE js AS 'return x'",
      /an argument of type DATETIME/,
    ],
    ["CREATE TEMP FUNCTION j() RETURNS TIME LANGUAGE js AS 'return x'", /returns TIME/],
    [
      "CREATE TEMP FUNCTION j() RETURNS STRING LANGUAGE js OPTIONS (library = ['gs://a/b.js']) AS 'return x'",
      /the option library/,
    ],
    ["CREATE TEMP FUNCTION j() RETURNS STRING LANGUAGE python AS 'return x'", /a function in python/i],
  ])("%s is refused", async (sql, message) => {
    await expect(value(`${sql}; SELECT 1`)).rejects.toThrow(message);
  });

  test("a view may not call it: the next process would not know the function", async () => {
    await warehouse.execute("CREATE OR REPLACE FUNCTION f.j() RETURNS STRING LANGUAGE js AS 'return 1'");
    await expect(warehouse.execute("CREATE VIEW f.v AS SELECT f.j() AS a")).rejects.toThrow(
      /a JavaScript function in a view/,
    );
    await warehouse.execute("CREATE TABLE f.from_js AS SELECT f.j() AS a");
    expect(await value("SELECT a FROM f.from_js")).toBe("1");
  });
});

test("a function whose table is gone fails where it is called, for that reason", async () => {
  await warehouse.execute(
    "CREATE TABLE f.gone AS SELECT 1 AS a; CREATE FUNCTION f.reads() AS ((SELECT MAX(a) FROM f.gone)); DROP TABLE f.gone",
  );
  await expect(value("SELECT f.reads()")).rejects.toThrow(/^function f\.reads:1:\d+: Table not found: f\.gone/);
});

describe("a subquery in the body keeps its columns and the arguments apart", () => {
  test.each([
    ["(v INT64) AS ((SELECT COUNT(*) FROM f.t WHERE a <= v))", "g(a)", [1, 2, 3]],
    ["(v ANY TYPE) AS ((SELECT COUNT(*) FROM f.t WHERE a <= v))", "g(a)", [1, 2, 3]],
    ["(v INT64) AS ((SELECT COUNT(*) FROM f.t WHERE a <= v))", "g(g(a) - 1)", [0, 1, 2]],
    ["(l ARRAY<INT64>) AS ((SELECT SUM(x) FROM UNNEST(l) AS x))", "g([a, 10])", [11, 12, 13]],
    ["(l ARRAY<INT64>) AS ((SELECT SUM(x) FROM UNNEST(l) AS x))", "g(NULL)", [null, null, null]],
    ["(v INT64, w INT64) RETURNS FLOAT64 AS ((SELECT MAX(a) * v FROM f.t WHERE a > w))", "g(a, 1) / 2", [1.5, 3, 4.5]],
    ["(v INT64) AS (EXISTS (SELECT 1 FROM f.t WHERE a = v + 1))", "g(a)", [true, true, false]],
  ])("g%s, %s", async (definition, call, expected) => {
    const { rows } = await warehouse.query(
      `CREATE TEMP FUNCTION g${definition}; SELECT ${call} AS r FROM f.t ORDER BY a`,
    );
    expect(rows.map(({ r }) => r)).toEqual(expected);
  });
});
