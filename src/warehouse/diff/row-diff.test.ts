import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Row } from "../port.js";
import { diffLines } from "./diff-text.js";
import { diffRows, isSame } from "./row-diff.js";

const columns = [
  { name: "id", type: "STRING" },
  { name: "at", type: "TIMESTAMP" },
  { name: "score", type: "FLOAT64" },
  { name: "props", type: "JSON" },
  { name: "tags", type: "ARRAY<STRUCT<k STRING, n INT64>>" },
];
const row = { id: "a", at: "2026-01-01T00:00:00Z", score: 0.3, props: { x: 1, y: [2] }, tags: [{ k: "p", n: 1 }] };
const ids = [{ name: "id", type: "STRING" }];

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
    expect(isSame(diffRows(columns, [], [row, second], [{ ...second, score: null }, other]))).toBe(true);
  });

  it("names the row and the cell, by type", () => {
    const { changed, missing, unexpected } = diffRows(columns, [], [row], [{ ...row, score: 0.31 }]);
    expect({ changed, missing, unexpected }).toEqual({
      changed: [
        {
          label: ['"a"', "2026-01-01T00:00:00.000000Z"],
          cells: [{ column: "score", type: "FLOAT64", expected: "0.3", actual: "0.31" }],
        },
      ],
      missing: [],
      unexpected: [],
    });
    const texts = diffRows(ids, [], [{ id: "NULL" }], [{ id: null }]);
    expect([texts.missing, texts.unexpected]).toEqual([[['"NULL"']], [["NULL"]]]);
  });

  it("pairs rows by their key, however little else they share", () => {
    const wide = ["id", "a", "b", "c"].map((name) => ({ name, type: "INT64" }));
    const expected = [{ id: 1, a: 1, b: 1, c: 1 }];
    const actual = [
      { id: 2, a: 1, b: 1, c: 1 },
      { id: 1, a: 9, b: 9, c: 9 },
    ];
    const keyed = diffRows(wide, ["id"], expected, actual);
    expect(keyed.changed.map(({ label, cells }) => [label, cells.map(({ column }) => column)])).toEqual([
      [["1"], ["a", "b", "c"]],
    ]);
    expect(keyed.unexpected).toEqual([["2", "1", "1", "1"]]);
    // A key that is not compared as a whole pairs nothing.
    const unkeyed = diffRows(wide, ["id", "other"], expected, actual);
    expect(unkeyed.changed.map(({ cells }) => cells)).toEqual([
      [{ column: "id", type: "INT64", expected: "1", actual: "2" }],
    ]);
  });

  it("counts equal rows", () => {
    expect(diffRows(ids, ["id"], [{ id: "a" }], [{ id: "a" }, { id: "a" }]).unexpected).toEqual([['"a"']]);
  });

  it("keeps the order of arrays", () => {
    const list = [{ name: "l", type: "ARRAY<INT64>" }];
    expect(isSame(diffRows(list, [], [{ l: [1, 2] }], [{ l: [2, 1] }]))).toBe(false);
  });

  it("finds two tables the same when and only when one is the other in another order", () => {
    const shape = ["k", "v"].map((name) => ({ name, type: "INT64" }));
    const rows = fc.array(fc.record({ k: fc.integer({ min: 0, max: 2 }), v: fc.integer({ min: 0, max: 2 }) }), {
      maxLength: 6,
    });
    const sorted = (list: readonly Row[]): string[] => list.map(({ k, v }) => `${k}|${v}`).sort();
    fc.assert(
      fc.property(rows, rows, fc.constantFrom([], ["k"]), (a, b, keys) => {
        const diff = diffRows(shape, keys, a, b);
        expect(isSame(diff)).toBe(sorted(a).join() === sorted(b).join());
        expect(diff.changed.length + diff.missing.length).toBeLessThanOrEqual(a.length);
        expect(a.length - diff.missing.length).toBe(b.length - diff.unexpected.length);
      }),
    );
  });
});

describe("diffLines", () => {
  it("aligns cells, missing and unexpected rows", () => {
    const shape = [
      { name: "id", type: "STRING" },
      { name: "n", type: "INT64" },
      { name: "m", type: "INT64" },
    ];
    const diff = diffRows(
      shape,
      ["id"],
      [
        { id: "a", n: 1, m: 1 },
        { id: "long one", n: 1, m: 1 },
      ],
      [
        { id: "a", n: 12, m: null },
        { id: "b", n: 1, m: 1 },
      ],
    );
    expect(diffLines(diff)).toEqual([
      "  id   column  type   expected  got",
      '  "a"  n       INT64  1         12',
      "       m       INT64  1         NULL",
      "1 row missing:",
      "  id          n  m",
      '  "long one"  1  1',
      "1 row not expected:",
      "  id   n  m",
      '  "b"  1  1',
    ]);
  });

  it("shows long texts where they begin to differ", () => {
    const start = "x".repeat(100);
    const diff = diffRows(
      [...ids, { name: "t", type: "STRING" }],
      ["id"],
      [{ id: "a", t: `${start}expected` }],
      [{ id: "a", t: `${start}got` }],
    );
    const [, line] = diffLines(diff);
    expect(line).toBe('  "a"  t       STRING  …xxxxxxxxxxxxexpected"  …xxxxxxxxxxxxgot"');
  });
});
