import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Action } from "./action.js";
import { layerProject } from "./layers.js";
import { orderActions } from "./order.js";
import { action, projectOf } from "./testing-actions.js";

const ids = (actions: readonly Action[]): string[] => actions.map(({ id }) => id);

describe("orderActions", () => {
  it("puts everything after what it depends on, else by id", () => {
    const actions = [action("silver.c", ["silver.z"]), action("silver.b"), action("silver.z"), action("silver.a")];
    expect(ids(orderActions(actions))).toEqual(["silver.a", "silver.b", "silver.z", "silver.c"]);
    expect(ids(orderActions([...actions].reverse()))).toEqual(["silver.a", "silver.b", "silver.z", "silver.c"]);
  });

  it("holds for any graph without circles, and does not depend on the order it is given in", () => {
    const graph = fc.array(fc.array(fc.nat(20), { maxLength: 4 }), { minLength: 1, maxLength: 20 }).map((edges) =>
      edges.map((targets, index) => {
        const upstream = targets
          .filter((target) => target < index)
          .map((target) => `silver.m${(target * 7) % 20}_${target}`);
        return action(`silver.m${(index * 7) % 20}_${index}`, upstream);
      }),
    );
    const shuffled = graph.chain((actions) =>
      fc.tuple(fc.constant(actions), fc.shuffledSubarray(actions, { minLength: actions.length })),
    );
    fc.assert(
      fc.property(shuffled, ([actions, other]) => {
        const ordered = ids(orderActions(actions));
        expect(ids(orderActions(other))).toEqual(ordered);
        for (const { id, dependsOn } of actions) {
          for (const upstream of dependsOn) expect(ordered.indexOf(upstream)).toBeLessThan(ordered.indexOf(id));
        }
      }),
    );
  });

  it("names the whole circle", () => {
    const actions = [
      action("silver.a", ["silver.b"]),
      action("silver.b", ["silver.c"]),
      action("silver.c", ["silver.b"]),
    ];
    expect(() => orderActions(actions)).toThrow("silver.b -> silver.c -> silver.b");
  });
});

describe("layerProject", () => {
  it("gives each dataset its layer and a check the layer it reads last", () => {
    const { layers, bootstraps } = layerProject(
      projectOf([
        action("bronze.raw", [], { kind: "declaration" }),
        action("silver.events", ["bronze.raw"]),
        action("identity.nodes", [], { kind: "operations", tags: ["bootstrap"] }),
        action("identity.map", ["silver.events", "identity.nodes"]),
        action("gold.profiles", ["identity.map"]),
        action("activation.act", ["gold.profiles"]),
        action("quality.events_named", ["silver.events"], { kind: "assertion", tags: ["cycle"] }),
        action("quality.match_rate", ["silver.events", "identity.map"], { kind: "assertion", tags: ["cycle", "warn"] }),
        action("quality.keys", ["gold.profiles"], { kind: "assertion", tags: ["owner:analytics"] }),
        action("gold.old", ["gold.profiles"], { isDisabled: true }),
      ]),
    );
    expect(layers.map(({ name, models }) => [name, ids(models)])).toEqual([
      ["silver", ["silver.events"]],
      ["identity", ["identity.map"]],
      ["gold", ["gold.profiles", "activation.act"]],
    ]);
    expect(layers.flatMap(({ checks }) => checks.map((c) => [c.action.id, c.schedule, c.severity, c.owner]))).toEqual([
      ["quality.events_named", "cycle", "error", "data"],
      ["quality.match_rate", "cycle", "warn", "data"],
      ["quality.keys", "audit", "error", "analytics"],
    ]);
    expect(ids(bootstraps)).toEqual(["identity.nodes"]);
  });

  it("refuses reads backwards and datasets without a layer", () => {
    const backwards = projectOf([action("gold.profiles"), action("silver.events", ["gold.profiles"])]);
    expect(() => layerProject(backwards)).toThrow("silver.events reads gold.profiles, backwards");
    expect(() => layerProject(projectOf([action("misc.a")]))).toThrow("no layer has the dataset misc");
  });
});
