import { describe, expect, it } from "vitest";
import { createBindings, templateOf } from "./parameters.js";

describe("templateOf", () => {
  it("cuts at parameters, not at texts or quoted names that look like one", () => {
    expect(templateOf("SELECT CAST($a AS BIGINT), '$b', \"$c\", 'it''s $d' || $e_2")).toEqual([
      "SELECT CAST(",
      "a",
      " AS BIGINT), '$b', \"$c\", 'it''s $d' || ",
      "e_2",
      "",
    ]);
    expect(templateOf("SELECT 1")).toEqual(["SELECT 1"]);
  });
});

describe("bind", () => {
  const bound = (type: string, value: unknown) => createBindings({ P: { type, value } }).bind(["<", "p", ">"]);

  it("writes moments, integers, truths and NULL as constants", () => {
    expect(bound("TIMESTAMP", -1_500_000)).toEqual({ sql: "<make_timestamptz('-1500000'::BIGINT)>" });
    expect(bound("INT64", -9_223_372_036_854_775_808n)).toEqual({ sql: "<'-9223372036854775808'::BIGINT>" });
    expect(bound("BOOL", false)).toEqual({ sql: "<FALSE>" });
    expect(bound("STRING", null)).toEqual({ sql: "<NULL>" });
  });

  it("never writes a text into SQL", () => {
    expect(bound("STRING", "'; DROP TABLE t; --")).toMatchObject({ sql: "<$p>", values: { p: "'; DROP TABLE t; --" } });
    expect(bound("ARRAY<INT64>", [1])).toMatchObject({ sql: "<$p>" });
  });

  it("refuses a value of another type, whatever it says", () => {
    expect(() => bound("INT64", "1; DROP TABLE t")).toThrowError(/@P is not a value of type INT64/);
    expect(() => bound("TIMESTAMP", "now()")).toThrowError(/@P is not a value of type TIMESTAMP/);
    expect(() => bound("BOOL", "TRUE")).toThrowError(/@P is not a value of type BOOL/);
  });
});
