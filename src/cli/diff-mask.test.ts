import { describe, expect, it } from "vitest";
import { MASK, type PersonalParts } from "../privacy/mask.js";
import type { TableDiff } from "../warehouse/diff/diff.js";
import { maskDiff } from "./diff-mask.js";

const column = (name: string) => ({ name, typeBefore: "STRING", typeAfter: "STRING", changed: 1 });
const diff: TableDiff = {
  rowsBefore: 1,
  rowsAfter: 1,
  added: 0,
  removed: 0,
  changed: 1,
  columns: ["Id", "Note", "extra", "email"].map(column),
  rows: [
    {
      kind: "changed",
      key: { id: "k1" },
      cells: [
        { column: "Note", before: '"a"', after: null },
        { column: "extra", before: '{"x": 1.50, "email": null}', after: '{"x":[{"Email":"e"}],"y":"f"}' },
        { column: "email", before: "null", after: '"e"' },
      ],
    },
  ],
};
const cellsOf = (...sides: (PersonalParts | null)[]): Record<string, readonly unknown[]> =>
  Object.fromEntries(
    maskDiff(diff, new Set(["email"]), sides).rows.flatMap(({ cells }) =>
      cells.map(({ column: name, before, after }) => [name, [before, after]]),
    ),
  );
const parts = (entries: Record<string, readonly (readonly string[])[]>): PersonalParts =>
  new Map(Object.entries(entries));

describe("a diff's personal values", () => {
  it("are masked by name, members as well; the rest stays as it is written", () => {
    expect(cellsOf()).toEqual({
      Note: ['"a"', null],
      extra: ['{"x": 1.50, "email": null}', `{"x":[{"Email":"${MASK}"}],"y":"f"}`],
      email: ["null", MASK],
    });
  });

  it("are masked by where either side comes from, in any case", () => {
    const masked = cellsOf(parts({ note: [[]] }), parts({ EXTRA: [["y"]] }));
    expect(masked.Note).toEqual([MASK, null]);
    expect(masked.extra?.[1]).toBe(`{"x":[{"Email":"${MASK}"}],"y":"${MASK}"}`);
  });

  it("are everything where a side cannot be followed, the key included", () => {
    expect(cellsOf(parts({}), null)).toMatchObject({ Note: [MASK, null], extra: [MASK, MASK] });
    expect(maskDiff(diff, new Set(), [null]).rows[0]?.key).toEqual({ id: MASK });
  });
});
