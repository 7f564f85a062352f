import { describe, expect, it } from "vitest";
import { action } from "../project/testing-actions.js";
import { cycleStep, firstStep, type LayerPlan, type PlannedScript, scriptOf } from "./plan.js";
import { modelResults, type ScriptReport } from "./results.js";

const [a, b, view] = [action("silver.a"), action("silver.b"), action("silver.v", [], { kind: "view" })];
const catchUp: PlannedScript = {
  ...scriptOf("behind", 40, 100, []),
  steps: [cycleStep({ action: a, isChanged: false }, "behind")],
};
const build: PlannedScript = {
  ...scriptOf("new", 0, 100, []),
  steps: [firstStep({ action: b, watermark: null, reason: "new", isChanged: false }, new Set())],
};
const cycle: PlannedScript = {
  ...scriptOf("cycle", 100, 200, []),
  steps: [cycleStep({ action: a, isChanged: false }, "cycle")],
  leftOut: [{ action: b, why: "nothing it reads got rows in this window" }],
};
const plans: LayerPlan[] = [
  { name: "silver", catchUps: [catchUp, build], main: cycle, warnings: [], idle: [{ action: view, why: "a view" }] },
];
const report = ({ reason, windowFrom, windowTo, steps }: PlannedScript): ScriptReport => ({
  layer: "silver",
  reason,
  windowFrom,
  windowTo,
  ms: 9,
  actions: steps.map((step) => ({ id: step.action.id, rows: 3, rowsRead: 10, bytesRead: null, ms: 2 })),
});
const committed = (planned: PlannedScript) => ({ layer: "silver", planned, report: report(planned), error: null });

describe("modelResults", () => {
  it("has every model once, with the sums over its scripts and the whole of what it read", () => {
    const results = modelResults(plans, [catchUp, build, cycle].map(committed));
    const shared = { layer: "silver", bytesRead: null };
    expect(results).toEqual([
      {
        ...shared,
        id: "silver.a",
        status: "built",
        reason: "behind",
        windowFrom: 40,
        windowTo: 200,
        rowsChanged: 6,
        rowsRead: 20,
        ms: 4,
      },
      // Nobody counts the rows of what is made anew.
      {
        ...shared,
        id: "silver.b",
        status: "built",
        reason: "new",
        windowFrom: 0,
        windowTo: 200,
        rowsChanged: null,
        rowsRead: 10,
        ms: 2,
      },
      {
        ...shared,
        id: "silver.v",
        status: "skipped",
        reason: "a view",
        windowFrom: null,
        windowTo: null,
        rowsChanged: null,
        rowsRead: null,
        ms: null,
      },
    ]);
  });

  it("lets a failure outweigh what the model did before", () => {
    const failed = { layer: "silver", planned: cycle, report: null, error: new Error("the warehouse went away") };
    const results = modelResults(plans, [committed(catchUp), committed(build), failed]);
    expect(results.map(({ id, status, reason }) => [id, status, reason])).toEqual([
      ["silver.a", "failed", "the warehouse went away"],
      ["silver.b", "built", "new"],
      ["silver.v", "skipped", "a view"],
    ]);
  });
});
