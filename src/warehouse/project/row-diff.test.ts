import { describe, expect, it } from "vitest";
import { diffRows } from "./row-diff.js";
import { isoOf, microsOf } from "./typed-value.js";

const columns = [
  { name: "id", type: "STRING" },
  { name: "at", type: "TIMESTAMP" },
  { name: "score", type: "FLOAT64" },
  { name: "props", type: "JSON" },
  { name: "tags", type: "ARRAY<STRUCT<k STRING, n INT64>>" },
];
const row = { id: "a", at: "2026-01-01T00:00:00Z", score: 0.3, props: { x: 1, y: [2] }, tags: [{ k: "p", n: 1 }] };

describe("diffRows", () => {
  it("takes equal values in any order and notation for equal", () => {
    const other = {
      id: "a",
      at: "2026-01-01 01:00:00.000000+01:00",
      score: 0.1 + 0.2,
      props: { y: [2], x: 1 },
      tags: [{ n: 1, k: "p" }],
    };
    const second = { id: "b", at: null };
    expect(diffRows(columns, [row, second], [{ ...second, score: null }, other])).toEqual([]);
  });

  it("names the row and the cell, by type", () => {
    expect(diffRows(columns, [row], [{ ...row, score: 0.31 }])).toEqual([
      'row { id: "a", at: 2026-01-01T00:00:00.000000Z }: score should be 0.3, is 0.31',
    ]);
    expect(diffRows([{ name: "n", type: "STRING" }], [{ n: "NULL" }], [{ n: null }])).toEqual([
      'missing row: { n: "NULL" }',
      "unexpected row: { n: NULL }",
    ]);
  });

  it("counts equal rows", () => {
    const one = [{ name: "id", type: "STRING" }];
    expect(diffRows(one, [{ id: "a" }], [{ id: "a" }, { id: "a" }])).toEqual(['unexpected row: { id: "a" }']);
  });

  it("keeps the order of arrays", () => {
    const list = [{ name: "l", type: "ARRAY<INT64>" }];
    expect(diffRows(list, [{ l: [1, 2] }], [{ l: [2, 1] }])).toHaveLength(2);
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
  it("refuses what is none", () => {
    expect(() => microsOf("yesterday")).toThrow('not a TIMESTAMP: "yesterday"');
  });
});
