import { describe, expect, it, test } from "vitest";
import { isEmpty, isOneQuery, splitScratch } from "./scratch.js";

test("the last query gives the rows, everything before it runs first", () => {
  expect(splitScratch("CREATE TABLE t AS SELECT 1 AS a;\nINSERT INTO t VALUES (2);\nSELECT * FROM t")).toEqual({
    script: "CREATE TABLE t AS SELECT 1 AS a;\nINSERT INTO t VALUES (2);",
    query: "\n\nSELECT * FROM t;",
    unseen: 0,
  });
});

test("a text without a query, and one that is only a query", () => {
  expect(splitScratch("CREATE TABLE t (a INT64)")).toEqual({
    script: "CREATE TABLE t (a INT64);",
    query: null,
    unseen: 0,
  });
  expect(splitScratch("  (SELECT 1)  ;")).toEqual({ script: null, query: "  (SELECT 1);", unseen: 0 });
  expect(splitScratch(" -- nothing\n;")).toEqual({ script: null, query: null, unseen: 0 });
});

test("functions go with the query, temporary tables become plain ones, nothing moves", () => {
  const text =
    "CREATE TEMP FUNCTION f(x INT64) AS (x + 1); CREATE TEMP TABLE t AS SELECT 1 AS a;\n\n  WITH x AS (SELECT a FROM t)\nSELECT f(a) FROM x";
  expect(splitScratch(text)).toEqual({
    script: "CREATE TEMP FUNCTION f(x INT64) AS (x + 1); CREATE      TABLE t AS SELECT 1 AS a;",
    query: "CREATE TEMP FUNCTION f(x INT64) AS (x + 1);\n\n  WITH x AS (SELECT a FROM t)\nSELECT f(a) FROM x;",
    unseen: 0,
  });
});

test("the query sees variables as the script left them, wherever it set them", () => {
  const text =
    "DECLARE i INT64 DEFAULT 0;\nDECLARE m STRING;\nWHILE i < 5 DO\n  SET i = i + 1;\nEND WHILE;\nSELECT i, m";
  expect(splitScratch(text)).toEqual({
    script:
      "DECLARE i INT64 DEFAULT 0;\nDECLARE m STRING;\nWHILE i < 5 DO\n  SET i = i + 1;\nEND WHILE;" +
      " CREATE TABLE rollcall_variables AS SELECT i AS i, m AS m;",
    query:
      "DECLARE i INT64 DEFAULT 0;\nDECLARE m STRING; SET i = (SELECT v.i FROM rollcall_variables AS v);" +
      " SET m = (SELECT v.m FROM rollcall_variables AS v);\n\n\n\nSELECT i, m;",
    unseen: 0,
  });
});

test("variables that are all there is before the query stay with it", () => {
  const text = "DECLARE n INT64 DEFAULT 2; SET n = 3; SELECT n";
  expect(splitScratch(text)).toEqual({ script: "DECLARE n INT64 DEFAULT 2; SET n = 3;", query: `${text};`, unseen: 0 });
});

test("queries before the last statement are counted, those within other statements are not", () => {
  expect(splitScratch("SELECT 1; (SELECT 2); CREATE TABLE t AS SELECT 3; SELECT 4").unseen).toBe(2);
  expect(splitScratch("SELECT 1; CREATE TABLE t AS SELECT 3")).toMatchObject({ query: null, unseen: 1 });
});

test.each([
  ["", true],
  [" \n-- nothing\n# either\n/* nor this */;;", true],
  ["-- something\nSELECT 1", false],
])("whether %j is empty: %s", (text, empty) => expect(isEmpty(text)).toBe(empty));

describe("one query", () => {
  it.each([
    "SELECT 1",
    "  -- a comment\nWITH a AS (SELECT 1 AS x) SELECT x FROM a;",
    "(SELECT 1) UNION ALL (SELECT 2)",
    "FROM a |> SELECT x",
    "DECLARE v INT64 DEFAULT 1; SET v = 2; SELECT v",
    "CREATE TEMP FUNCTION f(x INT64) AS (x + 1); SELECT f(1)",
  ])("is %s", (text) => expect(isOneQuery(text)).toBe(true));

  it.each([
    "",
    " ; -- nothing",
    "SELECT 1; SELECT 2",
    "DELETE FROM gold.profiles WHERE TRUE",
    "CREATE TABLE a AS SELECT 1",
    "SET v = 1",
  ])("is not %j", (text) => expect(isOneQuery(text)).toBe(false));
});
