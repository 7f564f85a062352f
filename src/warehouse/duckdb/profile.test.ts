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

  test("are known, bytes are not", async () => {
    const { statements } = await warehouse.execute("DELETE FROM s.some WHERE n = 5");
    expect(statements).toMatchObject([{ rowsRead: 10, bytesRead: null }]);
  });
});
