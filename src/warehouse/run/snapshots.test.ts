import { afterAll, beforeAll, expect, test } from "vitest";
import { createDuckdbWarehouse } from "../duckdb/warehouse.js";
import type { Warehouse } from "../port.js";
import { dropOldSnapshots, findSnapshot, SNAPSHOT_LIFETIME_MS, takeSnapshot } from "./snapshots.js";

const source = { dataset: "gold", table: "profiles" };
const DAY = SNAPSHOT_LIFETIME_MS * 1000;
let warehouse: Warehouse;
beforeAll(async () => {
  warehouse = await createDuckdbWarehouse({ file: ":memory:", threads: 1 });
  await warehouse.execute("CREATE SCHEMA gold; CREATE TABLE gold.profiles AS SELECT 1 AS id");
});
afterAll(() => warehouse.close());

const rowsOf = async (name: string): Promise<unknown> => {
  const { dataset, table } = await findSnapshot(warehouse, source, name);
  return (await warehouse.query(`SELECT id FROM ${dataset}.${table} ORDER BY id`)).rows;
};

test("a snapshot keeps the rows of its moment, one taken again replaces it, and it goes after a day", async () => {
  await takeSnapshot(warehouse, { source, name: "before", at: 0 });
  await warehouse.execute("INSERT INTO gold.profiles (id) VALUES (2)");
  expect(await rowsOf("before")).toEqual([{ id: 1 }]);
  await takeSnapshot(warehouse, { source, name: "before", at: DAY });
  await takeSnapshot(warehouse, { source, name: "early", at: 0 });
  expect(await rowsOf("before")).toEqual([{ id: 1 }, { id: 2 }]);

  await dropOldSnapshots(warehouse, DAY + 1);
  await expect(findSnapshot(warehouse, source, "early")).rejects.toThrow(/has no snapshot "early": there are before/);
  await dropOldSnapshots(warehouse, 2 * DAY + 1);
  await expect(findSnapshot(warehouse, source, "before")).rejects.toThrow(/take one with --save/);
});

test("a table that is not there and a name that is none are refused", async () => {
  const nowhere = { source: { dataset: "gold", table: "nobody" }, name: "x", at: 0 };
  await expect(takeSnapshot(warehouse, nowhere)).rejects.toMatchObject({ code: "NOT_FOUND" });
  await expect(takeSnapshot(warehouse, { source, name: "a b", at: 0 })).rejects.toMatchObject({
    code: "INPUT_INVALID",
  });
});
