import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RollcallError } from "../../../platform/errors.js";
import { entry } from "./entry.js";
import { expand, hasMacro, libraryNames } from "./expand.js";
import { installLibrary } from "./install.js";
import { openTestEngine, type TestEngine } from "./testing.js";

let engine: TestEngine;
beforeAll(async () => {
  engine = await openTestEngine();
});
afterAll(() => engine.close());

describe("expand", () => {
  it("puts arguments in parentheses, and leaves text literals alone", () => {
    expect(expand("concat", ["'$a'", "x || '$b'"], ["STRING", "STRING"])).toBe("('$a' || (x || '$b'))");
    expect(expand("bit_not", ["-1"], ["INT64"])).toBe("(~(-1))");
  });

  it("chooses the overload by kind, and takes the wider number where there is no other", () => {
    expect(expand("length", ["x"], ["BYTES"])).toBe("(octet_length(x))");
    expect(expand("div", ["x", "y"], ["INT64", "NUMERIC"])).toContain("u_numeric_divide");
    expect(expand("safe_divide", ["x", "y"], ["NUMERIC", "DOUBLE"])).toBe("(CASE WHEN y <> 0 THEN x / y END)");
  });

  it("fills in defaults", () => {
    expect(expand("split", ["x"], ["STRING"])).toBe("(string_split(x, ','))");
  });

  it("says what it does not know", () => {
    const fault = (call: () => string): unknown => {
      try {
        return call();
      } catch (error) {
        return error instanceof RollcallError ? [error.code, error.message] : error;
      }
    };
    expect(fault(() => expand("no_such", [], []))).toEqual([
      "SQL_UNSUPPORTED",
      "the embedded warehouse has no function NO_SUCH",
    ]);
    expect(fault(() => expand("split", ["x", "y"], ["INT64", "INT64"]))).toEqual([
      "SQL_UNSUPPORTED",
      "the embedded warehouse has no SPLIT(INT64, INT64); cast the arguments, or write it another way",
    ]);
    expect(fault(() => expand("split", ["x", "y", "z"], []))).toEqual([
      "SQL_UNSUPPORTED",
      "the embedded warehouse has no SPLIT(?, ?, ?); cast the arguments, or write it another way",
    ]);
    expect(hasMacro("no_such")).toBe(false);
    expect(hasMacro("json_value")).toBe(true);
  });

  it("evaluates a volatile argument once", async () => {
    const sql = expand("trunc", ["random()", "1"], ["DOUBLE", "INT64"]);
    expect(sql).not.toContain("bound_args");
    const twice = expand("cast_string", ["random() * 1000"], ["DOUBLE"]);
    expect(twice.match(/random/g)).toHaveLength(1);
    // Were each mention drawn anew, some text would be of another number than the one whose length was checked.
    const longest = await engine.scalar(`SELECT max(length(${twice})) FROM range(2000)`);
    expect(Number(longest)).toBeGreaterThan(10);
  });

  it("keeps nested calls short", () => {
    let sql = "c1";
    for (let depth = 0; depth < 8; depth += 1) sql = expand("cast_string", [sql], ["DOUBLE"]);
    expect(sql.length).toBeLessThan(30_000);
  });

  it("takes subqueries and aggregates where a lambda uses the argument", async () => {
    const joined = expand(
      "array_to_string",
      ["list(i::VARCHAR)", "(SELECT '-')", "(SELECT '?')"],
      ["ARRAY", "STRING", "STRING"],
    );
    expect(await engine.scalar(`SELECT ${joined} FROM range(3) t(i)`)).toBe("0-1-2");
  });

  it("sums the weights of APPROX_TOP_SUM", async () => {
    const sql = expand("top_sum", ["list({'v': v, 'w': w})", "2"], ["ARRAY", "INT64"]);
    expect(
      await engine.scalar(`SELECT ${sql}::VARCHAR FROM (VALUES ('a', 1), ('b', 5), ('a', 3), ('c', 1)) t(v, w)`),
    ).toBe("[{'value': b, 'sum': 5}, {'value': a, 'sum': 4}]");
  });

  it("fails in a way that TRY turns into NULL", async () => {
    for (const failing of [
      expand("cast_int", ["x"], ["STRING"]),
      expand("div", ["n", "0"], ["INT64", "INT64"]),
      expand("offset", ["[n]", "5"], ["ARRAY", "INT64"]),
      expand("parse_date", ["'%Y-%m-%d'", "x"], ["STRING", "STRING"]),
    ]) {
      expect(await engine.scalar(`SELECT TRY(${failing}) FROM (SELECT unnest(['x']) AS x, 1 AS n)`)).toBeNull();
    }
  });

  it("is installed twice without harm", async () => {
    await installLibrary(engine.connection);
    expect(await engine.scalar("SELECT u_soundex('Robert')")).toBe("R163");
  });

  it("has an entry for everything the models' functions need", () => {
    const missing = [
      "like",
      "rx0",
      "rx1",
      "iv_add",
      "extract_week_monday",
      "last_day_week_saturday",
      "typename",
    ].filter((name) => !libraryNames().includes(name));
    expect(missing).toEqual([]);
  });
});

describe("entry", () => {
  it("refuses bodies and signatures that do not fit", () => {
    expect(() => entry("f", { "s STRING": "upper($t)" })).toThrow("body mentions unknown $t");
    expect(() => entry("f", { "s STRING, n": "upper($s)" })).toThrow("body never mentions $n");
    expect(() => entry("f", { "s TEXT": "upper($s)" })).toThrow('"s TEXT" is not "name [TYPE] [= default]"');
  });
});
