import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Flow, SourceFlow } from "./lineage.js";
import {
  columnValue,
  merge,
  part,
  partAt,
  renameParts,
  sortedEntries,
  through,
  type Value,
  within,
} from "./lineage-values.js";

const flow = fc.constantFrom<Flow>("copy", "derive", "digest", "decide");
const steps = fc.array(fc.constantFrom("a", "b", "[]"), { maxLength: 3 });
const entry: fc.Arbitrary<SourceFlow> = fc.record({
  table: fc.constantFrom("t", "u"),
  column: fc.constantFrom("x", "y"),
  path: steps,
  flow,
  into: steps,
});
const value: fc.Arbitrary<Value> = fc
  .array(entry, { maxLength: 8 })
  .map((entries) => merge(entries.map((one) => [one])));

/** What a function makes of a part has no parts of its own: next to the part itself it says nothing more. */
const copies = value.map((entries) => merge(entries.map((one) => [{ ...one, flow: "copy" as const }])));

const same = (a: Value, b: Value): void => expect(sortedEntries(a)).toEqual(sortedEntries(b));

describe("values", () => {
  test("merge as sets: in any order, and twice is once", () => {
    fc.assert(
      fc.property(value, value, value, (a, b, c) => {
        same(merge([a, b]), merge([b, a]));
        same(merge([merge([a, b]), c]), merge([a, merge([b, c])]));
        same(merge([a, a]), a);
        same(merge([a, []]), a);
      }),
    );
  });

  test("come out of a part as they went in", () => {
    fc.assert(
      fc.property(value, (a) => {
        same(part(within("n", a), "n"), a);
        same(part(within("n", a), "m"), []);
        same(part(renameParts(within("n", a), ["n"], ["m"]), "m"), a);
      }),
    );
  });

  test("give the parts of all when they are merged", () => {
    fc.assert(
      fc.property(copies, copies, (a, b) => {
        same(part(merge([a, b]), "a"), merge([part(a, "a"), part(b, "a")]));
      }),
    );
  });

  test("hold each part once", () => {
    fc.assert(
      fc.property(value, (a) => {
        const found = part(a, "a");
        same(merge(found.map((one) => [one])), found);
      }),
    );
  });

  test("only get weaker through functions, and the weakest step counts", () => {
    fc.assert(
      fc.property(value, flow, flow, (a, one, other) => {
        same(through(one, through(one, a)), through(one, a));
        if (one !== "copy" && other !== "copy") same(through(one, through(other, a)), through(other, through(one, a)));
      }),
    );
  });

  test("extend the path of what was copied, and of nothing else", () => {
    expect(partAt(columnValue("t", "x"), ["a", "[]"])).toEqual([
      { table: "t", column: "x", path: ["a", "[]"], flow: "copy", into: [] },
    ]);
    expect(part(through("derive", columnValue("t", "x")), "a")).toEqual([
      { table: "t", column: "x", path: [], flow: "derive", into: [] },
    ]);
  });

  test("have no paths without end", () => {
    let deep = columnValue("t", "x");
    for (let i = 0; i < 1000; i += 1) deep = part(deep, "child");
    expect(deep[0]?.path.length).toBeLessThan(50);
  });
});
