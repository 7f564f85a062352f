import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { microsOf } from "../project/typed-value.js";
import { type Delivery, type Item, isMovable, ordersOf, waysOf } from "./test-ways.js";

const DAY = 86_400_000_000;
const END = microsOf("2026-03-02T00:00:00Z");
const ends = (count: number): number[] => Array.from({ length: count }, (_, index) => END + index * DAY);
const all = { isIncremental: true, isSplit: true, isReordered: true };

function follower(id: string, arrival: number | null): Item {
  return { table: "t", values: { id }, arrival, arrivalColumns: ["ingested_at"] };
}

/** What each delivery brings, by id. */
function brought(deliveries: readonly Delivery[]): string[] {
  return deliveries.map(({ rows }) => (rows.t ?? []).map(({ id }) => id).join(""));
}

describe("waysOf", () => {
  it("gives every order and split of two arrivals", () => {
    const items = [follower("z", null), follower("a", 0), follower("b", 0), follower("c", 1)];
    const ways = waysOf({ items, ends: ends(2), ...all });
    expect(ways.map(({ name, deliveries }) => [name, ...brought(deliveries)])).toEqual([
      ["arrivals", "zab", "c"],
      ["one arrival, twice", "zabc", ""],
      ["full refresh", "zabc"],
      ["arrival 1 in two", "za", "b", "c"],
      ["arrivals in the order 2, 1", "zc", "ab"],
      ["arrival 1 in two, the second half first", "zb", "a", "c"],
      ["row by row, backwards", "z", "c", "b", "a"],
    ]);
    expect(ways.filter(({ isBuilt }) => !isBuilt).map(({ name }) => name)).toEqual(["one arrival, twice"]);
  });

  it("cuts windows at the times that rows name, and leaves what lasts at the beginning", () => {
    const at = (id: string, ingested: string): Item => ({
      ...follower(id, null),
      values: { id, ingested_at: `2026-03-01T${ingested}Z` },
    });
    const state: Item = { table: "t", values: { id: "s" }, arrival: null, arrivalColumns: [] };
    const items = [at("b", "11:00:00"), at("a", "10:00:00"), state, at("c", "11:00:00")];
    const cut = waysOf({ items, ends: [END], ...all, isReordered: false }).find(
      ({ name }) => name === "arrival 1 in two",
    );
    expect(brought(cut?.deliveries ?? [])).toEqual(["sa", "bc"]);
    expect(cut?.deliveries.map(({ windowFrom, windowTo }) => [windowFrom, windowTo])).toEqual([
      [0, microsOf("2026-03-01T11:00:00Z")],
      [microsOf("2026-03-01T11:00:00Z"), END],
    ]);
  });

  it("gives one way where there is nothing to tell apart", () => {
    const ways = waysOf({ items: [follower("a", 0)], ends: [END], ...all });
    expect(ways.map(({ name }) => name)).toEqual(["arrivals", "one arrival, twice"]);
  });

  it("delivers each row once, in a window that has its time, whatever the arrivals", () => {
    const minute = fc.integer({ min: 0, max: 1439 });
    const item = (arrivals: number): fc.Arbitrary<Item> =>
      fc
        .record({ arrival: fc.integer({ min: 0, max: arrivals - 1 }), at: fc.option(minute), isLasting: fc.boolean() })
        .map(({ arrival, at, isLasting }) => ({
          table: "t",
          arrival: isLasting ? null : arrival,
          arrivalColumns: ["ingested_at"],
          values:
            at === null
              ? {}
              : {
                  ingested_at: new Date(
                    (END + (isLasting ? 0 : arrival) * DAY - DAY) / 1000 + at * 60_000,
                  ).toISOString(),
                },
        }));
    const input = fc
      .integer({ min: 1, max: 5 })
      .chain((count) => fc.tuple(fc.constant(count), fc.array(item(count), { maxLength: 12 })));
    fc.assert(
      fc.property(input, fc.boolean(), ([count, drawn], isFree) => {
        const items = drawn.map((each, index) => ({ ...each, values: { id: String(index), ...each.values } }));
        const isReordered = isFree && items.every((each) => each.arrival === null || isMovable(each));
        for (const way of waysOf({ items, ends: ends(count), isIncremental: true, isSplit: true, isReordered })) {
          const windows = way.deliveries.map(({ windowFrom, windowTo }) => [windowFrom, windowTo]);
          expect(windows[0]?.[0]).toBe(0);
          expect(windows.at(-1)?.[1]).toBe(ends(count).at(-1));
          if (way.name !== "one arrival, twice") {
            for (const [index, [from, to]] of windows.entries()) {
              expect(to).toBeGreaterThan(from ?? 0);
              if (index > 0) expect(from).toBe(windows[index - 1]?.[1]);
            }
          }
          const rows = way.deliveries.flatMap(({ rows: own }) => own.t ?? []);
          expect(rows.map(({ id }) => id).sort()).toEqual(items.map(({ values }) => values.id).sort());
          for (const { rows: own, windowFrom, windowTo } of way.deliveries) {
            for (const row of own.t ?? []) {
              const at = microsOf(String(row.ingested_at));
              expect(at).toBeGreaterThanOrEqual(windowFrom);
              expect(at).toBeLessThan(windowTo);
            }
          }
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe("ordersOf", () => {
  it("gives every other order of up to three", () => {
    expect(ordersOf(1)).toEqual([]);
    expect(ordersOf(2)).toEqual([[1, 0]]);
    expect(ordersOf(3).map((order) => order.join(""))).toEqual(["021", "102", "120", "201", "210"]);
  });

  it("draws some of many, the same each time, the reverse among them", () => {
    const orders = ordersOf(6);
    expect(orders).toHaveLength(5);
    expect(orders[0]).toEqual([5, 4, 3, 2, 1, 0]);
    expect(new Set(orders.map((order) => order.join())).size).toBe(5);
    for (const order of orders) expect(order.toSorted()).toEqual([0, 1, 2, 3, 4, 5]);
    expect(ordersOf(6)).toEqual(orders);
  });
});
