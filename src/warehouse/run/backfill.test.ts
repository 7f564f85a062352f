import { describe, expect, it } from "vitest";
import { hashOf } from "../project/fingerprint.js";
import { layerProject } from "../project/layers.js";
import { action, projectOf } from "../project/testing-actions.js";
import { microsOf } from "../project/typed-value.js";
import { parsePastWindow, planBackfill } from "./backfill.js";

describe("parsePastWindow", () => {
  it.each([
    ["2026-03-01..2026-03-08", "2026-03-01T00:00:00Z", "2026-03-08T00:00:00Z"],
    ["2026-03-01T06:00Z..2026-03-01T06:00:00.000001Z", "2026-03-01T06:00:00Z", "2026-03-01T06:00:00.000001Z"],
    ["2026-03-01 .. 2026-03-02T00:00:00+01:00", "2026-03-01T00:00:00Z", "2026-03-01T23:00:00Z"],
  ])("reads %s", (text, from, to) => {
    expect(parsePastWindow(text)).toEqual({ from: microsOf(from), to: microsOf(to) });
  });

  it.each([
    ["2026-03-01", "is no past window"],
    ["2026-03-01..", "is no past window"],
    ["a..b", '"a" is no day or instant'],
    ["2026-03-01..2026-13-01", '"2026-13-01" is no day or instant'],
    ["2026-03-02..2026-03-02", "is empty: 2026-03-02 is not before 2026-03-02"],
    ["2026-03-02..2026-03-01", "is empty"],
  ])("refuses %s", (text, message) => {
    expect(() => parsePastWindow(text)).toThrow(
      expect.objectContaining({ code: "INPUT_INVALID", message: expect.stringContaining(message) }),
    );
  });
});

describe("planBackfill", () => {
  const facts = action("silver.facts");
  const view = action("silver.recent", ["silver.facts"], { kind: "view" });
  const state = action("gold.state", ["silver.facts"], { uniqueKey: ["id"] });
  const checks = ["facts", "state"].map((name) =>
    action(`quality.${name}_fit`, [name === "facts" ? "silver.facts" : "gold.state"], {
      kind: "assertion",
      tags: ["cycle"],
    }),
  );
  const { layers } = layerProject(projectOf([facts, view, state, ...checks]));
  const stateOf = (windowTo: number) =>
    new Map([facts, view, state].map((model) => [model.id, { windowTo, sqlHash: hashOf(model), ranAt: 1 }]));
  const all = new Set(["silver.facts", "silver.recent", "gold.state"]);

  it("runs the chosen models of each layer over the window by their incremental forms, with the checks they touch", () => {
    const plans = planBackfill(layers, stateOf(100), all, { from: 10, to: 20 });
    const shown = plans.map(({ name, main }) => [
      name,
      main?.windowFrom,
      main?.windowTo,
      main?.movesWatermarks,
      main?.steps.map(({ action: { id }, mode }) => `${id} ${mode}`),
      main?.checks.map(({ action: { id } }) => id),
    ]);
    expect(shown).toEqual([
      ["silver", 10, 20, false, ["silver.facts append"], ["quality.facts_fit"]],
      ["identity", undefined, undefined, undefined, undefined, undefined],
      ["gold", 10, 20, false, ["gold.state merge"], ["quality.state_fit"]],
    ]);
    expect(planBackfill(layers, stateOf(100), new Set(["gold.state"]), { from: 10, to: 20 })[0]?.main).toBeNull();
  });

  it("refuses a window that some chosen model has yet to read, and says which", () => {
    const behind = new Map([
      ...stateOf(100),
      ["gold.state", { windowTo: 15_000_000, sqlHash: "x", ranAt: 1 }] as const,
    ]);
    const window = { from: 10, to: 20_000_000 };
    expect(() => planBackfill(layers, behind, new Set(["gold.state"]), window)).toThrow(
      "a backfill ends where models have read, but this one at 1970-01-01T00:00:20.000000Z: gold.state has read up to " +
        '1970-01-01T00:00:15.000000Z. End it earlier, or run "rollcall run" first.',
    );
    expect(() => planBackfill(layers, new Map(), new Set(["gold.state"]), window)).toThrow(
      "gold.state was never built",
    );
    expect(() => planBackfill(layers, stateOf(100), new Set(["silver.recent"]), window)).toThrow("only views");
  });
});
