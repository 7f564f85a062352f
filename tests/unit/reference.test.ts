import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDuckdbWarehouse } from "../../src/warehouse/duckdb/warehouse.js";
import type { Warehouse } from "../../src/warehouse/port.js";
import { editDistance } from "../reference/edit-distance.js";
import { createReferenceEngine, type ReferenceEngine } from "../reference/engine.js";
import { createEvaluator, type Evaluator } from "../reference/evaluator.js";
import { pairWarehouses } from "../reference/pair.js";

/** The interpreter around the reference evaluator: its scripts do what the embedded warehouse's do, and a difference is told. */

let evaluator: Evaluator;
let embedded: Warehouse;
let engine: ReferenceEngine;
let pair: Warehouse;

beforeAll(async () => {
  evaluator = await createEvaluator();
  embedded = await createDuckdbWarehouse({ file: ":memory:", threads: 1 });
  engine = createReferenceEngine(evaluator);
  pair = pairWarehouses(embedded, engine);
  await pair.execute("CREATE SCHEMA IF NOT EXISTS s");
});
afterAll(async () => {
  evaluator?.close();
  await embedded?.close();
});

const STOCK = `CREATE OR REPLACE TABLE s.stock AS
  SELECT 1 AS id, "a" AS name, 1.5 AS price UNION ALL SELECT 2, "b", NULL UNION ALL SELECT 3, NULL, 0.5 UNION ALL SELECT NULL, "d", 2.0;`;
const NEWS = `CREATE OR REPLACE TEMP TABLE news AS
  SELECT 2 AS id, "B" AS name UNION ALL SELECT 3, NULL UNION ALL SELECT 4, "E" UNION ALL SELECT NULL, "n";`;

/** Scripts, and a query on what they leave: that both engines agree on it is checked by running them. */
const SCRIPTS: readonly (readonly [name: string, script: string, query: string, rows: unknown])[] = [
  [
    "INSERT fills the columns it does not name with NULL and takes the types of those it does",
    `${STOCK} INSERT INTO s.stock (price, id) SELECT 7, 9 UNION ALL SELECT NULL, 10`,
    "SELECT id, name, price FROM s.stock WHERE id > 8 ORDER BY id",
    [
      { id: 9, name: null, price: 7 },
      { id: 10, name: null, price: null },
    ],
  ],
  [
    "DELETE keeps rows for which its condition is NULL",
    `${STOCK} DELETE FROM s.stock AS t WHERE t.price > 1 -- with a comment`,
    "SELECT id FROM s.stock ORDER BY id",
    [{ id: 2 }, { id: 3 }],
  ],
  [
    "MERGE takes the first clause that holds, and NULL keys match nothing",
    `${STOCK} ${NEWS}
MERGE INTO s.stock AS t
USING (SELECT id, name FROM news) AS n
ON t.id = n.id
WHEN MATCHED AND n.name IS NULL THEN DELETE
WHEN MATCHED THEN UPDATE SET name = CASE WHEN n.name = "B" THEN CONCAT(t.name, n.name) ELSE "?" END, price = 4
WHEN NOT MATCHED AND n.id > 0 THEN INSERT (id, name) VALUES (n.id, n.name)
WHEN NOT MATCHED THEN INSERT (name) VALUES ("nobody")`,
    "SELECT id, name, price FROM s.stock ORDER BY id, name",
    [
      { id: null, name: "d", price: 2 },
      { id: null, name: "nobody", price: null },
      { id: 1, name: "a", price: 1.5 },
      { id: 2, name: "bB", price: 4 },
      { id: 4, name: "E", price: null },
    ],
  ],
  [
    "loops end by their condition, at BREAK, or with their rows",
    `CREATE TEMP TABLE n AS SELECT 0 AS v;
WHILE EXISTS (SELECT 1 FROM n WHERE v < 3) DO CREATE OR REPLACE TEMP TABLE n AS SELECT v + 1 AS v FROM n; END WHILE;
FOR turn IN (SELECT x FROM UNNEST([1, 2, 3]) AS x) DO
  IF (SELECT v >= 5 FROM n) THEN BREAK; ELSE CREATE OR REPLACE TEMP TABLE n AS SELECT v + 1 AS v FROM n; END IF;
END FOR;
CREATE OR REPLACE TABLE s.loops AS SELECT v FROM n`,
    "SELECT v FROM s.loops",
    [{ v: 5 }],
  ],
  [
    "what the evaluator is too old for",
    `${STOCK} CREATE OR REPLACE TABLE s.newer AS
SELECT
  MIN_BY(name, price) AS cheapest, MAX_BY(CONCAT(name, "!"), id) AS last, MAX(EDIT_DISTANCE("kitten", "sitting")) AS three,
  MAX(EDIT_DISTANCE(name, "ab")) AS most, MAX(EDIT_DISTANCE("né", "ne")) AS letters
FROM s.stock WHERE name IS NOT NULL`,
    "SELECT cheapest, last, three, most, letters FROM s.newer",
    [{ cheapest: "a", last: "b!", three: 3, most: 2, letters: 1 }],
  ],
];

describe("scripts", () => {
  it.each(SCRIPTS)("%s", async (_, script, query, rows) => {
    await pair.execute(script);
    expect((await pair.query(query)).rows).toEqual(rows);
  });

  it("take parameters of every type that models have", async () => {
    const values = {
      moment: { type: "TIMESTAMP", value: -1_500_000 },
      amount: { type: "NUMERIC", value: "-12.000000001" },
      rows: {
        type: "ARRAY<STRUCT<day DATE, bytes BYTES, known BOOL, more JSON>>",
        value: [
          { day: "2024-02-29", bytes: Buffer.from([0, 255]), known: true, more: { a: [1, null] } },
          { day: null, bytes: null, known: false, more: null },
        ],
      },
    };
    await pair.execute(
      "CREATE OR REPLACE TABLE s.typed AS SELECT r.*, @moment AS moment, @amount AS amount FROM UNNEST(@rows) AS r",
      values,
    );
    expect((await pair.query("SELECT COUNT(*) AS n FROM s.typed")).rows).toEqual([{ n: 2 }]);
  });

  it("fail where MERGE finds two rows for one", async () => {
    const script =
      "MERGE s.stock AS t USING (SELECT 1 AS id UNION ALL SELECT 1) AS n ON t.id = n.id WHEN MATCHED THEN DELETE";
    await expect(engine.execute(script)).rejects.toThrow("more than once");
    await expect(embedded.execute(script)).rejects.toThrow();
  });

  it("fail where a query raises, and leave the tables as they were", async () => {
    const script = `${STOCK} DELETE FROM s.stock WHERE TRUE; SELECT ERROR("no stock")`;
    await pair.execute(STOCK);
    await expect(engine.execute(script)).rejects.toThrow("no stock");
    expect(engine.table("s.stock")?.rows.length).toBe(4);
  });

  it.each([
    "UPDATE s.stock SET id = 1 WHERE TRUE",
    "DECLARE x INT64 DEFAULT 1",
    "CASE 1 WHEN 1 THEN SELECT 1; END CASE",
    "outer: WHILE TRUE DO BREAK outer; END WHILE",
    "LOOP BREAK; END LOOP",
    "EXECUTE IMMEDIATE 'SELECT 1'",
    "FOR x IN (SELECT 1 AS v) DO CREATE TEMP TABLE t AS SELECT x.v; END FOR",
  ])("are refused rather than half run: %s", async (script) => {
    await expect(engine.execute(script)).rejects.toThrow(/The reference (interpreter has no|evaluator says)/);
  });
});

it("a difference is told: table, rows and types", async () => {
  await pair.execute(STOCK);
  await embedded.execute("UPDATE s.stock SET price = 2.5 WHERE id = 1");
  await expect(pair.execute("DELETE FROM s.stock WHERE id = 3")).rejects.toThrow(
    's.stock is not what the reference evaluator makes of it: row ["1","a",1.5], ours ["1","a",2.5]',
  );
  await embedded.execute("CREATE OR REPLACE TABLE s.stock (id INT64, name STRING, price NUMERIC)");
  await engine.execute("DELETE FROM s.stock WHERE TRUE");
  await expect(pair.execute("DELETE FROM s.stock WHERE TRUE")).rejects.toThrow("column 2 is FLOAT64, ours NUMERIC");
});

it("a difference in a temporary table is one", async () => {
  await embedded.execute("CREATE OR REPLACE TABLE s.hidden AS SELECT 1 AS v");
  await engine.execute("CREATE TABLE s.hidden AS SELECT 2 AS v");
  await expect(pair.execute("CREATE TEMP TABLE t AS SELECT v FROM s.hidden")).rejects.toThrow("t is not what");
});

it("edit distance counts code points", () => {
  expect(["", "flaw", "né", "👩a"].map((text) => editDistance(text, "lawn"))).toEqual([4, 2, 4, 3]);
  expect(editDistance("👩", "a")).toBe(1);
});
