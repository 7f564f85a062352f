import { describe, expect, it } from "vitest";
import type { Action } from "../project/action.js";
import { createInputs } from "../project/inputs.js";
import { action, projectOf } from "../project/testing-actions.js";
import { cycleStep, scriptOf } from "./plan.js";
import { type Changes, leaveOutUnchanged, mayHaveChanged } from "./unchanged.js";

const windowed = (table: string, column = "x.ingested_at"): string =>
  `SELECT * FROM \`${table}\` AS x WHERE ${column} >= @window_from AND ${column} < @window_to`;

const web = action("silver.web", ["bronze.web"], { incrementalSql: windowed("bronze.web") });
const app = action("silver.app", ["bronze.app"], { incrementalSql: windowed("bronze.app") });
const both = action("silver.both", ["silver.web", "silver.app"], { incrementalSql: windowed("silver.web") });
const seen = action("silver.seen", ["silver.both"], { kind: "view", sql: "SELECT * FROM both" });
const late = action("gold.late", ["silver.seen"], { incrementalSql: windowed("silver.seen") });
const map = action("identity.map", [], { kind: "operations", tags: ["bootstrap"] });
const resolve = action("identity.resolve", ["identity.map", "silver.both"], {
  kind: "operations",
  statements: ["MERGE `identity.map` AS m USING x ON TRUE WHEN MATCHED THEN UPDATE SET a = 1"],
});
const mapped = action("gold.mapped", ["identity.map", "identity.resolve"], { incrementalSql: "SELECT 1" });
const early = action("gold.early", ["identity.map"], { incrementalSql: "SELECT 1" });
const DECLARED = ["web", "app"].map((name) => action(`bronze.${name}`, [], { kind: "declaration" }));
const MODELS = [web, app, both, seen, late, map, resolve, mapped, early];

interface Situation {
  readonly landed?: Readonly<Record<string, number>>;
  readonly ran?: Readonly<Record<string, boolean>>;
  readonly ranAt?: Readonly<Record<string, number>>;
  readonly windowTo?: Readonly<Record<string, number>>;
}

const QUIET = { "bronze.web": 0, "bronze.app": 0 };

/** Which of these models run, when all of them ran at 1 and have read up to 100. */
function running(models: readonly Action[], situation: Situation = {}, extra: readonly Action[] = []): string[] {
  const all = [...DECLARED, ...MODELS, ...extra];
  const state = all.map(({ id }): [string, { windowTo: number; sqlHash: string; ranAt: number }] => [
    id,
    { windowTo: situation.windowTo?.[id] ?? 100, sqlHash: "h", ranAt: situation.ranAt?.[id] ?? 1 },
  ]);
  const changes: Changes = {
    landed: new Map(Object.entries(situation.landed ?? QUIET)),
    state: new Map(state),
    ran: new Map(Object.entries(situation.ran ?? {})),
  };
  const steps = models.map((model) => cycleStep({ action: model, isChanged: false }, "cycle"));
  const script = { ...scriptOf("cycle", 100, 200, []), steps };
  const left = leaveOutUnchanged(script, changes, createInputs(projectOf(all)));
  const ids = left.steps.map(({ action: { id } }) => id);
  expect(left.leftOut.map(({ action: { id } }) => id)).toEqual(
    models.map(({ id }) => id).filter((id) => !ids.includes(id)),
  );
  return ids;
}

describe("leaveOutUnchanged", () => {
  it("leaves out what reads only bronze tables without rows, and runs the rest and what reads it", () => {
    expect(running([web, app, both])).toEqual([]);
    expect(running([web, app, both], { landed: { ...QUIET, "bronze.web": 1 } })).toEqual(["silver.web", "silver.both"]);
    expect(running([web, app], { landed: { "bronze.web": 0 } })).toEqual(["silver.app"]);
  });

  it("looks through views and at what earlier layers changed in this run", () => {
    expect(running([late], { ran: { "silver.both": true } })).toEqual(["gold.late"]);
    expect(running([late], { ran: { "silver.both": false } })).toEqual([]);
    expect(running([late], { ran: { "silver.seen": true } })).toEqual(["gold.late"]);
  });

  it("runs what an earlier run left behind", () => {
    expect(running([late], { ranAt: { "silver.both": 2 } })).toEqual(["gold.late"]);
    expect(running([late], { windowTo: { "silver.both": 150 } })).toEqual(["gold.late"]);
  });

  it("never leaves out operations, and what they write only when they ran before and changed nothing", () => {
    expect(running([resolve])).toEqual(["identity.resolve"]);
    expect(running([mapped], { ran: { "identity.resolve": true } })).toEqual(["gold.mapped"]);
    expect(running([mapped], { ran: { "identity.resolve": false } })).toEqual([]);
    // It reads what operations write that may run after it.
    expect(running([early], { ran: { "identity.resolve": false } })).toEqual(["gold.early"]);
  });

  it("never leaves out what others write after it, and leaves out what they write before it", () => {
    const fix = (dependsOn: readonly string[]): Action =>
      action("gold.fix", dependsOn, {
        kind: "operations",
        statements: ["DELETE FROM `gold.kept` WHERE TRUE"],
      });
    const kept = action("gold.kept", ["silver.web"], { incrementalSql: windowed("silver.web") });
    expect(running([kept], {}, [kept, fix(["gold.kept"])])).toEqual(["gold.kept"]);
    const after = { ...kept, dependsOn: ["gold.fix", "silver.web"] };
    expect(running([after], {}, [after, fix([])])).toEqual([]);
  });

  it.each([
    ["the end of the window as a value", "SELECT @window_to AS made_at FROM `silver.both`"],
    ["the run", "SELECT @run_id AS run_id"],
    ["a window on another column", windowed("silver.both", "x.valid_until")],
    ["a window on a column that only ends alike", windowed("silver.both", "x.status_changed_at")],
    ["half a window", "SELECT * FROM `silver.both` AS x WHERE x.ingested_at < @window_to"],
    [
      "bounds of two columns",
      "SELECT 1 FROM t AS x WHERE x.ingested_at >= @window_from AND x.first_ingested_at < @window_to",
    ],
    ["the clock", "SELECT CURRENT_DATE() AS day"],
    ["chance", "SELECT generate_uuid() AS id"],
  ])("runs what takes %s", (_, incrementalSql) => {
    const clocked = action("gold.clocked", ["silver.both"], { incrementalSql });
    expect(running([clocked], {}, [clocked])).toEqual(["gold.clocked"]);
    const before = action("gold.clocked", ["silver.both"], {
      incrementalSql: "SELECT 1",
      incrementalPreOps: [incrementalSql],
    });
    expect(running([before], {}, [before])).toEqual(["gold.clocked"]);
  });

  it.each(["x.ingested_at", "ingested_at", "n.first_ingested_at", "c.changed_at"])(
    "takes a window on %s for one on arrival",
    (column) => {
      const reader = action("gold.reader", ["silver.both"], { incrementalSql: windowed("silver.both", column) });
      expect(running([reader], {}, [reader])).toEqual([]);
    },
  );

  it("runs what reads the clock through a view", () => {
    const clock = action("silver.today", ["silver.both"], { kind: "view", sql: "SELECT CURRENT_DATE() AS day" });
    const reader = action("gold.reader", ["silver.today"], { incrementalSql: "SELECT 1" });
    expect(running([reader], {}, [clock, reader])).toEqual(["gold.reader"]);
  });

  it("keeps a step whose text changed", () => {
    const step = cycleStep({ action: web, isChanged: true }, "cycle");
    const changes = { landed: new Map(Object.entries(QUIET)), state: new Map(), ran: new Map() };
    const inputs = createInputs(projectOf([...DECLARED, ...MODELS]));
    expect(leaveOutUnchanged({ ...scriptOf("cycle", 0, 1, []), steps: [step] }, changes, inputs).steps).toEqual([step]);
  });
});

describe("mayHaveChanged", () => {
  const outcome = (rows: number | null) => ({ id: "x", rows, rowsRead: 0, bytesRead: 0, ms: 0 });
  const step = (model: Action) => cycleStep({ action: model, isChanged: false }, "cycle");

  it("goes by counted rows", () => {
    expect(mayHaveChanged(step(web), outcome(0))).toBe(false);
    expect(mayHaveChanged(step(web), outcome(1))).toBe(true);
    expect(mayHaveChanged(step(web), outcome(null))).toBe(true);
    expect(mayHaveChanged(step(web), undefined)).toBe(true);
  });

  it("takes no counts for tables that were made anew or emptied", () => {
    expect(mayHaveChanged({ ...step(web), mode: "create" }, outcome(0))).toBe(true);
    for (const statement of ["CREATE OR REPLACE TABLE x AS SELECT 1", "TRUNCATE TABLE x"]) {
      expect(mayHaveChanged(step({ ...resolve, statements: [statement] }), outcome(0))).toBe(true);
    }
    expect(mayHaveChanged(step({ ...resolve, statements: ["CREATE TEMP TABLE x AS SELECT 1"] }), outcome(0))).toBe(
      false,
    );
  });
});
