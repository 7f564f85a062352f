import { afterAll, beforeAll, expect, it } from "vitest";
import { copyTable } from "./copy-table.js";
import { createDuckdbWarehouse } from "./duckdb/warehouse.js";
import type { Warehouse } from "./port.js";

const MANY = 45_000;
const NAME = { dataset: "silver", table: "facts" };
let source: Warehouse;
let target: Warehouse;

beforeAll(async () => {
  source = await createDuckdbWarehouse({ file: ":memory:" });
  target = await createDuckdbWarehouse({ file: ":memory:" });
  await source.execute(
    `CREATE SCHEMA silver;
     CREATE TABLE silver.facts AS
     SELECT
       n AS id, IF(MOD(n, 2) = 0, NULL, CONCAT("text ", CAST(n AS STRING))) AS text, n / 7 AS ratio, MOD(n, 3) = 0 AS is_third,
       TIMESTAMP_MICROS(1700000000000001 + n) AS seen_at, DATE "2026-02-28" AS day, JSON '{"a": [1, null, "x"]}' AS payload,
       [STRUCT("email" AS type, n AS place), STRUCT("phone", NULL)] AS identifiers
     FROM UNNEST(GENERATE_ARRAY(1, ${MANY})) AS n;`,
  );
});
afterAll(async () => {
  await source.close();
  await target.close();
});

const SAMPLE = `SELECT * FROM silver.facts WHERE MOD(id, 15000) < 2 ORDER BY id`;

it("copies every row and every type, and leaves nothing behind", async () => {
  const columns = (await source.schema(NAME)) ?? [];
  const told: number[] = [];
  const count = await copyTable({ source, target, report: (rows) => told.push(rows) }, { ...NAME, columns });
  expect(count).toBe(MANY);
  expect(told.at(-1)).toBe(MANY);
  expect(told.length).toBeGreaterThan(1);
  expect(await target.schema(NAME)).toEqual(columns);
  expect((await target.query(SAMPLE)).rows).toEqual((await source.query(SAMPLE)).rows);
  expect((await target.query("SELECT COUNT(*) AS n, COUNT(DISTINCT id) AS ids FROM silver.facts")).rows).toEqual([
    { n: MANY, ids: MANY },
  ]);
  expect(await target.tables("bronze")).toEqual([]);
});

it("leaves columns that nobody asked for empty", async () => {
  const columns = (await source.schema(NAME)) ?? [];
  const other = await createDuckdbWarehouse({ file: ":memory:" });
  await copyTable({ source, target: other }, { ...NAME, columns, only: new Set(["id"]) });
  expect((await other.query("SELECT COUNT(id) AS ids, COUNT(text) AS texts FROM silver.facts")).rows).toEqual([
    { ids: MANY, texts: 0 },
  ]);
  await other.close();
});

it("says so when it cannot copy a table again, instead of copying no row", async () => {
  const columns = (await source.schema(NAME)) ?? [];
  const other = await createDuckdbWarehouse({ file: ":memory:" });
  await copyTable({ source, target: other }, { ...NAME, columns });
  await other.execute("DELETE FROM silver.facts WHERE TRUE");
  await expect(copyTable({ source, target: other }, { ...NAME, columns })).rejects.toMatchObject({
    code: "CONFLICT",
    message: "silver.facts was copied into this warehouse before; copy it into an empty one",
  });
  await other.close();
});
