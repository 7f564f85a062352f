import { describe, expect, it } from "vitest";
import { hashOf } from "../project/fingerprint.js";
import { createInputs } from "../project/inputs.js";
import { layerProject } from "../project/layers.js";
import { action, projectOf } from "../project/testing-actions.js";
import type { LayerPlan, PlannedScript } from "./plan.js";
import { planSelectedLayer, reachedBefore } from "./plan-selected.js";

const rows = action("silver.rows", ["bronze.raw"]);
const recent = action("silver.recent", ["silver.rows"], { kind: "view" });
const facts = action("silver.facts", ["silver.recent"]);
const state = action("silver.state", ["silver.facts"], { uniqueKey: ["id"] });
const other = action("silver.other", ["bronze.raw"]);
const profiles = action("gold.profiles", ["silver.state", "silver.other"]);
const MODELS = [rows, recent, facts, state, other, profiles];
const balanced = action("quality.balanced", ["silver.rows", "silver.facts"], { kind: "assertion", tags: ["cycle"] });
const project = projectOf([action("bronze.raw", [], { kind: "declaration" }), ...MODELS, balanced]);
const { layers } = layerProject(project);
const inputs = createInputs(project);

/** Watermarks by model; null: never built. */
function plan(chosen: readonly string[], watermarks: Readonly<Record<string, number | null>> = {}): LayerPlan[] {
  const recorded = MODELS.filter(({ id }) => watermarks[id] !== null).map((model) => {
    const windowTo = model.kind === "view" ? null : (watermarks[model.id] ?? 100);
    return [model.id, { windowTo, sqlHash: hashOf(model), ranAt: 1 }] as const;
  });
  const input = {
    state: new Map(recorded),
    existing: new Set(recorded.map(([id]) => id)),
    rebuild: new Set<string>(),
    windowTo: 200,
    hasArrivals: () => true,
    chosen: new Set(chosen),
    inputs,
  };
  const reached = reachedBefore(input.state);
  return layers.map((layer) => planSelectedLayer({ ...input, layer }, reached));
}

function scripts(plans: readonly LayerPlan[]): string[] {
  const show = ({ reason, windowFrom, windowTo, steps, checks }: PlannedScript): string => {
    const names = steps.map((step) => ` ${step.action.target.name}=${step.mode}`).join("");
    return `${reason} [${windowFrom},${windowTo})${names}${checks.map(({ action: { target } }) => ` !${target.name}`).join("")}`;
  };
  return plans.flatMap(({ catchUps, main }) => [...catchUps, ...(main === null ? [] : [main])].map(show));
}

const whys = (plans: readonly LayerPlan[]): Record<string, string> =>
  Object.fromEntries(plans.flatMap(({ idle }) => idle.map(({ action: { id }, why }) => [id, why])));

describe("planSelectedLayer", () => {
  it("advances what is chosen as far as what it reads has been read up to, views looked through", () => {
    expect(scripts(plan(["silver.rows"]))).toEqual(["cycle [100,200) rows=append"]);
    const waiting = plan(["silver.facts"]);
    expect(scripts(waiting)).toEqual([]);
    expect(whys(waiting)).toMatchObject({
      "silver.facts":
        "has read all that silver.rows has, which is not selected: select it too, or run without a selection",
      "silver.rows": "not selected",
    });
    expect(scripts(plan(["silver.facts"], { "silver.rows": 180 }))).toEqual(["cycle [100,180) facts=append !balanced"]);
  });

  it("takes a chain in one script, across layers, with the checks whose inputs then stand together", () => {
    expect(scripts(plan(["silver.rows", "silver.facts", "silver.state", "silver.other", "gold.profiles"]))).toEqual([
      "cycle [100,200) rows=append facts=append state=merge other=append !balanced",
      "cycle [100,200) profiles=append",
    ]);
    // The check reads facts too, which stay behind: it waits for them.
    expect(scripts(plan(["silver.rows", "silver.other"]))).toEqual(["cycle [100,200) rows=append other=append"]);
  });

  it("splits where windows differ", () => {
    expect(scripts(plan(["silver.rows", "silver.facts", "silver.other"], { "silver.facts": 50 }))).toEqual([
      "cycle [100,200) rows=append",
      "cycle [50,200) facts=append !balanced",
      "cycle [100,200) other=append",
    ]);
  });

  it("builds what never was, up to what it reads, and not before that is there", () => {
    expect(scripts(plan(["silver.state"], { "silver.state": null }))).toEqual(["new [0,100) state=create"]);
    const missing = plan(["silver.state"], { "silver.state": null, "silver.facts": null });
    expect(scripts(missing)).toEqual([]);
    expect(whys(missing)["silver.state"]).toBe("reads silver.facts, which was never built: select it too");
  });
});
