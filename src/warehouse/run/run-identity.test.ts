import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import type { RunLogger } from "./execute.js";
import { HELD, NOT_IN_A_SELECTION } from "./identity-standing.js";
import { endOf, failureOf, useRunScene } from "./testing-run.js";

const scene = useRunScene();
const GROW = "definitions/identity/grow.sqlx";
const JITTER = `config { type: "assertion", tags: ["cycle", "jitter"], dependencies: ["grow"] }
SELECT g.node_id FROM \${ref("identity", "graph_events")} AS g WHERE \${window.arrived("g.happened_at", true)}`;

function edit(file: string, from: string, to: string): void {
  const text = readFileSync(path.join(scene.fixture.root, file), "utf8");
  expect(text.split(from)).toHaveLength(2);
  scene.fixture.write(file, text.replace(from, to));
}

/** u1 is nobody any more. */
const changeRule = (): void => edit(GROW, "WHERE node_id IS NOT NULL", 'WHERE node_id IS NOT NULL AND node_id != "u1"');
const restoreRule = (): void => edit(GROW, ' AND node_id != "u1"', "");

/** Two days of u1 and u2, published. */
async function published(): Promise<void> {
  for (const day of [0, 1]) {
    await scene.land(day, [{ id: `e${day}`, user: `u${day + 1}` }]);
    await scene.runnerOf().runCycle({ windowTo: endOf(day) });
  }
}

const nodes = async (): Promise<unknown[]> =>
  (await scene.rows("SELECT node_id FROM identity.nodes ORDER BY 1")).map(({ node_id }) => node_id);
const totals = async (): Promise<unknown[]> =>
  (await scene.rows("SELECT node_id, event_count FROM activation.act_profiles__totals ORDER BY 1")).map(
    ({ node_id, event_count }) => [node_id, event_count],
  );
const versions = (): ReturnType<typeof scene.rows> =>
  scene.rows(
    "SELECT accepted_by, published_at IS NOT NULL AS is_published FROM ops.identity_versions ORDER BY published_at",
  );

describe("changed rules of identity", () => {
  it("hold identity and what is made from it, and nothing else", async () => {
    await published();
    changeRule();
    await scene.land(2, [{ id: "e2", user: "u3" }]);
    const runner = scene.runnerOf();
    expect(await runner.identity()).toMatchObject({
      state: "held",
      isBuilt: false,
      changes: [{ id: "identity.grow", change: "changed", parts: ["sql"] }],
    });
    expect((await runner.plan("cycle", { windowTo: endOf(2) })).held).toContainEqual({
      id: "gold.totals",
      layer: "gold",
      why: HELD,
    });
    const report = await runner.runCycle({ windowTo: endOf(2) });
    expect(report).toMatchObject({ status: "held", hold: HELD, isUnsettled: false });
    const file = scene.results(report.runId) as { status: string; models: { id: string; status: string }[] };
    expect(file.status).toBe("held");
    expect(Object.fromEntries(file.models.map(({ id, status }) => [id, status]))).toMatchObject({
      "silver.events": "built",
      "identity.grow": "held",
      "identity.graph_events": "held",
      "gold.totals": "held",
      "activation.act_profiles__totals": "held",
    });
    expect(await scene.rows('SELECT COUNT(*) AS n FROM ops.runs WHERE status = "held"')).toEqual([{ n: 1 }]);
    expect((await scene.snapshot()).events).toHaveLength(3);
    expect(await nodes()).toEqual(["u1", "u2"]);
    expect(await totals()).toEqual([
      ["u1", 1],
      ["u2", 1],
    ]);
    // Nothing new: still not a success, and no run to record.
    expect(await runner.runCycle({ windowTo: endOf(2) })).toMatchObject({ status: "held", scripts: [] });
    expect(await scene.rows('SELECT COUNT(*) AS n FROM ops.runs WHERE status = "held"')).toEqual([{ n: 1 }]);
  });

  it("are told once, however many cycles they hold", async () => {
    await published();
    changeRule();
    const told: string[] = [];
    const logger: RunLogger = {
      info: () => undefined,
      warn: (_, text) => void told.push(text),
      error: () => undefined,
    };
    const runner = scene.runnerOf(scene.warehouse, { logger });
    for (const day of [2, 3]) {
      await scene.land(day, [{ id: `e${day}` }]);
      await runner.runCycle({ windowTo: endOf(day) });
    }
    expect(told).toEqual([`identity is held: ${HELD}`]);
  });

  it("are none when only comments and white space differ, and rebuild nothing", async () => {
    await published();
    edit(GROW, "CREATE OR REPLACE TEMP TABLE seen AS\n", "-- Who was seen.\nCREATE OR REPLACE   TEMP TABLE seen AS ");
    edit("definitions/silver/identity_days.sqlx", "GROUP BY", "/* a day */ GROUP BY");
    await scene.land(2, [{ id: "e2", user: "u3" }]);
    const report = await scene.runnerOf().runCycle({ windowTo: endOf(2) });
    expect(report.status).toBe("succeeded");
    expect(report.scripts.map(({ reason }) => reason)).toEqual(["cycle", "cycle", "cycle"]);
    expect(await nodes()).toEqual(["u1", "u2", "u3"]);
  });

  it.each([
    [
      "added",
      () =>
        scene.fixture.write(
          "definitions/identity/more.sqlx",
          'config { type: "table" , schema: "identity" }\nSELECT 1 AS n',
        ),
      "identity.more",
    ],
    [
      "removed",
      () => {
        edit("definitions/gold/totals.sqlx", 'name: "graph_events"', 'name: "grow"');
        scene.fixture.remove("definitions/identity/graph_events.sqlx");
      },
      "identity.graph_events",
    ],
  ] as const)("are models that were %s, too", async (change, make, id) => {
    await published();
    make();
    expect(await scene.runnerOf().identity()).toMatchObject({ state: "held", changes: [{ id, change }] });
  });

  it("leave a selection before identity alone, and hold one that reaches it", async () => {
    await published();
    changeRule();
    await scene.land(2, [{ id: "e2", user: "u3" }]);
    expect(await scene.runnerOf().runCycle({ windowTo: endOf(2), select: ["silver"] })).toMatchObject({
      status: "succeeded",
      hold: null,
    });
    expect(await scene.runnerOf().runCycle({ windowTo: endOf(2), select: ["gold"] })).toMatchObject({ status: "held" });
    await scene.acceptIdentity();
    expect(await scene.runnerOf().runCycle({ windowTo: endOf(2), select: ["gold"] })).toMatchObject({
      status: "held",
      hold: NOT_IN_A_SELECTION,
    });
    expect(await nodes()).toEqual(["u1", "u2"]);
  });

  it("refuse a full refresh and a backfill before anything runs", async () => {
    await published();
    changeRule();
    await scene.land(2, [{ id: "e2", user: "u3" }]);
    const before = await scene.snapshot();
    const runner = scene.runnerOf();
    const window = { from: endOf(0), to: endOf(1) };
    for (const run of [
      () => runner.runFull({ windowTo: endOf(2) }),
      () => runner.runFull({ windowTo: endOf(2), select: ["gold.totals"] }),
      () => runner.runBackfill({ window, select: ["silver.events+"] }),
    ]) {
      const error = await failureOf(run());
      expect(error).toMatchObject({ code: "IDENTITY_HELD", message: `${HELD}. Nothing was run.` });
    }
    expect(await scene.snapshot()).toEqual(before);
    await runner.runBackfill({ window, select: ["silver"] });
    expect(await runner.runFull({ windowTo: endOf(2), select: ["silver"] })).toMatchObject({ status: "held" });
    expect(await nodes()).toEqual(["u1", "u2"]);
  });

  it("that are taken back let the next cycle read what was missed", async () => {
    await published();
    changeRule();
    await scene.land(2, [{ id: "e2", user: "u3" }]);
    await scene.runnerOf().runCycle({ windowTo: endOf(2) });
    restoreRule();
    expect(await scene.runnerOf().identity()).toMatchObject({ state: "published" });
    const report = await scene.runnerOf().runCycle({ windowTo: endOf(2) });
    expect(report).toMatchObject({ status: "succeeded", hold: null });
    expect(await totals()).toEqual([
      ["u1", 1],
      ["u2", 1],
      ["u3", 1],
    ]);
  });

  it("need nobody before there is a whole build", async () => {
    await scene.land(0, [{ id: "e0", user: "u1" }]);
    await scene.runnerOf().runCycle({ windowTo: endOf(0), select: ["silver", "identity.grow"] });
    changeRule();
    expect(await scene.runnerOf().identity()).toMatchObject({ state: "unpublished" });
    expect(await scene.runnerOf().runCycle({ windowTo: endOf(0) })).toMatchObject({ status: "succeeded" });
    expect(await scene.runnerOf().identity()).toMatchObject({ state: "published" });
    expect(await versions()).toEqual([{ accepted_by: null, is_published: true }]);
  });

  it("hold also where a whole build died before it could say so", async () => {
    await published();
    await scene.warehouse.execute("DELETE FROM ops.identity_versions WHERE TRUE");
    changeRule();
    expect(await scene.runnerOf().identity()).toMatchObject({ state: "held", published: null });
  });

  it("do not keep a changed model of gold from being rebuilt as ever", async () => {
    await published();
    edit("definitions/gold/totals.sqlx", "SUM(event_count)", "10 * SUM(event_count)");
    await scene.land(2, [{ id: "e2", user: "u3" }]);
    expect(await scene.runnerOf().runCycle({ windowTo: endOf(2) })).toMatchObject({ status: "succeeded" });
    expect(await totals()).toEqual([
      ["u1", 10],
      ["u2", 10],
      ["u3", 10],
    ]);
  });
});

describe("accepted rules of identity", () => {
  async function accepted(): Promise<void> {
    await published();
    changeRule();
    await scene.land(2, [{ id: "e2", user: "u3" }]);
    await scene.runnerOf().runCycle({ windowTo: endOf(2) });
    // The register is state: what the new rules do not know any more stays in it. Here they begin anew.
    await scene.warehouse.execute("DELETE FROM identity.nodes WHERE TRUE");
    await scene.acceptIdentity();
  }
  const expected = [
    ["u2", 1],
    ["u3", 1],
  ];

  it("are published by the next run, with what was missed, once", async () => {
    await accepted();
    const told: string[] = [];
    const runner = scene.runnerOf(scene.warehouse, { beforePromotion: async () => void told.push("forget") });
    const plan = await runner.plan("cycle", { windowTo: endOf(2) });
    expect(plan.scripts.map(({ layer, reason }) => `${layer} ${reason}`)).toEqual([
      "silver cycle",
      "identity promotion",
      "gold promotion",
    ]);
    const report = await runner.runCycle({ windowTo: endOf(2) });
    expect(report).toMatchObject({ status: "succeeded", hold: null });
    expect(told).toEqual(["forget"]);
    expect(await totals()).toEqual(expected);
    expect(await versions()).toEqual([
      { accepted_by: null, is_published: true },
      { accepted_by: "operator", is_published: true },
    ]);
    expect(await runner.runCycle({ windowTo: endOf(2) })).toMatchObject({ status: "nothing_to_do" });
    expect(told).toEqual(["forget"]);
  });

  it("are published by a full refresh, too", async () => {
    await accepted();
    await scene.runnerOf().runFull({ windowTo: endOf(2) });
    expect(await totals()).toEqual(expected);
    expect(await scene.runnerOf().identity()).toMatchObject({ state: "published" });
  });

  it.each(["identity", "gold", "record"])("come through a run that dies before %s is done", async (where) => {
    await accepted();
    let left = { identity: 1, gold: 2, record: 3 }[where] ?? 0;
    const dies = scene.runnerOf(scene.warehouse, {
      checkpoint: (name) => {
        if (name === (where === "record" ? "cycle_after" : "cycle_before") && left-- === (where === "record" ? 1 : 0)) {
          throw new Error("power cut");
        }
      },
    });
    const before = await totals();
    await expect(dies.runCycle({ windowTo: endOf(2) })).rejects.toThrow("power cut");
    if (where === "identity") expect(await nodes()).toEqual([]);
    if (where === "gold") expect(before).toEqual([]);
    expect(await scene.runnerOf().identity()).toMatchObject({ state: "accepted", isBuilt: where !== "identity" });
    const report = await scene.runnerOf().runCycle({ windowTo: endOf(2) });
    expect(report.scripts.map(({ layer, reason }) => `${layer} ${reason}`)).toEqual([
      "silver cycle",
      where === "identity" ? "identity promotion" : "identity cycle",
      "gold promotion",
    ]);
    expect(await totals()).toEqual(expected);
    expect(await scene.runnerOf().identity()).toMatchObject({ state: "published" });
  });

  it("are held again when they were turned back half-way", async () => {
    await accepted();
    let left = 2;
    const dies = scene.runnerOf(scene.warehouse, {
      checkpoint: (name) => {
        if (name === "cycle_before" && left-- === 0) throw new Error("power cut");
      },
    });
    await expect(dies.runCycle({ windowTo: endOf(2) })).rejects.toThrow("power cut");
    restoreRule();
    expect(await scene.runnerOf().identity()).toMatchObject({ state: "held" });
  });

  it("are not those that somebody changed once more", async () => {
    await accepted();
    edit(GROW, '!= "u1"', '!= "u2"');
    expect(await scene.runnerOf().identity()).toMatchObject({ state: "held", acceptance: null });
  });

  it("pass the checks on how much a window changes, once", async () => {
    scene.fixture.write("definitions/quality/few_events.sqlx", JITTER);
    await scene.land(0, [{ id: "e0", user: "u1" }]);
    await scene.runnerOf().runCycle({ windowTo: endOf(0), accept: ["few_events"] });
    changeRule();
    await scene.acceptIdentity();
    await scene.warehouse.execute("DELETE FROM identity.graph_events WHERE TRUE");
    await scene.land(1, [{ id: "e1", user: "u2" }]);
    expect(await scene.runnerOf().runCycle({ windowTo: endOf(1) })).toMatchObject({ status: "succeeded" });
    expect(
      await scene.rows(
        'SELECT severity, COUNT(*) AS n FROM quality.check_results WHERE severity = "accepted" GROUP BY 1',
      ),
    ).toEqual([{ severity: "accepted", n: 2 }]);
    await scene.land(2, [{ id: "e2", user: "u3" }]);
    await expect(scene.runnerOf().runCycle({ windowTo: endOf(2) })).rejects.toMatchObject({ code: "ASSERTION_FAILED" });
  });
});
