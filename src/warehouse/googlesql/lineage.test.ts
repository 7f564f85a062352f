import { afterAll, describe, expect, test } from "vitest";
import { applyChanges } from "../duckdb/catalog.js";
import { createTranslator } from "../duckdb/translate.js";
import { createAnalyzer } from "./analyzer.js";
import type { SourceFlow, StatementLineage } from "./lineage.js";
import { lineageOf } from "./lineage-statements.js";
import { ResolvedNode } from "./resolved.js";
import { parseType } from "./types.js";

const analyzer = createAnalyzer();
afterAll(() => analyzer.close());
const translator = createTranslator({}, { analyzer });

const TABLES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  t: {
    a: "INT64",
    b: "STRING",
    c: "STRING",
    flag: "BOOL",
    at: "TIMESTAMP",
    j: "JSON",
    text: "STRING",
    tags: "ARRAY<STRING>",
    s: "STRUCT<x STRING, y STRUCT<z INT64>>",
    people: "ARRAY<STRUCT<name STRING, age INT64>>",
  },
  u: { a: "INT64", b: "STRING", d: "STRING", parent: "INT64" },
  state: { a: "INT64", b: "STRING", n: "INT64" },
};

const catalog = applyChanges(
  new Map(),
  Object.entries(TABLES).map(([table, columns]) => ({
    kind: "create",
    table: {
      dataset: "d",
      table,
      columns: Object.entries(columns).map(([name, type]) => ({ name, type: parseType(type) })),
    },
    isView: false,
    onlyIfAbsent: false,
  })),
);

async function lineages(sql: string): Promise<readonly StatementLineage[]> {
  const params = { p: parseType("STRING") };
  const { statements } = await translator.translate({ sql, params, catalog });
  return statements.map(({ lineage }) => lineage);
}

const MARKS = { copy: "=", derive: "~", digest: "#", decide: "?" } as const;

function partText(part: { table: string; column: string; path: readonly string[] }): string {
  return [part.table.replace("d.", ""), part.column, ...part.path].join(".");
}

function flowText(source: SourceFlow): string {
  const into = source.into.length === 0 ? "" : ` in ${source.into.join(".")}`;
  return `${MARKS[source.flow]}${partText(source)}${into}`;
}

/** "=t.b" a copy, "~" derived, "#" a digest, "?" decided by. */
function outputs({ outputs: all }: StatementLineage): Record<string, string[]> {
  return Object.fromEntries(all.map(({ name, sources }) => [name, sources.map(flowText)]));
}

/** The sources of one expression over `t`, and over `u` where the text names it. */
async function sourcesOf(expression: string, from = "d.t AS t"): Promise<string[]> {
  const [lineage] = await lineages(`SELECT ${expression} AS x FROM ${from}`);
  return outputs(lineage as StatementLineage).x ?? [];
}

async function conditionsOf(sql: string): Promise<string[]> {
  return (await lineages(sql)).at(-1)?.conditions.map(partText) ?? [];
}

describe("an expression", () => {
  test.each([
    ["t.b", ["=t.b"]],
    ["1", []],
    ["@p", []],
    ["CURRENT_TIMESTAMP()", []],
    ["UPPER(t.b)", ["~t.b"]],
    ["CONCAT(t.b, t.c, 'x')", ["~t.b", "~t.c"]],
    ["CAST(t.a AS STRING)", ["=t.a"]],
    ["CAST(t.at AS STRING FORMAT 'YYYY')", ["~t.at"]],
    ["SAFE_CAST(t.b AS INT64)", ["=t.b"]],
    ["t.a = 1", ["?t.a"]],
    ["t.b IN ('x', t.c)", ["?t.b", "?t.c"]],
    ["t.b IS NULL", ["?t.b"]],
    ["STARTS_WITH(t.b, 'x')", ["?t.b"]],
    ["NOT t.flag", ["~t.flag"]],
    ["t.flag AND t.a > 1", ["?t.a", "~t.flag"]],
    ["COALESCE(t.b, t.c)", ["=t.b", "=t.c"]],
    ["IFNULL(t.b, 'none')", ["=t.b"]],
    ["NULLIF(t.b, t.c)", ["=t.b", "?t.c"]],
    ["IF(t.a > 1, t.b, t.c)", ["?t.a", "=t.b", "=t.c"]],
    ["CASE WHEN t.a = 1 THEN t.b WHEN t.flag THEN 'x' ELSE t.c END", ["?t.a", "=t.b", "=t.c", "?t.flag"]],
    ["CASE t.a WHEN 1 THEN t.b ELSE t.c END", ["?t.a", "=t.b", "=t.c"]],
    ["CASE t.b WHEN t.c THEN 1 END", ["?t.b", "?t.c"]],
    // The strongest flow counts.
    ["IF(t.b = 'x', t.b, NULL)", ["?t.b", "=t.b"]],
    ["GREATEST(t.a, LENGTH(t.b))", ["=t.a", "#t.b"]],
  ])("%s", async (expression, expected) => {
    expect(await sourcesOf(expression)).toEqual(expected);
  });

  test.each([
    ["TO_HEX(SHA256(t.b))", ["#t.b"]],
    ["FARM_FINGERPRINT(CONCAT(t.b, t.c))", ["#t.b", "#t.c"]],
    ["LENGTH(t.b)", ["#t.b"]],
    ["ARRAY_LENGTH(t.tags)", ["#t.tags"]],
    ["UPPER(TO_HEX(MD5(t.b)))", ["#t.b"]],
    ["MD5(t.b) = MD5(t.c)", ["?t.b", "?t.c"]],
  ])("%s hides what it reads", async (expression, expected) => {
    expect(await sourcesOf(expression)).toEqual(expected);
  });
});

describe("a path", () => {
  test.each([
    ["JSON_VALUE(t.j, '$.a.b')", ["=t.j.a.b"]],
    ["JSON_VALUE(JSON_QUERY(t.j, '$.a'), '$.b')", ["=t.j.a.b"]],
    ["JSON_VALUE(t.text, '$.a')", ["=t.text.a"]],
    ["JSON_VALUE(PARSE_JSON(t.text), '$.a')", ["=t.text.a"]],
    [`JSON_VALUE(t.j, "$['a b'][0].c")`, ["=t.j.a b.[].c"]],
    [`JSON_VALUE(t.j, '$."a.b"')`, ["=t.j.a.b"]],
    ["t.j.a.b", ["=t.j.a.b"]],
    ["t.j['a'][0]['b']", ["=t.j.a.[].b"]],
    ["LAX_INT64(t.j.n)", ["=t.j.n"]],
    ["STRING(t.j.n)", ["=t.j.n"]],
    ["JSON_VALUE_ARRAY(t.j, '$.tags')[SAFE_OFFSET(0)]", ["=t.j.tags.[]"]],
    ["JSON_EXTRACT_SCALAR(t.j, '$.a')", ["=t.j.a"]],
    ["t.j[t.b]", ["?t.b", "~t.j"]],
    ["t.s.y.z", ["=t.s.y.z"]],
    ["t.people[OFFSET(0)].name", ["=t.people.[].name"]],
    ["t.tags[SAFE_OFFSET(t.a)]", ["?t.a", "=t.tags.[]"]],
    ["JSON_VALUE(TO_JSON_STRING(t.j), '$.a')", ["=t.j.a"]],
    ["UPPER(JSON_VALUE(t.j, '$.a'))", ["~t.j.a"]],
  ])("%s", async (expression, expected) => {
    expect(await sourcesOf(expression)).toEqual(expected);
  });

  test("into a struct that the statement makes is that field's alone", async () => {
    expect(await sourcesOf("STRUCT(t.b AS b, t.c AS c)")).toEqual(["=t.b in b", "=t.c in c"]);
    expect(await sourcesOf("STRUCT(t.b AS b, t.c AS c).c")).toEqual(["=t.c"]);
    expect(await sourcesOf("STRUCT(t.b, STRUCT(t.c AS y) AS x).x.y")).toEqual(["=t.c"]);
    expect(await sourcesOf("STRUCT(t.s AS s, t.b AS b).s.y.z")).toEqual(["=t.s.y.z"]);
    expect(await sourcesOf("IF(t.flag, STRUCT(t.b AS x), STRUCT(t.c AS x)).x")).toEqual(["=t.b", "=t.c", "?t.flag"]);
    expect(await sourcesOf("CAST(STRUCT(t.b AS p, t.c AS q) AS STRUCT<q STRING, p STRING>).p")).toEqual(["=t.c"]);
    expect(await sourcesOf("TO_JSON_STRING(STRUCT(t.b AS b))")).toEqual(["=t.b in b"]);
  });

  test("into JSON that the statement makes is that member's alone", async () => {
    expect(await sourcesOf("JSON_VALUE(JSON_OBJECT('b', t.b, 'c', t.c), '$.c')")).toEqual(["=t.c"]);
    expect(await sourcesOf("JSON_VALUE(JSON_SET(t.j, '$.n', t.b), '$.n')")).toEqual(["=t.b", "=t.j.n"]);
    expect(await sourcesOf("JSON_VALUE(TO_JSON(STRUCT(t.b AS b, t.c AS c)), '$.b')")).toEqual(["=t.b"]);
  });

  test("into the elements of arrays", async () => {
    expect(await sourcesOf("e", "d.t AS t, UNNEST(t.tags) AS e")).toEqual(["=t.tags.[]"]);
    expect(await sourcesOf("p.name", "d.t AS t, UNNEST(t.people) AS p")).toEqual(["=t.people.[].name"]);
    expect(await sourcesOf("o", "d.t AS t, UNNEST(t.people) AS p WITH OFFSET AS o")).toEqual(["?t.people"]);
    expect(await sourcesOf("JSON_VALUE(e, '$.k')", "d.t AS t, UNNEST(JSON_QUERY_ARRAY(t.j, '$.l')) AS e")).toEqual([
      "=t.j.l.[].k",
    ]);
    expect(
      await sourcesOf("f.v", "d.t AS t, UNNEST([STRUCT('b' AS k, t.b AS v), STRUCT('c' AS k, t.c AS v)]) AS f"),
    ).toEqual(["=t.b", "=t.c"]);
    expect(await sourcesOf("ARRAY_CONCAT(t.tags, [t.b])[OFFSET(0)]")).toEqual(["=t.b", "=t.tags.[]"]);
  });
});

describe("an aggregate", () => {
  test.each([
    ["COUNT(*)", []],
    ["COUNT(t.b)", ["?t.b"]],
    ["COUNT(DISTINCT t.b)", ["?t.b"]],
    ["COUNTIF(t.b = 'x')", ["?t.b"]],
    ["SUM(t.a)", ["~t.a"]],
    ["MAX(t.a)", ["=t.a"]],
    ["MAX(IF(t.c = 'x', t.b, NULL))", ["=t.b", "?t.c"]],
    ["MAX_BY(t.b, t.a)", ["?t.a", "=t.b"]],
    ["ANY_VALUE(t.b HAVING MAX t.a)", ["?t.a", "=t.b"]],
    ["STRING_AGG(t.b, ',' ORDER BY t.a)", ["?t.a", "~t.b"]],
    ["ARRAY_AGG(t.b ORDER BY t.a)", ["?t.a", "=t.b in []"]],
    ["ARRAY_AGG(STRUCT(t.b AS p, t.c AS q))", ["=t.b in [].p", "=t.c in [].q"]],
    ["ARRAY_AGG(STRUCT(t.b AS p, t.c AS q))[OFFSET(0)].q", ["=t.c"]],
    ["LOGICAL_OR(t.flag)", ["~t.flag"]],
  ])("%s", async (expression, expected) => {
    expect(await sourcesOf(expression)).toEqual(expected);
  });

  test("its keys are copies and decide about rows", async () => {
    const [lineage] = await lineages("SELECT t.b, SUM(t.a) AS n FROM d.t GROUP BY t.b HAVING COUNT(t.c) > 1");
    expect(outputs(lineage as StatementLineage)).toEqual({ b: ["=t.b"], n: ["~t.a"] });
    expect(lineage?.conditions.map(partText)).toEqual(["t.b", "t.c"]);
  });

  test("of a window is chosen by PARTITION BY and ORDER BY", async () => {
    expect(await sourcesOf("ROW_NUMBER() OVER (PARTITION BY t.b ORDER BY t.at)")).toEqual(["?t.at", "?t.b"]);
    expect(await sourcesOf("FIRST_VALUE(t.c) OVER (PARTITION BY t.b ORDER BY t.at)")).toEqual([
      "?t.at",
      "?t.b",
      "=t.c",
    ]);
    expect(await sourcesOf("LAG(t.a, 1, t.a) OVER (ORDER BY t.at)")).toEqual(["=t.a", "?t.at"]);
    expect(
      await conditionsOf("SELECT a FROM d.t QUALIFY ROW_NUMBER() OVER (PARTITION BY b ORDER BY t.at) = 1"),
    ).toEqual(["t.at", "t.b"]);
  });
});

describe("rows", () => {
  test("are decided by filters and joins", async () => {
    const sql = "SELECT t.c FROM d.t AS t LEFT JOIN d.u AS u ON u.a = t.a WHERE u.d IS NULL AND t.s.x = @p";
    expect(await conditionsOf(sql)).toEqual(["t.a", "t.s.x", "u.a", "u.d"]);
  });

  test("are decided by what a limited order goes by, and by DISTINCT", async () => {
    expect(await conditionsOf("SELECT b FROM d.t ORDER BY a LIMIT 1")).toEqual(["t.a"]);
    expect(await conditionsOf("SELECT b FROM d.t ORDER BY a")).toEqual([]);
    expect(await conditionsOf("SELECT DISTINCT b FROM d.t")).toEqual(["t.b"]);
  });

  test("of a set operation come from every input; INTERSECT and EXCEPT only choose", async () => {
    expect(await sourcesOf("x.b", "(SELECT b FROM d.t UNION ALL SELECT UPPER(d) FROM d.u) AS x")).toEqual([
      "=t.b",
      "~u.d",
    ]);
    const sql = "SELECT b FROM d.t EXCEPT DISTINCT SELECT d FROM d.u";
    const [lineage] = await lineages(sql);
    expect(outputs(lineage as StatementLineage)).toEqual({ b: ["=t.b"] });
    expect(lineage?.conditions.map(partText)).toEqual(["t.b", "u.d"]);
  });

  test("of a WITH query keep their sources under new names", async () => {
    const sql = "WITH one AS (SELECT b AS k, c FROM d.t), two AS (SELECT k AS l FROM one) SELECT l AS m FROM two";
    expect(outputs((await lineages(sql))[0] as StatementLineage)).toEqual({ m: ["=t.b"] });
  });

  test("of a recursive query come from its start and from every round", async () => {
    const sql = `WITH RECURSIVE r AS (
        SELECT a, b AS one, "x" AS two, d AS three FROM d.u
        UNION ALL SELECT u.a, r.two, r.three, UPPER(r.one) FROM r JOIN d.u AS u ON u.parent = r.a
      ) SELECT a, two FROM r`;
    const [lineage] = await lineages(sql);
    expect(outputs(lineage as StatementLineage)).toEqual({ a: ["=u.a"], two: ["~u.b", "=u.d"] });
    expect(lineage?.conditions.map(partText)).toEqual(["u.a", "u.parent"]);
  });

  test("of a recursion into nested JSON end somewhere", async () => {
    const sql = `WITH RECURSIVE r AS (
        SELECT j FROM d.t UNION ALL SELECT JSON_QUERY(j, '$.child') FROM r WHERE j IS NOT NULL
      ) SELECT JSON_VALUE(j, '$.name') AS name FROM r`;
    const sources = (await lineages(sql))[0]?.outputs[0]?.sources ?? [];
    expect(sources[0]?.path).toEqual(expect.arrayContaining(["child"]));
    expect(sources.length).toBeLessThan(30);
  });
});

describe("a subquery", () => {
  test("gives its value, and what it is chosen by", async () => {
    expect(await sourcesOf("(SELECT MAX(u.d) FROM d.u AS u WHERE u.a = t.a)")).toEqual(["?t.a", "?u.a", "=u.d"]);
    expect(await sourcesOf("EXISTS (SELECT 1 FROM d.u AS u WHERE u.a = t.a)")).toEqual(["?t.a", "?u.a"]);
    expect(await sourcesOf("t.b IN (SELECT u.d FROM d.u AS u)")).toEqual(["?t.b", "?u.d"]);
    expect(await sourcesOf("ARRAY(SELECT p.name FROM UNNEST(t.people) AS p WHERE p.age > 1)")).toEqual([
      "?t.people",
      "?t.people.[].age",
      "=t.people.[].name in []",
    ]);
    expect(await sourcesOf("ARRAY(SELECT AS STRUCT p.name AS n, t.b FROM UNNEST(t.people) AS p)[OFFSET(0)].n")).toEqual(
      ["?t.people", "=t.people.[].name"],
    );
  });

  test("decides about the rows inside it only", async () => {
    expect(await conditionsOf("SELECT (SELECT MAX(u.d) FROM d.u AS u WHERE u.a = t.a) AS x FROM d.t AS t")).toEqual([]);
    expect(
      await conditionsOf("SELECT t.b FROM d.t AS t WHERE NOT EXISTS (SELECT 1 FROM d.u AS u WHERE u.a = t.a)"),
    ).toEqual(["t.a", "u.a"]);
  });
});

describe("a statement", () => {
  const only = async (sql: string): Promise<StatementLineage> => (await lineages(sql)).at(-1) as StatementLineage;

  test("that creates a table or a view writes its columns", async () => {
    expect(await only("CREATE OR REPLACE TABLE d.new AS SELECT a, b AS other FROM d.t")).toMatchObject({
      writes: "d.new",
    });
    const temporary = await only("CREATE TEMP TABLE Made AS SELECT a FROM d.t WHERE b = 'x'");
    expect(temporary.writes).toBe("made");
    const view = await only("CREATE OR REPLACE VIEW `rollcall.d.v` AS SELECT a, UPPER(b) AS loud FROM d.t");
    expect(view.writes).toBe("d.v");
    expect(outputs(view)).toEqual({ a: ["=t.a"], loud: ["~t.b"] });
    const copy = await only("CREATE TABLE d.copy COPY d.state");
    expect(outputs(copy)).toEqual({ a: ["=state.a"], b: ["=state.b"], n: ["=state.n"] });
    expect(await only("CREATE TABLE d.empty (x INT64)")).toEqual({ writes: "d.empty", outputs: [], conditions: [] });
  });

  test("that inserts goes by position", async () => {
    const query = await only("INSERT INTO d.state (b, a) SELECT c, a + 1 FROM d.t WHERE flag");
    expect(query.writes).toBe("d.state");
    expect(outputs(query)).toEqual({ b: ["=t.c"], a: ["~t.a"] });
    expect(query.conditions.map(partText)).toEqual(["t.flag"]);
    expect(outputs(await only("INSERT INTO d.state (a, b) VALUES (1, (SELECT MAX(b) FROM d.t))"))).toEqual({
      a: [],
      b: ["=t.b"],
    });
  });

  test("that merges has every branch", async () => {
    const merged = await only(`MERGE INTO d.state AS s USING (SELECT a, b, c FROM d.t) AS n ON s.a = n.a
      WHEN MATCHED AND n.c = 'x' THEN UPDATE SET b = n.b, n = s.n + 1
      WHEN NOT MATCHED THEN INSERT (a, b, n) VALUES (n.a, n.c, 1)
      WHEN NOT MATCHED BY SOURCE THEN DELETE`);
    expect(merged.writes).toBe("d.state");
    expect(outputs(merged)).toEqual({ b: ["=t.b", "=t.c"], n: ["~state.n"], a: ["=t.a"] });
    expect(merged.conditions.map(partText)).toEqual(["state.a", "t.a", "t.c"]);
  });

  test("that updates or deletes", async () => {
    const updated = await only("UPDATE d.state AS s SET b = u.d FROM d.u AS u WHERE u.a = s.a");
    expect(updated.writes).toBe("d.state");
    expect(outputs(updated)).toEqual({ b: ["=u.d"] });
    expect(updated.conditions.map(partText)).toEqual(["state.a", "u.a"]);
    const deleted = await only("DELETE FROM d.state WHERE a IN (SELECT a FROM d.u)");
    expect(deleted).toMatchObject({ writes: "d.state", outputs: [] });
    expect(deleted.conditions.map(partText)).toEqual(["state.a", "u.a"]);
  });

  test("that asserts only decides, and one without rows says nothing", async () => {
    const assertion = await only("ASSERT (SELECT COUNT(b) FROM d.t WHERE a = 1) = 0 AS 'none'");
    expect(assertion).toMatchObject({ writes: null, outputs: [] });
    expect(assertion.conditions.map(partText)).toEqual(["t.a", "t.b"]);
    expect(await only("DROP TABLE d.t")).toEqual({ writes: null, outputs: [], conditions: [] });
  });

  test("calls the script's functions by their bodies", async () => {
    const sql = `CREATE TEMP FUNCTION pick(x STRING, y STRING) AS (IF(x = '', y, UPPER(x)));
      SELECT pick(b, c) AS v, pick('', c) AS w FROM d.t`;
    expect(outputs(await only(sql))).toEqual({ v: ["~t.b", "=t.c"], w: ["=t.c"] });
  });

  test("reads variables as tables of one column", async () => {
    const all = await lineages(
      "DECLARE top STRING DEFAULT (SELECT MAX(b) FROM d.t WHERE a = 1); SELECT UPPER(top) AS x",
    );
    expect(all[0]?.writes).toBe("@top");
    expect(outputs(all[0] as StatementLineage)).toEqual({ value: ["?t.a", "=t.b"] });
    expect(outputs(all[1] as StatementLineage)).toEqual({ x: ["~@top.value"] });
  });

  test("is plain data", async () => {
    const lineage = await only("CREATE TABLE d.x AS SELECT STRUCT(b AS k) AS s FROM d.t WHERE a = 1");
    expect(JSON.parse(JSON.stringify(lineage))).toEqual(lineage);
  });
});

test("of a statement with an unknown part every output is made of everything it names", () => {
  const tables = [...catalog.values()].filter(({ table }) => table === "u" || table === "state");
  const scan = { node: "resolvedOddScanNode", resolvedOddScanNode: {} };
  const outputColumnList = [{ name: "x", column: { columnId: "1", name: "x" } }];
  const node = new ResolvedNode({
    node: "resolvedQueryStmtNode",
    resolvedQueryStmtNode: { query: scan, outputColumnList },
  });
  const lineage = lineageOf(node, { functions: new Map(), tables });
  const columns = ["state.a", "state.b", "state.n", "u.a", "u.b", "u.d", "u.parent"];
  expect(outputs(lineage)).toEqual({ x: columns.map((column) => `~${column}`) });
  expect(lineage.conditions.map(partText).sort()).toEqual(columns);
});
