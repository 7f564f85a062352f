import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
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

test("a file opened twice in one process is refused, and free again after close", async () => {
  const file = path.join(folder, "twice.duckdb");
  const warehouse = await createDuckdbWarehouse({ file, threads: 1 });
  await expect(createDuckdbWarehouse({ file })).rejects.toMatchObject({ code: "WAREHOUSE_BUSY" });
  await warehouse.close();
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
