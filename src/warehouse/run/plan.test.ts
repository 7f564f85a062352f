import { describe, expect, it } from "vitest";
import { hashOf } from "../project/fingerprint.js";
import { layerProject } from "../project/layers.js";
import { action, projectOf } from "../project/testing-actions.js";
import { type ModelState, type PlanInput, type PlannedScript, planLayer } from "./plan.js";

const facts = action("silver.facts");
const state = action("silver.state", ["silver.facts"], { uniqueKey: ["id"] });
const view = action("silver.recent", ["silver.facts"], { kind: "view" });
const totals = action("silver.totals", ["silver.facts"], { kind: "table" });
const steps = action("silver.steps", ["silver.facts"], { kind: "operations" });
const log = action("silver.log", ["silver.facts"], { isProtected: true });
const check = action("quality.facts_fit", ["silver.facts", "silver.state"], { kind: "assertion", tags: ["cycle"] });
const MODELS = [facts, state, view, totals, steps, log];

function input(overrides: Partial<PlanInput> & { states?: Record<string, Partial<ModelState> | null> }): PlanInput {
  const { states = {}, ...rest } = overrides;
  const [layer] = layerProject(projectOf([...MODELS, check])).layers;
  if (layer === undefined) throw new Error("no layer");
  const recorded = MODELS.filter(({ id }) => states[id] !== null).map((model): [string, ModelState] => {
    const windowTo = model.kind === "view" ? null : 100;
    return [model.id, { windowTo, sqlHash: hashOf(model), ranAt: 1, ...states[model.id] }];
  });
  return {
    layer,
    state: new Map(recorded),
    existing: new Set(MODELS.map(({ id }) => id)),
    rebuild: new Set(),
    windowTo: 200,
    hasArrivals: () => true,
    ...rest,
  };
}

function show(script: PlannedScript | null | undefined): string | null {
  if (!script) return null;
  const models = script.steps.map((step) => `${step.action.target.name}=${step.mode}`).join(" ");
  const checks = script.checks.map((each) => ` !${each.action.target.name}`).join("");
  return `${script.reason} [${script.windowFrom},${script.windowTo}) ${models}${checks}`;
}

const CYCLE = "cycle [100,200) facts=append log=append state=merge steps=statements totals=replace !facts_fit";

describe("planLayer", () => {
  it("builds everything from the beginning when the layer never ran", () => {
    const plan = planLayer(input({ state: new Map(), existing: new Set() }));
    expect(plan.catchUps).toEqual([]);
    expect(show(plan.main)).toBe(
      "first_build [0,200) facts=create log=create recent=view state=create steps=statements totals=create !facts_fit",
    );
  });

  it("takes the shared window in a cycle, and leaves a view that did not change alone", () => {
    const plan = planLayer(input({}));
    expect(plan.catchUps).toEqual([]);
    expect(show(plan.main)).toBe(CYCLE);
  });

  it.each([
    ["nothing landed", { hasArrivals: () => false }],
    ["the window is not ahead", { windowTo: 100 }],
  ])("has nothing to do when %s", (_, overrides) => {
    expect(planLayer(input(overrides))).toMatchObject({ catchUps: [], main: null });
  });

  it("lets a new model catch up to the others before the cycle, with the checks that wait for it", () => {
    const plan = planLayer(input({ states: { "silver.state": null } }));
    expect(plan.catchUps.map(show)).toEqual(["new [0,100) state=create !facts_fit"]);
    expect(show(plan.main)).toBe(CYCLE);
  });

  it("rebuilds what changed, in dependency order; operations and protected tables only go on", () => {
    const old = { sqlHash: "of before" };
    const states = Object.fromEntries(MODELS.map(({ id }) => [id, old]));
    const plan = planLayer(input({ states, windowTo: 200 }));
    // Operations and the protected table hold the layer's watermark: the others catch up to it.
    expect(plan.catchUps.map(show)).toEqual([
      "changed [0,100) facts=create",
      "changed [0,100) recent=view",
      "changed [0,100) state=create !facts_fit",
      "changed [0,100) totals=create",
    ]);
    expect(show(plan.main)).toBe(CYCLE);
  });

  it("brings a model that is behind forward by its incremental form", () => {
    const plan = planLayer(input({ states: { "silver.facts": { windowTo: 40 } } }));
    expect(plan.catchUps.map(show)).toEqual(["behind [40,100) facts=append !facts_fit"]);
  });

  it("brings what was left behind together forward together, up to what was made in between", () => {
    const left = { windowTo: 40 };
    const states = { "silver.facts": left, "silver.log": left, "silver.state": left, "silver.steps": { windowTo: 60 } };
    expect(planLayer(input({ states })).catchUps.map(show)).toEqual([
      "behind [40,100) facts=append log=append state=merge !facts_fit",
      "behind [60,100) steps=statements",
    ]);
    const changed = {
      ...states,
      "silver.log": { windowTo: 40, sqlHash: "of before" },
      "silver.recent": { sqlHash: "old" },
    };
    expect(planLayer(input({ states: changed })).catchUps.map(show)).toEqual([
      "behind [40,100) facts=append log=append",
      "changed [0,100) recent=view",
      "behind [40,100) state=merge !facts_fit",
      "behind [60,100) steps=statements",
    ]);
  });

  it("makes a missing table again, and in a rebuild of all writes to what is protected instead of making it", () => {
    const withoutTotals = new Set(["silver.facts", "silver.state", "silver.recent", "silver.log"]);
    expect(planLayer(input({ existing: withoutTotals })).catchUps.map(show)).toEqual(["missing [0,100) totals=create"]);
    const all = planLayer(input({ rebuild: new Set(MODELS.map(({ id }) => id)) }));
    expect(show(all.main)).toBe(
      "first_build [0,200) facts=create log=append recent=view state=create steps=statements totals=create !facts_fit",
    );
  });

  it("rebuilds one model up to the others when only it is chosen", () => {
    const plan = planLayer(input({ rebuild: new Set(["silver.totals"]), hasArrivals: () => false }));
    expect(plan.catchUps.map(show)).toEqual(["rebuild [0,100) totals=create"]);
    expect(plan.main).toBeNull();
  });
});
