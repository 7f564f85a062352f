import path from "node:path";
import { expect, test } from "vitest";
import { compileProject } from "./compile.js";
import { grainOf } from "./grain.js";

const project = compileProject({ root: path.resolve(import.meta.dirname, "../../.."), vars: { runner: "rollcall" } });
const grain = (id: string): readonly string[] => {
  const model = project.byId.get(id);
  if (model === undefined) throw new Error(`${id} is not there`);
  return grainOf(project, model);
};

test("a model's grain is its unique key, or what its assertion promises", () => {
  expect(grain("gold.profiles")).toEqual(["profile_id"]);
  expect(grain("activation.act_profiles__identifiers")).toEqual(["hmac"]);
});

test("several columns are all there; a model without a promise has none", () => {
  const grains = project.actions.filter(({ kind }) => kind === "incremental").map((model) => grainOf(project, model));
  expect(grains.some((columns) => columns.length > 1)).toBe(true);
  expect(grain("quality.event_balance")).toEqual([]);
});
