import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  both,
  type Conditions,
  complement,
  conditionsKey,
  either,
  implies,
  intersect,
  isEmpty,
  type KeySet,
  type KeyValue,
  oneOf,
  unite,
} from "./lineage-keys.js";

/** "z" stands for all values that no set names. */
const VALUES: readonly KeyValue[] = ["a", "b", "c", null, "z"];
const NAMED = VALUES.slice(0, 4);

const set: fc.Arbitrary<KeySet> = fc.oneof(
  fc.subarray([...NAMED]).map(oneOf),
  fc.subarray([...NAMED]).map((values) => complement(oneOf(values))),
);
const conditions: fc.Arbitrary<Conditions> = fc.dictionary(fc.constantFrom("k", "l"), set);

function has(keys: KeySet, value: KeyValue): boolean {
  return "in" in keys ? keys.in.includes(value) : !keys.notIn.includes(value);
}

const ROWS = VALUES.flatMap((k) => VALUES.map((l) => ({ k, l })));

function holds(of: Conditions | null, row: { readonly k: KeyValue; readonly l: KeyValue }): boolean {
  return of !== null && Object.entries(of).every(([column, keys]) => has(keys, column === "k" ? row.k : row.l));
}

describe("sets of keys", () => {
  test("are what they have", () => {
    fc.assert(
      fc.property(set, set, (a, b) => {
        for (const value of VALUES) {
          expect(has(intersect(a, b), value)).toBe(has(a, value) && has(b, value));
          expect(has(unite(a, b), value)).toBe(has(a, value) || has(b, value));
          expect(has(complement(a), value)).toBe(!has(a, value));
        }
        expect(isEmpty(a)).toBe(VALUES.every((value) => !has(a, value)));
      }),
    );
  });

  test("are the same data in any order", () => {
    expect(oneOf(["b", null, "a", "b"])).toEqual({ in: [null, "a", "b"] });
    expect(conditionsKey({ l: oneOf(["b"]), k: oneOf(["a"]) })).toBe(
      conditionsKey({ k: oneOf(["a"]), l: oneOf(["b"]) }),
    );
  });
});

describe("conditions", () => {
  test("hold of rows: both of what both hold of, either of no fewer than one holds of", () => {
    fc.assert(
      fc.property(conditions, conditions, (a, b) => {
        const met = both(a, b);
        const joined = either(a, b);
        for (const row of ROWS) {
          expect(holds(met, row)).toBe(holds(a, row) && holds(b, row));
          if (holds(a, row) || holds(b, row)) expect(holds(joined, row)).toBe(true);
          if (implies(a, b) && holds(b, row)) expect(holds(a, row)).toBe(true);
        }
      }),
    );
  });

  test("of one column are joined exactly", () => {
    expect(either({ k: oneOf(["a"]) }, { k: oneOf(["b"]) })).toEqual({ k: { in: ["a", "b"] } });
    expect(either({ k: oneOf(["a"]) }, { l: oneOf(["b"]) })).toEqual({});
    expect(either({ k: oneOf(["a"]) }, { k: complement(oneOf(["a"])) })).toEqual({});
  });
});
