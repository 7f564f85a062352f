import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createManualClock } from "../../platform/clock.js";
import { RollcallError } from "../../platform/errors.js";
import { createDuckdbWarehouse } from "../duckdb/warehouse.js";
import type { Row, Warehouse } from "../port.js";
import { readBronzeTables } from "./bronze.js";
import { createRunner, type Runner } from "./run.js";
import { createFixtureProject, type FixtureProject } from "./testing.js";
import { isoOf, microsOf } from "./typed-value.js";

const logger = { info: () => undefined, warn: () => undefined, error: () => undefined };
const DAY = 86_400_000_000;
const FIRST = microsOf("2026-01-01T00:00:00Z");

let fixture: FixtureProject;
let warehouse: Warehouse;
let results: string;
let batch = 0;

async function openWarehouse(): Promise<void> {
  warehouse = await createDuckdbWarehouse({ file: ":memory:" });
  await warehouse.ensureTables(readBronzeTables(fixture.root));
  batch = 0;
}

beforeEach(async () => {
  fixture = createFixtureProject();
  results = mkdtempSync(path.join(tmpdir(), "rollcall-results-"));
  await openWarehouse();
});
afterEach(async () => {
  await warehouse.close();
  fixture.dispose();
  rmSync(results, { recursive: true, force: true });
});

function runnerOf(target: Warehouse = warehouse): Runner {
  const clock = createManualClock(Date.parse("2026-03-01T00:00:00Z"));
  return createRunner({ root: fixture.root, resultsFolder: results }, { warehouse: target, clock, logger });
}

interface Event {
  readonly id: string;
  readonly user?: string;
  readonly name?: string;
  readonly value?: string;
}

/** Lands one batch on day `day` of the fixture's calendar; the window of that day ends with the next. */
async function land(day: number, events: readonly Event[]): Promise<void> {
  const ingestedAt = FIRST + day * DAY + 1_000;
  batch += 1;
  await warehouse.land({
    batchId: `b${batch}`,
    topic: "website",
    partition: 0,
    firstOffset: batch,
    lastOffset: batch,
    ingestedAt,
    tables: {
      website_events: events.map(({ id, user = "u1", name = "visit", value }) => ({
        event_id: id,
        event_type: "track",
        occurred_at: isoOf(ingestedAt - 60_000_000),
        ingested_at: isoOf(ingestedAt),
        payload: { userId: user, event: name, value },
        identifiers: [{ type: "user_id", hmac: user }],
      })),
    },
  });
}

const endOf = (day: number): number => FIRST + (day + 1) * DAY;

async function rows(sql: string): Promise<readonly Row[]> {
  return (await warehouse.query(sql)).rows;
}

async function snapshot(): Promise<Record<string, readonly Row[]>> {
  return {
    events: await rows("SELECT event_id, node_id, value FROM silver.events ORDER BY event_id"),
    days: await rows("SELECT node_id, day, event_count FROM silver.identity_days ORDER BY 1, 2"),
    nodes: await rows("SELECT node_id FROM identity.nodes ORDER BY 1"),
    totals: await rows("SELECT node_id, event_count FROM activation.act_profiles__totals ORDER BY 1"),
  };
}

async function watermarks(): Promise<Record<string, unknown>> {
  const found = await rows("SELECT model, UNIX_MICROS(window_to) AS micros FROM ops.watermarks ORDER BY model");
  return Object.fromEntries(found.map(({ model, micros }) => [model, micros]));
}

async function failureOf(work: Promise<unknown>): Promise<RollcallError> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof RollcallError) return error;
  throw new Error("expected a RollcallError", { cause: error });
}

describe("a cycle", () => {
  it("builds on the first run, adds on the next, and keeps one watermark", async () => {
    const runner = runnerOf();
    await land(0, [{ id: "e1" }, { id: "e2", user: "u2", name: "purchase", value: "9.5" }]);
    const first = await runner.runCycle({ windowTo: endOf(0) });
    expect(first.scripts.map(({ layer, reason }) => `${layer} ${reason}`)).toEqual([
      "silver first_build",
      "identity first_build",
      "gold first_build",
    ]);
    await land(1, [{ id: "e3" }, { id: "e1" }]);
    const second = await runner.runCycle({ windowTo: endOf(1) });
    expect(second.scripts.map(({ layer, reason }) => `${layer} ${reason}`)).toEqual([
      "silver cycle",
      "identity cycle",
      "gold cycle",
    ]);
    expect(await snapshot()).toEqual({
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
    expect(await watermarks()).toEqual({
      "activation.act_profiles__totals": null,
      "gold.totals": endOf(1),
      "identity.graph_events": endOf(1),
      "identity.grow": endOf(1),
      "identity.nodes": null,
      "silver.events": endOf(1),
      "silver.identity_days": endOf(1),
      "silver.purchases": null,
    });
    const graphEvents = await rows("SELECT node_id, happened_at FROM identity.graph_events ORDER BY 1");
    expect(graphEvents.map(({ happened_at }) => happened_at)).toEqual([isoOf(endOf(0) - 1), isoOf(endOf(0) - 1)]);
  });

  it("reports rows by action, in the run, in ops.runs and in run_results.json", async () => {
    const runner = runnerOf();
    await land(0, [{ id: "e1" }]);
    await runner.runCycle({ windowTo: endOf(0) });
    await land(1, [{ id: "e2" }, { id: "e3", user: "u3" }]);
    const report = await runner.runCycle({ windowTo: endOf(1) });
    const outcome = report.scripts.flatMap(({ actions }) => actions).map(({ id, rows: count }) => [id, count]);
    expect(outcome).toContainEqual(["silver.events", 2]);
    expect(outcome).toContainEqual(["identity.grow", 1]);
    const file = JSON.parse(readFileSync(path.join(results, report.runId, "run_results.json"), "utf8"));
    expect(file).toMatchObject({ runId: report.runId, status: "succeeded", scripts: report.scripts });
    expect(await rows("SELECT run_id, kind, status FROM ops.runs ORDER BY window_to")).toEqual([
      { run_id: expect.stringContaining("cycle_"), kind: "cycle", status: "succeeded" },
      { run_id: report.runId, kind: "cycle", status: "succeeded" },
    ]);
  });

  it("has nothing to do without arrivals, and records no run", async () => {
    const runner = runnerOf();
    await land(0, [{ id: "e1" }]);
    await runner.runCycle({ windowTo: endOf(0) });
    expect(await runner.runCycle({ windowTo: endOf(0) })).toMatchObject({ status: "nothing_to_do", scripts: [] });
    expect(await runner.runCycle({ windowTo: endOf(5) })).toMatchObject({ status: "nothing_to_do" });
    expect((await watermarks())["silver.events"]).toBe(endOf(0));
    expect(await rows("SELECT COUNT(*) AS n FROM ops.runs")).toEqual([{ n: 1 }]);
    expect(await runner.runCycle({ windowTo: endOf(5), isForced: true })).toMatchObject({ status: "succeeded" });
  });

  it("sends the same text every time", async () => {
    const texts: string[] = [];
    const runner = runnerOf({
      ...warehouse,
      execute: (sql, params, options) => {
        texts.push(sql);
        return warehouse.execute(sql, params, options);
      },
    });
    const scripts: string[][] = [];
    for (const day of [0, 1, 2]) {
      await land(day, [{ id: `e${day}` }]);
      texts.length = 0;
      await runner.runCycle({ windowTo: endOf(day) });
      scripts.push([...texts]);
    }
    expect(scripts[2]).toEqual(scripts[1]);
    expect(scripts[1]).not.toEqual(scripts[0]);
  });

  it("stops between scripts when cancelled", async () => {
    const runner = runnerOf();
    await land(0, [{ id: "e1" }]);
    const error = await failureOf(runner.runCycle({ windowTo: endOf(0), signal: AbortSignal.abort() }));
    expect(error.code).toBe("CANCELLED");
    expect(await rows("SELECT status FROM ops.runs")).toEqual([{ status: "failed" }]);
  });
});

describe("identities left unsettled", () => {
  const settle = (pending: number): Promise<unknown> => {
    const nodes = Array.from({ length: pending }, (_, n) => `("n${n}")`).join(", ");
    const insert = pending === 0 ? "" : `; INSERT INTO identity.pending_nodes (node_id) VALUES ${nodes}`;
    return warehouse.execute(`DELETE FROM identity.pending_nodes WHERE TRUE${insert}`);
  };
  beforeEach(() => {
    fixture.write(
      "definitions/identity/pending_nodes.sqlx",
      `config { type: "operations", schema: "identity", hasOutput: true, description: "Unsettled.", tags: ["bootstrap"] }
      CREATE TABLE IF NOT EXISTS \${self()} (node_id STRING)`,
    );
  });

  it("get a cycle of their own when nothing lands, and no more once they are settled", async () => {
    const runner = runnerOf();
    await land(0, [{ id: "e1" }]);
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
    await land(1, [{ id: "e2" }]);
    await runner.runCycle({ windowTo: endOf(1) });
    expect((await snapshot()).events?.map(({ event_id }) => event_id)).toEqual(["e1", "e2"]);
  });

  it("wait until the clock is past what may still arrive", async () => {
    const runner = runnerOf();
    const windowTo = microsOf("2026-02-28T23:59:01Z");
    await land(0, [{ id: "e1" }]);
    await runner.runCycle({ windowTo });
    await settle(1);
    expect(await runner.runCycle({ windowTo })).toMatchObject({ status: "nothing_to_do", windowTo, isUnsettled: true });
  });
});

describe("a plan", () => {
  it("says what a full build of a selection would do, and does nothing", async () => {
    const runner = runnerOf();
    await land(0, [{ id: "e1" }]);
    await runner.runCycle({ windowTo: endOf(0) });
    const before = await watermarks();
    const plans = await runner.planFull({ windowTo: endOf(0), select: ["identity_days"] });
    const scripts = plans.flatMap(({ catchUps, main }) => [...catchUps, ...(main === null ? [] : [main])]);
    expect(scripts.map(({ reason, steps }) => [reason, steps.map(({ action }) => action.id)])).toEqual([
      ["rebuild", ["silver.identity_days"]],
    ]);
    expect(await watermarks()).toEqual(before);
  });
});

describe("a failing cycle", () => {
  it("publishes nothing of its layer, is recorded, and the next one reads every row once", async () => {
    const runner = runnerOf();
    await land(0, [{ id: "e1" }]);
    await runner.runCycle({ windowTo: endOf(0) });
    await land(1, [{ id: "bad", value: "-1" }, { id: "e2" }]);
    const before = await snapshot();
    const error = await failureOf(runner.runCycle({ windowTo: endOf(1) }));
    expect(error.code).toBe("ASSERTION_FAILED");
    expect(error.message).toContain("check quality.no_negative_values (definitions/quality/no_negative_values.sqlx");
    expect(error.message).toContain("failed on 1 rows");
    expect(await snapshot()).toEqual(before);
    expect((await watermarks())["silver.events"]).toBe(endOf(0));
    expect(
      await rows(
        "SELECT check_name, severity, owner, failing_rows FROM quality.check_results ORDER BY failing_rows DESC LIMIT 1",
      ),
    ).toEqual([{ check_name: "quality.no_negative_values", severity: "error", owner: "analytics", failing_rows: 1 }]);
    expect(await rows("SELECT status FROM ops.runs ORDER BY window_to DESC LIMIT 1")).toEqual([{ status: "failed" }]);

    await warehouse.execute('DELETE FROM bronze.website_events WHERE event_id = "bad"');
    await land(2, [{ id: "e3" }]);
    await runner.runCycle({ windowTo: endOf(2) });
    expect((await snapshot()).events?.map(({ event_id }) => event_id)).toEqual(["e1", "e2", "e3"]);
  });

  it("goes ahead once when somebody accepts what a check found, and says so", async () => {
    const runner = runnerOf();
    await land(0, [{ id: "bad", value: "-1" }]);
    const windowTo = endOf(0);
    await expect(runner.runCycle({ windowTo })).rejects.toMatchObject({ code: "ASSERTION_FAILED" });
    await runner.runCycle({ windowTo, accept: ["no_negative_values"] });
    expect((await snapshot()).events?.map(({ event_id }) => event_id)).toEqual(["bad"]);
    const results = await rows(
      'SELECT severity, failing_rows FROM quality.check_results WHERE check_name = "quality.no_negative_values" ORDER BY severity',
    );
    expect(results).toEqual([
      { severity: "accepted", failing_rows: 1 },
      { severity: "error", failing_rows: 1 },
    ]);
    await land(1, [{ id: "worse", value: "-2" }]);
    await expect(runner.runCycle({ windowTo: endOf(1) })).rejects.toMatchObject({ code: "ASSERTION_FAILED" });
  });

  it("accepts only checks that could stand in the way", async () => {
    await land(0, [{ id: "e1" }]);
    const error = await failureOf(runnerOf().runCycle({ windowTo: endOf(0), accept: ["named_events"] }));
    expect(error.code).toBe("NOT_FOUND");
    expect(error.message).toBe("no check of a cycle is called named_events. There are quality.no_negative_values.");
  });

  it("leaves a later layer to the next cycle, which takes over from where that layer stood", async () => {
    const runner = runnerOf();
    await land(0, [{ id: "e1" }]);
    await runner.runCycle({ windowTo: endOf(0) });
    await land(1, [{ id: "e2", user: "u2" }]);
    let isBroken = true;
    const broken = runnerOf({
      ...warehouse,
      execute: (sql, params, options) => {
        if (isBroken && sql.includes("identity.grow")) throw new Error("the warehouse went away");
        return warehouse.execute(sql, params, options);
      },
    });
    await expect(broken.runCycle({ windowTo: endOf(1) })).rejects.toThrow("the warehouse went away");
    expect((await watermarks())["silver.events"]).toBe(endOf(1));
    expect((await watermarks())["identity.grow"]).toBe(endOf(0));
    isBroken = false;
    await land(2, [{ id: "e3", user: "u3" }]);
    const report = await broken.runCycle({ windowTo: endOf(2) });
    expect(report.scripts.map(({ layer, windowFrom }) => [layer, windowFrom])).toEqual([
      ["silver", endOf(1)],
      ["identity", endOf(0)],
      ["gold", endOf(0)],
    ]);
    expect((await snapshot()).nodes).toEqual([{ node_id: "u1" }, { node_id: "u2" }, { node_id: "u3" }]);
  });

  it("changes nothing in the end, whichever layer fails on whichever day", async () => {
    const day = fc.record({
      events: fc.array(fc.record({ id: fc.nat(9), user: fc.nat(2) }), { maxLength: 4 }),
      failsIn: fc.constantFrom(null, null, "silver layer", "identity layer", "gold layer"),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(day, { minLength: 2, maxLength: 4 }), async (days) => {
        await warehouse.close();
        await openWarehouse();
        let failsIn: string | null = null;
        const runner = runnerOf({
          ...warehouse,
          execute: (sql, params, options) =>
            options?.origin === failsIn ? Promise.reject(new Error("gone")) : warehouse.execute(sql, params, options),
        });
        for (const [index, { events, failsIn: layer }] of days.entries()) {
          await land(
            index,
            events.map(({ id, user }) => ({ id: `e${id}`, user: `u${user}` })),
          );
          failsIn = layer;
          await runner.runCycle({ windowTo: endOf(index) }).catch(() => undefined);
        }
        failsIn = null;
        const last = endOf(days.length - 1);
        await runner.runCycle({ windowTo: last, isForced: true });
        const byCycles = await snapshot();
        await runner.runFull({ windowTo: last });
        expect(await snapshot()).toEqual(byCycles);
      }),
      { numRuns: 6 },
    );
  });

  it("names the model and file of a statement that fails", async () => {
    fixture.write(
      "definitions/gold/divided.sqlx",
      `config { type: "table", schema: "gold" }\nSELECT DIV(1, CAST(event_count - event_count AS INT64)) AS x FROM \${ref("gold", "totals")}`,
    );
    const runner = runnerOf();
    await land(0, [{ id: "e1" }]);
    const error = await failureOf(runner.runCycle({ windowTo: endOf(0) }));
    expect(error.message).toContain("definitions/gold/divided.sqlx (gold.divided)");
    expect(error.details).toMatchObject({ model: "gold.divided", file: "definitions/gold/divided.sqlx" });
  });
});

describe("checks", () => {
  it("of severity warn are recorded and stop nothing; audits run over whole tables and say what failed", async () => {
    const runner = runnerOf();
    await land(0, [{ id: "e1" }]);
    await runner.runCycle({ windowTo: endOf(0) });
    await warehouse.execute('UPDATE silver.events SET event_name = NULL, node_id = "u9" WHERE TRUE');
    await warehouse.execute('INSERT INTO silver.events (event_id) VALUES ("e1")');
    await land(1, [{ id: "e2" }]);
    expect(await runner.runCycle({ windowTo: endOf(1) })).toMatchObject({ status: "succeeded" });
    const warned =
      'SELECT failing_rows FROM quality.check_results WHERE check_name = "quality.named_events" ORDER BY 1';
    expect(await rows(warned)).toEqual([{ failing_rows: 0 }, { failing_rows: 2 }]);
    const error = await failureOf(runner.runAudit());
    expect(error.code).toBe("ASSERTION_FAILED");
    expect(error.details.checks).toEqual([
      expect.objectContaining({ check: "quality.silver_events_assertions_rowConditions", failingRows: 1 }),
      expect.objectContaining({ check: "quality.silver_events_assertions_uniqueKey_0", failingRows: 1 }),
    ]);
  });

  it("keep one pass each, however often they run", async () => {
    const runner = runnerOf();
    for (const day of [0, 1, 2]) {
      await land(day, [{ id: `e${day}` }]);
      await runner.runCycle({ windowTo: endOf(day) });
    }
    await runner.runAudit();
    await runner.runAudit();
    const counted = await rows("SELECT check_name, COUNT(*) AS n FROM quality.check_results GROUP BY 1 ORDER BY 1");
    expect(counted.map(({ n }) => n)).toEqual([1, 1, 1, 1, 1]);
  });
});

describe("a full build", () => {
  it("gives the same tables as the cycles before it", async () => {
    const runner = runnerOf();
    for (const day of [0, 1, 2]) {
      await land(day, [{ id: `e${day}`, user: `u${day % 2}` }, { id: "again" }]);
      await runner.runCycle({ windowTo: endOf(day) });
    }
    const byCycles = await snapshot();
    await runner.runFull({ windowTo: endOf(2) });
    expect(await snapshot()).toEqual(byCycles);
    expect(byCycles.events).toHaveLength(4);
  });

  it("leaves protected tables standing", async () => {
    const runner = runnerOf();
    await land(0, [{ id: "e1" }]);
    await runner.runCycle({ windowTo: endOf(0) });
    await warehouse.execute(
      'INSERT INTO identity.graph_events (node_id, happened_at) VALUES ("gone", TIMESTAMP_MICROS(1))',
    );
    await runner.runFull({ windowTo: endOf(1) });
    expect(
      await rows("SELECT node_id, UNIX_MICROS(happened_at) AS micros FROM identity.graph_events ORDER BY 1"),
    ).toEqual([
      { node_id: "gone", micros: 1 },
      { node_id: "u1", micros: endOf(0) - 1 },
    ]);
  });

  it("that fails leaves what was published", async () => {
    const runner = runnerOf();
    await land(0, [{ id: "e1" }]);
    await runner.runCycle({ windowTo: endOf(0) });
    const before = await snapshot();
    await land(1, [{ id: "bad", value: "-1" }]);
    expect((await failureOf(runner.runFull({ windowTo: endOf(1) }))).code).toBe("ASSERTION_FAILED");
    expect(await snapshot()).toEqual(before);
  });

  it("of a selection rebuilds just that", async () => {
    const runner = runnerOf();
    await land(0, [{ id: "e1" }]);
    await runner.runCycle({ windowTo: endOf(0) });
    await warehouse.execute("DELETE FROM silver.identity_days WHERE TRUE");
    const report = await runner.runFull({ windowTo: endOf(0), select: ["silver.identity_days"] });
    expect(report.scripts.map(({ reason, actions }) => [reason, actions.map(({ id }) => id)])).toEqual([
      ["rebuild", ["silver.identity_days"]],
    ]);
    expect((await snapshot()).days).toHaveLength(1);
  });
});

describe("a changed project", () => {
  async function cycled(): Promise<void> {
    for (const day of [0, 1]) {
      await land(day, [{ id: `e${day}`, name: "purchase", value: "5" }]);
      await runnerOf().runCycle({ windowTo: endOf(day) });
    }
  }

  it("lets a new model read everything that had arrived, once", async () => {
    await cycled();
    fixture.write(
      "definitions/silver/names.sqlx",
      `config { type: "incremental", schema: "silver" }\nSELECT event_id, event_name FROM \${ref("silver", "events")} AS e WHERE \${window.arrived("e.ingested_at", incremental())}`,
    );
    const runner = runnerOf();
    const built = await runner.runCycle({ windowTo: endOf(1) });
    expect(built.scripts).toMatchObject([{ reason: "new", windowFrom: 0, windowTo: endOf(1) }]);
    await land(2, [{ id: "e2" }]);
    await runner.runCycle({ windowTo: endOf(2) });
    expect(await rows("SELECT event_id FROM silver.names ORDER BY 1")).toEqual([
      { event_id: "e0" },
      { event_id: "e1" },
      { event_id: "e2" },
    ]);
  });

  it("makes a view again when its text changed, and only then", async () => {
    await cycled();
    const view = "definitions/silver/purchases.sqlx";
    fixture.write(
      view,
      `config { type: "view", schema: "silver" }\nSELECT event_id, value * 2 AS value FROM \${ref("silver", "events")}`,
    );
    const report = await runnerOf().runCycle({ windowTo: endOf(1) });
    expect(report.scripts.map(({ reason, actions }) => [reason, actions[0]?.id])).toEqual([
      ["changed", "silver.purchases"],
    ]);
    expect(await rows("SELECT value FROM silver.purchases ORDER BY event_id")).toEqual([{ value: 10 }, { value: 10 }]);
    expect(await runnerOf().runCycle({ windowTo: endOf(1) })).toMatchObject({ status: "nothing_to_do" });
  });

  it("rebuilds a changed model from all arrivals", async () => {
    await cycled();
    const days = readFileSync(path.join(fixture.root, "definitions/silver/identity_days.sqlx"), "utf8");
    fixture.write(
      "definitions/silver/identity_days.sqlx",
      days.replace("COUNT(*) AS event_count", "COUNT(*) * 10 AS event_count"),
    );
    const report = await runnerOf().runCycle({ windowTo: endOf(1) });
    expect(report.scripts).toMatchObject([{ reason: "changed", windowFrom: 0 }]);
    expect((await snapshot()).days?.map(({ event_count }) => event_count)).toEqual([10, 10]);
  });

  it("does not drop a protected table's new column in silence", async () => {
    await cycled();
    const file = "definitions/identity/graph_events.sqlx";
    const text = readFileSync(path.join(fixture.root, file), "utf8");
    fixture.write(file, text.replace("AS happened_at", "AS happened_at, 1 AS weight"));
    await land(2, [{ id: "e2" }]);
    for (const run of [runnerOf().runCycle({ windowTo: endOf(2) }), runnerOf().runFull({ windowTo: endOf(2) })]) {
      const error = await failureOf(run);
      expect(error.code).toBe("PROJECT_INVALID");
      expect(error.message).toContain(
        "identity.graph_events adds weight; the table is protected: alter its columns by hand",
      );
    }
    await warehouse.execute("ALTER TABLE identity.graph_events ADD COLUMN weight INT64");
    expect(await runnerOf().runCycle({ windowTo: endOf(2) })).toMatchObject({ status: "succeeded" });
  });

  it("refuses a query whose columns are not the table's, and says what to do", async () => {
    await cycled();
    await warehouse.execute("ALTER TABLE silver.events ADD COLUMN surplus STRING");
    await land(2, [{ id: "e2" }]);
    const error = await failureOf(runnerOf().runCycle({ windowTo: endOf(2) }));
    expect(error.code).toBe("PROJECT_INVALID");
    expect(error.message).toContain(
      "definitions/silver/events.sqlx: the query of silver.events lacks surplus; rebuild it with a full refresh of silver.events+",
    );
  });
});
