import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { endOf, failureOf, useRunScene } from "./testing-run.js";

const scene = useRunScene();

describe("a full build", () => {
  it("gives the same tables as the cycles before it", async () => {
    const runner = scene.runnerOf();
    for (const day of [0, 1, 2]) {
      await scene.land(day, [{ id: `e${day}`, user: `u${day % 2}` }, { id: "again" }]);
      await runner.runCycle({ windowTo: endOf(day) });
    }
    const byCycles = await scene.snapshot();
    await runner.runFull({ windowTo: endOf(2) });
    expect(await scene.snapshot()).toEqual(byCycles);
    expect(byCycles.events).toHaveLength(4);
  });

  it("leaves protected tables standing", async () => {
    const runner = scene.runnerOf();
    await scene.land(0, [{ id: "e1" }]);
    await runner.runCycle({ windowTo: endOf(0) });
    await scene.warehouse.execute(
      'INSERT INTO identity.graph_events (node_id, happened_at) VALUES ("gone", TIMESTAMP_MICROS(1))',
    );
    await runner.runFull({ windowTo: endOf(1) });
    expect(
      await scene.rows("SELECT node_id, UNIX_MICROS(happened_at) AS micros FROM identity.graph_events ORDER BY 1"),
    ).toEqual([
      { node_id: "gone", micros: 1 },
      { node_id: "u1", micros: endOf(0) - 1 },
    ]);
  });

  it("that fails leaves what was published", async () => {
    const runner = scene.runnerOf();
    await scene.land(0, [{ id: "e1" }]);
    await runner.runCycle({ windowTo: endOf(0) });
    const before = await scene.snapshot();
    await scene.land(1, [{ id: "bad", value: "-1" }]);
    expect((await failureOf(runner.runFull({ windowTo: endOf(1) }))).code).toBe("ASSERTION_FAILED");
    expect(await scene.snapshot()).toEqual(before);
  });

  it("of a selection rebuilds just that", async () => {
    const runner = scene.runnerOf();
    await scene.land(0, [{ id: "e1" }]);
    await runner.runCycle({ windowTo: endOf(0) });
    await scene.warehouse.execute("DELETE FROM silver.identity_days WHERE TRUE");
    const report = await runner.runFull({ windowTo: endOf(0), select: ["silver.identity_days"] });
    expect(report.scripts.map(({ reason, actions }) => [reason, actions.map(({ id }) => id)])).toEqual([
      ["rebuild", ["silver.identity_days"]],
    ]);
    expect((await scene.snapshot()).days).toHaveLength(1);
  });
});

describe("a changed project", () => {
  async function cycled(): Promise<void> {
    for (const day of [0, 1]) {
      await scene.land(day, [{ id: `e${day}`, name: "purchase", value: "5" }]);
      await scene.runnerOf().runCycle({ windowTo: endOf(day) });
    }
  }

  it("lets a new model read everything that had arrived, once", async () => {
    await cycled();
    scene.fixture.write(
      "definitions/silver/names.sqlx",
      `config { type: "incremental", schema: "silver" }\nSELECT event_id, event_name FROM \${ref("silver", "events")} AS e WHERE \${window.arrived("e.ingested_at", incremental())}`,
    );
    const runner = scene.runnerOf();
    const built = await runner.runCycle({ windowTo: endOf(1) });
    expect(built.scripts).toMatchObject([{ reason: "new", windowFrom: 0, windowTo: endOf(1) }]);
    await scene.land(2, [{ id: "e2" }]);
    await runner.runCycle({ windowTo: endOf(2) });
    expect(await scene.rows("SELECT event_id FROM silver.names ORDER BY 1")).toEqual([
      { event_id: "e0" },
      { event_id: "e1" },
      { event_id: "e2" },
    ]);
  });

  it("makes a view again when its text changed, and only then", async () => {
    await cycled();
    const view = "definitions/silver/purchases.sqlx";
    scene.fixture.write(
      view,
      `config { type: "view", schema: "silver" }\nSELECT event_id, value * 2 AS value FROM \${ref("silver", "events")}`,
    );
    const report = await scene.runnerOf().runCycle({ windowTo: endOf(1) });
    expect(report.scripts.map(({ reason, actions }) => [reason, actions[0]?.id])).toEqual([
      ["changed", "silver.purchases"],
    ]);
    expect(await scene.rows("SELECT value FROM silver.purchases ORDER BY event_id")).toEqual([
      { value: 10 },
      { value: 10 },
    ]);
    expect(await scene.runnerOf().runCycle({ windowTo: endOf(1) })).toMatchObject({ status: "nothing_to_do" });
  });

  it("rebuilds a changed model from all arrivals", async () => {
    await cycled();
    const days = readFileSync(path.join(scene.fixture.root, "definitions/silver/identity_days.sqlx"), "utf8");
    scene.fixture.write(
      "definitions/silver/identity_days.sqlx",
      days.replace("COUNT(*) AS event_count", "COUNT(*) * 10 AS event_count"),
    );
    const report = await scene.runnerOf().runCycle({ windowTo: endOf(1) });
    expect(report.scripts).toMatchObject([{ reason: "changed", windowFrom: 0 }]);
    expect((await scene.snapshot()).days?.map(({ event_count }) => event_count)).toEqual([10, 10]);
  });

  it("does not drop a protected table's new column in silence", async () => {
    await cycled();
    const file = "definitions/identity/graph_events.sqlx";
    const text = readFileSync(path.join(scene.fixture.root, file), "utf8");
    scene.fixture.write(file, text.replace("AS happened_at", "AS happened_at, 1 AS weight"));
    await scene.acceptIdentity();
    await scene.land(2, [{ id: "e2" }]);
    const windowTo = endOf(2);
    for (const run of [() => scene.runnerOf().runCycle({ windowTo }), () => scene.runnerOf().runFull({ windowTo })]) {
      const error = await failureOf(run());
      expect(error.code).toBe("PROJECT_INVALID");
      expect(error.message).toContain(
        "identity.graph_events adds weight; the table is protected: alter its columns by hand",
      );
    }
    await scene.warehouse.execute("ALTER TABLE identity.graph_events ADD COLUMN weight INT64");
    expect(await scene.runnerOf().runCycle({ windowTo: endOf(2) })).toMatchObject({ status: "succeeded" });
  });

  it("refuses a query whose columns are not the table's, and says what to do", async () => {
    await cycled();
    await scene.warehouse.execute("ALTER TABLE silver.events ADD COLUMN surplus STRING");
    await scene.land(2, [{ id: "e2" }]);
    const error = await failureOf(scene.runnerOf().runCycle({ windowTo: endOf(2) }));
    expect(error.code).toBe("PROJECT_INVALID");
    expect(error.message).toContain(
      "definitions/silver/events.sqlx: the query of silver.events lacks surplus; rebuild it with a full refresh of silver.events+",
    );
  });
});
