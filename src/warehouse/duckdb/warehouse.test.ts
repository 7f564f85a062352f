import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describeWarehouse } from "../contract.js";
import { createDuckdbWarehouse } from "./warehouse.js";

describeWarehouse("DuckDB", () => createDuckdbWarehouse({ file: ":memory:", threads: 1 }));

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "rollcall-test-"));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

test("tables, views and exact types survive a restart", async () => {
  const file = path.join(folder, "restart.duckdb");
  const first = await createDuckdbWarehouse({ file, threads: 1 });
  const columns = [
    { name: "n", type: "NUMERIC" },
    { name: "big", type: "BIGNUMERIC" },
    { name: "local_at", type: "DATETIME" },
    { name: "at", type: "TIMESTAMP" },
    { name: "j", type: "ARRAY<JSON>" },
    { name: "s", type: "STRUCT<a STRING, b ARRAY<STRUCT<c INT64>>>" },
  ];
  await first.ensureTables([{ dataset: "silver", table: "kept", columns }]);
  await first.execute("CREATE VIEW silver.v AS SELECT INITCAP('ann lee') AS name, n FROM silver.kept");
  await first.execute("INSERT INTO silver.kept (n) VALUES (NUMERIC '1.5')");
  await first.close();

  const second = await createDuckdbWarehouse({ file, threads: 1 });
  expect(await second.schema({ dataset: "silver", table: "kept" })).toEqual(columns);
  expect(await second.tables("silver")).toContainEqual({ dataset: "silver", table: "v", kind: "view" });
  expect((await second.query("SELECT * FROM silver.v")).rows).toEqual([{ name: "Ann Lee", n: "1.5" }]);
  await second.close();
});

test("DDL of a transaction that failed is forgotten", async () => {
  const warehouse = await createDuckdbWarehouse({ file: ":memory:", threads: 1 });
  const script =
    "CREATE SCHEMA gold; BEGIN TRANSACTION; CREATE TABLE gold.t AS SELECT 1 AS a; ASSERT FALSE; COMMIT TRANSACTION";
  await expect(warehouse.execute(script)).rejects.toMatchObject({ code: "ASSERTION_FAILED" });
  expect(await warehouse.tables("gold")).toEqual([]);
  await expect(warehouse.query("SELECT * FROM gold.t")).rejects.toMatchObject({ code: "SQL_INVALID" });
  await warehouse.close();
});

test("a script that ends inside its transaction is refused and rolled back", async () => {
  const warehouse = await createDuckdbWarehouse({ file: ":memory:", threads: 1 });
  await warehouse.execute("CREATE SCHEMA gold; CREATE TABLE gold.t (a INT64)");
  const script = "BEGIN TRANSACTION; INSERT INTO gold.t (a) VALUES (1)";
  await expect(warehouse.execute(script)).rejects.toThrow(/Add COMMIT TRANSACTION/);
  expect((await warehouse.query("SELECT * FROM gold.t")).rows).toEqual([]);
  await warehouse.close();
});

test("the same text sees a table and a function as they are now", async () => {
  const warehouse = await createDuckdbWarehouse({ file: ":memory:", threads: 1 });
  const ask = async (): Promise<unknown> => (await warehouse.query("SELECT *, gold.twice(a) AS b FROM gold.t")).rows;
  await warehouse.execute("CREATE SCHEMA gold; CREATE TABLE gold.t AS SELECT 1 AS a");
  await warehouse.execute("CREATE FUNCTION gold.twice(n INT64) AS (n * 2)");
  expect([await ask(), await ask()]).toEqual([[{ a: 1, b: 2 }], [{ a: 1, b: 2 }]]);
  await warehouse.execute("ALTER TABLE gold.t ADD COLUMN c STRING");
  expect(await ask()).toEqual([{ a: 1, c: null, b: 2 }]);
  await warehouse.execute("CREATE OR REPLACE FUNCTION gold.twice(n INT64) AS (n * 2.5)");
  expect(await ask()).toEqual([{ a: 1, c: null, b: 2.5 }]);
  await warehouse.close();
});

test("a script may run again, whatever it declared, made and replaced", async () => {
  const warehouse = await createDuckdbWarehouse({ file: ":memory:", threads: 1 });
  await warehouse.execute("CREATE SCHEMA gold; CREATE TABLE gold.t (a INT64)");
  const script = `
    DECLARE n INT64 DEFAULT 3;
    CREATE TEMP FUNCTION twice(x INT64) AS (x * 2);
    CREATE TEMP TABLE made AS SELECT i FROM UNNEST(GENERATE_ARRAY(1, n)) AS i;
    FOR one IN (SELECT i FROM made ORDER BY i) DO
      INSERT INTO gold.t (a) VALUES (twice(one.i));
    END FOR;
    EXECUTE IMMEDIATE "INSERT INTO gold.t (a) SELECT twice(MAX(i)) FROM made"`;
  const runs = [await warehouse.execute(script), await warehouse.execute(script)];
  const told = runs.map(({ statements }) => statements.map(({ kind, rows, rowsRead }) => [kind, rows, rowsRead]));
  expect(told[1]).toEqual(told[0]);
  const { rows } = await warehouse.query("SELECT a, COUNT(*) AS n FROM gold.t GROUP BY a ORDER BY a");
  expect(rows).toEqual([
    { a: 2, n: 2 },
    { a: 4, n: 2 },
    { a: 6, n: 4 },
  ]);
  await warehouse.close();
});

test("a query gives all its rows in their order, however many batches DuckDB makes of them", async () => {
  const warehouse = await createDuckdbWarehouse({ file: ":memory:", threads: 1 });
  const sql = "SELECT n FROM UNNEST(GENERATE_ARRAY(1, @most)) AS n ORDER BY n";
  const { rows } = await warehouse.query(sql, { most: { type: "INT64", value: 5_000 } });
  expect(rows.map(({ n }) => n)).toEqual(Array.from({ length: 5_000 }, (_, at) => at + 1));
  await warehouse.close();
});

test("a stream that fails before its first batch tells no columns", async () => {
  const warehouse = await createDuckdbWarehouse({ file: ":memory:", threads: 1 });
  let told = 0;
  const onColumns = (): void => {
    told += 1;
  };
  const read = async (): Promise<void> => {
    for await (const _ of warehouse.stream("SELECT *\nFROM gold.gone", {}, { onColumns }));
  };
  await expect(read()).rejects.toMatchObject({ code: "SQL_INVALID" });
  const failing = async (): Promise<void> => {
    for await (const _ of warehouse.stream("SELECT ERROR('no')", {}, { onColumns, origin: "a.sqlx" }));
  };
  await expect(failing()).rejects.toMatchObject({ code: "WAREHOUSE_FAILED", details: { origin: "a.sqlx", line: 1 } });
  expect(told).toBe(0);
  await warehouse.close();
});

test("a file opened twice in one process is refused, and free again after close", async () => {
  const file = path.join(folder, "twice.duckdb");
  const warehouse = await createDuckdbWarehouse({ file, threads: 1 });
  await expect(createDuckdbWarehouse({ file })).rejects.toMatchObject({ code: "WAREHOUSE_BUSY" });
  await warehouse.close();
  await (await createDuckdbWarehouse({ file, threads: 1 })).close();
});

test("a file that could not be read as a warehouse is not kept", async () => {
  const file = path.join(folder, "foreign.duckdb");
  const change = async (sql: string): Promise<void> => {
    const instance = await DuckDBInstance.create(file);
    const connection = await instance.connect();
    await connection.run(sql);
    connection.closeSync();
    instance.closeSync();
  };
  await change("CREATE SCHEMA ops; CREATE TABLE ops.functions (another INTEGER)");
  await expect(createDuckdbWarehouse({ file, threads: 1 })).rejects.toThrow(/dataset/);
  await change("DROP TABLE ops.functions");
  await (await createDuckdbWarehouse({ file, threads: 1 })).close();
});

test("a file another process has open is refused, naming the file", async () => {
  const file = path.join(folder, "busy.duckdb");
  const holder = spawn(process.execPath, [
    "--input-type=module",
    "-e",
    `import { DuckDBInstance } from "@duckdb/node-api";
     const instance = await DuckDBInstance.create(${JSON.stringify(file)});
     await instance.connect();
     console.log("open");
     setInterval(() => {}, 1000);`,
  ]);
  try {
    await once(holder.stdout, "data");
    const refused = createDuckdbWarehouse({ file });
    await expect(refused).rejects.toMatchObject({ code: "WAREHOUSE_BUSY", isRetriable: true });
    await expect(refused).rejects.toThrow(`busy.duckdb is in use by process ${holder.pid} (node)`);
  } finally {
    holder.kill("SIGKILL");
  }
});

test("landing leaves no file behind, also when it fails", async () => {
  const tempDirectory = path.join(folder, "landing");
  const warehouse = await createDuckdbWarehouse({ file: ":memory:", tempDirectory, threads: 1 });
  await warehouse.ensureTables([{ dataset: "bronze", table: "events", columns: [{ name: "n", type: "INT64" }] }]);
  const batch = { batchId: "b", topic: "t", partition: 0, firstOffset: 0, lastOffset: 0, ingestedAt: 0 };
  await expect(warehouse.land({ ...batch, tables: { events: [{ n: "not a number" }] } })).rejects.toThrow();
  await warehouse.land({ ...batch, tables: { events: [{ n: 1 }] } });
  expect((await readdir(tempDirectory)).filter((name) => name.startsWith("landing-"))).toEqual([]);
  await warehouse.close();
});
