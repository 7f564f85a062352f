import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Warehouse } from "../../../port.js";
import { createDuckdbWarehouse } from "../../warehouse.js";

let warehouse: Warehouse;

beforeAll(async () => {
  warehouse = await createDuckdbWarehouse({ file: ":memory:" });
});
afterAll(() => warehouse.close());

async function text(sql: string): Promise<unknown> {
  const { rows } = await warehouse.query(sql);
  return rows[0]?.json;
}

/** Every kind of value, once given and once missing. */
const WIDE = `
  SELECT
    1 AS \`int\`, 9007199254740993 AS wide, 0.5 AS float, NUMERIC "12.50" AS decimal, TRUE AS bool,
    'a "quoted"\\n line' AS text, b"ab" AS bytes, DATE "2026-01-31" AS day,
    TIMESTAMP "2026-01-31 09:30:00.250+00" AS instant, DATETIME "2026-01-31 09:30:00" AS local,
    JSON '{"a": [1, null]}' AS json, ["x", NULL] AS list, [STRUCT(1 AS n, [2, 3] AS more)] AS structs,
    STRUCT(CAST(NULL AS STRING) AS nothing) AS nested, CAST(NULL AS ARRAY<INT64>) AS no_list`;

const WIDE_JSON =
  '{"int":1,"wide":"9007199254740993","float":0.5,"decimal":"12.5","bool":true,"text":"a \\"quoted\\"\\n line",' +
  '"bytes":"YWI=","day":"2026-01-31","instant":"2026-01-31T09:30:00.250Z","local":"2026-01-31T09:30:00",' +
  '"json":{"a":[1,null]},"list":["x",null],"structs":[{"n":1,"more":[2,3]}],"nested":{"nothing":null},"no_list":null}';

describe("TO_JSON_STRING of a row", () => {
  it("writes every kind of value as GoogleSQL does", async () => {
    expect(await text(`SELECT TO_JSON_STRING(w) AS json FROM (${WIDE}) AS w`)).toBe(WIDE_JSON);
  });

  it("writes a struct column, a missing one and a computed one", async () => {
    const from = "FROM (SELECT STRUCT(1 AS a, 'x' AS b) AS s, CAST(NULL AS STRUCT<a INT64>) AS n)";
    expect(await text(`SELECT TO_JSON_STRING(s) AS json ${from}`)).toBe('{"a":1,"b":"x"}');
    expect(await text(`SELECT TO_JSON_STRING(n) AS json ${from}`)).toBe("null");
    expect(await text(`SELECT TO_JSON_STRING(IF(s.a = 1, s, NULL)) AS json ${from}`)).toBe('{"a":1,"b":"x"}');
  });

  it("leaves anonymous fields to the general function", async () => {
    expect(await text("SELECT TO_JSON_STRING(STRUCT(1, 2 AS b)) AS json")).toBe('{"":1,"b":2}');
  });
});
