import fc from "fast-check";
import { expect, test } from "vitest";
import type { Fixture } from "./contract.js";
import { findInMemory } from "./contract-model.js";
import type { Condition, Document, Query, Scalar } from "./port.js";

const INVALID = { code: "INPUT_INVALID", isRetriable: false };

interface Entry extends Document {
  readonly a?: Scalar;
  readonly B?: Scalar;
  readonly b?: Scalar;
  readonly deep?: { readonly c?: Scalar } | null;
}

const SPEC = { name: "entries", indexes: [["a", "deep.c"], ["b"], ["B"], ["deep.c"]] } as const;
const FIELDS = ["a", "b", "B", "deep.c", "_id"] as const;

/** Few values, so that ties and matches are common; those that look alike across kinds are among them. */
const scalar: fc.Arbitrary<Scalar> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.constantFrom<Scalar>(
      null,
      0,
      1,
      -1,
      0.1 + 0.2,
      2 ** 53,
      1e300,
      5e-324,
      true,
      false,
      "",
      "0",
      "1",
      "true",
    ),
  },
  { weight: 4, arbitrary: fc.constantFrom("a", "a\u0000", "a\u0000b", "b", "\u{1f393}", "\uffff") },
  { weight: 1, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }) },
  { weight: 1, arbitrary: fc.string({ unit: "grapheme", maxLength: 3 }) },
);

const entry: fc.Arbitrary<Omit<Entry, "_id">> = fc.record(
  {
    a: scalar,
    b: scalar,
    B: scalar,
    deep: fc.oneof(fc.record({ c: scalar }, { requiredKeys: [] }), fc.constant(null)),
  },
  { requiredKeys: [] },
);

const lower = fc.oneof(fc.record({ gt: scalar }), fc.record({ gte: scalar }));
const upper = fc.oneof(fc.record({ lt: scalar }), fc.record({ lte: scalar }));

const condition: fc.Arbitrary<Condition> = fc.oneof(
  scalar,
  fc.record({ in: fc.array(scalar, { maxLength: 5 }) }),
  lower,
  upper,
  fc.tuple(lower, upper).map(([from, to]) => ({ ...from, ...to })),
);

const query: fc.Arbitrary<Query> = fc.record(
  {
    where: fc.dictionary(fc.constantFrom(...FIELDS), condition, { maxKeys: 2 }),
    sort: fc.uniqueArray(fc.record({ field: fc.constantFrom(...FIELDS), descending: fc.boolean() }), {
      selector: ({ field }) => field,
      maxLength: 2,
    }),
    limit: fc.nat(12),
  },
  { requiredKeys: [] },
);

const idsOf = (documents: readonly Document[]): string[] => documents.map(({ _id }) => _id);

export function findingTests(fixture: Fixture): void {
  const entries = async () => (await fixture.open()).collection<Entry>(SPEC);

  test("find and count are what a filtered, sorted list would be", async () => {
    const collection = await entries();
    await fc.assert(
      fc.asyncProperty(
        fc.array(entry, { maxLength: 25 }),
        fc.array(query, { minLength: 1, maxLength: 8 }),
        async (stored, queries) => {
          await collection.remove(idsOf(await collection.find({})));
          const documents = stored.map((one, at) => ({ ...one, _id: `${(at * 7) % 5}-${at}` }));
          await collection.put(documents);
          // JSON knows no -0.
          const plain = JSON.parse(JSON.stringify(documents)) as Entry[];
          for (const asked of queries) {
            const expected = findInMemory(plain, asked);
            expect(idsOf(await collection.find(asked)), JSON.stringify(asked)).toEqual(idsOf(expected));
            const { where } = asked;
            const all = findInMemory(plain, where === undefined ? {} : { where });
            expect(await collection.count(where === undefined ? {} : { where })).toBe(all.length);
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  test("values of different kinds are never equal, and sort null, numbers, text, booleans", async () => {
    const collection = await entries();
    const values: Scalar[] = [null, 0, 1, "", "0", "1", "true", false, true];
    await collection.put(values.map((a, at) => ({ _id: String(at), a })));
    for (const [at, a] of values.entries())
      expect(idsOf(await collection.find({ where: { a } })), String(a)).toEqual([String(at)]);
    expect(idsOf(await collection.find({ sort: [{ field: "a" }] }))).toEqual(values.map((_, at) => String(at)));
    expect(idsOf(await collection.find({ where: { a: { gte: 0 } } }))).toEqual(["1", "2"]);
    expect(idsOf(await collection.find({ where: { a: { lt: true } } }))).toEqual(["7"]);
    expect(idsOf(await collection.find({ where: { _id: 0 } }))).toEqual([]);
  });

  test("null finds null and absent", async () => {
    const collection = await entries();
    await collection.put([
      { _id: "absent" },
      { _id: "null", a: null, deep: null },
      { _id: "there", a: 0, deep: { c: "x" } },
    ]);
    expect(idsOf(await collection.find({ where: { a: null } }))).toEqual(["absent", "null"]);
    expect(idsOf(await collection.find({ where: { "deep.c": null } }))).toEqual(["absent", "null"]);
    expect(idsOf(await collection.find({ where: { a: { in: [null, 0] } } }))).toEqual(["absent", "null", "there"]);
  });

  test("a list of any length can be asked for", async () => {
    const collection = await entries();
    await collection.put([{ _id: "one", a: "39999" }]);
    const many = Array.from({ length: 40_000 }, (_, at) => String(at));
    expect(idsOf(await collection.find({ where: { a: { in: many } } }))).toEqual(["one"]);
    expect(idsOf(await collection.getMany([...many, "one"]))).toEqual(["one"]);
    expect(await collection.find({ where: { a: { in: [] } } })).toEqual([]);
  });

  test("pages are stable: equal keys keep the order of their ids, whatever is written between two pages", async () => {
    const collection = await entries();
    const ids = Array.from({ length: 25 }, (_, at) => `id-${String((at * 7) % 25).padStart(2, "0")}`);
    await collection.put(ids.map((_id) => ({ _id, a: "same" })));
    const seen: string[] = [];
    for (;;) {
      const after = seen.at(-1);
      const where: Query["where"] = after === undefined ? { a: "same" } : { a: "same", _id: { gt: after } };
      const page = await collection.find({ where, sort: [{ field: "a", descending: true }], limit: 4 });
      if (page.length === 0) break;
      seen.push(...idsOf(page));
      await collection.put(page.map((one) => ({ ...one, b: "seen" })));
    }
    expect(seen).toEqual([...ids].sort());
  });

  test("a field that is not indexed cannot be asked for, and a condition has to say something", async () => {
    const collection = await entries();
    await expect(collection.find({ where: { unknown: 1 } })).rejects.toMatchObject(INVALID);
    await expect(collection.find({ sort: [{ field: "deep" }] })).rejects.toMatchObject(INVALID);
    await expect(collection.count({ where: { c: null } })).rejects.toMatchObject(INVALID);
    await expect(collection.find({ where: { a: {} } })).rejects.toMatchObject(INVALID);
    await expect(collection.find({ where: { a: Number.NaN } })).rejects.toMatchObject(INVALID);
    await expect(collection.find({ limit: -1 })).rejects.toMatchObject(INVALID);
    const documents = await fixture.open();
    for (const field of ["", "a.", "a b", 'a"', "a'"]) {
      await expect(documents.collection({ name: "entries", indexes: [[field]] }), field).rejects.toMatchObject(INVALID);
    }
  });

  test("an index added later covers what was there before", async () => {
    const first = await (await fixture.open()).collection<Entry>({ name: "growing" });
    await first.put([{ _id: "old", a: 1 }]);
    await expect(first.find({ where: { a: 1 } })).rejects.toMatchObject(INVALID);

    const later = await (await fixture.open()).collection<Entry>({ name: "growing", indexes: [["a"]] });
    await first.put([{ _id: "from before", a: 1 }]);
    await later.put([{ _id: "new", a: 1 }]);
    expect(idsOf(await later.find({ where: { a: 1 } }))).toEqual(["from before", "new", "old"]);
  });
}
