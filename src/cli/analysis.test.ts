import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { compileProject } from "../warehouse/project/compile.js";
import { createFixtureProject, type FixtureProject } from "../warehouse/project/testing.js";
import { readableTests } from "./analysis.js";

let fixture: FixtureProject;
beforeEach(() => {
  fixture = createFixtureProject();
});
afterEach(() => {
  vi.restoreAllMocks();
  fixture.dispose();
});

it("goes on without a test file that cannot be read, and names it", () => {
  fixture.write(
    "definitions/silver/events.test.yaml",
    "tests:\n  - name: nothing\n    story: Nothing lands.\n    model: silver.events\n    expect: []\n",
  );
  fixture.write("definitions/silver/purchases.test.yaml", "tests: {\n");
  const said: unknown[] = [];
  vi.spyOn(process.stderr, "write").mockImplementation((text) => said.push(text) > 0);
  const tests = readableTests(compileProject({ root: fixture.root, vars: { runner: "rollcall" } }));
  expect(tests.map(({ name }) => name)).toEqual(["nothing"]);
  expect(said).toEqual([
    expect.stringMatching(/^Left out, because it cannot be read: definitions\/silver\/purchases\.test\.yaml/),
  ]);
});
