import { describe, expect, it, test } from "vitest";
import type { Job, QueryStatistics } from "./api.js";
import { asScript, isWorthDryRun, requireFinished, requireQuery, statementResults } from "./script.js";

const child = (line: number, column: number, query: QueryStatistics, ms = 5): Job => ({
  statistics: {
    startTime: "1700000000000",
    endTime: String(1_700_000_000_000 + ms),
    query,
    scriptStatistics: { stackFrames: [{ startLine: line, startColumn: column }] },
  },
});

describe("statementResults", () => {
  it("gives each statement what its jobs have done, also a loop's and an expression's", () => {
    const sql = [
      "DECLARE n INT64 DEFAULT (SELECT COUNT(*) FROM silver.a);",
      "BEGIN TRANSACTION; INSERT INTO silver.b SELECT * FROM silver.a;",
      "WHILE n > 0 DO SET n = n - 1; UPDATE silver.b SET x = n WHERE TRUE; END WHILE;",
      "COMMIT TRANSACTION",
    ].join("\n");
    const update = { statementType: "UPDATE", numDmlAffectedRows: "3", totalBytesBilled: "100" };
    const children = [
      child(1, 25, { statementType: "SELECT", totalBytesBilled: "10" }),
      child(2, 1, { statementType: "BEGIN_TRANSACTION" }),
      child(2, 20, { statementType: "INSERT", numDmlAffectedRows: "40", totalBytesProcessed: "7" }),
      child(3, 31, update),
      child(3, 31, update, 6),
      child(4, 1, { statementType: "COMMIT_TRANSACTION" }),
    ];
    const results = statementResults(sql, children);
    expect(results.map(({ kind, rows, ms, bytesRead }) => [kind, rows, ms, bytesRead])).toEqual([
      ["DECLARE", 0, 5, 10],
      ["BEGIN_TRANSACTION", 0, 5, null],
      ["INSERT", 40, 5, 7],
      ["WHILE", 0, 0, null],
      ["UPDATE", 6, 11, 200],
      ["END", 0, 0, null],
      ["COMMIT_TRANSACTION", 0, 5, null],
    ]);
  });

  it("reads a single statement from the job itself", () => {
    const job: Job = {
      statistics: { startTime: "5", endTime: "9", query: { statementType: "MERGE", numDmlAffectedRows: "2" } },
    };
    expect(statementResults("MERGE a USING b ON FALSE WHEN NOT MATCHED THEN INSERT ROW", [job])).toEqual([
      { kind: "MERGE", line: 1, rows: 2, ms: 4, rowsRead: null, bytesRead: null },
    ]);
  });

  it("still names the statements when nothing is known of their jobs", () => {
    expect(statementResults("SET a = 1;\nDELETE FROM silver.a WHERE TRUE", [])).toEqual([
      { kind: "SET", line: 1, rows: 0, ms: 0, rowsRead: null, bytesRead: null },
      { kind: "DELETE", line: 2, rows: 0, ms: 0, rowsRead: null, bytesRead: null },
    ]);
  });

  it("counts the rows of stages that read tables, and not what another stage wrote", () => {
    const queryPlan = [
      { recordsRead: "100", steps: [{ kind: "READ", substeps: ["$1:id", "FROM rollcall.silver.events"] }] },
      { recordsRead: "8", inputStages: ["0"], steps: [{ kind: "READ", substeps: ["$2", "FROM __stage00_output"] }] },
      {
        recordsRead: "20",
        inputStages: ["1"],
        steps: [
          { kind: "READ", substeps: ["FROM rollcall.silver.nodes"] },
          { kind: "READ", substeps: ["FROM __stage01_output"] },
        ],
      },
      { recordsRead: "4", inputStages: ["2"] },
      { recordsRead: "3" },
    ];
    const [result] = statementResults("SELECT 1", [{ statistics: { query: { statementType: "SELECT", queryPlan } } }]);
    expect(result?.rowsRead).toBe(123);
  });
});

describe("a query", () => {
  test.each(["SELECT 1", "WITH a AS (SELECT 1) SELECT * FROM a", "(SELECT 1)", "DECLARE a INT64; SET a = 1; SELECT a"])(
    "is %s",
    (sql) => {
      expect(() => requireQuery(sql, undefined)).not.toThrow();
    },
  );

  test.each([
    ["DELETE FROM silver.a WHERE TRUE", 1],
    ["SELECT 1;\nSELECT 2", 1],
    ["SELECT 1;\nDROP TABLE silver.a", 1],
    ["", 1],
  ])("is not %s", (sql, line) => {
    expect(() => requireQuery(sql, "x.sql")).toThrow(`x.sql:${line}:1: A query is one SELECT`);
  });
});

test("a script that ends inside its transaction is refused where that begins", () => {
  expect(() => requireFinished("SELECT 1;\n BEGIN; SELECT 2", "x.sqlx")).toThrow(
    /^x\.sqlx:2:2: .*Add COMMIT TRANSACTION/,
  );
  expect(() => requireFinished("BEGIN TRANSACTION; COMMIT; BEGIN TRANSACTION", undefined)).toThrow(/SQL:1:28/);
  expect(() => requireFinished("BEGIN TRANSACTION; SELECT ';BEGIN'; ROLLBACK TRANSACTION", undefined)).not.toThrow();
  expect(() => requireFinished("SELECT 1", undefined)).not.toThrow();
});

test.each([
  ["INSERT INTO a.b SELECT 1; SELECT x", true],
  ["INSERT INTO a.b SELECT 1", false],
  ["SELECT 1; SELECT 2", false],
  ["BEGIN TRANSACTION; INSERT INTO a.b SELECT 1; COMMIT", false],
  ["CREATE TEMP TABLE t AS SELECT 1; INSERT INTO a.b SELECT * FROM t", false],
])("%s: a dry run tells something is %s", (sql, isWorth) => {
  expect(isWorthDryRun(sql)).toBe(isWorth);
});

test("a temporary table alone becomes a script, whose lines stay", () => {
  expect(asScript("CREATE TEMP TABLE t AS SELECT 1 -- one")).toBe("CREATE TEMP TABLE t AS SELECT 1 -- one\n;SELECT 1");
  expect(asScript("CREATE TABLE a.t AS SELECT 1")).toBe("CREATE TABLE a.t AS SELECT 1");
  expect(asScript("CREATE TEMP TABLE t AS SELECT 1; SELECT 2")).toBe("CREATE TEMP TABLE t AS SELECT 1; SELECT 2");
});
