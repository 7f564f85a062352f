import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Params, Row, Warehouse } from "../port.js";
import { createDuckdbWarehouse } from "./warehouse.js";

let warehouse: Warehouse;

beforeAll(async () => {
  warehouse = await createDuckdbWarehouse({ file: ":memory:", threads: 1 });
  await warehouse.execute("CREATE SCHEMA s");
});

beforeEach(async () => {
  await warehouse.execute("CREATE OR REPLACE TABLE s.log (n INT64, what STRING)");
});

afterAll(async () => {
  await warehouse.close();
});

async function rows(sql = "SELECT n, what FROM s.log ORDER BY n, what"): Promise<readonly Row[]> {
  return (await warehouse.query(sql)).rows;
}

/** What a script logs, as "n what" in order of n. */
async function logged(script: string, params: Params = {}): Promise<readonly string[]> {
  await warehouse.execute(script, params);
  return (await rows()).map(({ n, what }) => `${n} ${what}`);
}

const log = (n: string, what: string): string => `INSERT INTO s.log (n, what) VALUES (${n}, ${what});`;

describe("branches", () => {
  const branch = (x: string) => `DECLARE x INT64 DEFAULT ${x};
    IF x = 1 THEN ${log("x", "'one'")}
    ELSEIF x = 2 THEN ${log("x", "'two'")} ${log("x + 1", "'and more'")}
    ELSE ${log("0", "'other'")}
    END IF;
    ${log("99", "'after'")}`;

  test.each([
    ["1", ["1 one", "99 after"]],
    ["2", ["2 two", "3 and more", "99 after"]],
    ["3", ["0 other", "99 after"]],
    ["NULL", ["0 other", "99 after"]],
  ])("IF with x = %s", async (x, expected) => {
    expect(await logged(branch(x))).toEqual(expected);
  });

  test("conditions may hold CASE expressions, comments and parameters", async () => {
    const script = `IF CASE WHEN @n > 1 THEN TRUE ELSE FALSE END -- a remark
      AND 'THEN' = "THEN" THEN ${log("@n", "'yes'")} END IF`;
    expect(await logged(script, { n: { type: "INT64", value: 2 } })).toEqual(["2 yes"]);
  });

  test.each([
    ["CASE x WHEN 1 THEN", "1 first"],
    ["CASE WHEN x = 1 THEN", "1 first"],
    ["CASE x WHEN 5, 6 THEN", null],
    ["CASE x WHEN 5 THEN", "1 other"],
    ["CASE WHEN FALSE THEN", "1 other"],
  ])("%s", async (head, expected) => {
    const script = `DECLARE x INT64 DEFAULT 1; ${head} ${log("1", "'first'")} ELSE ${log("1", "'other'")} END CASE;`;
    if (expected === null) await expect(logged(script)).rejects.toMatchObject({ code: "SQL_INVALID" });
    else expect(await logged(script)).toEqual([expected]);
  });

  test("a branch not taken changes no table, and what it would have made is not there", async () => {
    const script = "IF FALSE THEN CREATE TABLE s.never AS SELECT 1 AS a; END IF";
    await warehouse.execute(script);
    expect(await warehouse.schema({ dataset: "s", table: "never" })).toBeNull();
    await expect(warehouse.execute(`${script}; SELECT a FROM s.never`)).rejects.toThrow(
      /s\.never is not what this statement was translated for/,
    );
  });

  test("a column that a branch may add is used where it is there, and refused where it is not", async () => {
    const script = (condition: string) => `
      CREATE OR REPLACE TABLE s.grown (a INT64);
      IF ${condition} THEN ALTER TABLE s.grown ADD COLUMN b INT64; END IF;
      INSERT INTO s.grown (a, b) VALUES (1, 2);`;
    await warehouse.execute(script("TRUE"));
    expect(await rows("SELECT a, b FROM s.grown")).toEqual([{ a: 1, b: 2 }]);
    await expect(warehouse.execute(script("FALSE"))).rejects.toThrow(/^SQL:4:7: The table s\.grown is not/);
  });
});

describe("loops", () => {
  test.each([
    ["WHILE", `WHILE i < 3 DO SET i = i + 1; ${log("i", "'w'")} END WHILE;`, ["1 w", "2 w", "3 w"]],
    ["WHILE that does not begin", `WHILE i > 0 DO ${log("i", "'w'")} END WHILE;`, []],
    ["REPEAT", `REPEAT SET i = i + 1; ${log("i", "'r'")} UNTIL i >= 2 END REPEAT;`, ["1 r", "2 r"]],
    ["REPEAT at least once", `REPEAT ${log("i", "'r'")} UNTIL TRUE END REPEAT;`, ["0 r"]],
    ["LOOP and BREAK", `LOOP SET i = i + 1; IF i > 2 THEN BREAK; END IF; ${log("i", "'l'")} END LOOP;`, ["1 l", "2 l"]],
    [
      "CONTINUE",
      `LOOP SET i = i + 1; IF i = 2 THEN CONTINUE; END IF; IF i > 3 THEN LEAVE; END IF; ${log("i", "'l'")} END LOOP;`,
      ["1 l", "3 l"],
    ],
    [
      "ITERATE in REPEAT, which asks UNTIL",
      `REPEAT SET i = i + 1; IF i = 2 THEN ITERATE; END IF; ${log("i", "'r'")} UNTIL i >= 2 END REPEAT;`,
      ["1 r"],
    ],
    [
      "labels",
      `outer_loop: LOOP
         SET i = i + 1;
         inner_loop: LOOP
           SET j = j + 1;
           IF j > 5 THEN LEAVE outer_loop; END IF;
           IF MOD(j, 2) = 0 THEN CONTINUE outer_loop; END IF;
           ${log("j", "FORMAT('%d', i)")}
         END LOOP inner_loop;
       END LOOP outer_loop;`,
      ["1 1", "3 2", "5 3"],
    ],
    ["RETURN", `LOOP SET i = i + 1; ${log("i", "'l'")} RETURN; END LOOP; ${log("9", "'never'")}`, ["1 l"]],
  ])("%s", async (_, body, expected) => {
    expect(await logged(`DECLARE i, j INT64 DEFAULT 0; ${body}`)).toEqual(expected);
  });

  test("FOR goes over the rows in their order, each a struct of any types", async () => {
    const script = `
      FOR r IN (SELECT x, [x, 10] AS list, STRUCT(DATE '2026-01-02' AS d) AS nested, JSON '{"k": 1}' AS j, NUMERIC '1.5' AS n
                FROM UNNEST([3, 1, 2]) AS x ORDER BY x DESC) DO
        INSERT INTO s.log (n, what) VALUES (
          (SELECT COUNT(*) FROM s.log),
          FORMAT('%d %d %t %s %t', r.x, ARRAY_LENGTH(r.list), r.nested.d, JSON_VALUE(r.j, '$.k'), r.n + 1));
      END FOR;`;
    expect(await logged(script)).toEqual([
      "0 3 2 2026-01-02 1 2.5",
      "1 2 2 2026-01-02 1 2.5",
      "2 1 2 2026-01-02 1 2.5",
    ]);
  });

  test("FOR over no rows, and FOR in FOR", async () => {
    const script = `
      FOR r IN (SELECT 1 AS a FROM UNNEST([]) AS x) DO ${log("1", "'never'")} END FOR;
      FOR r IN (SELECT a FROM UNNEST([1, 2]) AS a) DO
        FOR q IN (SELECT r.a * 10 + b AS c FROM UNNEST([1, 2]) AS b) DO ${log("q.c", "'x'")} END FOR;
      END FOR;`;
    expect(await logged(script)).toEqual(["11 x", "12 x", "21 x", "22 x"]);
  });

  test("an endless loop of nothing ends, with its place", { timeout: 60_000 }, async () => {
    await expect(warehouse.execute("SELECT 1;\nLOOP END LOOP")).rejects.toThrow(
      /^SQL:2:1: The script took 1000000 steps/,
    );
  });
});

describe("variables", () => {
  test("SET of several from a struct or a subquery, coerced to the variables' types", async () => {
    const script = `
      DECLARE a INT64; DECLARE b FLOAT64; DECLARE c STRING DEFAULT 'x';
      SET (a, c) = (7, 'seven');
      ${log("a", "c")}
      SET (a, b) = (SELECT AS STRUCT COUNT(*), 2 FROM s.log);
      ${log("a", "FORMAT('%t', b / 4)")}`;
    expect(await logged(script)).toEqual(["1 0.5", "7 seven"]);
  });

  test("a declaration belongs to its block and begins anew in a loop", async () => {
    const script = `
      DECLARE i INT64 DEFAULT 0;
      WHILE i < 2 DO
        BEGIN
          DECLARE inner_one INT64 DEFAULT 5;
          SET inner_one = inner_one + 1;
          ${log("inner_one", "FORMAT('%d', i)")}
        END;
        SET i = i + 1;
      END WHILE;`;
    expect(await logged(script)).toEqual(["6 0", "6 1"]);
    await expect(warehouse.execute("BEGIN DECLARE k INT64; END; SELECT k")).rejects.toThrow(/Unrecognized name: k/);
  });

  test.each([
    ["DECLARE a INT64; DECLARE A STRING", /^SQL:1:18: Variable 'A' redeclaration/],
    ["DECLARE a INT64; BEGIN DECLARE a INT64; END", /^SQL:1:24: Variable 'a' redeclaration/],
    ["SET nobody = 1", /^SQL:1:1: Undeclared variable: nobody/],
    ["SELECT 1;\n  IF 1 THEN SELECT 1; END IF", /^SQL:2:6: A condition must be of type BOOL/],
    ["SELECT 1;\n IF missing THEN SELECT 1; END IF", /^SQL:2:5: Unrecognized name: missing/],
    ["BREAK", /^SQL:1:1: BREAK stands in no loop/],
    ["IF TRUE THEN SELECT 1;", /^SQL:1:23: Syntax error: Expected END/],
    ["IF TRUE SELECT 1; END IF", /Syntax error: Expected THEN/],
    ["SELECT 1; END IF", /^SQL:1:11: Syntax error: END without what it belongs to/],
    ["a: LOOP BREAK; END LOOP b", /END names b/],
    ["RAISE", /RAISE without USING MESSAGE/],
    ["SELECT 1; DECLARE x INT64", /^SQL:1:11: Syntax error: DECLARE stands before/],
  ])("%s is refused before anything runs", async (script, message) => {
    await expect(warehouse.execute(`${script}`)).rejects.toThrow(message);
  });

  test("nothing runs of a script with an error anywhere, branches not taken included", async () => {
    const script = `${log("1", "'first'")} IF FALSE THEN SELECT nowhere FROM s.log; END IF`;
    await expect(warehouse.execute(script)).rejects.toMatchObject({ code: "SQL_INVALID" });
    expect(await rows()).toEqual([]);
  });
});

describe("errors", () => {
  test("EXCEPTION handles what fails, with the message, and goes on behind the block", async () => {
    const script = `
      BEGIN
        ${log("1", "'before'")}
        SELECT ERROR('too bad');
        ${log("2", "'never'")}
      EXCEPTION WHEN ERROR THEN
        ${log("3", "@@error.message")}
        ${log("4", "@@error.statement_text")}
      END;
      ${log("5", "'after'")}`;
    const found = await logged(script);
    expect(found.map((line) => line.split(" ")[0])).toEqual(["1", "3", "4", "5"]);
    expect(found[1]).toMatch(/too bad/);
    expect(found[2]).toBe("4 SELECT ERROR('too bad')");
  });

  test("a block without an error skips its handler", async () => {
    expect(await logged(`BEGIN ${log("1", "'a'")} EXCEPTION WHEN ERROR THEN ${log("2", "'b'")} END`)).toEqual(["1 a"]);
  });

  test("RAISE says its message at its place; in a handler it raises again", async () => {
    await expect(warehouse.execute("SELECT 1;\nRAISE USING MESSAGE = CONCAT('no ', 'way')")).rejects.toThrow(
      /^SQL:2:1: no way$/,
    );
    const again = `BEGIN RAISE USING MESSAGE = 'first'; EXCEPTION WHEN ERROR THEN ${log("1", "@@error.message")} RAISE; END`;
    await expect(warehouse.execute(again)).rejects.toThrow(/^SQL:1:7: first$/);
    expect(await rows()).toEqual([{ n: 1, what: "first" }]);
  });

  test("handlers in handlers: an error goes to the nearest, and the outer one's message comes back", async () => {
    const script = `
      BEGIN
        RAISE USING MESSAGE = 'outer';
      EXCEPTION WHEN ERROR THEN
        BEGIN
          RAISE USING MESSAGE = 'inner';
        EXCEPTION WHEN ERROR THEN
          ${log("1", "@@error.message")}
        END;
        ${log("2", "@@error.message")}
      END`;
    expect(await logged(script)).toEqual(["1 inner", "2 outer"]);
  });

  test("ASSERT can be handled too, and @@row_count is of the last change", async () => {
    const script = `
      BEGIN ASSERT FALSE AS 'not so'; EXCEPTION WHEN ERROR THEN ${log("1", "@@error.message")} END;
      INSERT INTO s.log (n, what) SELECT 5, 'many' FROM UNNEST([1, 2, 3]);
      ${log("9", "FORMAT('%d', @@row_count)")}`;
    expect(await logged(script)).toEqual(["1 not so", "5 many", "5 many", "5 many", "9 3"]);
  });
});

describe("transactions", () => {
  test("an error that is not handled rolls back, out of any depth", async () => {
    const script = `BEGIN TRANSACTION; IF TRUE THEN ${log("1", "'a'")} SELECT ERROR('x'); END IF; COMMIT TRANSACTION`;
    await expect(warehouse.execute(script)).rejects.toThrow();
    expect(await rows()).toEqual([]);
  });

  test("a handler reads the message and rolls back, as BigQuery's manual has it", async () => {
    const script = `
      BEGIN
        BEGIN TRANSACTION;
        ${log("1", "'in vain'")}
        CREATE TABLE s.in_vain AS SELECT 1 AS a;
        SELECT 1 / 0;
        COMMIT TRANSACTION;
      EXCEPTION WHEN ERROR THEN
        SELECT @@error.message;
        ROLLBACK TRANSACTION;
        ${log("2", "'handled'")}
      END;`;
    expect(await logged(script)).toEqual(["2 handled"]);
    expect(await warehouse.schema({ dataset: "s", table: "in_vain" })).toBeNull();
  });

  test("a failed transaction takes nothing but its ROLLBACK", async () => {
    const script = `BEGIN BEGIN TRANSACTION; SELECT 1 / 0; EXCEPTION WHEN ERROR THEN ${log("1", "'x'")} END`;
    await expect(warehouse.execute(script)).rejects.toThrow(/The transaction has failed\. ROLLBACK TRANSACTION comes/);
    await expect(
      warehouse.execute("BEGIN BEGIN TRANSACTION; SELECT 1 / 0; EXCEPTION WHEN ERROR THEN SELECT 1; END"),
    ).rejects.toThrow(/ends inside a transaction/);
    expect(await rows()).toEqual([]);
  });

  test("temporary tables made in a branch or a loop are gone afterwards", async () => {
    const script = `FOR r IN (SELECT 1 AS a) DO CREATE TEMP TABLE t AS SELECT r.a; INSERT INTO s.log (n) SELECT a FROM t; END FOR`;
    await warehouse.execute(script);
    await warehouse.execute(script);
    expect(await rows("SELECT COUNT(*) AS n FROM s.log")).toEqual([{ n: 2 }]);
  });
});

describe("EXECUTE IMMEDIATE", () => {
  test("runs a text, with parameters by name or place, and gives values back", async () => {
    const script = `
      DECLARE total INT64; DECLARE name STRING;
      EXECUTE IMMEDIATE CONCAT('INSERT INTO s.', 'log (n, what) VALUES (@a, @b)') USING 1 AS a, 'one' AS b;
      EXECUTE IMMEDIATE 'INSERT INTO s.log (n, what) VALUES (?, ?)' USING 2, 'two';
      EXECUTE IMMEDIATE 'SELECT SUM(n) AS s, MAX(what) AS w FROM s.log WHERE n > ?' INTO total, name USING 0;
      ${log("total * 10", "name")}`;
    expect(await logged(script)).toEqual(["1 one", "2 two", "30 two"]);
  });

  test("sees temporary tables and functions, and what it makes is seen by others of its kind", async () => {
    const script = `
      CREATE TEMP FUNCTION twice(x INT64) AS (x * 2);
      CREATE TEMP TABLE t AS SELECT 21 AS a;
      EXECUTE IMMEDIATE 'CREATE TEMP TABLE u AS SELECT twice(a) AS b FROM t';
      EXECUTE IMMEDIATE 'INSERT INTO s.log (n) SELECT b FROM u';`;
    expect(await logged(script)).toEqual(["42 null"]);
  });

  test.each([
    ["EXECUTE IMMEDIATE 'SELEC 1'", "SQL_INVALID", /^SQL:2:1: EXECUTE IMMEDIATE: SQL:1:1: Syntax error/],
    ["EXECUTE IMMEDIATE 'SELECT 1 / 0'", "WAREHOUSE_FAILED", /^SQL:2:1: .*division by zero/i],
    ["EXECUTE IMMEDIATE CAST(NULL AS STRING)", "SQL_INVALID", /the text is NULL/],
    ["EXECUTE IMMEDIATE 'SELECT 1; SELECT 2'", "SQL_INVALID", /must be one statement/],
    ["EXECUTE IMMEDIATE 'IF TRUE THEN SELECT 1; END IF'", "SQL_INVALID", /must be one statement/],
    ["EXECUTE IMMEDIATE 1", "SQL_INVALID", /runs a STRING/],
    ["EXECUTE IMMEDIATE 'ASSERT FALSE'", "ASSERTION_FAILED", /does not hold/],
    ["EXECUTE IMMEDIATE 'EXPORT DATA OPTIONS (uri = \"x\") AS SELECT 1 AS a'", "SQL_UNSUPPORTED", /EXPORT DATA/],
  ])("%s", async (script, code, message) => {
    const failed = warehouse.execute(`SELECT 1;\n${script}`);
    await expect(failed).rejects.toThrow(message);
    await expect(failed).rejects.toMatchObject({ code });
  });

  test("is part of a transaction", async () => {
    const script = `BEGIN TRANSACTION; EXECUTE IMMEDIATE "INSERT INTO s.log (n) VALUES (1)"; ASSERT FALSE; COMMIT TRANSACTION`;
    await expect(warehouse.execute(script)).rejects.toMatchObject({ code: "ASSERTION_FAILED" });
    expect(await rows()).toEqual([]);
  });
});

test("every statement that ran is reported, as often as it ran", async () => {
  const { statements } = await warehouse.execute(
    `DECLARE i INT64 DEFAULT 0; WHILE i < 2 DO SET i = i + 1; ${log("i", "'x'")} END WHILE; IF FALSE THEN SELECT 1; END IF`,
  );
  expect(statements.map(({ kind, rows: changed }) => `${kind} ${changed}`)).toEqual([
    "DECLARE 0",
    "SET 0",
    "INSERT 1",
    "SET 0",
    "INSERT 1",
  ]);
});
