import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RollcallError } from "../platform/errors.js";
import { createDuckdbWarehouse } from "../warehouse/duckdb/warehouse.js";
import type { Row, Warehouse } from "../warehouse/port.js";
import { ask } from "./ask.js";

let warehouse: Warehouse;
beforeAll(async () => {
  warehouse = await createDuckdbWarehouse({ file: ":memory:", threads: 1 });
  await warehouse.execute('CREATE SCHEMA gold; CREATE TABLE gold.people AS SELECT "ada@example.org" AS email');
});
afterAll(() => warehouse.close());

const shown = async (_: string, rows: readonly Row[]): Promise<readonly Row[]> => rows.map(() => ({ email: "hidden" }));
const failureOf = async (sql: string, unmask: boolean): Promise<RollcallError> => {
  const failure = await ask({ warehouse, mask: shown }, { sql, unmask }).catch((error: unknown) => error);
  if (!(failure instanceof RollcallError)) throw new Error("it did not fail as it should");
  return failure;
};

describe("the rows of a question", () => {
  it("are masked unless they are asked for", async () => {
    const sql = "SELECT email FROM gold.people";
    expect((await ask({ warehouse, mask: shown }, { sql, unmask: false })).rows).toEqual([{ email: "hidden" }]);
    expect((await ask({ warehouse, mask: shown }, { sql, unmask: true })).rows).toEqual([{ email: "ada@example.org" }]);
  });
});

describe("the failure of a question", () => {
  it.each([
    ["an ERROR", "SELECT IF(LENGTH(email) > 0, ERROR(email), 1) FROM gold.people"],
    ["a bad pattern", "SELECT REGEXP_CONTAINS('a', CONCAT('(', email)) FROM gold.people"],
    ["a value that does not convert", "SELECT CAST(email AS INT64) FROM gold.people"],
  ])("says nothing of the rows: %s", async (_, sql) => {
    const failure = await failureOf(sql, false);
    expect(failure).toMatchObject({ code: "WAREHOUSE_FAILED", isRetriable: false });
    expect(failure.cause).toBeUndefined();
    expect(JSON.stringify([failure.message, failure.details])).not.toContain("ada");
    expect(failure.message).toContain("--unmask shows it");
  });

  it("says what its author wrote when that is asked for", async () => {
    expect((await failureOf("SELECT ERROR(CONCAT('<', email, '>')) FROM gold.people", true)).message).not.toMatch(
      /--unmask/,
    );
  });

  it("says what is wrong with the text either way", async () => {
    expect(await failureOf("SELECT nobody FROM gold.people", false)).toMatchObject({
      code: "SQL_INVALID",
      message: expect.stringMatching(/^SQL:1:8: Unrecognized name: nobody/),
    });
  });

  it("is kept where no statement is concerned", async () => {
    const busy = new RollcallError("WAREHOUSE_BUSY", "somebody has it", { isRetriable: true });
    const failing = async (): Promise<never> => {
      throw busy;
    };
    await expect(ask({ warehouse, mask: failing }, { sql: "SELECT 1 AS x", unmask: false })).rejects.toBe(busy);
    const broken = async (): Promise<never> => {
      throw new SyntaxError("Unexpected token in ada@example.org");
    };
    await expect(ask({ warehouse, mask: broken }, { sql: "SELECT 1 AS x", unmask: false })).rejects.toMatchObject({
      code: "INTERNAL",
      message: expect.not.stringContaining("ada"),
    });
  });
});
