import { describe, expect, it } from "vitest";
import { DEFAULT_BREAKER, massChange, type PlanCounts } from "./breaker.js";

const quiet: PlanCounts = {
  sourceRows: 20_000,
  snapshotRows: 20_000,
  inserts: 0,
  changes: 0,
  removals: 0,
};

describe("the mass-change breaker", () => {
  it.each<[string, Partial<PlanCounts>, string | null]>([
    ["nothing", {}, null],
    ["a first sync", { snapshotRows: 0, inserts: 20_000 }, null],
    ["a first sync of nothing", { snapshotRows: 0, sourceRows: 0 }, null],
    ["growth", { inserts: 50_000, sourceRows: 70_000 }, null],
    ["removals up to 1 %", { removals: 200 }, null],
    ["removals above 1 %", { removals: 201 }, "removes 201 of 20000 rows, more than 200"],
    ["removals that leave nothing", { snapshotRows: 50, sourceRows: 50, removals: 50 }, null],
    ["removals up to 100 of few", { snapshotRows: 500, removals: 100 }, null],
    ["removals above 100 of few", { snapshotRows: 500, removals: 101 }, "removes 101 of 500 rows, more than 100"],
    ["changes up to 30 %", { changes: 6000 }, null],
    ["changes above 30 %", { changes: 6001 }, "changes 6001 of 20000 rows, more than 30 %"],
    ["changes of a small store", { snapshotRows: 999, sourceRows: 999, changes: 999 }, null],
    ["an empty source", { sourceRows: 0, removals: 20_000 }, "the source is empty, the target holds 20000 rows"],
    [
      "an empty source of few",
      { snapshotRows: 3, sourceRows: 0, removals: 3 },
      "the source is empty, the target holds 3 rows",
    ],
  ])("judges %s", (_name, counts, reason) => {
    expect(massChange({ ...quiet, ...counts }, DEFAULT_BREAKER)).toBe(reason);
  });
});
