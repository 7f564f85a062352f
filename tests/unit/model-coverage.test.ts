import path from "node:path";
import { describe, expect, it } from "vitest";
import { hasRows } from "../../src/warehouse/model-tests/stand-ins.js";
import { type ListedTest, listTests } from "../../src/warehouse/model-tests/test-suite.js";
import { compileProject } from "../../src/warehouse/project/compile.js";

/** Every table that people and other models rely on has a test that looks at its rows. */

const ROOT = path.resolve(import.meta.dirname, "../..");
const DATASETS = ["silver", "identity", "gold", "activation"];

const project = compileProject({ root: ROOT, vars: { runner: "rollcall" } });
const tests = listTests(project);

const seesRows = (test: ListedTest, id: string): boolean =>
  test.kind === "model" && test.tables.includes(id) && hasExpectedRows(test, id);

/** A table that is only ever expected to be empty is not tested. */
function hasExpectedRows({ test }: ListedTest & { kind: "model" }, id: string): boolean {
  const expected = test.expect[id];
  return expected !== undefined && (expected.kind === "sql" || expected.rows.length > 0);
}

describe("model tests", () => {
  it("look at the rows of every silver, identity, gold and activation model", () => {
    const models = project.actions.filter(
      (action) => DATASETS.includes(action.target.dataset) && action.kind !== "declaration" && hasRows(action),
    );
    expect(models.length).toBeGreaterThan(20);
    const untested = models.map(({ id }) => id).filter((id) => !tests.some((test) => seesRows(test, id)));
    expect(untested).toEqual([]);
  });

  it("are all readable", () => {
    expect(tests.filter(({ kind }) => kind === "broken")).toEqual([]);
  });

  it("have names that no other test has, so that one can be run by its name", () => {
    const names = tests.map(({ name }) => name);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  it("have names that are sentences", () => {
    const short = tests.map(({ name }) => name).filter((name) => name.split(" ").length < 4);
    expect(short).toEqual([]);
  });
});
