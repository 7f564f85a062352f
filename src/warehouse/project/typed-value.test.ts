import { describe, expect, it } from "vitest";
import { parseType } from "../googlesql/types.js";
import { canonicalValue, isoOf, microsOf, paramValue, valueProblem } from "./typed-value.js";

describe("valueProblem", () => {
  it.each([
    ["STRING", "a"],
    ["STRING", null],
    ["INT64", 12],
    ["INT64", "9007199254740993"],
    ["INT64", 9007199254740993n],
    ["FLOAT64", 0.5],
    ["FLOAT64", Number.NaN],
    ["NUMERIC", "0.10"],
    ["NUMERIC", 2],
    ["BOOL", false],
    ["DATE", "2026-03-01"],
    ["DATETIME", "2026-03-01T10:00:00.5"],
    ["TIME", "10:00:00"],
    ["TIMESTAMP", "2026-03-01T10:00:00.123456Z"],
    ["TIMESTAMP", "2026-03-01"],
    ["BYTES", "YWJj"],
    ["BYTES", Buffer.from("abc")],
    ["JSON", { any: ["thing"] }],
    ["ARRAY<STRUCT<k STRING, n INT64>>", [{ k: "a" }, { n: 1 }]],
  ])("takes for a %s: %s", (type, value) => {
    expect(valueProblem(value, parseType(type))).toBeNull();
  });

  it.each([
    ["STRING", 2, "is STRING, not 2: write it in quotes"],
    ["STRING", ["a"], 'is STRING, not ["a"]'],
    ["INT64", "many", 'is INT64, not "many"'],
    ["INT64", 1.5, "is INT64, not 1.5"],
    ["FLOAT64", "0.5", 'is FLOAT64, not "0.5"'],
    ["NUMERIC", "1e3", 'is NUMERIC, not "1e3"'],
    ["BOOL", "true", 'is BOOL, not "true"'],
    ["DATE", "2026-03-01T00:00:00Z", 'is DATE, not "2026-03-01T00:00:00Z"'],
    ["DATE", "2026-02-30", 'is DATE, not "2026-02-30"'],
    ["DATE", "2026-13-01", 'is DATE, not "2026-13-01"'],
    ["DATETIME", "2025-02-29T10:00:00", 'is DATETIME, not "2025-02-29T10:00:00"'],
    ["TIMESTAMP", "2026-04-31T10:00:00Z", 'is TIMESTAMP, not "2026-04-31T10:00:00Z"'],
    ["TIMESTAMP", "yesterday", 'is TIMESTAMP, not "yesterday"'],
    ["BYTES", "not base64!", 'is BYTES, not "not base64!"'],
    ["ARRAY<INT64>", 1, "is an ARRAY, not 1: write [..]"],
    ["ARRAY<INT64>", [1, "x"], '[1] is INT64, not "x"'],
    ["STRUCT<k STRING>", "a", 'is a STRUCT, not "a": write { field: value }'],
    ["STRUCT<kind STRING>", { kid: "a" }, "has no field kid. Did you mean kind?"],
    ["ARRAY<STRUCT<k STRING, n INT64>>", [{ k: "a", n: "b" }], '[0].n is INT64, not "b"'],
  ])("tells what is wrong for a %s: %s", (type, value, problem) => {
    expect(valueProblem(value, parseType(type))).toBe(problem);
  });
});

describe("values", () => {
  it("written in the ways a fixture may are equal to what the warehouse gives", () => {
    const same = (type: string, ...values: unknown[]): void => {
      const texts = values.map((value) => canonicalValue(value, parseType(type)));
      expect(new Set(texts).size, texts.join()).toBe(1);
    };
    same("NUMERIC", "0.10", "0.1");
    same("INT64", "9007199254740993", 9007199254740993n);
    same("BYTES", "YWJj", Buffer.from("abc"));
    same("TIMESTAMP", "2026-03-01", "2026-03-01 01:00:00.000000+01");
    same("DATETIME", "2026-03-01", "2026-03-01T00:00:00", "2026-03-01 00:00:00.000000");
    same("TIME", "10:00:00", "10:00", "10:00:00.000000");
  });

  it("go to the warehouse by type", () => {
    expect(paramValue("9007199254740993", parseType("INT64"))).toBe(9007199254740993n);
    expect(paramValue("YWJj", parseType("BYTES"))).toEqual(Buffer.from("abc"));
    expect(paramValue([{ at: "2026-03-01" }], parseType("ARRAY<STRUCT<at TIMESTAMP, n INT64>>"))).toEqual([
      { at: 1_772_323_200_000_000, n: null },
    ]);
  });
});

describe("timestamps", () => {
  it.each([
    ["2026-01-01T00:00:00Z", "2026-01-01T00:00:00.000000Z"],
    ["2026-01-01", "2026-01-01T00:00:00.000000Z"],
    ["2026-01-01 10:00:00.123456+02", "2026-01-01T08:00:00.123456Z"],
    ["1969-12-31T23:59:59.9Z", "1969-12-31T23:59:59.900000Z"],
  ])("%s is %s", (text, iso) => {
    expect(isoOf(microsOf(text))).toBe(iso);
  });
  it.each(["yesterday", "2026-02-30", "2025-02-29T12:00:00Z", "2026-04-31 00:00:00+02", "2026-01-01T24:00:00Z"])(
    "refuses %s",
    (text) => {
      expect(() => microsOf(text)).toThrow(`not a TIMESTAMP: "${text}"`);
    },
  );
  it("knows leap days and days that are others elsewhere", () => {
    expect(isoOf(microsOf("2024-02-29"))).toBe("2024-02-29T00:00:00.000000Z");
    expect(isoOf(microsOf("2026-03-01T00:30:00+02:00"))).toBe("2026-02-28T22:30:00.000000Z");
  });
});
