import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Warehouse } from "../port.js";
import { createDuckdbWarehouse } from "./warehouse.js";

describe("rows read", () => {
  let warehouse: Warehouse;

  beforeAll(async () => {
    warehouse = await createDuckdbWarehouse({ file: ":memory:" });
    await warehouse.execute(`
      CREATE SCHEMA s;
      CREATE TABLE s.numbers AS SELECT n FROM UNNEST(GENERATE_ARRAY(1, 300000)) AS n ORDER BY n;
      CREATE TABLE s.some AS SELECT n FROM UNNEST(GENERATE_ARRAY(1, 10)) AS n`);
  });
  afterAll(() => warehouse.close());

  const rowsRead = async (sql: string): Promise<(number | null)[]> =>
    (await warehouse.execute(sql)).statements.map((statement) => statement.rowsRead);

  test("are those of the tables a statement reads, statement by statement", async () => {
    const sql = `
      BEGIN TRANSACTION;
      CREATE TEMP TABLE t AS SELECT n FROM s.some;
      CREATE TABLE s.made (n INT64);
      INSERT INTO s.made SELECT a.n FROM t AS a JOIN s.some AS b ON a.n = b.n;
      UPDATE s.made SET n = n + 100 WHERE n = 1;
      ASSERT (SELECT COUNT(*) FROM UNNEST([1, 2])) = 2;
      DROP TABLE s.made;
      COMMIT TRANSACTION`;
    expect(await rowsRead(sql)).toEqual([0, 10, 0, 20, 10, 0, 0, 0]);
  });

  test("leave out what a filter rules out unread", async () => {
    const [all, few] = await rowsRead(`
      CREATE TEMP TABLE a AS SELECT n FROM s.numbers WHERE n > 0;
      CREATE TEMP TABLE f AS SELECT n FROM s.numbers WHERE n > 299999`);
    expect(all).toBe(300_000);
    expect(few).toBeLessThan(150_000);
  });

  test("of a script that failed are not counted to the next", async () => {
    await expect(warehouse.execute("ASSERT (SELECT COUNT(*) FROM s.some WHERE n > 0) = 0")).rejects.toThrow(
      "assertion",
    );
    expect(await rowsRead("CREATE TEMP TABLE b AS SELECT 1 AS n")).toEqual([0]);
  });

  test("of a script that goes on after an error are those of its statements, the failed one left out", async () => {
    const sql = `
      BEGIN
        CREATE TEMP TABLE t AS SELECT n FROM s.some;
        CREATE TEMP TABLE u AS SELECT ERROR(CAST(n AS STRING)) AS e FROM t;
      EXCEPTION WHEN ERROR THEN
        CREATE TEMP TABLE v AS SELECT a.n FROM t AS a JOIN s.some AS b ON a.n = b.n;
      END;
      CREATE TEMP TABLE w AS SELECT n FROM v WHERE n > 0`;
    expect(await rowsRead(sql)).toEqual([10, 20, 10]);
  });

  test("of a loop are told statement by statement, its own steps left out", async () => {
    const sql = `
      FOR step IN (SELECT n FROM s.some WHERE n <= 2 ORDER BY n) DO
        CREATE OR REPLACE TEMP TABLE t AS SELECT n FROM s.some WHERE n > step.n;
        IF EXISTS (SELECT 1 FROM t WHERE n > 9) THEN
          DELETE FROM t WHERE n > 9;
        END IF;
      END FOR`;
    const { statements } = await warehouse.execute(sql);
    expect(statements.map((one) => `${one.kind} ${one.rowsRead}`)).toEqual([
      "FOR 10",
      "CREATE_TABLE_AS_SELECT 10",
      "CONDITION 9",
      "DELETE 9",
      "CREATE_TABLE_AS_SELECT 10",
      "CONDITION 8",
      "DELETE 8",
    ]);
  });

  test("are known, bytes are not", async () => {
    const { statements } = await warehouse.execute("DELETE FROM s.some WHERE n = 5");
    expect(statements).toMatchObject([{ rowsRead: 10, bytesRead: null }]);
  });
});
