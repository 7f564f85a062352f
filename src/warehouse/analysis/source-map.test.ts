import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import type { Action, CompiledProject } from "../project/action.js";
import { compileProject } from "../project/compile.js";
import { createFixtureProject } from "../project/testing.js";
import { markSource, withoutMarks } from "./marks.js";
import { createSourceMap } from "./source-map.js";

const VARS = { runner: "rollcall" };
const REPOSITORY = path.resolve(import.meta.dirname, "../../..");
const FIELDS = ["sql", "incrementalSql", "statements", "preOps", "postOps", "incrementalPreOps"] as const;

interface Text {
  readonly action: Action;
  readonly field: (typeof FIELDS)[number];
  readonly index: number;
  readonly text: string;
}

function textsOf({ actions }: CompiledProject): Text[] {
  return actions.flatMap((action) =>
    FIELDS.flatMap((field) => [action[field]].flat().map((text, index) => ({ action, field, index, text }))),
  );
}

function pick({ action, field, index }: Text): (project: CompiledProject) => string | null {
  return (project) => [project.byId.get(action.id)?.[field] ?? []].flat()[index] ?? null;
}

/** Every `step`th character that is no blank, against the file it should stand in. */
function compareAll(
  root: string,
  step: number,
): { exact: number; expressions: number; wrong: string[]; lost: string[] } {
  const project = compileProject({ root, vars: VARS });
  const map = createSourceMap({ project, vars: VARS });
  const lines = new Map<string, string[]>();
  const seen = { exact: 0, expressions: 0, wrong: [] as string[], lost: [] as string[] };
  for (const each of textsOf(project)) {
    for (let at = 0; at < each.text.length; at += step) {
      const character = each.text[at] as string;
      if (/\s/.test(character)) continue;
      const place = map.locate(pick(each), at);
      if (place === null) {
        if (each.action.parent === null) seen.lost.push(`${each.action.id} ${at}`);
        continue;
      }
      if (place.expression !== null) {
        seen.expressions += 1;
        continue;
      }
      const known = lines.get(place.file) ?? readFileSync(path.join(root, place.file), "utf8").split("\n");
      lines.set(place.file, known);
      if (known[place.line - 1]?.[place.column - 1] === character && place.file === each.action.fileName)
        seen.exact += 1;
      else seen.wrong.push(`${each.action.id} ${each.field} ${at} -> ${place.file}:${place.line}:${place.column}`);
    }
  }
  return seen;
}

/** A project with one more file, and what a piece of its compiled text maps to. */
function placeOf(file: string, source: string, action: string, field: Text["field"], piece: string, occurrence = 0) {
  const fixture = createFixtureProject();
  try {
    fixture.write(file, source);
    const project = compileProject({ root: fixture.root, vars: VARS });
    const own = project.byId.get(action);
    if (own === undefined) throw new Error(`${action} is not there`);
    const text = [own[field]].flat()[occurrence] ?? "";
    return createSourceMap({ project, vars: VARS }).locate(
      pick({ action: own, field, index: occurrence, text }),
      text.indexOf(piece),
    );
  } finally {
    fixture.dispose();
  }
}

describe("every model of this project", () => {
  it("maps back to the very character, or to the expression that gave it", () => {
    const { exact, expressions, wrong, lost } = compareAll(REPOSITORY, 31);
    expect(wrong).toEqual([]);
    // Made by an include for a JavaScript definition: no text of the file.
    expect(lost.filter((each) => !each.includes("_conserved "))).toEqual([]);
    expect(exact).toBeGreaterThan(1000);
    expect(expressions).toBeGreaterThan(100);
  });
});

describe("text of", () => {
  const file = "definitions/silver/mapped.sqlx";
  const id = "silver.mapped";
  const source = [
    'config { type: "incremental", schema: "silver" }',
    "js {",
    `  const columns = (list) => list.trim().split(/, /).map((name) => \`e.\${name}\`).join(", ");`,
    "}",
    "pre_operations {",
    `  DELETE FROM \${self()} WHERE TRUE`,
    "  ---",
    `  SELECT 'a''b', "\${schema()} x" AS named`,
    "}",
    "post_operations { SELECT 2 AS after }",
    `SELECT \${columns('event_id, node_id')}, r"a\\d+" AS pattern, -- it's a \\comment`,
    "  e.value AS score",
    `FROM \${ref("silver", "events")} AS e`,
    `\${when(incremental(), \`WHERE e.value > 1 AND \\\`node_id\\\` != 'x' AND \${name()}_no IS NULL\`)}`,
    "",
  ].join("\n");

  it("config, js, operations and nested templates is told apart", () => {
    const expectAt = (
      field: Text["field"],
      piece: string,
      written: string,
      expression: string | null,
      index = 0,
    ): void => {
      const before = source.slice(0, source.indexOf(written)).split("\n");
      const place = { file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1, expression };
      expect(placeOf(file, source, id, field, piece, index)).toEqual(place);
    };
    const columns = "$" + "{columns('event_id, node_id')}";
    const ref = `$\{ref("silver", "events")}`;
    const name = "$" + "{name()}";
    expectAt("sql", "e.value AS", "e.value AS", null);
    expectAt("sql", "pattern", "pattern", null);
    expectAt("sql", "e.node_id", columns, columns);
    expectAt("sql", "rollcall.silver.events", ref, ref);
    expectAt("incrementalSql", "e.value > 1", "e.value > 1", null);
    // Behind an escape, which is shorter in the text than in the file.
    expectAt("incrementalSql", "!= 'x'", "!= 'x'", null);
    expectAt("incrementalSql", "mapped_no", name, name);
    expectAt("incrementalSql", "_no IS", "_no IS", null);
    expectAt("preOps", "WHERE TRUE", "WHERE TRUE", null);
    expectAt("preOps", "named", "named", null, 1);
    expectAt("postOps", "after", "after", null);
  });

  it("a JavaScript definition is exact where its own templates make it", () => {
    const script = `operate("made").queries((ctx) => [\n  \`SELECT 1 AS one\`,\n  \`SELECT e.value FROM \${ctx.ref("silver", "events")} AS e\`,\n]);\n`;
    const made = placeOf("definitions/silver/made.js", script, "silver.made", "statements", "AS e", 1);
    expect(made).toEqual({ file: "definitions/silver/made.js", line: 3, column: 55, expression: null });
  });

  it("a macro that looks at what it is given is the macro's", () => {
    const counting = `config { type: "view", schema: "silver" }\nSELECT \${((text) => \`\${text} AS n\${text.length}\`)(\`e.value + 1\`)} FROM \${ref("silver", "events")} AS e\n`;
    const place = placeOf("definitions/silver/counting.sqlx", counting, "silver.counting", "sql", "value");
    expect(place).toMatchObject({ line: 2, column: 8 });
    expect(place?.expression).toContain("text.length");
  });

  it("what Dataform makes of a config is nobody's", () => {
    const unique = 'config { type: "table", schema: "silver", assertions: { uniqueKey: ["a"] } }\nSELECT 1 AS a\n';
    expect(
      placeOf("definitions/silver/unique.sqlx", unique, "quality.silver_unique_assertions_uniqueKey_0", "sql", "a"),
    ).toBeNull();
  });
});

describe("marks", () => {
  it("leave the text as it was when they are taken out", () => {
    const source = `config { type: "view" }\nSELECT '''a\n b''' AS a, \`x\` /* \${no} */ \${when(true, \`b\n c\`)}\n---\nSELECT 2`;
    for (const level of ["sql", "outer", "code"] as const)
      expect(withoutMarks(markSource("a.sqlx", source, level)?.text ?? "")).toBe(source);
  });

  it("are not put into a text that has such characters itself", () => {
    expect(markSource("a.sqlx", `SELECT "${String.fromCodePoint(0xf0001)}"`, "sql")).toBeNull();
  });
});
