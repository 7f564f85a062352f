import { describe, expect, it } from "vitest";
import { endOf, FIRST, failureOf, useRunScene } from "./testing-run.js";

const scene = useRunScene();

async function cycled(days: number): Promise<void> {
  for (let day = 0; day < days; day++) {
    await scene.land(day, [{ id: `e${day}`, user: `u${day}` }]);
    await scene.runnerOf().runCycle({ windowTo: endOf(day) });
  }
}

describe("a cycle of a selection", () => {
  it("advances what is selected, leaves the others behind, and the next cycle brings them up", async () => {
    await cycled(1);
    await scene.land(1, [{ id: "e1", user: "u1" }]);
    const runner = scene.runnerOf();
    const chosen = await runner.runCycle({ windowTo: endOf(1), select: ["silver.events"] });
    expect(chosen.scripts.map(({ layer, reason, actions }) => [layer, reason, actions.map(({ id }) => id)])).toEqual([
      ["silver", "cycle", ["silver.events", "quality.no_negative_values"]],
    ]);
    expect(chosen.models.filter(({ status }) => status === "skipped").map(({ id, reason }) => [id, reason])).toEqual([
      ["silver.identity_days", "not selected"],
      ["silver.purchases", "not selected"],
      ["identity.grow", "not selected"],
      ["identity.graph_events", "not selected"],
      ["gold.totals", "not selected"],
      ["activation.act_profiles__totals", "not selected"],
    ]);
    expect(await scene.watermarks()).toMatchObject({
      "silver.events": endOf(1),
      "silver.identity_days": endOf(0),
      "identity.grow": endOf(0),
    });
    const next = await runner.runCycle({ windowTo: endOf(1) });
    expect(next.scripts.map(({ layer, reason }) => `${layer} ${reason}`)).toEqual([
      "silver behind",
      "identity cycle",
      "gold cycle",
    ]);
    expect((await scene.snapshot()).totals).toEqual([
      { node_id: "u0", event_count: 1 },
      { node_id: "u1", event_count: 1 },
    ]);
  });

  it("does not let a model pass by rows that its inputs have yet to get", async () => {
    await cycled(1);
    await scene.land(1, [{ id: "e1", user: "u1" }]);
    const runner = scene.runnerOf();
    const report = await runner.runCycle({ windowTo: endOf(1), select: ["gold", "identity"] });
    expect(report).toMatchObject({ status: "nothing_to_do" });
    expect((await scene.watermarks())["gold.totals"]).toBe(endOf(0));
    await runner.runCycle({ windowTo: endOf(1), exclude: ["identity", "gold", "activation"] });
    expect(await scene.watermarks()).toMatchObject({ "silver.identity_days": endOf(1), "identity.grow": endOf(0) });
    await runner.runCycle({ windowTo: endOf(1) });
    expect((await scene.snapshot()).nodes).toEqual([{ node_id: "u0" }, { node_id: "u1" }]);
  });

  it("refuses a misspelled pattern before anything runs", async () => {
    await scene.land(0, [{ id: "e1" }]);
    const error = await failureOf(scene.runnerOf().runCycle({ windowTo: endOf(0), select: ["silver.evnts"] }));
    expect(error).toMatchObject({
      code: "INPUT_INVALID",
      message: 'no action matches "silver.evnts": did you mean "silver.events"?',
    });
    expect(await scene.rows("SELECT run_id FROM ops.runs")).toEqual([]);
  });
});

describe("a backfill", () => {
  it("adds what is missing and merges again, moves no watermark, and what reads it runs again", async () => {
    await cycled(3);
    const before = await scene.snapshot();
    const watermarks = await scene.watermarks();
    await scene.warehouse.execute('DELETE FROM silver.events WHERE event_id = "e1"');
    await scene.warehouse.execute("UPDATE silver.identity_days SET event_count = 7 WHERE TRUE");
    const runner = scene.runnerOf();
    const window = { from: endOf(0), to: endOf(1) };
    const report = await runner.runBackfill({ window, select: ["silver.events+"] });
    expect(
      report.scripts.map(({ layer, reason, windowFrom, windowTo }) => [layer, reason, windowFrom, windowTo]),
    ).toEqual([
      ["silver", "backfill", endOf(0), endOf(1)],
      ["identity", "backfill", endOf(0), endOf(1)],
      ["gold", "backfill", endOf(0), endOf(1)],
    ]);
    expect(await scene.watermarks()).toEqual(watermarks);
    const after = await scene.snapshot();
    expect(after.events).toEqual(before.events);
    expect(after.days?.map(({ node_id, event_count }) => [node_id, event_count])).toEqual([
      ["u0", 7],
      ["u1", 1],
      ["u2", 7],
    ]);
    expect(scene.results(report.runId)).toMatchObject({ kind: "backfill", status: "succeeded" });
    await runner.runBackfill({ window: { from: FIRST, to: endOf(2) } });
    expect(await scene.snapshot()).toEqual(before);
  });

  it("lets nothing through that a check of its layer refuses", async () => {
    await cycled(1);
    await scene.warehouse.execute('UPDATE silver.events SET value = -1 WHERE event_id = "e0"');
    const window = { from: FIRST, to: endOf(0) };
    const error = await failureOf(scene.runnerOf().runBackfill({ window, select: ["silver"] }));
    expect(error.code).toBe("ASSERTION_FAILED");
    await scene.runnerOf().runBackfill({ window, select: ["silver"], accept: ["no_negative_values"] });
  });

  it("refuses what no cycle has read yet", async () => {
    await cycled(1);
    await scene.land(1, [{ id: "e1" }]);
    const error = await failureOf(scene.runnerOf().runBackfill({ window: { from: FIRST, to: endOf(1) } }));
    expect(error.code).toBe("INPUT_INVALID");
    expect(error.message).toContain("silver.events has read up to 2026-01-02T00:00:00.000000Z");
  });
});
