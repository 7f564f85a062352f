import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDuckdbWarehouse } from "../warehouse/duckdb/warehouse.js";
import type { Warehouse } from "../warehouse/port.js";
import { boundedQuery, QUERY_LIMITS } from "./bounded-query.js";

let warehouse: Warehouse;
beforeAll(async () => {
  warehouse = await createDuckdbWarehouse({ file: ":memory:" });
});
afterAll(() => warehouse.close());

const numbers = (count: number): string => `SELECT n, "x" AS x FROM UNNEST(GENERATE_ARRAY(1, ${count})) AS n`;

describe("a bounded query", () => {
  it("gives rows and columns as the warehouse does", async () => {
    const { columns, rows } = await boundedQuery(warehouse, `${numbers(3)} ORDER BY n`);
    expect(columns).toEqual([
      { name: "n", type: "INT64" },
      { name: "x", type: "STRING" },
    ]);
    expect(rows).toEqual([1, 2, 3].map((n) => ({ n, x: "x" })));
  });

  it("tells the columns of no rows", async () => {
    const { columns, rows } = await boundedQuery(warehouse, `${numbers(3)} WHERE FALSE`);
    expect(columns.map(({ name }) => name)).toEqual(["n", "x"]);
    expect(rows).toEqual([]);
  });

  it("keeps values that JSON has no form for, and the order of columns, on their way through a socket", async () => {
    const sql = `SELECT "x" AS b, -1.5 AS \`2\`, CAST("NaN" AS FLOAT64) AS \`1\`, NUMERIC "-1.5" AS amount, b"abc" AS bytes,
      [STRUCT(b"\\xff" AS of_bytes, CAST("-inf" AS FLOAT64) AS least, 9007199254740993 AS large)] AS nested`;
    const answer = await boundedQuery(warehouse, sql);
    expect(JSON.parse(JSON.stringify(answer))).toEqual(answer);
    expect(answer.columns.map(({ name, type }) => `${name} ${type}`)).toEqual([
      "b STRING",
      "2 FLOAT64",
      "1 FLOAT64",
      "amount NUMERIC",
      "bytes BYTES",
      "nested ARRAY<STRUCT<of_bytes BYTES, least FLOAT64, large INT64>>",
    ]);
    expect(answer.rows).toEqual([
      {
        b: "x",
        2: -1.5,
        1: "NaN",
        amount: "-1.5",
        bytes: "YWJj",
        nested: [{ of_bytes: "/w==", least: "-Infinity", large: "9007199254740993" }],
      },
    ]);
  });

  it("gives as many rows as are allowed and refuses one more", async () => {
    expect((await boundedQuery(warehouse, numbers(QUERY_LIMITS.rows))).rows).toHaveLength(QUERY_LIMITS.rows);
    await expect(boundedQuery(warehouse, numbers(QUERY_LIMITS.rows + 1))).rejects.toMatchObject({
      code: "TOO_LARGE",
      message: expect.stringContaining("more than 50,000 rows: add LIMIT or use a narrower SELECT"),
    });
  });

  it("refuses few rows that are large", async () => {
    const limits = { rows: 100, bytes: 1024 * 1024 };
    const large = 'SELECT REPEAT("x", 300000) AS x FROM UNNEST(GENERATE_ARRAY(1, 4))';
    await expect(boundedQuery(warehouse, large, limits)).rejects.toMatchObject({
      code: "TOO_LARGE",
      message: expect.stringContaining("more than 1 MB"),
    });
  });

  it("stops reading at once", async () => {
    let read = 0;
    const endless = {
      stream: async function* () {
        for (;;) {
          read += 1;
          yield Array.from({ length: 1000 }, (_, n) => ({ n }));
        }
      },
    };
    await expect(boundedQuery(endless, "SELECT 1")).rejects.toMatchObject({ code: "TOO_LARGE" });
    expect(read).toBe(51);
  });
});
