import { describe, expect, it } from "vitest";
import { endOf, useRunScene } from "./testing-run.js";

const scene = useRunScene();

describe("a plan", () => {
  it("says what a full build of a selection would do, and does nothing", async () => {
    const runner = scene.runnerOf();
    await scene.land(0, [{ id: "e1" }]);
    await runner.runCycle({ windowTo: endOf(0) });
    const before = await scene.watermarks();
    const plan = await runner.plan("full", { windowTo: endOf(0), select: ["identity_days"] });
    expect(plan.scripts).toEqual([
      {
        layer: "silver",
        reason: "rebuild",
        windowFrom: "1970-01-01T00:00:00.000000Z",
        windowTo: "2026-01-02T00:00:00.000000Z",
        models: [
          {
            id: "silver.identity_days",
            mode: "create",
            why: "chosen: built anew",
            reads: ["silver.events"],
            bytesRead: null,
          },
        ],
        checks: [],
      },
    ]);
    expect(await scene.watermarks()).toEqual(before);
  });

  it("says why each model runs or does not, what landed and what changed", async () => {
    const runner = scene.runnerOf();
    await scene.land(0, [{ id: "e1" }]);
    await runner.runCycle({ windowTo: endOf(0) });
    await scene.land(1, [{ id: "e2" }, { id: "e3" }]);
    scene.fixture.write(
      "definitions/silver/purchases.sqlx",
      `config { type: "view", schema: "silver" }\nSELECT event_id FROM \${ref("silver", "events")}`,
    );
    const plan = await scene.runnerOf().plan("cycle", { windowTo: endOf(1) });
    expect(plan.landed).toEqual([{ table: "bronze.website_events", rows: 2 }]);
    expect(plan.changed).toEqual([{ id: "silver.purchases", parts: ["sql"] }]);
    expect(plan.scripts.map(({ layer, reason }) => `${layer} ${reason}`)).toEqual([
      "silver changed",
      "silver cycle",
      "identity cycle",
      "gold cycle",
    ]);
    expect(plan.scripts.flatMap(({ models }) => models).map(({ id, why }) => [id, why])).toEqual([
      ["silver.purchases", "its sql changed since it last ran: built anew"],
      ["silver.events", "bronze.website_events got 2 rows"],
      ["silver.identity_days", "silver.events runs too"],
      ["identity.grow", "operations may go on with what an earlier run left"],
      ["identity.graph_events", "its SQL takes values from the clock or the run"],
      ["gold.totals", "identity.graph_events runs too"],
    ]);
    expect(plan.skipped).toEqual([
      { id: "activation.act_profiles__totals", layer: "gold", why: "a view whose text is unchanged" },
    ]);
    expect(plan.bytesRead).toBeNull();
  });

  it("adds up what queries would read, where the warehouse can tell", async () => {
    await scene.land(0, [{ id: "e1" }]);
    const asked: string[] = [];
    const estimating = {
      ...scene.warehouse,
      estimate: async (sql: string) => {
        asked.push(sql);
        if (sql.includes("touched")) throw new Error("silver.events is not there yet");
        return { bytesRead: 500 };
      },
    };
    const plan = await scene.runnerOf(estimating).plan("cycle", { windowTo: endOf(0) });
    const told = plan.scripts.flatMap(({ models }) => models).map(({ id, bytesRead }) => [id, bytesRead]);
    expect(Object.fromEntries(told)).toMatchObject({
      "silver.events": 500,
      "silver.identity_days": null,
      "silver.purchases": 0,
      "identity.grow": null,
    });
    expect(plan.bytesRead).toBe(1500);
    expect(asked).toHaveLength(4);
  });
});
