import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RollcallError } from "../../platform/errors.js";
import type { CompiledProject } from "../project/action.js";
import { compileProject } from "../project/compile.js";
import { createFixtureProject, type FixtureProject } from "../project/testing.js";
import { listTests } from "./test-suite.js";

const VARS = { runner: "rollcall" };

let fixture: FixtureProject;
let sound: CompiledProject;
beforeAll(() => {
  fixture = createFixtureProject();
  sound = compileProject({ root: fixture.root, vars: VARS });
});
afterAll(() => fixture.dispose());

/** The tests of a project with one definition more, and the definition gone again. */
function listedWith(name: string, source: string): string[] {
  const file = `definitions/silver/${name}`;
  fixture.write(file, source);
  try {
    const project = compileProject({ root: fixture.root, vars: VARS });
    expect(project.actions).toEqual(sound.actions);
    return listTests(project).map((test) =>
      test.kind === "broken" ? `${test.name} in ${test.file}: ${test.error}` : `${test.name} runs`,
    );
  } finally {
    fixture.remove(file);
  }
}

const OF_PURCHASES = 'config { type: "test", dataset: { schema: "silver", name: "purchases" } }\n';

describe("a stock test that does not compile has failed, and everything else compiles as it was", () => {
  it.each([
    [
      "because its model is incremental",
      'config { type: "test", dataset: { schema: "silver", name: "events" } }\nSELECT 1 AS a\n',
      "tests of Dataform's own kind know no incremental model: write a model test instead, in <model>.test.yaml beside the " +
        "model (docs/testing-models.md)",
    ],
    [
      "because its model is not there",
      'config { type: "test", dataset: { schema: "silver", name: "purchase" } }\nSELECT 1 AS a\n',
      "there is no table or view silver.purchase",
    ],
    [
      "because it names no model",
      'config { type: "test" }\nSELECT 1 AS a\n',
      'the test names no model: add dataset: { schema: "...", name: "..." } to its config',
    ],
    [
      "because it gives no input",
      `${OF_PURCHASES}SELECT 1 AS a\n`,
      'the model reads silver.events, and the test gives no input: add  input "silver", "events" { SELECT ... }',
    ],
    [
      "because it gives another input",
      `${OF_PURCHASES}input "event" {\n  SELECT 1 AS a\n}\ninput "bronze", "events" {\n  SELECT 1 AS a\n}\nSELECT 1 AS a\n`,
      "the model reads silver.events, and the test gives only event, bronze.events: " +
        'add  input "silver", "events" { SELECT ... }',
    ],
    [
      "because it is called as a model that others read",
      'config { type: "test", name: "identity_days", dataset: { schema: "silver", name: "purchases" } }\nSELECT 1 AS a\n',
      'a model has the name of this test: rename its file, or give its config another name: "..."',
    ],
    ["because of JavaScript", `${OF_PURCHASES}SELECT \${nobody} AS a\n`, "nobody is not defined"],
    ["because it cannot be read", `${OF_PURCHASES}SELECT \${1 AS a\n`, "Missing } in template expression"],
    [
      "because of its config",
      'config { type: "test", dataset: { name: "purchases" }, daatset: 1 }\nSELECT 1 AS a\n',
      "",
    ],
  ])("%s", (_, source, problem) => {
    const [listed = "", ...others] = listedWith("odd.sqlx", source);
    expect(others).toEqual([]);
    expect(listed).toMatch(/^\w+ in definitions\/silver\/odd\.sqlx: /);
    expect(listed).toContain(`definitions/silver/odd.sqlx: ${problem}`);
  });

  it("even in a JavaScript file, beside one that is right", () => {
    const source = `test("wrong").dataset({ schema: "silver", name: "events" }).expect("SELECT 1 AS a");
test("right").dataset({ schema: "silver", name: "purchases" })
  .input({ schema: "silver", name: "events" }, 'SELECT "e" AS event_id, "n" AS node_id, 1.0 AS value, "purchase" AS event_name')
  .expect('SELECT "e" AS event_id, "n" AS node_id, 1.0 AS value');
`;
    expect(listedWith("tests.js", source)).toEqual([
      "right runs",
      expect.stringMatching(
        /^wrong in definitions\/silver\/tests\.js: .*tests\.js: tests of Dataform's own kind know no/,
      ),
    ]);
  });
});

it("of two tests with one name the second is broken, and the first runs", () => {
  const source = `config { type: "test", name: "of purchases", dataset: { schema: "silver", name: "purchases" } }
input "silver", "events" {
  SELECT "e" AS event_id, "n" AS node_id, 1.0 AS value, "purchase" AS event_name
}
SELECT "e" AS event_id, "n" AS node_id, 1.0 AS value
`;
  fixture.write("definitions/silver/a_test.sqlx", source);
  expect(listedWith("b_test.sqlx", source)).toEqual([
    "of purchases runs",
    'of purchases in definitions/silver/b_test.sqlx: definitions/silver/b_test.sqlx: Duplicate test name detected: "of purchases"',
  ]);
  fixture.remove("definitions/silver/a_test.sqlx");
});

it("a model that does not compile is no broken test", () => {
  fixture.write("definitions/silver/odd.sqlx", `config { type: "view", schema: "silver" }\nSELECT \${nobody} AS a\n`);
  expect(() => compileProject({ root: fixture.root, vars: VARS })).toThrow(RollcallError);
  fixture.remove("definitions/silver/odd.sqlx");
});
