import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { expect, test } from "vitest";
import { landBatch } from "./landing.js";
import { createDuckdbWarehouse } from "./warehouse.js";

const BATCH = {
  batchId: "website-0-0-1",
  topic: "website",
  partition: 0,
  firstOffset: 0,
  lastOffset: 0,
  ingestedAt: 0,
};

test("data that does not fit is refused for good, in words that quote none of it", async () => {
  const warehouse = await createDuckdbWarehouse({ file: ":memory:", threads: 1 });
  const columns = [{ name: "n", type: "INT64" }];
  await warehouse.ensureTables([{ dataset: "bronze", table: "events", columns }]);
  const landing = warehouse.land({ ...BATCH, tables: { events: [{ n: "Ada Lovelace 07911123456" }] } });
  await expect(landing).rejects.toMatchObject({ code: "WAREHOUSE_FAILED", isRetriable: false });
  await expect(landing).rejects.toThrow(/^Batch website-0-0-1 could not land: /);
  await expect(landing).rejects.not.toThrow(/Ada|Lovelace|0791/);
  await warehouse.close();
});

test("a folder that is gone is a failure of the warehouse", async () => {
  const tempDirectory = await mkdtemp(path.join(tmpdir(), "rollcall-landing-"));
  const warehouse = await createDuckdbWarehouse({ file: ":memory:", tempDirectory, threads: 1 });
  const columns = [{ name: "n", type: "INT64" }];
  await warehouse.ensureTables([{ dataset: "bronze", table: "events", columns }]);
  await rm(tempDirectory, { recursive: true });
  await expect(warehouse.land({ ...BATCH, tables: { events: [{ n: 1 }] } })).rejects.toMatchObject({
    code: "WAREHOUSE_FAILED",
    message: expect.stringContaining("website-0-0-1"),
  });
  await warehouse.close();
});

test.each([
  ["IO Error: Could not write file: No space left on device", true],
  ["Out of Memory Error: could not allocate block", true],
  ["TransactionContext Error: Conflict on update!", true],
  ["TransactionContext Error: Failed to commit: write-write conflict", true],
  ["IO Error: database has been invalidated because of a previous fatal error", false],
  ["Binder Error: no such column", false],
])("%s: worth another try is %s", async (message, isRetriable) => {
  const connection = { run: () => Promise.reject(new Error(message)) } as unknown as DuckDBConnection;
  const deps = { connection, temporaryFolder: tmpdir(), catalog: () => new Map() };
  await expect(landBatch(deps, { ...BATCH, tables: {} })).rejects.toMatchObject({
    code: "WAREHOUSE_FAILED",
    isRetriable,
  });
});

test("a batch that fails while it is written leaves no file of its rows", async () => {
  const tempDirectory = await mkdtemp(path.join(tmpdir(), "rollcall-landing-"));
  const warehouse = await createDuckdbWarehouse({ file: ":memory:", tempDirectory, threads: 1 });
  const columns = [{ name: "n", type: "INT64" }];
  await warehouse.ensureTables(["events", "others"].map((table) => ({ dataset: "bronze", table, columns })));
  const tables = { events: [{ n: 1 }], others: [{ n: 1 }, { m: 2 }] };
  await expect(warehouse.land({ ...BATCH, tables })).rejects.toMatchObject({ code: "INPUT_INVALID" });
  expect(await readdir(tempDirectory)).toEqual([]);
  await warehouse.close();
  await rm(tempDirectory, { recursive: true });
});
