import { mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { type Analyzer, createAnalyzer } from "../googlesql/analyzer.js";
import { parseType } from "../googlesql/types.js";
import { applyChanges, type TableCatalog } from "./catalog.js";
import { compilerVersion, createFolderStore } from "./compiled-store.js";
import { createTranslator } from "./translate.js";

const real = createAnalyzer();
afterAll(() => real.close());

/** Counts what reaches the analyzer. */
function counting(): { analyzer: Analyzer; calls: () => number } {
  let calls = 0;
  const analyzer: Analyzer = {
    analyze: (request) => {
      calls += 1;
      return real.analyze(request);
    },
    close: async () => {},
  };
  return { analyzer, calls: () => calls };
}

function table(name: string, columns: Readonly<Record<string, string>>) {
  const typed = Object.entries(columns).map(([column, type]) => ({ name: column, type: parseType(type) }));
  return { dataset: "silver", table: name, columns: typed };
}

function catalogOf(...tables: ReturnType<typeof table>[]): TableCatalog {
  return applyChanges(
    new Map(),
    tables.map((made) => ({ kind: "create", table: made, isView: false, onlyIfAbsent: false })),
  );
}

const EVENTS = table("events", { id: "INT64", name: "STRING", tags: "ARRAY<STRING>" });

describe("the cache", () => {
  const sql = "CREATE TEMP TABLE d AS SELECT id FROM silver.events WHERE id > @n; SELECT COUNT(*) FROM d";
  const request = { sql, params: { n: parseType("INT64") } };

  test("a statement translated before costs no analysis, whatever else has changed", async () => {
    const { analyzer, calls } = counting();
    const translator = createTranslator({}, { analyzer });
    const first = await translator.translate({ ...request, catalog: catalogOf(EVENTS) });
    expect(calls()).toBe(2);
    const other = table("other", { a: "STRING" });
    expect(await translator.translate({ ...request, catalog: catalogOf(EVENTS, other) })).toEqual(first);
    const longer = { ...request, sql: `SELECT 1 AS one;\n\n${sql}` };
    const { statements } = await translator.translate({ ...longer, catalog: catalogOf(EVENTS) });
    expect(statements.map(({ position }) => position.line)).toEqual([1, 3, 3]);
    expect(calls()).toBe(3);
  });

  test("a table that looks different, or a parameter of another type, is translated anew where it is named", async () => {
    const { analyzer, calls } = counting();
    const translator = createTranslator({}, { analyzer });
    await translator.translate({ ...request, catalog: catalogOf(EVENTS) });
    const wider = table("events", { id: "INT64", more: "STRING" });
    await translator.translate({ ...request, catalog: catalogOf(wider) });
    expect(calls()).toBe(3);
    await translator.translate({ sql, params: { n: parseType("FLOAT64") }, catalog: catalogOf(wider) });
    expect(calls()).toBe(4);
  });

  test("a function of another body, and a variable of another type, are other statements", async () => {
    const { analyzer, calls } = counting();
    const translator = createTranslator({}, { analyzer });
    const run = async (before: string) => {
      const { statements } = await translator.translate({
        sql: `${before}; SELECT f(x) AS y`,
        params: {},
        catalog: catalogOf(),
      });
      return statements.at(-1)?.templates.join() ?? "";
    };
    const first = await run("DECLARE x INT64 DEFAULT 1; CREATE TEMP FUNCTION f(a INT64) AS (a + 1)");
    expect(await run("DECLARE x INT64 DEFAULT 1; CREATE TEMP FUNCTION f(a INT64) AS (a + 2)")).not.toBe(first);
    const seen = calls();
    await run("DECLARE x INT64 DEFAULT 1; CREATE TEMP FUNCTION f(a INT64) AS (a + 1)");
    expect(calls()).toBe(seen);
  });

  test("a store keeps statements beyond the process; what is damaged in it is compiled again", async () => {
    const folder = mkdtempSync(join(tmpdir(), "compiled-"));
    try {
      const { analyzer, calls } = counting();
      const started = () => createTranslator({}, { analyzer, store: createFolderStore({ folder }) });
      const first = await started().translate({ ...request, catalog: catalogOf(EVENTS) });
      expect(await started().translate({ ...request, catalog: catalogOf(EVENTS) })).toEqual(first);
      expect(calls()).toBe(2);
      const version = join(folder, compilerVersion());
      const [file = ""] = readdirSync(version);
      truncateSync(join(version, file), 100);
      expect(await started().translate({ ...request, catalog: catalogOf(EVENTS) })).toEqual(first);
      expect(calls()).toBe(3);
      rmSync(folder, { recursive: true });
      writeFileSync(folder, "in the way");
      expect(await started().translate({ ...request, catalog: catalogOf(EVENTS) })).toEqual(first);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test("a table that CREATE IF NOT EXISTS found absent is looked for again", async () => {
    const { analyzer, calls } = counting();
    const translator = createTranslator({}, { analyzer });
    const create = { sql: "CREATE TABLE IF NOT EXISTS silver.t AS SELECT 1 AS a; SELECT a FROM silver.t", params: {} };
    await translator.translate({ ...create, catalog: catalogOf() });
    const seen = calls();
    const stands = translator.translate({ ...create, catalog: catalogOf(table("t", { b: "STRING" })) });
    await expect(stands).rejects.toMatchObject({ code: "SQL_INVALID" });
    expect(calls()).toBeGreaterThan(seen);
  });
});

describe("what has no form in DuckDB is refused with its name and place", () => {
  const translator = createTranslator({}, { analyzer: real });
  const refused = (sql: string) =>
    translator.translate({ sql, params: {}, catalog: catalogOf(EVENTS), origin: "m.sqlx" });

  test.each([
    ["SELECT 1;\n\nSELECT\n  SOUNDEX(name), ST_GEOGPOINT(1, 2) FROM silver.events", /^m\.sqlx:\d+:\d+: /],
    ["SELECT 1;\n  CALL silver.p()", /^m\.sqlx:2:3: CALL has no form/],
    ["CREATE PROCEDURE silver.p() BEGIN SELECT 1; END", /^m\.sqlx:1:1: CREATE PROCEDURE has no form/],
    ["CREATE TEMP AGGREGATE FUNCTION f(x INT64) AS (SUM(x))", /^m\.sqlx:1:\d+: CREATE AGGREGATE FUNCTION/],
    ["EXPORT DATA OPTIONS (uri = 'x') AS SELECT 1 AS a", /^m\.sqlx:1:1: /],
    ["DELETE FROM silver.events WHERE TRUE ASSERT_ROWS_MODIFIED 1", /assertRowsModified/i],
    ["SELECT\n FORMAT(name, 1) FROM silver.events", /^m\.sqlx:2:2: FORMAT with a computed format/],
    ["INSERT OR UPDATE INTO silver.events (id) VALUES (1)", /INSERT OR_UPDATE/],
    ["CREATE TABLE other_project.silver.t (a INT64)", /the project other_project/],
    ["CREATE TABLE t (a INT64)", /without its dataset/],
  ])("%s", async (sql, message) => {
    await expect(refused(sql)).rejects.toThrow(message);
    await expect(refused(sql)).rejects.toMatchObject({ code: expect.stringMatching(/^SQL_(UNSUPPORTED|INVALID)$/) });
  });
});

test("a variable is declared, set and read with its type; an unknown one is refused", async () => {
  const translator = createTranslator({}, { analyzer: real });
  const catalog = catalogOf();
  const { statements } = await translator.translate({
    sql: "DECLARE a, b FLOAT64 DEFAULT 1; SET b = 2; SELECT a + b AS sum",
    params: {},
    catalog,
  });
  expect(statements.map(({ name }) => name)).toEqual(["DECLARE", "DECLARE", "SET", "QUERY"]);
  expect(statements.at(-1)?.columns).toEqual([{ name: "sum", type: { kind: "DOUBLE" } }]);
  await expect(translator.translate({ sql: "SET c = 1", params: {}, catalog })).rejects.toThrow(
    /Undeclared variable: c/,
  );
});
