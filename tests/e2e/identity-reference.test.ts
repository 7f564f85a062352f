import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { failureLines } from "../../src/warehouse/diff/diff-text.js";
import { createDuckdbWarehouse } from "../../src/warehouse/duckdb/warehouse.js";
import { createModelTester, type ModelTester } from "../../src/warehouse/model-tests/model-test.js";
import { createStandIns, type StandIns } from "../../src/warehouse/model-tests/stand-ins.js";
import { findTestFiles, type ModelTest, readModelTests } from "../../src/warehouse/model-tests/test-file.js";
import { compileProject } from "../../src/warehouse/project/compile.js";
import { createReferenceEngine } from "../reference/engine.js";
import { createEvaluator, type Evaluator } from "../reference/evaluator.js";
import { type PairedWarehouse, pairWarehouses } from "../reference/pair.js";
import { STORIES } from "../reference/stories.js";
import { tell } from "../reference/telling.js";

/**
 * The identity models on Google's reference evaluator and on the embedded warehouse: after each script all that it wrote, temporary
 * tables included, is the same on both. With `REFERENCE=all`, every test of these models in every way its rows may arrive, and
 * every story; else the first test of each model as it is written, and the first stories.
 */
const IS_WHOLE = process.env.REFERENCE === "all";
const FEW_STORIES = 2;

const ROOT = path.resolve(import.meta.dirname, "../..");
const PROJECT = compileProject({ root: ROOT, vars: { runner: "rollcall" } });
/** One for tests and stories: the statements of both have the same text, and are compiled once. */
const PREFIX = "mock_";
const LONG = { timeout: 3_600_000 };

const files = findTestFiles(ROOT).filter((file) => file.includes("/identity/"));

/** As it is written, where that is all there is time for. */
function chosen(tests: readonly ModelTest[]): readonly ModelTest[] {
  return IS_WHOLE ? tests : tests.slice(0, 1).map((test) => ({ ...test, order: "fixed" as const }));
}

let evaluator: Evaluator;
let warehouse: PairedWarehouse;
let tester: ModelTester;
let standIns: StandIns;

beforeAll(async () => {
  evaluator = await createEvaluator();
  const embedded = await createDuckdbWarehouse({ file: ":memory:", threads: 1 });
  warehouse = pairWarehouses(embedded, createReferenceEngine(evaluator));
  tester = createModelTester({ project: PROJECT, prefix: PREFIX }, { warehouse });
  standIns = createStandIns({ project: PROJECT, prefix: PREFIX }, { warehouse });
});
afterAll(async () => {
  evaluator?.close();
  await warehouse?.close();
});

describe.each(files)("%s", (file) => {
  it.each(chosen(readModelTests(ROOT, file)))("$name", LONG, async (test) => {
    const before = warehouse.compared.rows;
    expect(failureLines(await tester.run(test))).toEqual([]);
    expect(warehouse.compared.rows).toBeGreaterThan(before);
  });
});

describe("stories", () => {
  it.each(IS_WHOLE ? STORIES : STORIES.slice(0, FEW_STORIES))("$name", LONG, async (story) => {
    const before = warehouse.compared.tables;
    const told = await tell(story, PROJECT, { warehouse, standIns });
    expect(told.people).toEqual(sorted(story.people));
    expect(told.refused).toEqual(sorted(story.refused ?? []));
    expect(told.asked).toEqual(sorted(story.asked ?? []));
    expect(told.renamed).toEqual(story.renamed ?? told.renamed);
    expect(told.happened).toEqual(expect.arrayContaining([...(story.happened ?? [])]));
    // Each day writes every table of resolve, and most of the others.
    expect(warehouse.compared.tables - before).toBeGreaterThan(story.days.length * 40);
  });
});

/** In the order in which a story's end is told. */
function sorted(lists: readonly (readonly string[])[]): readonly (readonly string[])[] {
  return lists.map((names) => [...names].sort()).sort((a, b) => (a.join() < b.join() ? -1 : 1));
}
