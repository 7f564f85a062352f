import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RollcallError } from "../../platform/errors.js";
import { compileProject } from "./compile.js";
import { createFixtureProject, type FixtureProject } from "./testing.js";

let fixture: FixtureProject;
beforeEach(() => {
  fixture = createFixtureProject();
});
afterEach(() => fixture.dispose());

const OURS = { runner: "rollcall" };

function sqlOf(id: string, vars: Record<string, string>): { full: string; incremental: string } {
  const action = compileProject({ root: fixture.root, vars }).byId.get(id);
  return { full: action?.sql ?? "", incremental: action?.incrementalSql ?? "" };
}

function problemsOf(work: () => unknown): string[] {
  try {
    work();
  } catch (error) {
    if (error instanceof RollcallError && error.code === "PROJECT_INVALID") return error.details.problems as string[];
    throw error;
  }
  return [];
}

describe("compileProject", () => {
  it("gives every kind of action with what its config says", () => {
    const project = compileProject({ root: fixture.root, vars: OURS });
    const kinds = project.actions.map(({ id, kind }) => `${id} ${kind}`);
    expect(kinds).toContain("bronze.website_events declaration");
    expect(kinds).toContain("silver.purchases view");
    expect(kinds).toContain("identity.grow operations");
    expect(kinds).toContain("quality.silver_events_assertions_uniqueKey_0 assertion");
    expect(project.byId.get("silver.events")).toMatchObject({
      kind: "incremental",
      sqlName: "`rollcall.silver.events`",
      fileName: "definitions/silver/events.sqlx",
      dependsOn: ["bronze.website_events"],
      tags: ["silver", "erase_by:event_id"],
      partitionBy: "DATE(ingested_at)",
      clusterBy: ["node_id"],
      isProtected: false,
    });
    expect(project.byId.get("identity.graph_events")?.isProtected).toBe(true);
    expect(project.byId.get("quality.silver_events_assertions_uniqueKey_0")?.parent).toBe("silver.events");
    expect(project.byId.get("silver.events")?.columns[3]).toMatchObject({
      path: ["value"],
      description: "A score the fact carries, on the source's own scale.",
    });
  });

  it("keeps the includes to themselves and starts afresh each time", () => {
    const first = compileProject({ root: fixture.root, vars: OURS });
    expect("window" in globalThis || "publish" in globalThis || "dataform" in globalThis).toBe(false);
    expect(compileProject({ root: fixture.root, vars: OURS }).actions).toEqual(first.actions);
  });

  it("lists every problem with its file", () => {
    fixture.write(
      "definitions/silver/broken.sqlx",
      `config { type: "view" }\nSELECT 1 FROM $\{ref("silver", "nobody")}`,
    );
    fixture.write(
      "definitions/gold/typo.sqlx",
      'config { type: "table", schema: "gold", colums: { a: "b" } }\nSELECT 1 AS a',
    );
    fixture.write(
      "definitions/gold/undescribed.sqlx",
      'config { type: "view", columns: docs.columns("nothing") }\nSELECT 1',
    );
    const problems = problemsOf(() => compileProject({ root: fixture.root, vars: OURS })).join("\n");
    expect(problems).toContain("definitions/silver/broken.sqlx: ");
    expect(problems).toContain("nobody");
    expect(problems).toContain("definitions/gold/typo.sqlx: ");
    expect(problems).toContain("definitions/gold/undescribed.sqlx: describe in includes/columns.json: nothing");
  });

  it("says a problem once, in words, and where to look", () => {
    fixture.write(
      "definitions/silver/days.sqlx",
      `config { type: "incremental", schema: "silver" }\nSELECT 1 AS one FROM \${ref("silver", "nobody")}`,
    );
    expect(() => compileProject({ root: fixture.root, vars: OURS })).toThrow(
      /^the project has 1 problem:\ndefinitions\/silver\/days\.sqlx: there is no table silver\.nobody\nrollcall check says where$/,
    );
  });

  it("says which file is at fault, and not everything that lacks what it gives", () => {
    fixture.write("includes/columns.json", '{ "event_id": {,} }');
    fixture.write("definitions/silver/purchases.sqlx", 'config { type: "view", schema: "silver"\nSELECT 1');
    fixture.write(
      "definitions/silver/reader.sqlx",
      `config { type: "view", schema: "silver" }\nSELECT 1 AS one FROM \${ref("silver", "purchases")}`,
    );
    expect(problemsOf(() => compileProject({ root: fixture.root, vars: OURS }))).toEqual([
      "includes/docs.js: Unexpected token ','",
      "definitions/silver/purchases.sqlx: Unexpected identifier 'SELECT'",
    ]);
  });

  it("never leaves out the only problem", () => {
    fixture.write("includes/itself.js", "module.exports = { one: itself.two };");
    expect(problemsOf(() => compileProject({ root: fixture.root, vars: OURS }))).toEqual([
      "includes/itself.js: itself is not defined",
    ]);
  });

  it("says which settings file cannot be read", () => {
    fixture.write("dataform.json", "{");
    expect(() => compileProject({ root: fixture.root })).toThrow(/dataform\.json cannot be read/);
  });

  it("refuses actions.yaml, which it would otherwise pass over", () => {
    fixture.write("definitions/actions.yaml", "actions: []");
    expect(problemsOf(() => compileProject({ root: fixture.root }))).toEqual([
      "definitions/actions.yaml: actions.yaml is not read here: write the action as .sqlx or .js",
    ]);
  });
});

describe("windows", () => {
  it("are query parameters under the runner, in a full build too", () => {
    const { full, incremental } = sqlOf("silver.events", OURS);
    expect(full).toContain("b.ingested_at >= @window_from AND b.ingested_at < @window_to");
    expect(incremental).toContain("b.ingested_at >= @window_from AND b.ingested_at < @window_to");
    expect(incremental).toContain("s.event_id = f.event_id AND TRUE");
    expect(sqlOf("identity.graph_events", OURS).full).toContain("TIMESTAMP_SUB(@window_to, INTERVAL 1 MICROSECOND)");
  });

  it("are literals in a stock backfill", () => {
    const vars = { window_from: "2026-01-01T00:00:00Z", window_to: "2026-02-01T00:00:00Z" };
    const { full, incremental } = sqlOf("silver.events", vars);
    const bound =
      'b.ingested_at >= TIMESTAMP "2026-01-01T00:00:00Z" AND b.ingested_at < TIMESTAMP "2026-02-01T00:00:00Z"';
    expect(full).toContain(bound);
    expect(incremental).toContain(bound);
    expect(incremental).toContain("AND TRUE");
    expect(problemsOf(() => sqlOf("silver.events", { window_from: "2026-01-01T00:00:00Z" })).join()).toContain(
      "set both vars.window_from and vars.window_to",
    );
  });

  it("look back by the clock in stock Dataform, and at everything in its full refresh", () => {
    const { full, incremental } = sqlOf("silver.events", {});
    expect(full).toContain("WHERE TRUE");
    expect(incremental).toContain("b.ingested_at >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 26 HOUR)");
    expect(incremental).toContain("s.ingested_at >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 7 DAY)");
  });
});

describe("docs and dates", () => {
  it("tag personal columns, with the policy tag where the project has one", () => {
    fixture.write(
      "definitions/gold/people.sqlx",
      'config { type: "view", schema: "gold", columns: docs.columns("email") }\nSELECT "a@b.c" AS email',
    );
    const columnOf = (vars: Record<string, string>) =>
      compileProject({ root: fixture.root, vars }).byId.get("gold.people")?.columns[0];
    expect(columnOf({})).toMatchObject({ path: ["email"], tags: ["personal"], policyTags: [] });
    expect(columnOf({ personal_policy_tag: "projects/p/x" })?.policyTags).toEqual(["projects/p/x"]);
  });

  it("take the behavioural day in the reporting time zone", () => {
    expect(sqlOf("silver.identity_days", OURS).full).toContain('DATE(e.occurred_at, "Europe/London")');
  });
});
