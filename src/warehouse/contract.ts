import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Column, LandBatch, Param, Params, Warehouse } from "./port.js";

/** What every warehouse promises, whoever stands behind it. Both adapters pass the whole of it. */

/** A value of each type as a parameter, and how it comes back. */
const VALUES: readonly { readonly param: Param; readonly back: unknown }[] = [
  { param: { type: "STRING", value: 'it\'s "quoted" \\ and é' }, back: 'it\'s "quoted" \\ and é' },
  { param: { type: "STRING", value: "" }, back: "" },
  { param: { type: "STRING", value: null }, back: null },
  { param: { type: "INT64", value: -5 }, back: -5 },
  { param: { type: "INT64", value: 9_223_372_036_854_775_807n }, back: 9_223_372_036_854_775_807n },
  { param: { type: "FLOAT64", value: 0.1 }, back: 0.1 },
  { param: { type: "NUMERIC", value: "-12345678901234567890.000000001" }, back: "-12345678901234567890.000000001" },
  { param: { type: "BOOL", value: true }, back: true },
  { param: { type: "BYTES", value: Buffer.from([0, 255, 10]) }, back: Buffer.from([0, 255, 10]) },
  { param: { type: "DATE", value: "2024-02-29" }, back: "2024-02-29" },
  { param: { type: "TIMESTAMP", value: 1_706_693_400_000_001 }, back: "2024-01-31T09:30:00.000001Z" },
  { param: { type: "TIMESTAMP", value: -1 }, back: "1969-12-31T23:59:59.999999Z" },
  { param: { type: "DATETIME", value: "2024-03-10 02:30:00.5" }, back: "2024-03-10T02:30:00.500000" },
  { param: { type: "TIME", value: "23:59:59.000001" }, back: "23:59:59.000001" },
  {
    param: { type: "JSON", value: { a: [1, 2.5, "x", null, { b: true }], c: "" } },
    back: { a: [1, 2.5, "x", null, { b: true }], c: "" },
  },
  { param: { type: "ARRAY<STRING>", value: ["a", "b"] }, back: ["a", "b"] },
  { param: { type: "ARRAY<INT64>", value: [] }, back: [] },
  {
    param: { type: "ARRAY<STRUCT<namespace STRING, count INT64>>", value: [{ namespace: "web", count: 2 }] },
    back: [{ namespace: "web", count: 2 }],
  },
  {
    param: { type: "STRUCT<at TIMESTAMP, amount NUMERIC>", value: { at: 0, amount: "1.5" } },
    back: { at: "1970-01-01T00:00:00.000000Z", amount: "1.5" },
  },
];

const COLUMNS: readonly Column[] = [
  { name: "id", type: "INT64" },
  { name: "name", type: "STRING" },
  { name: "score", type: "FLOAT64" },
  { name: "amount", type: "NUMERIC" },
  { name: "active", type: "BOOL" },
  { name: "token", type: "BYTES" },
  { name: "day", type: "DATE" },
  { name: "happened_at", type: "TIMESTAMP" },
  { name: "local_at", type: "DATETIME" },
  { name: "payload", type: "JSON" },
  { name: "tags", type: "ARRAY<STRING>" },
  { name: "identifiers", type: "ARRAY<STRUCT<namespace STRING, value STRING>>" },
];

const BRONZE_COLUMNS: readonly Column[] = [
  { name: "event_id", type: "STRING" },
  { name: "ingested_at", type: "TIMESTAMP" },
  { name: "log_offset", type: "INT64" },
  { name: "payload", type: "JSON" },
  { name: "sealed", type: "BYTES" },
  { name: "identifiers", type: "ARRAY<STRUCT<namespace STRING, value STRING>>" },
];

const INT64 = (value: number): Param => ({ type: "INT64", value });

/** Runs the contract against a fresh, empty warehouse. */
export function describeWarehouse(name: string, open: () => Promise<Warehouse>): void {
  describe(`${name}: the warehouse contract`, () => {
    let warehouse: Warehouse;

    beforeAll(async () => {
      warehouse = await open();
      await warehouse.ensureTables([
        { dataset: "silver", table: "things", columns: COLUMNS },
        {
          dataset: "silver",
          table: "counts",
          columns: [
            { name: "key", type: "STRING" },
            { name: "n", type: "INT64" },
          ],
        },
        { dataset: "bronze", table: "website_events", columns: BRONZE_COLUMNS },
        { dataset: "bronze", table: "dead_letters", columns: [{ name: "reason", type: "STRING" }] },
      ]);
    });

    afterAll(async () => {
      await warehouse.close();
    });

    const rowsOf = async (sql: string, params?: Params): Promise<readonly unknown[]> =>
      (await warehouse.query(sql, params)).rows;

    describe("values", () => {
      test.each(VALUES.map((entry) => [entry.param.type, entry] as const))(
        "%s goes in and comes back",
        async (_, entry) => {
          const result = await warehouse.query("SELECT @given AS given", { given: entry.param });
          expect(result.columns).toEqual([{ name: "given", type: entry.param.type }]);
          expect(result.rows).toEqual([{ given: entry.back }]);
        },
      );

      test("a value that is not of its type is refused, and not repeated in the message", async () => {
        const refused = warehouse.query("SELECT @given AS given", { given: { type: "INT64", value: "secret" } });
        await expect(refused).rejects.toMatchObject({ code: "INPUT_INVALID" });
        await expect(refused).rejects.not.toThrow(/secret/);
      });

      test("a stored row comes back as it was, NULLs too", async () => {
        const row = {
          id: { type: "INT64", value: 9_007_199_254_740_993n },
          name: { type: "STRING", value: "Ann" },
          score: { type: "FLOAT64", value: 1e-7 },
          amount: { type: "NUMERIC", value: "10.25" },
          active: { type: "BOOL", value: false },
          token: { type: "BYTES", value: Buffer.from("abc") },
          day: { type: "DATE", value: "2026-01-31" },
          happened_at: { type: "TIMESTAMP", value: 1_769_851_800_123_456 },
          local_at: { type: "DATETIME", value: "2026-01-31 10:30:00" },
          payload: { type: "JSON", value: { n: 1.5, s: "12", nested: { list: [] } } },
          tags: { type: "ARRAY<STRING>", value: ["b", "a"] },
          identifiers: {
            type: "ARRAY<STRUCT<namespace STRING, value STRING>>",
            value: [{ namespace: "crm", value: null }],
          },
        } satisfies Record<string, Param>;
        const names = Object.keys(row);
        const placed = names.map((column) => `@${column}`).join(", ");
        await warehouse.execute(`INSERT INTO silver.things (${names.join(", ")}) VALUES (${placed})`, row);
        await warehouse.execute("INSERT INTO silver.things (id) VALUES (2)");
        expect(await rowsOf("SELECT * FROM silver.things WHERE id > 2")).toEqual([
          {
            id: 9_007_199_254_740_993n,
            name: "Ann",
            score: 1e-7,
            amount: "10.25",
            active: false,
            token: Buffer.from("abc"),
            day: "2026-01-31",
            happened_at: "2026-01-31T09:30:00.123456Z",
            local_at: "2026-01-31T10:30:00.000000",
            payload: { n: 1.5, s: "12", nested: { list: [] } },
            tags: ["b", "a"],
            identifiers: [{ namespace: "crm", value: null }],
          },
        ]);
        expect(await rowsOf("SELECT name, payload, happened_at FROM silver.things WHERE id = 2")).toEqual([
          { name: null, payload: null, happened_at: null },
        ]);
      });

      test("a table is named with or without its project", async () => {
        const one = await rowsOf("SELECT COUNT(*) AS n FROM silver.things");
        expect(await rowsOf("SELECT COUNT(*) AS n FROM `rollcall.silver.things`")).toEqual(one);
      });

      test("a large result comes in batches, in order", async () => {
        const ids: unknown[] = [];
        let batches = 0;
        const sql = "SELECT id FROM UNNEST(GENERATE_ARRAY(1, @n)) AS id ORDER BY id";
        for await (const batch of warehouse.stream(sql, { n: INT64(10_000) })) {
          batches += 1;
          for (const row of batch) ids.push(row.id);
        }
        expect(batches).toBeGreaterThan(1);
        expect(ids).toEqual(Array.from({ length: 10_000 }, (_, i) => i + 1));
      });

      test("batches come after their columns, which are told of no rows as well", async () => {
        for (const limit of [1, 0]) {
          const told: unknown[] = [];
          const rows = warehouse.stream(`SELECT "x" AS b, NUMERIC "1.5" AS a LIMIT ${limit}`, undefined, {
            onColumns: (columns) => told.push(columns),
          });
          for await (const batch of rows) told.push(...batch);
          const columns = [
            { name: "b", type: "STRING" },
            { name: "a", type: "NUMERIC" },
          ];
          expect(told).toEqual(limit === 1 ? [columns, { b: "x", a: "1.5" }] : [columns]);
        }
      });
    });

    describe("scripts", () => {
      const reset =
        "DELETE FROM silver.counts WHERE TRUE; INSERT INTO silver.counts (key, n) VALUES ('a', 1), ('b', 2);";
      const counts = () => rowsOf("SELECT key, n FROM silver.counts ORDER BY key");

      test("temporary tables, a MERGE and an ASSERT, committed together", async () => {
        const result = await warehouse.execute(
          `${reset}
          CREATE TEMP TABLE arrived AS SELECT key, n FROM UNNEST([STRUCT('b' AS key, 10 AS n), ('c', @n)]);
          BEGIN TRANSACTION;
          MERGE silver.counts AS T USING (SELECT * FROM arrived) AS S ON T.key = S.key
            WHEN MATCHED THEN UPDATE SET n = T.n + S.n
            WHEN NOT MATCHED THEN INSERT (key, n) VALUES (S.key, S.n);
          ASSERT (SELECT COUNT(*) FROM silver.counts) = 3 AS 'three keys';
          COMMIT TRANSACTION;`,
          { n: INT64(5) },
        );
        expect(await counts()).toEqual([
          { key: "a", n: 1 },
          { key: "b", n: 12 },
          { key: "c", n: 5 },
        ]);
        expect(result.statements.filter((statement) => statement.kind === "MERGE").map(({ rows }) => rows)).toEqual([
          2,
        ]);
      });

      test("a temporary table is gone when its script is", async () => {
        await warehouse.execute("CREATE TEMP TABLE passing AS SELECT 1 AS a");
        await expect(warehouse.query("SELECT * FROM passing")).rejects.toMatchObject({ code: "SQL_INVALID" });
        await warehouse.execute(
          "CREATE TEMP TABLE passing AS SELECT 'again' AS b; ASSERT (SELECT b FROM passing) = 'again'",
        );
      });

      test("a failing ASSERT rolls its transaction back and says which it was", async () => {
        await warehouse.execute(reset);
        const script = `BEGIN TRANSACTION;
UPDATE silver.counts SET n = 100 WHERE TRUE;
  ASSERT NOT EXISTS (SELECT 1 FROM silver.counts WHERE n > 50) AS 'no count above 50';
COMMIT TRANSACTION;`;
        await expect(warehouse.execute(script, {}, { origin: "definitions/silver/counts.sqlx" })).rejects.toMatchObject(
          {
            code: "ASSERTION_FAILED",
            message: "definitions/silver/counts.sqlx:3:3: no count above 50",
            details: { line: 3, column: 3, description: "no count above 50" },
          },
        );
        expect(await counts()).toEqual([
          { key: "a", n: 1 },
          { key: "b", n: 2 },
        ]);
      });

      test("a statement that fails rolls its transaction back, and the next script runs", async () => {
        await warehouse.execute(reset);
        const script =
          "BEGIN TRANSACTION; DELETE FROM silver.counts WHERE TRUE; SELECT 1 / (n - n) FROM (SELECT 1 AS n); COMMIT";
        await expect(warehouse.execute(script)).rejects.toMatchObject({ code: "WAREHOUSE_FAILED" });
        expect(await counts()).toHaveLength(2);
        await warehouse.execute("UPDATE silver.counts SET n = n + 1 WHERE key = 'a'");
        expect(await counts()).toContainEqual({ key: "a", n: 2 });
      });

      test("ROLLBACK takes everything since BEGIN back", async () => {
        await warehouse.execute(
          `${reset} BEGIN TRANSACTION; DELETE FROM silver.counts WHERE TRUE; ROLLBACK TRANSACTION`,
        );
        expect(await counts()).toHaveLength(2);
      });

      test("MERGE refuses two source rows for one target row", async () => {
        await warehouse.execute(reset);
        const merge = `MERGE silver.counts T USING (SELECT 'a' AS key, n FROM UNNEST([7, 8]) AS n) S ON T.key = S.key
          WHEN MATCHED THEN UPDATE SET n = S.n`;
        await expect(warehouse.execute(merge)).rejects.toThrow(/at most one source row/);
        expect(await counts()).toContainEqual({ key: "a", n: 1 });
      });

      test("scripts asked for at once run one after the other", async () => {
        await warehouse.execute(reset);
        const bump = "UPDATE silver.counts SET n = n + 1 WHERE key = 'a'";
        await Promise.all(Array.from({ length: 8 }, () => warehouse.execute(bump)));
        expect(await counts()).toContainEqual({ key: "a", n: 9 });
      });

      test("tables and views made by a script are listed, described and dropped", async () => {
        await warehouse.execute(
          `CREATE OR REPLACE TABLE silver.made PARTITION BY DATE(made_at) CLUSTER BY id OPTIONS(description = "made")
             AS SELECT 1 AS id, CURRENT_TIMESTAMP() AS made_at, [STRUCT("x" AS a, 1.5 AS b)] AS list;
           CREATE OR REPLACE VIEW silver.seen AS SELECT id, JSON '{"a": 1}' AS j FROM silver.made`,
        );
        const listed = await warehouse.tables("silver");
        expect(listed).toContainEqual({ dataset: "silver", table: "made", kind: "table" });
        expect(listed).toContainEqual({ dataset: "silver", table: "seen", kind: "view" });
        expect(await warehouse.schema({ dataset: "silver", table: "made" })).toEqual([
          { name: "id", type: "INT64" },
          { name: "made_at", type: "TIMESTAMP" },
          { name: "list", type: "ARRAY<STRUCT<a STRING, b FLOAT64>>" },
        ]);
        expect(await rowsOf("SELECT id, j FROM silver.seen")).toEqual([{ id: 1, j: { a: 1 } }]);
        await warehouse.execute(
          "DROP VIEW silver.seen; DROP TABLE IF EXISTS silver.made; DROP TABLE IF EXISTS silver.made",
        );
        expect(await warehouse.schema({ dataset: "silver", table: "made" })).toBeNull();
      });
    });

    describe("mistakes", () => {
      const origin = "definitions/silver/things.sqlx";

      test("an unknown column is named with file, line and column, and what was meant", async () => {
        await expect(warehouse.query("SELECT\n  id,\n  nam\nFROM silver.things", {}, { origin })).rejects.toMatchObject(
          {
            code: "SQL_INVALID",
            message: expect.stringMatching(/^definitions\/silver\/things\.sqlx:3:3: .*nam/),
            details: { line: 3, column: 3 },
          },
        );
      });

      test("a mistake late in a script keeps its own line", async () => {
        const script = "SELECT 1; -- one\n\n  SELECT ';' AS a;\n/* ; */ SELECT missing";
        await expect(warehouse.execute(script, {}, { origin })).rejects.toMatchObject({
          details: { line: 4, column: 16 },
        });
      });

      test("nothing of a script has run when its last statement is wrong", async () => {
        await warehouse.execute("DELETE FROM silver.counts WHERE TRUE");
        const script = "INSERT INTO silver.counts (key, n) VALUES ('z', 1); SELECT nonsense";
        await expect(warehouse.execute(script)).rejects.toMatchObject({ code: "SQL_INVALID" });
        expect(await rowsOf("SELECT key FROM silver.counts")).toEqual([]);
      });

      test("a type mismatch is found before anything runs", async () => {
        await expect(warehouse.query("SELECT id + name FROM silver.things")).rejects.toMatchObject({
          code: "SQL_INVALID",
        });
      });

      test("an unknown table has no schema", async () => {
        expect(await warehouse.schema({ dataset: "silver", table: "nowhere" })).toBeNull();
      });
    });

    describe("landing", () => {
      const at = "2026-01-31T09:30:00.000001Z";
      const batch = (first: number, last: number, batchId = `batch-${first}`): LandBatch => ({
        batchId,
        topic: "website",
        partition: 3,
        firstOffset: first,
        lastOffset: last,
        ingestedAt: 1_769_851_800_000_001,
        tables: {
          website_events: Array.from({ length: last - first + 1 }, (_, i) => ({
            event_id: `e${first + i}`,
            ingested_at: at,
            log_offset: first + i,
            payload: { number: 12.5, text: "12.50", list: [1, null, { a: "\u0000é" }], big: "12345678901234567890" },
            sealed: Buffer.from([0, 255, i]),
            identifiers: [{ namespace: "web", value: null }],
          })),
          dead_letters: [{ reason: "contract" }],
        },
      });

      test("rows land as they are, with the offset after them", async () => {
        expect(await warehouse.land(batch(0, 4))).toEqual({ isNew: true, rows: 6 });
        expect(await rowsOf("SELECT * FROM bronze.website_events WHERE log_offset = 2")).toEqual([
          {
            event_id: "e2",
            ingested_at: at,
            log_offset: 2,
            payload: { number: 12.5, text: "12.50", list: [1, null, { a: "\u0000é" }], big: "12345678901234567890" },
            sealed: Buffer.from([0, 255, 2]),
            identifiers: [{ namespace: "web", value: null }],
          },
        ]);
        expect(await warehouse.landedOffsets()).toEqual([
          { topic: "website", partition: 3, nextOffset: 5, ingestedAt: 1_769_851_800_000_001 },
        ]);
        expect(
          await rowsOf("SELECT batch_id, log_partition, row_count, dead_letter_count FROM ops.landed_batches"),
        ).toEqual([{ batch_id: "batch-0", log_partition: 3, row_count: 6, dead_letter_count: 1 }]);
      });

      test("the same batch again, and the same offsets under another name, change nothing", async () => {
        expect(await warehouse.land(batch(0, 4))).toEqual({ isNew: false, rows: 0 });
        expect(await warehouse.land(batch(3, 4, "other"))).toEqual({ isNew: false, rows: 0 });
        expect(await rowsOf("SELECT COUNT(*) AS n FROM bronze.website_events")).toEqual([{ n: 5 }]);
        expect(await rowsOf("SELECT COUNT(*) AS n FROM bronze.dead_letters")).toEqual([{ n: 1 }]);
      });

      test("a batch that overlaps what has landed is refused whole", async () => {
        await expect(warehouse.land(batch(4, 6, "overlap"))).rejects.toMatchObject({ code: "CONFLICT" });
        expect(await rowsOf("SELECT COUNT(*) AS n FROM bronze.website_events")).toEqual([{ n: 5 }]);
      });

      test("batches asked for at once land one after the other", async () => {
        await Promise.all([warehouse.land(batch(5, 6)), warehouse.land(batch(7, 9)), warehouse.land(batch(7, 9))]);
        expect(await rowsOf("SELECT COUNT(*) AS n, MAX(log_offset) AS m FROM bronze.website_events")).toEqual([
          { n: 10, m: 9 },
        ]);
        expect(await warehouse.landedOffsets()).toMatchObject([{ nextOffset: 10 }]);
      });

      test("a row with a column the table does not have is refused, and nothing of its batch lands", async () => {
        const wrong = { ...batch(10, 10), tables: { website_events: [{ event_id: "x", surprise: 1 }] } };
        await expect(warehouse.land(wrong)).rejects.toMatchObject({ code: "INPUT_INVALID" });
        expect(await warehouse.landedOffsets()).toMatchObject([{ nextOffset: 10 }]);
      });
    });
  });
}
