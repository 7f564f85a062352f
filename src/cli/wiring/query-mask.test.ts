import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MASK } from "../../privacy/mask.js";
import { createFolderStore } from "../../warehouse/duckdb/compiled-store.js";
import { createDuckdbWarehouse } from "../../warehouse/duckdb/warehouse.js";
import type { Row, Warehouse } from "../../warehouse/port.js";
import { createFixtureProject, type FixtureProject } from "../../warehouse/project/testing.js";
import { createQueryMask, type QueryMask } from "./query-mask.js";

let fixture: FixtureProject;
let folder: string;
let warehouse: Warehouse;
let mask: QueryMask;

beforeAll(async () => {
  fixture = createFixtureProject();
  fixture.write(
    "definitions/silver/people.sqlx",
    `config { type: "table", schema: "silver", columns: { email: { description: "d", tags: ["personal"] } } }
SELECT event_id, JSON_VALUE(payload, "$.email") AS email, JSON_VALUE(payload, "$.city") AS city, payload
FROM \${ref("bronze", "website_events")}`,
  );
  folder = mkdtempSync(join(tmpdir(), "rollcall-mask-"));
  const store = createFolderStore({ folder });
  warehouse = await createDuckdbWarehouse({ file: ":memory:" }, { store });
  await warehouse.execute(`
    CREATE SCHEMA silver;
    CREATE SCHEMA elsewhere;
    CREATE TABLE silver.people AS
      SELECT "e1" AS event_id, "ada@example.org" AS email, "Leeds" AS city, JSON '{"email": "ada@example.org"}' AS payload;
    CREATE TABLE elsewhere.copies AS SELECT email AS address FROM silver.people`);
  mask = createQueryMask({ root: fixture.root, personalNames: new Set(["email"]) }, { warehouse, store });
}, 60_000);

afterAll(async () => {
  await mask.close();
  await warehouse.close();
  fixture.dispose();
  rmSync(folder, { recursive: true, force: true });
});

async function ask(sql: string): Promise<Row | undefined> {
  const { rows } = await warehouse.query(sql);
  return (await mask.mask(sql, rows))[0];
}

const md5 = (text: string): string => createHash("md5").update(text).digest("hex");

describe("a query's personal values", () => {
  it.each([
    ["renamed", "SELECT email AS x, city FROM silver.people", { x: MASK, city: "Leeds" }],
    ["concatenated", "SELECT CONCAT(event_id, email) AS x FROM silver.people", { x: MASK }],
    ["in a struct", "SELECT STRUCT(city, email AS x) AS s FROM silver.people", { s: { city: "Leeds", x: MASK } }],
    [
      "in an array of structs",
      "SELECT ARRAY_AGG(STRUCT(email AS x, event_id)) AS l FROM silver.people",
      { l: [{ x: MASK, event_id: "e1" }] },
    ],
    ["in JSON", "SELECT TO_JSON(STRUCT(email AS x, city)) AS j FROM silver.people", { j: { x: MASK, city: "Leeds" } }],
    [
      "through a WITH query",
      "WITH p AS (SELECT LOWER(email) AS a FROM silver.people) SELECT a AS b FROM p",
      { b: MASK },
    ],
    [
      "through a variable",
      "DECLARE v STRING DEFAULT (SELECT MAX(email) FROM silver.people); SELECT CONCAT(v, '!') AS x",
      { x: MASK },
    ],
    ["out of a subquery", "SELECT (SELECT MAX(email) FROM silver.people) AS x", { x: MASK }],
    ["without a name", "SELECT UPPER(email), city FROM silver.people", { f0_: MASK, city: "Leeds" }],
  ])("are masked %s", async (_, sql, expected) => {
    expect(await ask(sql)).toEqual(expected);
  });

  it.each([
    ["a count", "SELECT COUNT(email) AS n FROM silver.people", { n: 1 }],
    ["a hash", "SELECT TO_HEX(MD5(email)) AS h FROM silver.people", { h: md5("ada@example.org") }],
    ["a length", "SELECT LENGTH(email) AS n FROM silver.people", { n: 15 }],
    ["a yes or no", "SELECT email IS NULL AS x FROM silver.people", { x: false }],
    ["other columns chosen by it", 'SELECT city FROM silver.people WHERE email = "ada@example.org"', { city: "Leeds" }],
  ])("do not mask %s", async (_, sql, expected) => {
    expect(await ask(sql)).toEqual(expected);
  });

  it("are masked by name as well, also inside JSON that nobody tagged", async () => {
    expect(await ask("SELECT payload FROM silver.people")).toEqual({ payload: { email: MASK } });
  });

  it("are whatever comes from a table the project does not know", async () => {
    expect(await ask("SELECT address FROM elsewhere.copies")).toEqual({ address: MASK });
    expect(await ask("SELECT COUNT(address) AS n FROM elsewhere.copies")).toEqual({ n: 1 });
  });

  it("are everything of a query that cannot be followed", async () => {
    expect(await mask.mask("SELECT nonsense FROM nowhere.at_all", [{ nonsense: "ada@example.org" }])).toEqual([
      { nonsense: MASK },
    ]);
  });
});
