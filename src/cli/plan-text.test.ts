import pc from "picocolors";
import { describe, expect, it } from "vitest";
import type { PlanReport } from "../warehouse/run/plan-report.js";
import { formatPlan } from "./plan-text.js";

const EMPTY: PlanReport = {
  kind: "cycle",
  windowTo: "2026-03-02T00:00:00.000000Z",
  scripts: [],
  held: [],
  skipped: [{ id: "silver.events", layer: "silver", why: "nothing has landed since it last ran" }],
  landed: [],
  changed: [],
  bytesRead: null,
  orphans: [],
};

describe("formatPlan", () => {
  it("says that there is nothing to do", () => {
    expect(formatPlan(EMPTY, pc.createColors(false))).toBe("Nothing to do: no new rows since the last run.\n");
  });

  it("says what models left that are gone, also when there is nothing to do", () => {
    const orphans = [
      { id: "gold.old", drop: "DROP VIEW gold.old" },
      { id: "silver.old", drop: "DROP TABLE silver.old" },
    ];
    expect(formatPlan({ ...EMPTY, orphans }, pc.createColors(false))).toBe(
      [
        "Nothing to do: no new rows since the last run.",
        "",
        "No model makes these any more; they stay until somebody drops them, in the warehouse itself",
        "  gold.old: DROP VIEW gold.old",
        "  silver.old: DROP TABLE silver.old",
        "",
      ].join("\n"),
    );
  });

  it("says what runs over which window, why, what it reads, what changed and what is left out", () => {
    const plan: PlanReport = {
      ...EMPTY,
      scripts: [
        {
          layer: "gold",
          reason: "rebuild",
          windowFrom: "1970-01-01T00:00:00.000000Z",
          windowTo: "2026-03-01T00:00:00.000000Z",
          models: [{ id: "gold.x", mode: "create", why: "chosen: built anew", reads: [], bytesRead: 1500 }],
          checks: [],
        },
        {
          layer: "silver",
          reason: "cycle",
          windowFrom: "2026-03-01T00:00:00.000001Z",
          windowTo: "2026-03-02T00:00:00.000000Z",
          models: [
            {
              id: "silver.a",
              mode: "append",
              why: "bronze.web got 3 rows",
              reads: ["bronze.web", "a.b", "a.c", "a.d", "a.e", "a.f", "a.g"],
              bytesRead: null,
            },
          ],
          checks: ["quality.fits"],
        },
      ],
      landed: [
        { table: "bronze.web", rows: 3000 },
        { table: "bronze.app", rows: 0 },
      ],
      changed: [{ id: "gold.x", parts: ["sql", "config"] }],
      bytesRead: 1500,
    };
    expect(formatPlan(plan, pc.createColors(false))).toBe(
      [
        "gold (rebuild): everything up to 2026-03-01T00:00:00Z",
        "  gold.x  create: chosen: built anew; about 1.5 KB",
        "silver (cycle): arrivals from 2026-03-01T00:00:00.000001Z up to 2026-03-02T00:00:00Z",
        "  silver.a  append: bronze.web got 3 rows",
        "            reads bronze.web, a.b, a.c, a.d, a.e and 2 more",
        "  before the commit: quality.fits",
        "",
        "Landed since the last run",
        "  bronze.web: 3,000 rows",
        "",
        "Changed since they last ran",
        "  gold.x: sql, config",
        "",
        "Left out",
        "  nothing has landed since it last ran: silver.events",
        "",
        "Reads about 1.5 KB.",
        "",
      ].join("\n"),
    );
  });
});
