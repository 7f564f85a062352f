import { beforeEach, describe, expect, it } from "vitest";
import { isoOf, microsOf } from "../project/typed-value.js";
import { endOf, failureOf, useRunScene } from "./testing-run.js";

const scene = useRunScene();

describe("a cycle", () => {
  it("builds on the first run, adds on the next, and keeps one watermark", async () => {
    const runner = scene.runnerOf();
    await scene.land(0, [{ id: "e1" }, { id: "e2", user: "u2", name: "purchase", value: "9.5" }]);
    const first = await runner.runCycle({ windowTo: endOf(0) });
    expect(first.scripts.map(({ layer, reason }) => `${layer} ${reason}`)).toEqual([
      "silver first_build",
      "identity first_build",
      "gold first_build",
    ]);
    await scene.land(1, [{ id: "e3" }, { id: "e1" }]);
    const second = await runner.runCycle({ windowTo: endOf(1) });
    expect(second.scripts.map(({ layer, reason }) => `${layer} ${reason}`)).toEqual([
      "silver cycle",
      "identity cycle",
      "gold cycle",
    ]);
    expect(await scene.snapshot()).toEqual({
      events: [
        { event_id: "e1", node_id: "u1", value: null },
        { event_id: "e2", node_id: "u2", value: 9.5 },
        { event_id: "e3", node_id: "u1", value: null },
      ],
      days: [
        { node_id: "u1", day: "2025-12-31", event_count: 1 },
        { node_id: "u1", day: "2026-01-01", event_count: 1 },
        { node_id: "u2", day: "2025-12-31", event_count: 1 },
      ],
      nodes: [{ node_id: "u1" }, { node_id: "u2" }],
      totals: [
        { node_id: "u1", event_count: 2 },
        { node_id: "u2", event_count: 1 },
      ],
    });
    expect(await scene.watermarks()).toEqual({
      "activation.act_profiles__totals": null,
      "gold.totals": endOf(1),
      "identity.graph_events": endOf(1),
      "identity.grow": endOf(1),
      "identity.nodes": null,
      "silver.events": endOf(1),
      "silver.identity_days": endOf(1),
      "silver.purchases": null,
    });
    const graphEvents = await scene.rows("SELECT node_id, happened_at FROM identity.graph_events ORDER BY 1");
    expect(graphEvents.map(({ happened_at }) => happened_at)).toEqual([isoOf(endOf(0) - 1), isoOf(endOf(0) - 1)]);
  });

  it("reports rows by action, in the run, in ops.runs and in run_results.json", async () => {
    const runner = scene.runnerOf();
    await scene.land(0, [{ id: "e1" }]);
    await runner.runCycle({ windowTo: endOf(0) });
    await scene.land(1, [{ id: "e2" }, { id: "e3", user: "u3" }]);
    const report = await runner.runCycle({ windowTo: endOf(1) });
    const outcome = report.scripts.flatMap(({ actions }) => actions).map(({ id, rows: count }) => [id, count]);
    expect(outcome).toContainEqual(["silver.events", 2]);
    expect(outcome).toContainEqual(["identity.grow", 1]);
    const window = { windowFrom: "2026-01-02T00:00:00.000000Z", windowTo: "2026-01-03T00:00:00.000000Z" };
    const file = scene.results(report.runId);
    expect(file).toMatchObject({ version: 1, runId: report.runId, kind: "cycle", status: "succeeded", error: null });
    expect(file).toMatchObject(window);
    expect(file.models).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ id: "silver.events", status: "built", reason: "cycle", rowsChanged: 2, ...window }),
        expect.objectContaining({
          id: "silver.purchases",
          status: "skipped",
          reason: "a view whose text is unchanged",
        }),
      ]),
    );
    expect(file.models).toHaveLength(8 - 1);
    expect(await scene.rows("SELECT run_id, kind, status FROM ops.runs ORDER BY window_to")).toEqual([
      { run_id: expect.stringContaining("cycle_"), kind: "cycle", status: "succeeded" },
      { run_id: report.runId, kind: "cycle", status: "succeeded" },
    ]);
  });

  it("has nothing to do without arrivals, and records no run", async () => {
    const runner = scene.runnerOf();
    await scene.land(0, [{ id: "e1" }]);
    await runner.runCycle({ windowTo: endOf(0) });
    expect(await runner.runCycle({ windowTo: endOf(0) })).toMatchObject({ status: "nothing_to_do", scripts: [] });
    expect(await runner.runCycle({ windowTo: endOf(5) })).toMatchObject({ status: "nothing_to_do" });
    expect((await scene.watermarks())["silver.events"]).toBe(endOf(0));
    expect(await scene.rows("SELECT COUNT(*) AS n FROM ops.runs")).toEqual([{ n: 1 }]);
    expect(await runner.runCycle({ windowTo: endOf(5), isForced: true })).toMatchObject({ status: "succeeded" });
  });

  it("sends the same text every time", async () => {
    const texts: string[] = [];
    const runner = scene.runnerOf({
      ...scene.warehouse,
      execute: (sql, params, options) => {
        texts.push(sql);
        return scene.warehouse.execute(sql, params, options);
      },
    });
    const scripts: string[][] = [];
    for (const day of [0, 1, 2]) {
      await scene.land(day, [{ id: `e${day}` }]);
      texts.length = 0;
      await runner.runCycle({ windowTo: endOf(day) });
      scripts.push([...texts]);
    }
    expect(scripts[2]).toEqual(scripts[1]);
    expect(scripts[1]).not.toEqual(scripts[0]);
  });

  it("stops between scripts when cancelled", async () => {
    const runner = scene.runnerOf();
    await scene.land(0, [{ id: "e1" }]);
    const error = await failureOf(runner.runCycle({ windowTo: endOf(0), signal: AbortSignal.abort() }));
    expect(error.code).toBe("CANCELLED");
    expect(error.message).toMatch(/what committed stays$/);
    expect(await scene.rows("SELECT status FROM ops.runs")).toEqual([{ status: "failed" }]);
    await runner.runCycle({ windowTo: endOf(0) });
    const full = await failureOf(runner.runFull({ windowTo: endOf(0), signal: AbortSignal.abort() }));
    expect(full.message).toMatch(/what committed stays\. Layers that were not reached .* run the full refresh again$/);
  });
});

describe("identities left unsettled", () => {
  const settle = (pending: number): Promise<unknown> => {
    const nodes = Array.from({ length: pending }, (_, n) => `("n${n}")`).join(", ");
    const insert = pending === 0 ? "" : `; INSERT INTO identity.pending_nodes (node_id) VALUES ${nodes}`;
    return scene.warehouse.execute(`DELETE FROM identity.pending_nodes WHERE TRUE${insert}`);
  };
  beforeEach(() => {
    scene.fixture.write(
      "definitions/identity/pending_nodes.sqlx",
      `config { type: "operations", schema: "identity", hasOutput: true, description: "Unsettled.", tags: ["bootstrap"] }
      CREATE TABLE IF NOT EXISTS \${self()} (node_id STRING)`,
    );
  });

  it("get a cycle of their own when nothing lands, and no more once they are settled", async () => {
    const runner = scene.runnerOf();
    await scene.land(0, [{ id: "e1" }]);
    const windowTo = endOf(0);
    expect((await runner.runCycle({ windowTo })).isUnsettled).toBe(false);
    await settle(2);
    for (const after of [1, 2]) {
      const report = await runner.runCycle({ windowTo });
      expect(report).toMatchObject({ status: "succeeded", windowTo: windowTo + after, isUnsettled: true });
      expect(report.scripts.map(({ layer, windowFrom }) => [layer, windowFrom - windowTo])).toEqual([
        ["silver", after - 1],
        ["identity", after - 1],
        ["gold", after - 1],
      ]);
    }
    await settle(0);
    expect(await runner.runCycle({ windowTo })).toMatchObject({ status: "nothing_to_do", isUnsettled: false });
    await scene.land(1, [{ id: "e2" }]);
    await runner.runCycle({ windowTo: endOf(1) });
    expect((await scene.snapshot()).events?.map(({ event_id }) => event_id)).toEqual(["e1", "e2"]);
  });

  it("wait until the clock is past what may still arrive", async () => {
    const runner = scene.runnerOf();
    const windowTo = microsOf("2026-02-28T23:59:01Z");
    await scene.land(0, [{ id: "e1" }]);
    await runner.runCycle({ windowTo });
    await settle(1);
    expect(await runner.runCycle({ windowTo })).toMatchObject({ status: "nothing_to_do", windowTo, isUnsettled: true });
    // Whoever asks for a cycle, maybe just because of them, need not wait.
    const asked = await runner.runCycle({ windowTo, settlesAtOnce: true });
    expect(asked).toMatchObject({ status: "succeeded", windowTo: windowTo + 1 });
  });
});
