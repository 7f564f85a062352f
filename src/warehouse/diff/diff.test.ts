import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDuckdbWarehouse } from "../duckdb/warehouse.js";
import type { Warehouse } from "../port.js";
import { type DiffRequest, type DiffSide, diffTables } from "./diff.js";

let warehouse: Warehouse;
beforeAll(async () => {
  warehouse = await createDuckdbWarehouse({ file: ":memory:", threads: 1 });
  await warehouse.execute(`
    CREATE SCHEMA gold;
    CREATE TABLE gold.old AS
      SELECT "a" AS id, 1 AS region, "x" AS name, [1, 2] AS tags, JSON '{"k": 1}' AS extra, 5 AS gone
      UNION ALL SELECT "b", 1, CAST(NULL AS STRING), [], JSON '{}', 5
      UNION ALL SELECT "c", 1, "z", [3], JSON '{}', 5
      UNION ALL SELECT "d", 1, "same", [4], JSON '[1]', 5;
    CREATE TABLE gold.new AS
      SELECT "a" AS id, 1 AS region, "y" AS name, [2, 1] AS tags, JSON '{"k": 1}' AS extra, "in" AS come
      UNION ALL SELECT "b", 1, NULL, [], JSON '{"k": 2}', "in"
      UNION ALL SELECT "d", 1, "same", [4], JSON '[1]', "in"
      UNION ALL SELECT "a", 2, "x", [], JSON '{}', "in"`);
});
afterAll(() => warehouse.close());

const table = (name: string): DiffSide => ({ kind: "table", dataset: "gold", table: name });
const request = (over: Partial<DiffRequest> = {}): DiffRequest => ({
  before: table("old"),
  after: table("new"),
  key: ["id", "region"],
  sample: 10,
  ...over,
});

describe("a diff", () => {
  test("counts rows and columns that differ, and shows the cells", async () => {
    expect(await diffTables(warehouse, request())).toEqual({
      rowsBefore: 4,
      rowsAfter: 4,
      added: 1,
      removed: 1,
      changed: 2,
      columns: [
        { name: "id", typeBefore: "STRING", typeAfter: "STRING", changed: 0 },
        { name: "region", typeBefore: "INT64", typeAfter: "INT64", changed: 0 },
        { name: "name", typeBefore: "STRING", typeAfter: "STRING", changed: 1 },
        { name: "tags", typeBefore: "ARRAY<INT64>", typeAfter: "ARRAY<INT64>", changed: 1 },
        { name: "extra", typeBefore: "JSON", typeAfter: "JSON", changed: 1 },
        { name: "gone", typeBefore: "INT64", typeAfter: null, changed: 0 },
        { name: "come", typeBefore: null, typeAfter: "STRING", changed: 0 },
      ],
      rows: [
        { kind: "added", key: { id: "a", region: 2 }, cells: [] },
        {
          kind: "changed",
          key: { id: "a", region: 1 },
          cells: [
            { column: "name", before: '"x"', after: '"y"' },
            { column: "tags", before: "[1,2]", after: "[2,1]" },
          ],
        },
        { kind: "changed", key: { id: "b", region: 1 }, cells: [{ column: "extra", before: "{}", after: '{"k":2}' }] },
        { kind: "removed", key: { id: "c", region: 1 }, cells: [] },
      ],
    });
  });

  test("of a table with itself is empty, a sample is as large as asked for", async () => {
    const same = await diffTables(warehouse, request({ after: table("old") }));
    expect([same.added, same.removed, same.changed, same.rows]).toEqual([0, 0, 0, []]);
    expect((await diffTables(warehouse, request({ sample: 1 }))).rows.map(({ kind }) => kind)).toEqual([
      "added",
      "changed",
      "removed",
    ]);
  });

  test("compares with a query and its parameters", async () => {
    const sql = "SELECT * REPLACE (IF(id = @who, 'other', name) AS name) FROM gold.old";
    const after: DiffSide = { kind: "query", name: "the model", sql, params: { who: { type: "STRING", value: "d" } } };
    const diff = await diffTables(warehouse, request({ after }));
    expect(diff.rows).toEqual([
      { kind: "changed", key: { id: "d", region: 1 }, cells: [{ column: "name", before: '"same"', after: '"other"' }] },
    ]);
  });

  test("refuses a table that is not there and a key that is none", async () => {
    await expect(diffTables(warehouse, request({ after: table("nowhere") }))).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
    await expect(diffTables(warehouse, request({ key: ["region"] }))).rejects.toThrow(
      /region is no key of gold.old: 1 values/,
    );
    await expect(diffTables(warehouse, request({ key: ["nobody"] }))).rejects.toThrow(/gold.old has no column nobody/);
  });
});
