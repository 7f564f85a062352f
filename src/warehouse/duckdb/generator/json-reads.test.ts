import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAnalyzer } from "../../googlesql/analyzer.js";
import { parseType } from "../../googlesql/types.js";
import type { Warehouse } from "../../port.js";
import { applyChanges } from "../catalog.js";
import { createTranslator } from "../translate.js";
import { createDuckdbWarehouse } from "../warehouse.js";

const analyzer = createAnalyzer();
let warehouse: Warehouse;

const DOCUMENT = String.raw`{"number": 12.50, "whole": 1.0, "text": "x\u00e9\"y", "nothing": null, "object": {"e": 1}, "list": [1, "2"],
  "yes": true, "like_object": "{\"x\":1}", "like_list": "[1", "empty": "", "a key": "spaced"}`;
const PATHS = "number whole text nothing object list yes like_object like_list empty absent object.e list[1]"
  .split(" ")
  .map((path) => `$.${path}`)
  .concat("$", '$."a key"');

beforeAll(async () => {
  warehouse = await createDuckdbWarehouse({ file: ":memory:" }, { analyzer });
  const column = { type: "STRING", value: DOCUMENT };
  await warehouse.execute(
    `CREATE SCHEMA d;
     CREATE TABLE d.t (id INT64, j JSON, s STRING);
     INSERT INTO d.t VALUES (1, PARSE_JSON(@document), @document), (2, JSON '[1]', '{x'), (3, JSON 'null', ''), (4, NULL, NULL)`,
    { document: column },
  );
});
afterAll(() => warehouse.close());

async function rows(sql: string): Promise<unknown[]> {
  return (await warehouse.query(sql)).rows.map((row) => Object.values(row));
}

async function duckdbSql(sql: string): Promise<string> {
  const columns = [
    { name: "id", type: parseType("INT64") },
    { name: "j", type: parseType("JSON") },
    { name: "s", type: parseType("STRING") },
  ];
  const table = { dataset: "d", table: "t", columns };
  const catalog = applyChanges(new Map(), [{ kind: "create", table, isView: false, onlyIfAbsent: false }]);
  const { statements } = await createTranslator({}, { analyzer }).translate({ sql, params: {}, catalog });
  return statements.flatMap(({ templates }) => templates.flat()).join("");
}

/** The rows where every path is read by itself. */
async function oneByOne(call: string, column: string): Promise<unknown[][]> {
  const columns = await Promise.all(
    PATHS.map((path) => rows(`SELECT ${call}(${column}, '${path}') AS v FROM d.t ORDER BY id`)),
  );
  return [0, 1, 2, 3].map((row) => columns.flatMap((column) => column[row]));
}

describe("several paths of one JSON column", () => {
  it.each(["JSON_VALUE", "JSON_QUERY"].flatMap((call) => ["j", "s"].map((column) => [call, column] as const)))(
    "%s(%s) gives what each path gives by itself",
    async (call, column) => {
      const list = PATHS.map((path, i) => `${call}(${column}, '${path}') AS v${i}`).join(", ");
      expect(await rows(`SELECT ${list} FROM d.t ORDER BY id`)).toEqual(await oneByOne(call, column));
    },
  );

  it("are read by one call for each function and column", async () => {
    const sql = await duckdbSql(
      `SELECT JSON_VALUE(j, '$.a') AS a, LOWER(JSON_VALUE(j, '$.b')) AS b, JSON_VALUE(j, '$.a') IS NULL AS c,
         JSON_QUERY(j, '$.d') AS d, JSON_QUERY(j, '$.e') AS e, JSON_VALUE(s, '$.a') AS f FROM d.t`,
    );
    expect(sql.match(/->> \[[^\]]*\]/g)).toEqual(["->> ['$.a', '$.b']"]);
    expect(sql.match(/json_extract\(\w+, \[[^\]]*\]\)/g)).toEqual([expect.stringContaining("['$.d', '$.e']")]);
  });

  it("are left alone where one path is read, a path is computed or none of GoogleSQL's", async () => {
    expect(await duckdbSql("SELECT JSON_VALUE(j, '$.a') AS a, JSON_VALUE(j, '$.a') AS b FROM d.t")).not.toContain(
      "['$",
    );
    await expect(rows("SELECT JSON_VALUE(j, '$.a') AS a, JSON_VALUE(j, 'a') AS b FROM d.t")).rejects.toThrow(
      /Invalid JSON path/,
    );
    expect(await rows("SELECT JSON_VALUE(j, '$.whole'), JSON_VALUE(j, '$.list[-1]') FROM d.t WHERE id = 1")).toEqual([
      ["1.0", null],
    ]);
  });

  it("are read at every level of subqueries, windows and lambdas that reads them", async () => {
    const one = `(SELECT JSON '{"a": "A", "b": 2, "l": [{"a": "x", "b": "y"}, {"a": "z", "b": "w"}]}' AS o)`;
    const inArray = `ARRAY(SELECT CONCAT(JSON_VALUE(d, '$.a'), JSON_VALUE(d, '$.b'), JSON_VALUE(o, '$.a'), JSON_VALUE(o, '$.b'))
      FROM UNNEST(JSON_QUERY_ARRAY(o, '$.l')) AS d)`;
    const inSubquery =
      "(SELECT MAX(x) FROM UNNEST([1, 2]) AS x WHERE CAST(x AS STRING) = JSON_VALUE(o, '$.b') AND JSON_VALUE(o, '$.a') = 'A')";
    expect(
      await rows(`SELECT JSON_VALUE(o, '$.a'), JSON_VALUE(o, '$.b'), ${inArray}, ${inSubquery} FROM ${one}
        WHERE JSON_VALUE(o, '$.b') = '2'
        QUALIFY ROW_NUMBER() OVER (PARTITION BY JSON_VALUE(o, '$.a') ORDER BY JSON_VALUE(o, '$.b')) = 1`),
    ).toEqual([["A", "2", ["xyA2", "zwA2"], 2]]);
  });
});
