import { afterAll, beforeAll, expect, it } from "vitest";
import { createDuckdbWarehouse } from "../duckdb/warehouse.js";
import type { Warehouse } from "../port.js";
import type { Action } from "../project/action.js";
import { buildScript } from "../project/script.js";
import { outcomesOf } from "./outcomes.js";

let warehouse: Warehouse;

beforeAll(async () => {
  warehouse = await createDuckdbWarehouse({ file: ":memory:" });
  await warehouse.execute(
    "CREATE SCHEMA IF NOT EXISTS ops; CREATE SCHEMA IF NOT EXISTS silver; CREATE TABLE silver.a (n INT64)",
  );
  await warehouse.execute(
    "CREATE TABLE IF NOT EXISTS ops.watermarks (model STRING, window_to TIMESTAMP, sql_hash STRING, ran_at TIMESTAMP)",
  );
});

afterAll(() => warehouse.close());

const operations = (id: string, ...statements: string[]): Action =>
  ({ id, fileName: `${id}.sqlx`, statements }) as unknown as Action;

it("counts what a model's statements did, those of a loop as often as they ran", async () => {
  const looping = operations(
    "silver.looping",
    "CREATE OR REPLACE TEMP TABLE left_over AS SELECT 3 AS n;\nWHILE EXISTS (SELECT 1 FROM left_over WHERE n > 0) DO\n  INSERT INTO silver.a (n) SELECT n FROM left_over;\n  CREATE OR REPLACE TEMP TABLE left_over AS SELECT n - 1 AS n FROM left_over;\nEND WHILE;",
  );
  const quiet = operations("silver.quiet", "IF FALSE THEN\n  DELETE FROM silver.a WHERE TRUE;\nEND IF");
  const plain = operations("silver.plain", "INSERT INTO silver.a (n) VALUES (7), (8)");
  const steps = [looping, quiet, plain].map(
    (action) => ({ action, mode: "statements", reason: "cycle", isChanged: false }) as const,
  );
  const script = buildScript({ steps, checks: [], isTransactional: true, movesWatermarks: true, columnsOf: () => [] });
  const params = {
    models: { type: "ARRAY<STRUCT<model STRING, sql_hash STRING, is_windowed BOOL>>", value: [] },
    window_to: { type: "TIMESTAMP", value: 0 },
    ran_at: { type: "TIMESTAMP", value: 0 },
  } as const;
  const outcomes = outcomesOf(script, await warehouse.execute(script.sql, params));
  expect(outcomes.map(({ id, rows }) => ({ id, rows }))).toEqual([
    { id: "silver.looping", rows: 3 },
    { id: "silver.quiet", rows: 0 },
    { id: "silver.plain", rows: 2 },
  ]);
  expect(outcomes[0]?.rowsRead).toBeGreaterThan(0);
});
