import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Warehouse } from "../../../port.js";
import { createDuckdbWarehouse } from "../../warehouse.js";

let warehouse: Warehouse;

beforeAll(async () => {
  warehouse = await createDuckdbWarehouse({ file: ":memory:" });
});
afterAll(() => warehouse.close());

/** Over rows of a table, so that nothing is folded to a constant before it runs. */
async function of(expression: string, values: string): Promise<unknown[]> {
  const { rows } = await warehouse.query(
    `SELECT ${expression} AS v FROM UNNEST([${values}]) AS x WITH OFFSET AS i ORDER BY i`,
  );
  return rows.map(({ v }) => v);
}

describe("IN", () => {
  it("finds texts in a list of many, and is NULL for NULL", async () => {
    const many = ["a", "b", "c", "d", "it's"].map((text) => `"${text}"`).join(", ");
    expect(await of(`x IN (${many})`, '"a", "it\'s", "A", NULL')).toEqual([true, true, false, null]);
    expect(await of(`x NOT IN (${many})`, '"a", "z", NULL')).toEqual([false, true, null]);
  });

  it("is NULL for what is not found beside a NULL, however long the list", async () => {
    expect(await of('x IN ("a", "b", "c", "d", "e", NULL)', '"a", "z"')).toEqual([true, null]);
    expect(await of("x IN (1, 2, 3, 4, 5, 6)", "6, 7")).toEqual([true, false]);
  });
});

describe("aggregates of what has NULLs", () => {
  const aggregated = async (aggregate: string, rows: string): Promise<unknown> =>
    (await warehouse.query(`SELECT TO_JSON_STRING(${aggregate}) AS v FROM UNNEST([${rows}]) AS x`)).rows[0]?.v;

  it("count NULL among the most frequent", async () => {
    const fruit = '"pear", NULL, "pear", "apple", "pear", NULL';
    expect(await aggregated("APPROX_TOP_COUNT(x, 2)", fruit)).toBe(
      '[{"value":"pear","count":3},{"value":null,"count":2}]',
    );
    expect(await aggregated("APPROX_TOP_COUNT(x, 2)", "CAST(NULL AS STRING)")).toBe('[{"value":null,"count":1}]');
  });

  it("give the value of the greatest, be it NULL", async () => {
    const rows = 'STRUCT("q" AS a, 3 AS b), (NULL, 4), ("z", NULL)';
    expect(await aggregated("[MAX_BY(x.a, x.b), MIN_BY(x.a, x.b)]", rows)).toBe('[null,"q"]');
  });

  it("are refused where NULLs should count among quantiles", async () => {
    await expect(aggregated("APPROX_QUANTILES(x, 2 RESPECT NULLS)", "1, NULL")).rejects.toThrow(
      /APPROX_QUANTILES with RESPECT NULLS/,
    );
  });
});

describe("comparing with NaN", () => {
  const values = 'CAST("NaN" AS FLOAT64), CAST("inf" AS FLOAT64), 2.0, NULL';
  it.each([
    ["x >= 2.0", [false, true, true, null]],
    ["x >= x", [false, true, true, null]],
    ["2.0 <= x", [false, true, true, null]],
    ["x <= 2.0", [false, false, true, null]],
    ["x > 1.0", [false, true, true, null]],
    ["1.0 < x", [false, true, true, null]],
    ['x >= CAST("-inf" AS FLOAT64)', [false, true, true, null]],
  ])("%s", async (expression, expected) => {
    expect(await of(expression, values)).toEqual(expected);
  });

  it.each([
    'x <= CAST("NaN" AS FLOAT64)',
    'x > CAST("NaN" AS FLOAT64)',
    'CAST("NaN" AS FLOAT64) > x',
    'x = CAST("NaN" AS FLOAT64)',
    'CAST("NaN" AS FLOAT64) = x',
    'NOT (x != CAST("NaN" AS FLOAT64))',
    'NOT (CAST("NaN" AS FLOAT64) != x)',
  ])("%s is never so", async (expression) => {
    expect(await of(expression, 'CAST("NaN" AS FLOAT64), CAST("-inf" AS FLOAT64), 2.0')).toEqual([false, false, false]);
  });
});

describe("SAFE.", () => {
  it.each([
    ["SAFE.SUBSTR('apple', 1, x)", "-1, 2", [null, "ap"]],
    ["SAFE.DIV(7, x)", "0, 2", [null, 3]],
    ["SAFE.MOD(7, x)", "0, 4", [null, 3]],
    ["SAFE.LN(x)", "0.0, 1.0", [null, 0]],
    ["SAFE.SQRT(x)", "-1.0, 4.0", [null, 2]],
    ["SAFE.REPEAT('ab', x)", "-1, 2", [null, "abab"]],
    ["SAFE.PARSE_DATE('%Y-%m-%d', x)", '"2026-02-30", "2026-02-28"', [null, "2026-02-28"]],
  ])("%s is NULL where the function raises", async (expression, values, expected) => {
    expect(await of(expression, values)).toEqual(expected);
  });
});

describe("casts of text", () => {
  it.each([
    ["SAFE_CAST(x AS FLOAT64)", '" 1e3 ", "0x10", "-inf", "1_000", "", NULL', [1000, 16, -Infinity, null, null, null]],
    ["SAFE_CAST(x AS NUMERIC)", '" 1.50 ", "1e3", "1_000", "0x10"', ["1.5", "1000", null, null]],
    ["SAFE_CAST(x AS BIGNUMERIC)", '" 1.50 ", "1_000"', ["1.5", null]],
    ["SAFE_CAST(x AS TIME)", '"1:2:3", "24:00:00"', ["01:02:03.000000", null]],
    ["SAFE_CAST(x AS DATETIME)", '"2026-01-02 3:04:05", "2026-01-02Z"', ["2026-01-02T03:04:05.000000", null]],
  ])("%s", async (expression, values, expected) => {
    expect(await of(expression, values)).toEqual(expected);
  });

  it.each(["FLOAT64", "NUMERIC", "BIGNUMERIC", "TIME", "DATETIME"])(
    "CAST AS %s refuses what it cannot read",
    async (type) => {
      await expect(of(`CAST(x AS ${type})`, '"1_000"')).rejects.toMatchObject({ code: "WAREHOUSE_FAILED" });
    },
  );
});

describe("formats known before", () => {
  it("reads as GoogleSQL does where DuckDB's own parser would refuse", async () => {
    expect(await of("PARSE_DATE('%Y-%m-%d', x)", '"2026-1-2", " 2026-01-02 "')).toEqual(["2026-01-02", "2026-01-02"]);
    expect(await of("PARSE_TIMESTAMP('%Y-%m-%d %H:%M:%S', x)", '"2026-01-02  03:04:05"')).toEqual([
      "2026-01-02T03:04:05.000000Z",
    ]);
  });

  it("leaves a DATE's time elements as they stand", async () => {
    expect(await of("FORMAT_DATE('%Y %H', x)", 'DATE "2026-01-02"')).toEqual(["2026 %H"]);
  });
});

describe("what DuckDB alone would read", () => {
  it("is no JSON", async () => {
    const texts = `'[NaN]', '{"a": -inf}', '[1, ]', '{"a": "NaN, ]"}', '[1]'`;
    expect(await of("SAFE.PARSE_JSON(x)", texts)).toEqual([null, null, null, { a: "NaN, ]" }, [1]]);
    await expect(of("PARSE_JSON(x)", "'[Infinity]'")).rejects.toThrow(/The text is not valid JSON/);
  });

  it("is no INTERVAL and no pattern", async () => {
    await expect(of("CAST(x AS INTERVAL)", '"1 day"')).rejects.toMatchObject({ code: "SQL_UNSUPPORTED" });
    await expect(of("REGEXP_INSTR(x, 'a(?=b)')", '"ab"')).rejects.toMatchObject({ code: "WAREHOUSE_FAILED" });
  });
});

describe("approximate aggregates", () => {
  it("count exactly, and keep sketches as BYTES", async () => {
    const { rows } = await warehouse.query(`
      WITH s AS (SELECT g, HLL_COUNT.INIT(x) AS sketch FROM UNNEST([1, 2]) AS g, UNNEST([g, 5, 5, NULL]) AS x GROUP BY g)
      SELECT
        (SELECT APPROX_COUNT_DISTINCT(x) FROM UNNEST(GENERATE_ARRAY(1, 20000)) AS x) AS many,
        SUM(HLL_COUNT.EXTRACT(sketch)) AS each, HLL_COUNT.MERGE(sketch) AS whole,
        HLL_COUNT.EXTRACT(HLL_COUNT.MERGE_PARTIAL(sketch)) AS again, HLL_COUNT.EXTRACT(NULL) AS nothing
      FROM s`);
    expect(rows).toEqual([{ many: 20_000, each: 4, whole: 3, again: 3, nothing: 0 }]);
    await warehouse.execute("CREATE SCHEMA h; CREATE TABLE h.t AS SELECT HLL_COUNT.INIT(x) AS v FROM UNNEST([1]) AS x");
    expect(await warehouse.schema({ dataset: "h", table: "t" })).toEqual([{ name: "v", type: "BYTES" }]);
  });
});

describe("numbers", () => {
  it.each([
    ["ROUND(x, 12)", 'BIGNUMERIC "1.2345678901235"', ["1.234567890124"]],
    ["TRUNC(x)", 'BIGNUMERIC "-1.9"', ["-1"]],
    ["TRUNC(x, 1)", "NUMERIC '-1.29'", ["-1.2"]],
    ["SAFE_MULTIPLY(x, x)", 'NUMERIC "1.5"', ["2.25"]],
    ["SAFE_DIVIDE(x, 0)", 'NUMERIC "1.5"', [null]],
    ["GREATEST(x, 1.0)", 'NULL, CAST("NaN" AS FLOAT64), 2.0', [null, Number.NaN, 2]],
  ])("%s", async (expression, values, expected) => {
    expect(await of(expression, values)).toEqual(expected);
  });

  it.each(["x / x", "SAFE_DIVIDE(x, x)", "MOD(x, x)", "DIV(x, x)", "SQRT(x)"])(
    "refuses %s of BIGNUMERIC, which DuckDB would round",
    async (expression) => {
      await expect(of(expression, 'BIGNUMERIC "1.5"')).rejects.toMatchObject({ code: "SQL_UNSUPPORTED" });
    },
  );

  it("keeps the type of a NUMERIC root", async () => {
    expect(await of("SQRT(x)", 'NUMERIC "2"')).toEqual(["1.414213562"]);
  });

  it("keeps the type of a NUMERIC product", async () => {
    const { columns } = await warehouse.query("SELECT SAFE_MULTIPLY(NUMERIC '1', NUMERIC '2') AS v");
    expect(columns).toEqual([{ name: "v", type: "NUMERIC" }]);
    await warehouse.execute("CREATE SCHEMA s; CREATE TABLE s.t AS SELECT SAFE_MULTIPLY(NUMERIC '1', NUMERIC '2') AS v");
    expect(await warehouse.schema({ dataset: "s", table: "t" })).toEqual([{ name: "v", type: "NUMERIC" }]);
  });
});
