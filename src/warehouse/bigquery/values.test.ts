import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { microsToIso } from "../../platform/clock.js";
import type { FieldSchema } from "./api.js";
import { encodeRow } from "./testing/encode.js";
import { columnsOf, rowReader } from "./values.js";

const read = (field: Omit<FieldSchema, "name">, v: unknown): unknown =>
  rowReader({ fields: [{ name: "x", ...field }] })({ f: [{ v }] }).x;

const PERSON: Omit<FieldSchema, "name"> = {
  type: "RECORD",
  mode: "REPEATED",
  fields: [
    { name: "name", type: "STRING", mode: "NULLABLE" },
    { name: "visits", type: "INTEGER", mode: "REPEATED" },
    { name: "home", type: "RECORD", mode: "NULLABLE", fields: [{ name: "city", type: "STRING" }] },
  ],
};

describe("a cell", () => {
  test.each([
    ["INT64", "-5", -5],
    ["INTEGER", "9007199254740991", 9_007_199_254_740_991],
    ["INTEGER", "9007199254740992", 9_007_199_254_740_992n],
    ["INT64", "-9223372036854775808", -9_223_372_036_854_775_808n],
    ["FLOAT", "1.0E-7", 1e-7],
    ["FLOAT64", "NaN", Number.NaN],
    ["FLOAT64", "Infinity", Number.POSITIVE_INFINITY],
    ["FLOAT64", "-inf", Number.NEGATIVE_INFINITY],
    ["NUMERIC", "12345678901234567890.000000001", "12345678901234567890.000000001"],
    ["BIGNUMERIC", "0.1", "0.1"],
    ["BOOLEAN", "true", true],
    ["BOOL", "false", false],
    ["STRING", "", ""],
    ["BYTES", "AP8K", Buffer.from([0, 255, 10])],
    ["DATE", "2024-02-29", "2024-02-29"],
    ["TIMESTAMP", "1706693400000001", "2024-01-31T09:30:00.000001Z"],
    ["TIMESTAMP", "-1", "1969-12-31T23:59:59.999999Z"],
    ["TIMESTAMP", "253402300799999999", "9999-12-31T23:59:59.999999Z"],
    ["TIMESTAMP", "-62135596800000000", "0001-01-01T00:00:00.000000Z"],
    ["DATETIME", "2024-03-10T02:30:00", "2024-03-10T02:30:00.000000"],
    ["DATETIME", "2024-03-10T02:30:00.500000", "2024-03-10T02:30:00.500000"],
    ["TIME", "23:59:59", "23:59:59.000000"],
    ["JSON", '{"a":[1,null]}', { a: [1, null] }],
    ["JSON", "null", null],
    ["INTERVAL", "0-0 1 0:0:0", "0-0 1 0:0:0"],
    ["GEOGRAPHY", "POINT(1 2)", "POINT(1 2)"],
  ])("of %s %s", (type, sent, value) => {
    expect(read({ type }, sent)).toEqual(value);
    expect(read({ type }, null)).toBeNull();
  });

  it("of lists and structs keeps every NULL where it was", () => {
    const sent = [
      { v: { f: [{ v: null }, { v: [{ v: "1" }, { v: "9223372036854775807" }] }, { v: { f: [{ v: null }] } }] } },
      { v: { f: [{ v: "Ann" }, { v: [] }, { v: null }] } },
    ];
    expect(read(PERSON, sent)).toEqual([
      { name: null, visits: [1, 9_223_372_036_854_775_807n], home: { city: null } },
      { name: "Ann", visits: [], home: null },
    ]);
  });

  it("of a list that is NULL is an empty list: BigQuery sends no other", () => {
    expect(read(PERSON, [])).toEqual([]);
    expect(read({ type: "STRING", mode: "REPEATED" }, null)).toEqual([]);
  });

  it("that is no number is not taken for one", () => {
    expect(() => read({ type: "FLOAT64" }, "twelve")).toThrow(/not a number/);
  });
});

test("every microsecond reads as the clock writes it", () => {
  fc.assert(
    fc.property(fc.integer({ min: -9_000_000_000_000_000, max: 9_000_000_000_000_000 }), (micros) => {
      expect(read({ type: "TIMESTAMP" }, String(micros))).toBe(microsToIso(micros));
    }),
  );
});

test("rows of any values come back as they were", () => {
  const columns = [
    { name: "i", type: "INT64" },
    { name: "f", type: "FLOAT64" },
    { name: "s", type: "STRING" },
    { name: "j", type: "JSON" },
    { name: "l", type: "ARRAY<STRUCT<a INT64, b ARRAY<STRING>, c BYTES>>" },
  ];
  const int64 = fc
    .bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
    .map((value) => (Number.isSafeInteger(Number(value)) ? Number(value) : value));
  const element = fc.record({
    a: fc.option(int64),
    b: fc.array(fc.string()),
    c: fc.option(fc.uint8Array().map((bytes) => Buffer.from(bytes))),
  });
  const row = fc.record({
    i: fc.option(int64),
    f: fc.option(fc.double({ noDefaultInfinity: true }).filter((value) => !Object.is(value, -0))),
    s: fc.option(fc.string()),
    j: fc.option(fc.object().map((value) => JSON.parse(JSON.stringify(value)))),
    l: fc.array(element),
  });
  const fields: FieldSchema[] = [
    { name: "i", type: "INTEGER" },
    { name: "f", type: "FLOAT" },
    { name: "s", type: "STRING" },
    { name: "j", type: "JSON" },
    {
      name: "l",
      type: "RECORD",
      mode: "REPEATED",
      fields: [
        { name: "a", type: "INTEGER" },
        { name: "b", type: "STRING", mode: "REPEATED" },
        { name: "c", type: "BYTES" },
      ],
    },
  ];
  fc.assert(
    fc.property(row, (values) => {
      const sent = JSON.parse(JSON.stringify(encodeRow(columns, values, true)));
      expect(rowReader({ fields })(sent)).toEqual(values);
    }),
  );
});

test("columns are named by the types of GoogleSQL, whatever the schema calls them", () => {
  const scalars = ["INTEGER", "FLOAT", "BOOLEAN", "NUMERIC", "JSON"].map((type) => ({
    name: type.toLowerCase(),
    type,
  }));
  expect(columnsOf({ fields: [...scalars, { name: "people", ...PERSON }] })).toEqual([
    { name: "integer", type: "INT64" },
    { name: "float", type: "FLOAT64" },
    { name: "boolean", type: "BOOL" },
    { name: "numeric", type: "NUMERIC" },
    { name: "json", type: "JSON" },
    { name: "people", type: "ARRAY<STRUCT<name STRING, visits ARRAY<INT64>, home STRUCT<city STRING>>>" },
  ]);
});
