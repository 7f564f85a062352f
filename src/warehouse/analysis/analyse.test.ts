import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createTranslator } from "../duckdb/translate.js";
import { type Analyzer, createAnalyzer } from "../googlesql/analyzer.js";
import { compileProject } from "../project/compile.js";
import { createFixtureProject, type FixtureProject } from "../project/testing.js";
import { analyseProject, type ProjectAnalysis } from "./analyse.js";

let analyzer: Analyzer;
let fixture: FixtureProject;

beforeAll(() => {
  analyzer = createAnalyzer();
});
afterAll(() => analyzer.close());
beforeEach(() => {
  fixture = createFixtureProject();
});
afterEach(() => fixture.dispose());

function analyse(): Promise<ProjectAnalysis> {
  const project = compileProject({ root: fixture.root, vars: { runner: "rollcall" } });
  return analyseProject(project, { translator: createTranslator({}, { analyzer }) });
}

function failuresOf(analysis: ProjectAnalysis, id: string): string[] {
  return (analysis.actions.get(id)?.failures ?? []).map(({ error }) => error.message.replace(/^\S*?:\d+:\d+: /, ""));
}

describe("what an action is shown", () => {
  // Runs leave out what nothing it depends on has changed: a table that was read unseen would go stale.
  it.each([
    ["operations made before everything else", "identity.nodes", "n.node_id"],
    ["landed", "bronze.website_events", "n.event_id"],
    ["another model made", "silver.events", "n.event_id"],
  ])("is not a table that %s and that it has no ref to", async (_, table, column) => {
    const write = (from: string): void =>
      fixture.write(
        "definitions/gold/reader.sqlx",
        `config { type: "table", schema: "gold" }\nSELECT ${column} AS id FROM ${from} AS n\n`,
      );
    const ref = `\${ref("${table.replace(".", '", "')}")}`;
    write(table);
    expect(failuresOf(await analyse(), "gold.reader")).toEqual([
      `Table not found: ${table}; there is a table of that name: write ${ref}`,
    ]);
    write(ref);
    expect(failuresOf(await analyse(), "gold.reader")).toEqual([]);
  });

  it("is not a table that it only writes, either", async () => {
    fixture.write(
      "definitions/identity/writer.sqlx",
      'config { type: "operations", schema: "identity" }\nINSERT INTO identity.nodes (node_id) VALUES ("n")\n',
    );
    expect(failuresOf(await analyse(), "identity.writer").join()).toContain(`write \${ref("identity", "nodes")}`);
  });
});

describe("a project", () => {
  it("has every table afterwards, those that nobody reads included", async () => {
    const { catalog } = await analyse();
    for (const table of ["ops.runs", "bronze.website_events", "identity.nodes", "gold.totals"])
      expect(catalog.has(table)).toBe(true);
  });

  it("waits with whatever reads what operations failed to make", async () => {
    fixture.write(
      "definitions/identity/make_nodes.sqlx",
      'config { type: "operations", schema: "identity", name: "nodes", hasOutput: true, tags: ["bootstrap"] }\n' +
        `CREATE TABLE IF NOT EXISTS \${self()} AS SELECT nothing\n`,
    );
    const { actions } = await analyse();
    expect(actions.get("identity.grow")?.waitsFor).toEqual(["identity.nodes"]);
    expect(actions.get("identity.graph_events")?.waitsFor).toEqual(["identity.grow", "identity.nodes"]);
  });
});
