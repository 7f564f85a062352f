import { cpSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { failureLines } from "../diff/diff-text.js";
import { createDuckdbWarehouse } from "../duckdb/warehouse.js";
import { createModelTester, type ModelTester } from "../model-tests/model-test.js";
import { type ModelTest, readModelTests } from "../model-tests/test-file.js";
import type { Warehouse } from "../port.js";
import { compileProject } from "../project/compile.js";
import { createFixtureProject, type FixtureProject } from "../project/testing.js";

/** A model that loses late data is caught by a test in which nothing is late as it is written. */

const SOURCE = path.resolve(import.meta.dirname, "../../../tests/data/late-data");
const TEST_FILE = "definitions/gold/daily_lessons.test.yaml";

let fixture: FixtureProject;
let warehouse: Warehouse;
let tester: ModelTester;

beforeAll(async () => {
  fixture = createFixtureProject();
  cpSync(SOURCE, path.join(fixture.root, "definitions/gold"), { recursive: true });
  warehouse = await createDuckdbWarehouse({ file: ":memory:" });
  tester = createModelTester(
    { project: compileProject({ root: fixture.root, vars: { runner: "rollcall" } }) },
    { warehouse },
  );
});
afterAll(async () => {
  await warehouse.close();
  fixture.dispose();
});

function testOf(edit: (yaml: string) => string): ModelTest {
  const file = "definitions/gold/edited.test.yaml";
  fixture.write(file, edit(readFileSync(path.join(fixture.root, TEST_FILE), "utf8")));
  const [test] = readModelTests(fixture.root, file);
  if (test === undefined) throw new Error("no test");
  return test;
}

const wrongModel = (yaml: string): string => yaml.replace("gold.daily_lessons", "gold.daily_lessons_by_newest");
const WRITTEN_WAYS = ["arrivals", "one arrival, twice", "full refresh"];

describe("late data", () => {
  it("comes out the same in every order and split where the model takes it", async () => {
    const { ways, failures } = await tester.run(testOf((yaml) => yaml));
    expect(failures).toEqual([]);
    expect(ways).toEqual([
      ...WRITTEN_WAYS,
      "arrival 1 in two",
      "arrivals in the order 2, 1",
      "arrival 1 in two, the second half first",
      "row by row, backwards",
    ]);
  });

  it("is told by the ways that lose it, and by the cells", async () => {
    const outcome = await tester.run(testOf(wrongModel));
    expect(outcome.ways.slice(0, 3)).toEqual(WRITTEN_WAYS);
    expect(failureLines(outcome)).toEqual([
      "arrival 1 in two; arrival 1 in two, the second half first: gold.daily_lessons_by_newest differs",
      "  day         column        type   expected  got",
      "  2026-03-02  lesson_count  INT64  2         1",
      "arrivals in the order 2, 1; row by row, backwards: gold.daily_lessons_by_newest differs",
      "1 row missing:",
      "  day         lesson_count",
      "  2026-03-02  2",
    ]);
  });

  it("is not looked for where a test says why its order is fixed", async () => {
    const fixed = (yaml: string): string => `${wrongModel(yaml)}    order: fixed\n    reason: lessons come in order\n`;
    const { ways } = await tester.run(testOf(fixed));
    expect(ways).toEqual([...WRITTEN_WAYS, "arrival 1 in two"]);
  });
});
