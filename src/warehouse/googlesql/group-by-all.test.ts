import { afterAll, describe, expect, test } from "vitest";
import { createAnalyzer } from "./analyzer.js";
import { rewriteGroupByAll } from "./group-by-all.js";
import { splitStatements } from "./lexer.js";
import { parseType } from "./types.js";

const analyzer = createAnalyzer();
afterAll(() => analyzer.close());

const columns = Object.entries({ a: "INT64", b: "STRING", c: "DATE", tags: "ARRAY<STRING>", s: "STRUCT<x INT64>" });
const catalog = {
  tables: [{ dataset: "d", table: "t", columns: columns.map(([name, type]) => ({ name, type: parseType(type) })) }],
};

/** The text with numbers for ALL. */
async function rewritten(sql: string): Promise<string | undefined> {
  const [statement] = splitStatements(sql);
  if (statement === undefined) return undefined;
  const analyze = (text: string) =>
    analyzer.analyze({ sql: text, catalog, position: statement.position, params: { p: { kind: "INT64" } } });
  return (await rewriteGroupByAll(statement, { analyze, origin: undefined }))?.text.replace(/ +$/, "");
}

describe("the columns to group by", () => {
  test.each([
    ["SELECT a, b, COUNT(*) FROM d.t", "1,2"],
    ["SELECT COUNT(*) AS n, UPPER(b) AS b, SUM(a) + 1, a FROM d.t", "2,4"],
    ["SELECT a, 5 AS five, CURRENT_DATE() AS today, @p AS p, NULL AS nothing, MAX(b) FROM d.t", "1"],
    ["SELECT DISTINCT a, MAX(c) FROM d.t", "1"],
    ["SELECT a, MAX(c), FROM d.t", "1"],
    ["SELECT a, RANK() OVER (ORDER BY COUNT(*)) AS r, COUNT(*) FROM d.t", "1"],
    ["SELECT a IS DISTINCT FROM 3 AS x, b, COUNT(*) FROM d.t", "1,2"],
    ["SELECT EXTRACT(YEAR FROM c) AS y, (SELECT MAX(x) FROM UNNEST([1, a]) AS x) AS m, ANY_VALUE(b) FROM d.t", "1,2"],
    ["SELECT CAST(STRUCT(a, b) AS STRUCT<x INT64, y STRING>).y AS y, a < 3, 3 > a, COUNT(*) FROM d.t", "1,2,3"],
    ["SELECT t.s.x, tags[SAFE_OFFSET(0)] AS f, COUNT(*) FROM d.t", "1,2"],
    ["SELECT a -- the first, FROM nothing\n, /* b, */ COUNT(*) FROM d.t", "1"],
    ["SELECT CASE WHEN a > 1 THEN 'x,y' ELSE \"FROM\" END AS k, COUNT(*) FROM d.t", "1"],
  ])("%s", async (select, numbers) => {
    const text = await rewritten(`${select} GROUP BY ALL ORDER BY 1`);
    expect(/GROUP BY ([\d,]+)/.exec(text ?? "")?.[1]).toBe(numbers);
  });

  test("none: the clause goes, and the statement keeps its length", async () => {
    expect(await rewritten("SELECT COUNT(*), 1 AS one FROM d.t GROUP BY ALL HAVING COUNT(*) > 0")).toBe(
      `SELECT COUNT(*), 1 AS one FROM d.t ${" ".repeat("GROUP BY ALL".length)} HAVING COUNT(*) > 0`,
    );
  });

  // The third column of the last but one is the same for all rows: grouping by it too changes nothing.
  test("of each SELECT its own", async () => {
    const text = await rewritten(`
      WITH q AS (SELECT COUNT(*) AS n, b FROM d.t GROUP BY ALL), r AS (SELECT a, b FROM d.t GROUP BY ALL)
      SELECT n, COUNT(*), (SELECT STRING_AGG(z) FROM (SELECT MIN(b) AS z, a FROM d.t GROUP  BY  all)) AS w FROM q GROUP BY ALL
      UNION ALL SELECT a, COUNT(*), b FROM r GROUP BY ALL`);
    expect([...(text ?? "").matchAll(/GROUP +BY +([\d,]+)/g)].map((match) => match[1])).toEqual([
      "2",
      "1,2",
      "2",
      "1,3",
      "1,3",
    ]);
  });
});

test("a text without it is left alone, strings and comments included", async () => {
  expect(await rewritten("SELECT 'GROUP BY ALL' AS x, @all AS y -- GROUP BY ALL")).toBeUndefined();
  expect(await rewritten("SELECT a FROM d.t GROUP BY a")).toBeUndefined();
});

test.each([
  ["SELECT *, COUNT(*)\nFROM d.t\n  GROUP BY ALL", /^SQL:3:3: GROUP BY ALL beside \*/],
  ["SELECT t.*, COUNT(*) FROM d.t GROUP BY ALL", /beside \*/],
  ["SELECT AS STRUCT a FROM d.t GROUP BY ALL", /in SELECT AS/],
  ["SELECT 1 AS a FROM d.t GROUP BY ALL", /^SQL:1:24: GROUP BY ALL without a column/],
  ["SELECT a, COUNT(*), missing_one FROM d.t GROUP BY ALL", /^SQL:1:21: Unrecognized name: missing_one/],
  ["SELECT b, a, c, COUNT(*) FROM d.t GROUP BY ALL ORDER BY missing_one", /^SQL:1:57: Unrecognized name: missing_one/],
])("%s is refused at its place", async (sql, message) => {
  await expect(rewritten(sql)).rejects.toThrow(message);
});
