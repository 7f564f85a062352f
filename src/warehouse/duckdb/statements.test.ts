import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Row, Warehouse } from "../port.js";
import { createDuckdbWarehouse } from "./warehouse.js";

let warehouse: Warehouse;

beforeAll(async () => {
  warehouse = await createDuckdbWarehouse({ file: ":memory:", threads: 1 });
  await warehouse.execute("CREATE SCHEMA d");
});

afterAll(async () => {
  await warehouse.close();
});

async function rows(sql: string): Promise<readonly Row[]> {
  return (await warehouse.query(sql)).rows;
}

describe("INFORMATION_SCHEMA", () => {
  beforeAll(async () => {
    await warehouse.execute(`
      CREATE SCHEMA shop;
      CREATE TABLE shop.orders (id INT64 NOT NULL, made_at TIMESTAMP, lines ARRAY<STRUCT<sku STRING, n NUMERIC>>, j JSON);
      CREATE VIEW shop.latest AS SELECT id FROM shop.orders;`);
  });

  test("COLUMNS has the types as GoogleSQL writes them", async () => {
    const sql = `SELECT table_catalog, table_schema, column_name, ordinal_position, is_nullable, data_type
                 FROM shop.INFORMATION_SCHEMA.COLUMNS WHERE table_name = 'orders' ORDER BY ordinal_position`;
    const common = { table_catalog: "rollcall", table_schema: "shop" };
    expect(await rows(sql)).toEqual([
      { ...common, column_name: "id", ordinal_position: 1, is_nullable: "NO", data_type: "INT64" },
      { ...common, column_name: "made_at", ordinal_position: 2, is_nullable: "YES", data_type: "TIMESTAMP" },
      {
        ...common,
        column_name: "lines",
        ordinal_position: 3,
        is_nullable: "YES",
        data_type: "ARRAY<STRUCT<sku STRING, n NUMERIC>>",
      },
      { ...common, column_name: "j", ordinal_position: 4, is_nullable: "YES", data_type: "JSON" },
    ]);
  });

  test.each([
    "shop.INFORMATION_SCHEMA.TABLES",
    "rollcall.shop.INFORMATION_SCHEMA.TABLES",
    "`rollcall.shop`.INFORMATION_SCHEMA.TABLES",
    "`shop.INFORMATION_SCHEMA.TABLES`",
    "shop.information_schema.tables",
  ])("%s has tables and views", async (name) => {
    expect(await rows(`SELECT t.table_name, table_type FROM ${name} AS t ORDER BY 1`)).toEqual([
      { table_name: "latest", table_type: "VIEW" },
      { table_name: "orders", table_type: "BASE TABLE" },
    ]);
  });

  test("is of the moment, within a transaction and from the cache too", async () => {
    const count = "SELECT COUNT(*) AS n FROM shop.INFORMATION_SCHEMA.TABLES";
    expect(await rows(count)).toEqual([{ n: 2 }]);
    await warehouse.execute(`BEGIN TRANSACTION; CREATE TABLE shop.more (a INT64);
      ASSERT (SELECT COUNT(*) FROM shop.INFORMATION_SCHEMA.TABLES) = 3; ROLLBACK TRANSACTION`);
    expect(await rows(count)).toEqual([{ n: 2 }]);
    await warehouse.execute("CREATE TABLE shop.more (a INT64)");
    expect(await rows(count)).toEqual([{ n: 3 }]);
    await warehouse.execute("DROP TABLE shop.more");
  });

  test("steers a script: a column is added where it is missing", async () => {
    const script = `
      IF NOT EXISTS (SELECT 1 FROM shop.INFORMATION_SCHEMA.COLUMNS WHERE table_name = 'orders' AND column_name = 'note') THEN
        ALTER TABLE shop.orders ADD COLUMN note STRING;
      END IF;
      UPDATE shop.orders SET note = 'x' WHERE TRUE`;
    await warehouse.execute(script);
    await warehouse.execute(script);
    await expect(
      warehouse.execute("IF TRUE THEN ALTER TABLE shop.orders ADD COLUMN note STRING; END IF"),
    ).rejects.toThrow(/^SQL:1:14: .*Column already exists: note/);
    expect((await warehouse.schema({ dataset: "shop", table: "orders" }))?.map(({ name }) => name)).toContain("note");
  });

  test("SCHEMATA has the datasets; what is not kept is no column", async () => {
    expect(await rows("SELECT schema_name FROM INFORMATION_SCHEMA.SCHEMATA WHERE schema_name = 'shop'")).toEqual([
      { schema_name: "shop" },
    ]);
    await expect(rows("SELECT creation_time FROM shop.INFORMATION_SCHEMA.TABLES")).rejects.toThrow(
      /Unrecognized name: creation_time/,
    );
    await expect(rows("SELECT 1 FROM nowhere.INFORMATION_SCHEMA.TABLES")).rejects.toThrow(/Table not found/);
  });
});

describe("storage that BigQuery would arrange", () => {
  test.each([
    "PARTITION BY DATE(made_at)",
    "PARTITION BY d",
    "PARTITION BY DATE_TRUNC(d, MONTH)",
    "PARTITION BY DATE_TRUNC(d, YEAR) CLUSTER BY n, s",
    "PARTITION BY TIMESTAMP_TRUNC(made_at, HOUR)",
    "PARTITION BY DATETIME_TRUNC(local_at, DAY)",
    "PARTITION BY RANGE_BUCKET(n, GENERATE_ARRAY(0, 100, 10))",
    "CLUSTER BY s",
    "PARTITION BY DATE(made_at) OPTIONS (partition_expiration_days = 3, require_partition_filter = TRUE, labels = [('a', 'b')])",
    "PARTITION BY _PARTITIONDATE",
    "PARTITION BY DATE(_PARTITIONTIME) CLUSTER BY s",
  ])("%s", async (clause) => {
    const columns = "n INT64, s STRING OPTIONS (description = 'text'), d DATE, made_at TIMESTAMP, local_at DATETIME";
    await warehouse.execute(`CREATE OR REPLACE TABLE d.plain (${columns}) ${clause}`);
    expect((await warehouse.schema({ dataset: "d", table: "plain" }))?.map(({ name }) => name)).toEqual([
      "n",
      "s",
      "d",
      "made_at",
      "local_at",
    ]);
    if (/_PARTITION/.test(clause)) return;
    const select =
      "SELECT 1 AS n, 'a' AS s, DATE '2026-01-01' AS d, CURRENT_TIMESTAMP() AS made_at, DATETIME '2026-01-01' AS local_at";
    await warehouse.execute(`CREATE OR REPLACE TABLE d.filled ${clause} AS ${select}`);
    expect(await rows("SELECT s FROM d.filled")).toEqual([{ s: "a" }]);
  });

  test.each([
    "ALTER TABLE d.t SET OPTIONS (description = 'a', expiration_timestamp = NULL)",
    "ALTER TABLE IF EXISTS d.t SET OPTIONS (labels = [('k', 'v')])",
    "ALTER TABLE IF EXISTS d.absent SET OPTIONS (labels = [('k', 'v')])",
    "ALTER TABLE d.t ALTER COLUMN a SET OPTIONS (description = 'a')",
    "ALTER VIEW d.v SET OPTIONS (description = 'a')",
    "ALTER SCHEMA d SET OPTIONS (description = 'a')",
  ])("%s changes nothing", async (sql) => {
    await warehouse.execute(
      "CREATE OR REPLACE TABLE d.t AS SELECT 1 AS a; CREATE OR REPLACE VIEW d.v AS SELECT a FROM d.t",
    );
    await warehouse.execute(sql);
    expect(await rows("SELECT * FROM d.v")).toEqual([{ a: 1 }]);
  });

  test("options of a table that is not there are refused", async () => {
    await expect(warehouse.execute("ALTER TABLE d.absent SET OPTIONS (description = 'a')")).rejects.toThrow(
      /d\.absent/,
    );
  });
});

test("columns are renamed, and take NULL and defaults when told", async () => {
  await warehouse.execute(`
    CREATE OR REPLACE TABLE d.c (a INT64 NOT NULL, b STRING);
    ALTER TABLE d.c RENAME COLUMN b TO text_of_b;
    ALTER TABLE d.c ALTER COLUMN a DROP NOT NULL;
    ALTER TABLE d.c ALTER COLUMN text_of_b SET DEFAULT CONCAT('x', 'y');
    INSERT INTO d.c (a) VALUES (NULL);
    ALTER TABLE d.c ALTER COLUMN text_of_b DROP DEFAULT;
    INSERT INTO d.c (a) VALUES (1);`);
  expect(await rows("SELECT a, text_of_b FROM d.c ORDER BY a")).toEqual([
    { a: null, text_of_b: "xy" },
    { a: 1, text_of_b: null },
  ]);
});

test("a column's type is widened, never narrowed; keys are taken and not enforced", async () => {
  await warehouse.execute(`
    CREATE OR REPLACE TABLE d.wide AS SELECT 1 AS a, NUMERIC '2.5' AS n;
    ALTER TABLE d.wide ALTER COLUMN a SET DATA TYPE FLOAT64;
    ALTER TABLE d.wide ADD PRIMARY KEY (a) NOT ENFORCED;
    INSERT INTO d.wide (a, n) VALUES (1.5, 3), (1.5, 4);
    ALTER TABLE d.wide DROP PRIMARY KEY;`);
  expect(await warehouse.schema({ dataset: "d", table: "wide" })).toEqual([
    { name: "a", type: "FLOAT64" },
    { name: "n", type: "NUMERIC" },
  ]);
  expect(await rows("SELECT SUM(a) AS a, COUNT(*) AS n FROM d.wide")).toEqual([{ a: 4, n: 3 }]);
  await expect(warehouse.execute("ALTER TABLE d.wide ALTER COLUMN n SET DATA TYPE INT64")).rejects.toThrow(
    /requires that the existing column type \(NUMERIC\) is assignable/,
  );
});

test("GROUP BY ALL runs, and an error behind it has its place", async () => {
  const sql =
    "SELECT MOD(x, 2) AS odd, x > 2 AS is_large, COUNT(*) AS n FROM UNNEST([1, 2, 3, 4, 5]) AS x GROUP BY ALL";
  expect(await rows(`${sql} ORDER BY odd, is_large`)).toEqual([
    { odd: 0, is_large: false, n: 1 },
    { odd: 0, is_large: true, n: 1 },
    { odd: 1, is_large: false, n: 1 },
    { odd: 1, is_large: true, n: 2 },
  ]);
  await expect(rows(`${sql} HAVING SOUNDEX('a') IS NULL AND MIN(ST_GEOGPOINT(1, 2)) IS NULL`)).rejects.toThrow(
    /^SQL:1:1\d\d: /,
  );
  await expect(rows(`${sql} ORDER BY nowhere`)).rejects.toThrow(`SQL:1:${sql.length + " ORDER BY ".length + 1}: `);
});

describe("UPDATE of a part of a struct", () => {
  const fill = `CREATE OR REPLACE TABLE d.parts AS
    SELECT 1 AS k, STRUCT('a' AS x, STRUCT(1 AS z, [1, 2] AS list) AS y) AS s, 7 AS n UNION ALL
    SELECT 2, STRUCT('b' AS x, STRUCT(2 AS z, [3] AS list) AS y), 8`;

  test.each([
    [
      "s.x = 'new' WHERE k = 1",
      [
        { x: "new", y: { z: 1, list: [1, 2] } },
        { x: "b", y: { z: 2, list: [3] } },
      ],
    ],
    [
      "s.y.z = n * 10 WHERE TRUE",
      [
        { x: "a", y: { z: 70, list: [1, 2] } },
        { x: "b", y: { z: 80, list: [3] } },
      ],
    ],
    [
      "s.x = NULL, s.y.z = s.y.z + 1, s.y.list = [], n = 0 WHERE k = 2",
      [
        { x: "a", y: { z: 1, list: [1, 2] } },
        { x: null, y: { z: 3, list: [] } },
      ],
    ],
  ])("SET %s", async (set, expected) => {
    await warehouse.execute(`${fill}; UPDATE d.parts SET ${set}`);
    expect((await rows("SELECT s FROM d.parts ORDER BY k")).map(({ s }) => s)).toEqual(expected);
  });

  test("in MERGE", async () => {
    await warehouse.execute(`${fill};
      MERGE d.parts AS t USING (SELECT 2 AS k, 'm' AS x) AS u ON t.k = u.k WHEN MATCHED THEN UPDATE SET s.x = u.x, s.y.z = t.n`);
    expect((await rows("SELECT s.x, s.y.z FROM d.parts ORDER BY k"))[1]).toEqual({ x: "m", z: 8 });
  });

  test("keeps the field's type, and refuses a NULL struct", async () => {
    await warehouse.execute(`${fill}; UPDATE d.parts SET s.y = NULL WHERE k = 2`);
    expect((await rows("SELECT s FROM d.parts ORDER BY k"))[1]).toEqual({ s: { x: "b", y: null } });
    await expect(warehouse.execute("UPDATE d.parts SET s.y.z = 1 WHERE TRUE")).rejects.toThrow(
      /Cannot set a field of a NULL/,
    );
  });
});

test("TRUNCATE TABLE empties, TRUNCATE of a part is refused", async () => {
  await warehouse.execute("CREATE OR REPLACE TABLE d.full_one AS SELECT 1 AS a; TRUNCATE TABLE d.full_one");
  expect(await rows("SELECT * FROM d.full_one")).toEqual([]);
  await expect(warehouse.execute("TRUNCATE TABLE d.full_one WHERE a = 1")).rejects.toThrow(/TRUNCATE with WHERE/);
});
