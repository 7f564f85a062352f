import { expect, test } from "vitest";
import { splitScratch } from "./scratch.js";

test("the last query gives the rows, everything before it runs first", () => {
  expect(splitScratch("CREATE TABLE t AS SELECT 1 AS a;\nINSERT INTO t VALUES (2);\nSELECT * FROM t")).toEqual({
    script: "CREATE TABLE t AS SELECT 1 AS a;\nINSERT INTO t VALUES (2);",
    query: "\n\nSELECT * FROM t;",
  });
});

test("a text without a query, and one that is only a query", () => {
  expect(splitScratch("CREATE TABLE t (a INT64)")).toEqual({ script: "CREATE TABLE t (a INT64);", query: null });
  expect(splitScratch("  (SELECT 1)  ;")).toEqual({ script: null, query: "  (SELECT 1);" });
  expect(splitScratch(" -- nothing\n;")).toEqual({ script: null, query: null });
});

test("variables and functions go with the query, temporary tables become plain ones, nothing moves", () => {
  const text =
    "DECLARE n INT64 DEFAULT 2; CREATE TEMP TABLE t AS SELECT n AS a;\n\n  WITH x AS (SELECT a FROM t)\nSELECT a * n FROM x";
  expect(splitScratch(text)).toEqual({
    script: "DECLARE n INT64 DEFAULT 2; CREATE      TABLE t AS SELECT n AS a;",
    query: "DECLARE n INT64 DEFAULT 2;\n\n  WITH x AS (SELECT a FROM t)\nSELECT a * n FROM x;",
  });
});
