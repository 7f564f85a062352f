import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createTranslator } from "../duckdb/translate.js";
import { type Analyzer, createAnalyzer } from "../googlesql/analyzer.js";
import { createFixtureProject, type FixtureProject } from "../project/testing.js";
import { type CheckResult, checkProject } from "./check.js";
import { formatProblem, type Problem } from "./problem.js";
import { createProjectFiles } from "./project-files.js";
import { checkFingerprint, createSavedCheck } from "./saved-check.js";
import { taggedStatements } from "./typescript-sql.js";

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

function check(used: Analyzer = analyzer): Promise<CheckResult> {
  const translator = createTranslator({}, { analyzer: used });
  return checkProject({ root: fixture.root, tables: [], allowances: [] }, { analyzer: used, translator });
}

function of(problems: readonly Problem[], file: string): string[] {
  return problems
    .filter((problem) => problem.file === file)
    .map(({ code, line, message }) => `${line} ${code}: ${message}`);
}

const BAD = "definitions/silver/bad.sqlx";

describe("a check", () => {
  it("tells every problem at once, and looks at the rest of the graph", async () => {
    fixture.write(
      BAD,
      `config { type: "view", schema: "silver" }\nSELECT e.nothing FROM \${ref("silver", "events")} AS e\n`,
    );
    fixture.write(
      "definitions/silver/worse.sqlx",
      `config { type: "view", schema: "silver" }\nSELECT 1 FROM \${ref("silver", "evnts")}\n`,
    );
    fixture.write(
      "definitions/silver/reader.sqlx",
      `config { type: "view", schema: "silver" }\nSELECT * FROM \${ref("silver", "bad")}\n`,
    );
    fixture.write("definitions/silver/broken.sqlx", 'config { type: "view", schema: "silver"\nSELECT 1\n');
    const { problems, waiting } = await check();
    expect(of(problems, BAD)).toEqual(["2 sql: Name nothing not found inside e"]);
    expect(of(problems, "definitions/silver/worse.sqlx")).toEqual([
      "2 compile: there is no table silver.evnts. Did you mean silver.events?",
    ]);
    expect(of(problems, "definitions/silver/broken.sqlx")).toEqual([
      "1 compile: config { is never closed: a } is missing",
    ]);
    expect(waiting).toEqual(["silver.reader"]);
  });

  it("looks at every statement of operations, but not at what only lacks the table of a bad one", async () => {
    fixture.write(
      BAD,
      'config { type: "operations", schema: "silver" }\n' +
        "CREATE TEMP TABLE a AS SELECT nothing FROM ops.runs;\nSELECT * FROM a;\nSELECT nowhere FROM ops.runs;\n",
    );
    expect(of((await check()).problems, BAD)).toEqual([
      "2 sql: Unrecognized name: nothing",
      "4 sql: Unrecognized name: nowhere",
    ]);
  });

  it("shows the line and a caret, tabs and all", async () => {
    fixture.write(BAD, 'config { type: "view", schema: "silver" }\nSELECT\n\t"ü😀" AS a,\t\tnothing\n');
    const { problems } = await check();
    const found = problems.find(({ file, code }) => file === BAD && code === "sql") as Problem;
    expect(formatProblem(found, createProjectFiles(fixture.root))).toBe(
      `${BAD}:3:15: Unrecognized name: nothing [sql]\n  \t"ü😀" AS a,\t\tnothing\n  \t           \t\t^`,
    );
  });

  it.each([
    [
      "table",
      `SELECT 1 AS a,\n  2 AS b\nFROM \${ref("silver", "events")} AS e\nJOIN \${¦reff("identity", "nodes")} AS n\n`,
    ],
    [
      "operations",
      `SELECT 1 AS one;\nSELECT "reff" AS \${"reff"} FROM \${ref("silver", "events")};\nSELECT * FROM \${¦reff("a")}\n`,
    ],
  ])("points at a name that is not defined, not at the call before it: %s", async (type, text) => {
    const marked = `config { type: "${type}", schema: "silver" }\n${text}`;
    const lines = marked.slice(0, marked.indexOf("¦")).split("\n");
    fixture.write(BAD, marked.replace("¦", ""));
    const found = (await check()).problems.filter(({ file, code }) => file === BAD && code === "compile");
    expect(found).toMatchObject([
      { message: "reff is not defined", line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 },
    ]);
  });

  it.each(["table", "incremental", "assertion"])(
    "points at the semicolon that a query may not end with: %s",
    async (type) => {
      fixture.write(
        BAD,
        `config { type: "${type}", schema: "silver" }\nSELECT 1 AS one;\n${type === "assertion" ? "" : "pre_operations { SELECT 1; }\n"}`,
      );
      const { problems } = await check();
      expect(of(problems, BAD)).toEqual(["2 compile: Semi-colons are not allowed at the end of SQL statements."]);
      expect(problems.find(({ file }) => file === BAD)?.column).toBe(16);
    },
  );

  it("tells a stock test that does not compile in its own file, and still looks at its model and at other tests", async () => {
    const ofPurchases = 'config { type: "test", dataset: { schema: "silver", name: "purchases" } }\n';
    fixture.write("definitions/silver/lacks_input.sqlx", `${ofPurchases}SELECT 1 AS a\n`);
    fixture.write(
      "definitions/silver/of_facts.sqlx",
      'config { type: "test", dataset: { schema: "silver", name: "events" } }\nSELECT 1 AS a\n',
    );
    fixture.write("definitions/silver/of_nothing.sqlx", 'config { type: "test" }\nSELECT 1 AS a\n');
    fixture.write(
      "definitions/silver/bad_sql.sqlx",
      `${ofPurchases}input "silver", "events" {\n  SELECT none\n}\nSELECT 1\n`,
    );
    const sound = await check();
    const found = (file: string) => of(sound.problems, `definitions/silver/${file}.sqlx`);
    expect(found("lacks_input")).toEqual([
      '1 compile: the model reads silver.events, and the test gives no input: add  input "silver", "events" { SELECT ... }',
    ]);
    expect(found("of_facts")).toEqual([
      "1 compile: tests of Dataform's own kind know no incremental model: write a model test instead, in <model>.test.yaml " +
        "beside the model (docs/testing-models.md)",
    ]);
    expect(found("of_nothing")).toEqual([
      '1 compile: the test names no model: add dataset: { schema: "...", name: "..." } to its config',
    ]);
    expect(found("bad_sql")).toEqual(["3 sql: Unrecognized name: none"]);
    expect(found("purchases")).toEqual([]);
    expect(sound.waiting).toEqual([]);
  });

  it("tells a mistake once, whatever its statement ends with", async () => {
    fixture.write(BAD, `config { type: "view", schema: "silver" }\nSELECT nothing FROM \${ref("silver", "events")}`);
    expect(of((await check()).problems, BAD)).toEqual(["2 sql: Unrecognized name: nothing"]);
  });

  it("says what to do about columns, datasets and declarations", async () => {
    const gold = (name: string, columns: string, query = 'SELECT "a" AS a, 1 AS b', schema = "gold"): string => {
      const file = `definitions/gold/${name}.sqlx`;
      fixture.write(file, `config {\n  type: "view",\n  schema: "${schema}",\n  columns: ${columns}\n}\n${query}\n`);
      return file;
    };
    const list = gold("list", '["a", "b"]');
    const text = gold("text", '"a"');
    const wordless = gold("wordless", '{ a: { descripton: "A." }, b: "B." }');
    const nested = gold("nested", '{ s: { columns: { x: "X." } } }', "SELECT STRUCT(1 AS x) AS s");
    const strange = gold("strange", '{ a: "A.", b: "B." }', undefined, "glod");
    const stranger = gold("stranger", '{ a: "A.", b: "B." }', undefined, "marketing");
    fixture.write(
      "definitions/bronze/things.sqlx",
      'config { type: "declaration", schema: "bronze", name: "things" }\n',
    );
    const reader = gold("reader", '{ a: "A." }', `SELECT t.a FROM \${ref("bronze", "things")} AS t`);
    const again = gold("again", '{ a: "A." }', 'SELECT "a" AS a', 'gold", name: "list');
    const { problems } = await check();
    const byName = (name: string) =>
      `4 no-such-column: the columns of gold.${name} are to be described by name, as in { event_id: "What it is." }, ` +
      "not as a list or a text";
    const twice = "compile: gold.list is made more than once: rename one of them, or give it another schema";
    expect(of(problems, text)).toEqual([byName("text")]);
    expect(of(problems, list)).toEqual([expect.stringContaining(twice)]);
    expect(of(problems, again)).toEqual([expect.stringContaining(twice)]);
    expect(of(problems, wordless)).toEqual([
      '4 undescribed-column: gold.wordless names the column a without saying what it is: write a: "..."',
    ]);
    expect(of(problems, nested)).toEqual([]);
    const schemas = "the schema of a model is one of silver, identity, gold, activation, quality";
    expect(of(problems, strange)).toEqual([
      `3 compile: no layer has the dataset glod (did you mean gold?): ${schemas}`,
    ]);
    expect(of(problems, stranger)).toEqual([`3 compile: no layer has the dataset marketing: ${schemas}`]);
    expect(of(problems, reader).filter((problem) => problem.includes(" sql: "))).toEqual([
      "6 sql: Table not found: rollcall.bronze.things; definitions/bronze/things.sqlx declares it, and its columns are not " +
        "known: includes/bronze.json is the list of the tables that land, with columns and types; add it there " +
        `(in what \${ref("bronze", "things")} gives)`,
    ]);
    fixture.remove(again);
    expect(of((await check()).problems, list)).toEqual([byName("list")]);
  });

  it("tells a file that says nothing", async () => {
    fixture.write(BAD, "");
    fixture.write("definitions/silver/worse.sqlx", 'config { type: "operations", schema: "silver" }\n-- later\n');
    const { problems } = await check();
    expect(of(problems, BAD)).toEqual(["1 compile: silver.bad has no statement: write one, or delete the file"]);
    expect(of(problems, "definitions/silver/worse.sqlx")).toEqual([
      "1 compile: silver.worse has no statement: write one, or delete the file",
    ]);
  });

  it("says in one sentence which data file cannot be read", async () => {
    fixture.write("includes/bronze.json", '{\n  "tables": {,}\n}');
    expect((await check()).problems).toMatchObject([{ code: "compile", file: "includes/bronze.json", line: 2 }]);
  });
});

describe("a rule", () => {
  const STAR =
    'config { type: "table", schema: "silver", tags: ["erase_by:event_id"], columns: docs.columns("event_id") }\n';

  it("is silenced in its file by a comment that says why", async () => {
    fixture.write(BAD, `${STAR}-- rollcall:allow no-grain: counted elsewhere\nSELECT "a" AS event_id\n`);
    expect(of((await check()).problems, BAD)).toEqual([]);
  });

  it("is not silenced without a reason, and a comment that silences nothing is told", async () => {
    fixture.write(
      BAD,
      `${STAR}-- rollcall:allow no-grain\n-- rollcall:allow select-star: once there was one\n-- rollcall:allow no-grian: a slip\nSELECT "a" AS event_id\n`,
    );
    expect(of((await check()).problems, BAD)).toEqual([
      "1 no-grain: silver.bad asserts no grain: add assertions: { uniqueKey: [...] } to its config",
      "2 allow: say why: rollcall:allow no-grain: <reason>",
      "3 allow: this silences nothing: take it out",
      "4 allow: there is no rule no-grian. Did you mean no-grain?",
    ]);
  });

  it("is silenced for one name", async () => {
    fixture.write(
      BAD,
      `${STAR}-- rollcall:allow no-such-column(other): a slip\n-- rollcall:allow no-grain: one row\nSELECT "a" AS event\n`,
    );
    const said = of((await check()).problems, BAD).join("\n");
    expect(said).toContain("silver.bad has no column event_id");
    expect(said).toContain("this silences nothing");
  });
});

describe("the analyzer's process", () => {
  it("may be killed in the midst of a check: the next one is whole", async () => {
    const own = createAnalyzer();
    const others = new Set(serversOf(process.pid));
    try {
      const first = check(own).then(
        (result) => result.problems.length,
        (error: { code: string; message: string; isRetriable: boolean }) => error,
      );
      process.kill(await startedBeside(others), "SIGKILL");
      const outcome = await first;
      // Killed early enough it says so, and that trying again helps; too late, and the check is done.
      if (typeof outcome === "object") {
        expect(outcome).toMatchObject({ code: "WAREHOUSE_FAILED", isRetriable: true });
        expect(outcome.message).toMatch(/analyzer/);
      }
      expect((await check(own)).actions).toBeGreaterThan(5);
    } finally {
      await own.close();
    }
  });
});

/** Ids of the analyzers this process has started, which the shells between us and them are parents of. */
function serversOf(parent: number): number[] {
  const rows = execFileSync("ps", ["-eo", "pid=,ppid=,comm="], { encoding: "utf8" })
    .trim()
    .split("\n")
    .map((row) => row.trim().split(/\s+/));
  const children = (id: number): number[] => rows.filter(([, ppid]) => Number(ppid) === id).map(([pid]) => Number(pid));
  return children(parent)
    .flatMap(children)
    .filter((id) => rows.some(([pid, , command]) => Number(pid) === id && /remote_server/.test(command ?? "")));
}

async function startedBeside(others: ReadonlySet<number>): Promise<number> {
  for (;;) {
    const found = serversOf(process.pid).find((id) => !others.has(id));
    if (found !== undefined) return found;
    await new Promise((next) => setImmediate(next));
  }
}

describe("a saved check", () => {
  const result: CheckResult = { problems: [], actions: 3, statements: 1, waiting: [] };
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "rollcall-saved-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("is read for the same files only", () => {
    const saved = createSavedCheck(path.join(folder, "check.json"));
    const before = checkFingerprint(fixture.root);
    expect(saved.read(before)).toBeNull();
    saved.write(before, result);
    expect(saved.read(before)).toEqual(result);
    fixture.write(BAD, "SELECT 1");
    const after = checkFingerprint(fixture.root);
    expect(after).not.toBe(before);
    expect(saved.read(after)).toBeNull();
    fixture.remove(BAD);
    expect(checkFingerprint(fixture.root)).toBe(before);
  });

  it("counts as absent when it was cut short or damaged, or cannot be written", () => {
    const file = path.join(folder, "check.json");
    const saved = createSavedCheck(file);
    saved.write("key", result);
    const whole = readFileSync(file, "utf8");
    for (const length of [0, 2, 10, whole.length - 1]) {
      writeFileSync(file, whole.slice(0, length));
      expect(saved.read("key")).toBeNull();
    }
    writeFileSync(file, whole.replace('"actions":3', '"actions":4'));
    expect(saved.read("key")).toBeNull();
    rmSync(file);
    mkdirSync(file);
    saved.write("key", result);
    expect(saved.read("key")).toBeNull();
  });
});

describe("statements in TypeScript", () => {
  const IMPORT = 'import { sql } from "../../src/warehouse/sql.js";\n';

  it("are found where they stand, comments and other tags aside", () => {
    const source =
      `${IMPORT}// sql\`SELECT 0\`\n * sql\`SELECT 0\`\nconst a = sql\`SELECT 1\`;\n` +
      "const b = raw.sql`SELECT 2`, c = [sql`SELECT \\`d\\``];\n";
    const found = taggedStatements("src/a.ts", source);
    expect(found.map(({ sql, escapes }) => ({ sql, escapes }))).toEqual([
      { sql: "SELECT 1", escapes: [] },
      { sql: "SELECT `d`", escapes: [7, 9] },
    ]);
    expect(found.map(({ offset }) => source.slice(offset, offset + 6))).toEqual(["SELECT", "SELECT"]);
  });

  it("are none in files that do not import the tag", () => {
    expect(taggedStatements("src/a.ts", "const a = sql`SELECT 1`;")).toEqual([]);
  });

  it.each([
    ["bad SQL", 'config { type: "table", schema: "gold", name: "totals" }\nSELECT nothing\n'],
    [
      "a ref to no table",
      'config { type: "table", schema: "gold" }\nSELECT 1 AS one FROM $' + '{ref("gold", "nowhere")}\n',
    ],
    ["no end", 'config { type: "table", schema: "gold"\nSELECT 1 AS one\n'],
  ])("wait for a table whose definition has %s", async (_, text) => {
    fixture.write("definitions/gold/totals.sqlx", text);
    mkdirSync(path.join(fixture.root, "src"));
    fixture.write(
      "src/a.ts",
      `${IMPORT}export const A = sql\`SELECT t.node_id FROM gold.totals AS t\`;\n` +
        "export const B = sql`SELECT t.node_id FROM rollcall.activation.act_profiles__totals AS t`;\n" +
        "export const C = sql`SELECT t.node_id FROM gold.tutals AS t`;\n",
    );
    const { problems, statements } = await check();
    expect(of(problems, "src/a.ts").map((each) => each.split(" ")[0])).toEqual(["4"]);
    expect(statements).toBe(1);
  });

  it("take the types of their parameters from their use, or from a comment", async () => {
    mkdirSync(path.join(fixture.root, "src"));
    fixture.write(
      "src/a.ts",
      `${IMPORT}export const A = sql\`DELETE FROM ops.runs WHERE run_id = @id AND ended_at < @before\`;\n` +
        "export const B = sql`\n-- @ids ARRAY<STRUCT<id STRING>>\nSELECT i.id FROM UNNEST(@ids) AS i`;\n" +
        "export const C = sql`SELECT i.id FROM UNNEST(@ids) AS i`;\n",
    );
    const { problems, statements } = await check();
    expect(statements).toBe(3);
    expect(of(problems, "src/a.ts").map((each) => each.split(" ")[0])).toEqual(["6"]);
  });
});
