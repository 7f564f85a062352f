import { describe, expect, it } from "vitest";
import { action } from "../warehouse/project/testing-actions.js";
import { cycleStep, firstStep, scriptOf } from "../warehouse/run/plan.js";
import { createProgressTracker } from "./run-progress.js";

const model = action("silver.a");
const cycle = {
  ...scriptOf("cycle", 0, 1, []),
  steps: [cycleStep({ action: model, isChanged: false }, "cycle")],
};
const build = {
  ...scriptOf("new", 0, 1, []),
  steps: [firstStep({ action: model, watermark: null, reason: "new", isChanged: false }, new Set())],
};
const reportOf = (rows: number | null) => ({
  layer: "silver",
  reason: "cycle" as const,
  windowFrom: 0,
  windowTo: 1,
  ms: 9,
  actions: [{ id: "silver.a", rows, rowsRead: null, bytesRead: null, ms: 1 }],
});

describe("createProgressTracker", () => {
  it("says how far a run is", async () => {
    let now = 1000;
    const { listener, read } = createProgressTracker(() => now);
    expect(read()).toBeNull();
    await listener({ type: "run_started", runId: "r", kind: "cycle", at: 0, scriptCount: 3 });
    expect(read()).toEqual({ kind: "cycle", scriptCount: 3, scripts: [] });
    await listener({ type: "script_started", at: 0, layer: "silver", planned: build });
    now += 30;
    const running = { layer: "silver", models: ["silver.a"], rows: null };
    expect(read()?.scripts).toEqual([{ ...running, reason: "new", status: "running", ms: 30 }]);
    await listener({ type: "script_finished", at: 0, planned: build, report: reportOf(0) });
    await listener({ type: "script_started", at: 0, layer: "silver", planned: cycle });
    now += 5;
    await listener({ type: "script_finished", at: 0, planned: cycle, report: reportOf(12) });
    await listener({ type: "script_started", at: 0, layer: "gold", planned: cycle });
    now += 7;
    await listener({ type: "script_failed", at: 0, layer: "gold", planned: cycle, error: new Error("no") });
    now += 100;
    expect(read()?.scripts).toEqual([
      { ...running, reason: "new", status: "committed", ms: 30 },
      { ...running, reason: "cycle", status: "committed", ms: 5, rows: 12 },
      { ...running, layer: "gold", reason: "cycle", status: "failed", ms: 7 },
    ]);
  });
});
