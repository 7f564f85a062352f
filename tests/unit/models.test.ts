import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { failureLines } from "../../src/warehouse/diff/diff-text.js";
import { createDuckdbWarehouse } from "../../src/warehouse/duckdb/warehouse.js";
import { createModelTester, type ModelTester } from "../../src/warehouse/model-tests/model-test.js";
import { findTestFiles, readModelTests } from "../../src/warehouse/model-tests/test-file.js";
import type { Warehouse } from "../../src/warehouse/port.js";
import { compileProject } from "../../src/warehouse/project/compile.js";

/** Runs every `definitions/**\/*.test.yaml`: rows in, rows out, on the embedded warehouse. */

const ROOT = path.resolve(import.meta.dirname, "../..");

const files = findTestFiles(ROOT);

let warehouse: Warehouse;
let tester: ModelTester;

beforeAll(async () => {
  warehouse = await createDuckdbWarehouse({ file: ":memory:", threads: 1 });
  tester = createModelTester({ project: compileProject({ root: ROOT, vars: { runner: "rollcall" } }) }, { warehouse });
});
afterAll(() => warehouse?.close());

it("stand beside the models", () => {
  expect(files).not.toEqual([]);
});

describe.each(files)("%s", (file) => {
  it.each(readModelTests(ROOT, file))("$name", async (test) => {
    expect(failureLines(await tester.run(test))).toEqual([]);
  });
});
