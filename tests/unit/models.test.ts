import { readdirSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createManualClock } from "../../src/platform/clock.js";
import { createDuckdbWarehouse } from "../../src/warehouse/duckdb/warehouse.js";
import type { Warehouse } from "../../src/warehouse/port.js";
import { createModelTester, type ModelTester } from "../../src/warehouse/project/model-test.js";
import { readModelTests } from "../../src/warehouse/project/test-file.js";

/** Runs every `definitions/**\/*.test.yaml`: rows in, rows out, on the embedded warehouse. */

const ROOT = path.resolve(import.meta.dirname, "../..");

const files = readdirSync(path.join(ROOT, "definitions"), { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".test.yaml"))
  .sort();

let warehouse: Warehouse;
let tester: ModelTester;

beforeAll(async () => {
  warehouse = await createDuckdbWarehouse({ file: ":memory:" });
  tester = await createModelTester({ root: ROOT }, { warehouse, clock: createManualClock(0) });
});
afterAll(() => warehouse?.close());

it("stand beside the models", () => {
  expect(files).not.toEqual([]);
});

describe.each(files)("definitions/%s", (file) => {
  it.each(readModelTests(path.join(ROOT, "definitions", file)))("$name", async (test) => {
    expect(await tester.run(test)).toEqual([]);
  });
});
