import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAnalyzer } from "../../googlesql/analyzer.js";
import { parseType } from "../../googlesql/types.js";
import type { Params, Warehouse } from "../../port.js";
import { applyChanges } from "../catalog.js";
import { createTranslator } from "../translate.js";
import { createDuckdbWarehouse } from "../warehouse.js";

const analyzer = createAnalyzer();
let warehouse: Warehouse;

beforeAll(async () => {
  warehouse = await createDuckdbWarehouse({ file: ":memory:" }, { analyzer });
  await warehouse.execute(`
    CREATE SCHEMA d;
    CREATE TABLE d.t (id INT64, tags ARRAY<STRING>, items ARRAY<STRUCT<k STRING, n INT64, x FLOAT64>>);
    INSERT INTO d.t VALUES
      (1, ["b", "a"], [STRUCT("k", 2, 0.5), STRUCT("l", 7, 1.5), STRUCT("k", 5, CAST("NaN" AS FLOAT64))]),
      (2, [], [STRUCT("l", 1, 2.5)]),
      (3, NULL, NULL);
    CREATE TABLE d.wanted (id INT64, tag STRING);
    INSERT INTO d.wanted VALUES (1, "a"), (2, "a"), (4, "k")`);
});
afterAll(() => warehouse.close());

async function rows(sql: string, params?: Params): Promise<unknown[]> {
  return (await warehouse.query(sql, params)).rows.map((row) => Object.values(row));
}

async function duckdbSql(sql: string): Promise<string> {
  const columns = [
    { name: "id", type: parseType("INT64") },
    { name: "tags", type: parseType("ARRAY<STRING>") },
    { name: "items", type: parseType("ARRAY<STRUCT<k STRING, n INT64, x FLOAT64>>") },
  ];
  const table = { dataset: "d", table: "t", columns };
  const catalog = applyChanges(new Map(), [{ kind: "create", table, isView: false, onlyIfAbsent: false }]);
  const { statements } = await createTranslator({}, { analyzer }).translate({ sql, params: {}, catalog });
  return statements.flatMap(({ templates }) => templates.flat()).join("");
}

describe("UNNEST joined to its row", () => {
  it("gives a row per element in its order, none for an empty array or NULL", async () => {
    expect(await rows("SELECT t.id, tag, place FROM d.t, UNNEST(t.tags) AS tag WITH OFFSET AS place")).toEqual([
      [1, "b", 0],
      [1, "a", 1],
    ]);
  });

  it("keeps rows without elements in a LEFT JOIN", async () => {
    const from = "FROM d.t LEFT JOIN UNNEST(t.tags) AS tag WITH OFFSET AS place";
    expect(await rows(`SELECT t.id, tag, place ${from} ORDER BY id, place`)).toEqual([
      [1, "b", 0],
      [1, "a", 1],
      [2, null, null],
      [3, null, null],
    ]);
  });

  it("joins by a condition", async () => {
    expect(await rows("SELECT t.id, i.n FROM d.t JOIN UNNEST(t.items) AS i ON i.n > t.id ORDER BY n")).toEqual([
      [1, 2],
      [1, 5],
      [1, 7],
    ]);
    expect(await rows("SELECT t.id, i.n FROM d.t LEFT JOIN UNNEST(t.items) AS i ON i.n > 5 ORDER BY id")).toEqual([
      [1, 7],
      [2, null],
      [3, null],
    ]);
  });

  it("counts rows of which no column is read, and unnests one array after another", async () => {
    expect(await rows("SELECT COUNT(*) FROM d.t, UNNEST(t.items)")).toEqual([[4]]);
    expect(await rows("SELECT COUNT(*) FROM d.t, UNNEST(t.items) AS i, UNNEST(t.tags) AS tag")).toEqual([[6]]);
    expect(await rows("SELECT n FROM d.t, UNNEST(t.items) AS i, UNNEST([i.n, i.n * 10]) AS n WHERE i.k = 'k'")).toEqual(
      [[2], [20], [5], [50]],
    );
  });

  it("needs no lateral join", async () => {
    expect(await duckdbSql("SELECT t.id, tag FROM d.t, UNNEST(t.tags) AS tag")).not.toMatch(/LATERAL/);
  });
});

describe("EXISTS over an array of the row", () => {
  const exists = (condition: string): string =>
    `SELECT t.id, EXISTS (SELECT 1 FROM UNNEST(t.items) AS i ${condition}) FROM d.t ORDER BY id`;

  it("is true, false, and never NULL", async () => {
    expect(await rows(exists(""))).toEqual([
      [1, true],
      [2, true],
      [3, false],
    ]);
    expect(await rows(exists("WHERE i.k = 'k' AND i.n > 4"))).toEqual([
      [1, true],
      [2, false],
      [3, false],
    ]);
    expect(await rows(exists("WHERE i.n = CAST(NULL AS INT64)"))).toEqual([
      [1, false],
      [2, false],
      [3, false],
    ]);
  });

  it("compares elements with the row's own columns, with outer ones, and with subqueries", async () => {
    expect(await rows(exists("WHERE i.n = t.id + 1"))).toEqual([
      [1, true],
      [2, false],
      [3, false],
    ]);
    const counted = `SELECT w.id, (SELECT COUNT(*) FROM d.t WHERE EXISTS (SELECT 1 FROM UNNEST(t.tags) AS tag WHERE tag = w.tag))
      FROM d.wanted AS w ORDER BY id`;
    expect(await rows(counted)).toEqual([
      [1, 1],
      [2, 1],
      [4, 0],
    ]);
    expect(await rows(exists("WHERE i.k IN (SELECT w.tag FROM d.wanted AS w)"))).toEqual([
      [1, true],
      [2, false],
      [3, false],
    ]);
  });

  it("is a function of the list, and a join where the array is not the row's", async () => {
    expect(
      await duckdbSql("SELECT id FROM d.t WHERE EXISTS (SELECT 1 FROM UNNEST(t.tags) AS x WHERE x = 'a')"),
    ).toMatch(/list_filter\(_c\d+, lambda/);
    const listed = "SELECT id FROM d.t WHERE EXISTS (SELECT 1 FROM UNNEST([1, 3]) AS x WHERE x = t.id) ORDER BY id";
    expect(await duckdbSql(listed)).toMatch(/EXISTS \(SELECT/);
    expect(await rows(listed)).toEqual([[1], [3]]);
  });
});

describe("an aggregate over an array of the row", () => {
  const over = (aggregate: string, condition = ""): string =>
    `SELECT t.id, (SELECT ${aggregate} FROM UNNEST(t.items) AS i ${condition}) FROM d.t ORDER BY id`;

  it("gives the greatest, the least and the sum; NULL of nothing", async () => {
    expect(await rows(over("MAX(i.n)", "WHERE i.k = 'k'"))).toEqual([
      [1, 5],
      [2, null],
      [3, null],
    ]);
    expect(await rows(over("MIN(i.k)"))).toEqual([
      [1, "k"],
      [2, "l"],
      [3, null],
    ]);
    expect(await rows(over("SUM(i.n * 2)"))).toEqual([
      [1, 28],
      [2, 2],
      [3, null],
    ]);
    expect(await duckdbSql(over("SUM(i.n)"))).toMatch(/list_sum/);
  });

  it("goes the general way for what lists do otherwise", async () => {
    expect(await rows(over("MIN(i.x)"))).toEqual([
      [1, Number.NaN],
      [2, 2.5],
      [3, null],
    ]);
    expect(await rows(over("SUM(DISTINCT i.n)", "WHERE i.n < 7"))).toEqual([
      [1, 7],
      [2, 1],
      [3, null],
    ]);
    expect(await rows(over("COUNT(*)"))).toEqual([
      [1, 3],
      [2, 1],
      [3, 0],
    ]);
  });
});
