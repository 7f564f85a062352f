import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import type { Row } from "../port.js";
import { endOf, useRunScene } from "./testing-run.js";

const scene = useRunScene();
const windowed = (column: string): string => `\${window.arrived("${column}", incremental())}`;

/** A second source with models of each kind, beside those of the fixture. */
beforeEach(async () => {
  const { fixture } = scene;
  const columns = [
    { name: "event_id", type: "STRING" },
    { name: "event_type", type: "STRING" },
    { name: "occurred_at", type: "TIMESTAMP" },
    { name: "ingested_at", type: "TIMESTAMP" },
    { name: "payload", type: "JSON" },
    { name: "identifiers", type: "ARRAY<STRUCT<type STRING, hmac STRING>>" },
  ];
  const table = { description: "One row per message.", columns: "event" };
  const tables = { website_events: table, app_events: table };
  fixture.write("includes/bronze.json", JSON.stringify({ tables, columns: { event: columns } }));
  fixture.write(
    "definitions/silver/taps.sqlx",
    `config { type: "incremental", schema: "silver" }
    SELECT b.event_id, b.ingested_at FROM \${ref("bronze", "app_events")} AS b WHERE ${windowed("b.ingested_at")}
    \${when(incremental(), \`AND NOT EXISTS (SELECT 1 FROM \${self()} AS s WHERE s.event_id = b.event_id)\`)}
    QUALIFY ROW_NUMBER() OVER (PARTITION BY b.event_id ORDER BY b.ingested_at) = 1`,
  );
  fixture.write(
    "definitions/gold/latest.sqlx",
    `config { type: "incremental", schema: "gold", uniqueKey: ["kind"] }
    SELECT "tap" AS kind, MAX(t.event_id) AS latest FROM \${ref("silver", "taps")} AS t
    \${when(incremental(), \`WHERE EXISTS (SELECT 1 FROM \${ref("silver", "taps")} AS n WHERE \${window.arrived("n.ingested_at")})\`)}
    HAVING COUNT(*) > 0`,
  );
  fixture.write(
    "definitions/gold/tap_count.sqlx",
    `config { type: "table", schema: "gold" } SELECT COUNT(*) AS taps FROM \${ref("silver", "taps")}`,
  );
  await scene.reopen();
});

async function everything(): Promise<Record<string, readonly Row[]>> {
  return {
    ...(await scene.snapshot()),
    taps: await scene.rows("SELECT event_id, ingested_at FROM silver.taps ORDER BY 1"),
    latest: await scene.rows("SELECT * FROM gold.latest"),
    tapCount: await scene.rows("SELECT * FROM gold.tap_count"),
  };
}

describe("a cycle", () => {
  it("leaves out what nothing could change, and moves its watermark", async () => {
    const runner = scene.runnerOf();
    await scene.land(0, [{ id: "e1" }]);
    await scene.land(0, [{ id: "t1" }], "app_events");
    await runner.runCycle({ windowTo: endOf(0) });

    await scene.land(1, [{ id: "t2" }], "app_events");
    const second = await runner.runCycle({ windowTo: endOf(1) });
    const statuses = Object.fromEntries(second.models.map(({ id, status }) => [id, status]));
    expect(statuses).toEqual({
      "silver.events": "skipped",
      "silver.identity_days": "skipped",
      "silver.purchases": "skipped",
      "silver.taps": "built",
      "identity.grow": "built",
      "identity.graph_events": "built",
      "gold.latest": "built",
      "gold.tap_count": "built",
      "gold.totals": "skipped",
      "activation.act_profiles__totals": "skipped",
    });
    const events = second.models.find(({ id }) => id === "silver.events");
    expect(events).toMatchObject({ reason: "nothing it reads got rows in this window", windowTo: endOf(1) });
    expect(await scene.watermarks()).toMatchObject({ "silver.events": endOf(1), "gold.totals": endOf(1) });

    // Every row a duplicate: silver looks, and changes nothing; gold has nothing to look at.
    await scene.land(2, [{ id: "t2" }], "app_events");
    const third = await runner.runCycle({ windowTo: endOf(2) });
    expect(third.models.filter(({ status }) => status === "built").map(({ id }) => id)).toEqual([
      "silver.taps",
      "identity.grow",
      "identity.graph_events",
    ]);
    const forced = await runner.runCycle({ windowTo: endOf(3), isForced: true });
    expect(forced.models.filter(({ status }) => status === "built")).toHaveLength(8);
  });

  it("gives what a full build gives, whatever is left out, fails or is selected on the way", async () => {
    const day = fc.record({
      web: fc.array(fc.record({ id: fc.nat(6), user: fc.nat(2) }), { maxLength: 2 }),
      app: fc.array(fc.nat(4), { maxLength: 2 }),
      failsIn: fc.option(fc.constantFrom("silver layer", "identity layer", "gold layer"), { freq: 3 }),
      select: fc.option(fc.constantFrom(["silver.taps"], ["silver.events+"], ["gold"], ["silver", "gold.latest"]), {
        freq: 2,
      }),
    });
    const calm = { web: [], app: [], failsIn: null, select: null };
    const bySource = [
      { ...calm, web: [{ id: 1, user: 1 }] },
      { ...calm, app: [1] },
      { ...calm, web: [{ id: 2, user: 1 }] },
    ];
    let leftOut = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(day, { minLength: 2, maxLength: 5 }), async (days) => {
        await scene.reopen();
        let failing: string | null = null;
        const { warehouse } = scene;
        const runner = scene.runnerOf({
          ...warehouse,
          execute: (sql, params, options) =>
            options?.origin === failing ? Promise.reject(new Error("gone")) : warehouse.execute(sql, params, options),
        });
        for (const [index, { web, app, failsIn, select }] of days.entries()) {
          if (web.length > 0)
            await scene.land(
              index,
              web.map(({ id, user }) => ({ id: `e${id}`, user: `u${user}` })),
            );
          if (app.length > 0)
            await scene.land(
              index,
              app.map((id) => ({ id: `t${id}` })),
              "app_events",
            );
          failing = failsIn;
          const options = { windowTo: endOf(index), ...(select !== null && { select }) };
          const report = await runner.runCycle(options).catch(() => null);
          leftOut += report?.models.filter(({ reason }) => reason.startsWith("nothing it reads")).length ?? 0;
        }
        failing = null;
        const windowTo = endOf(days.length);
        await scene.land(days.length, [{ id: "e9" }]);
        await scene.land(days.length, [{ id: "t9" }], "app_events");
        await runner.runCycle({ windowTo });
        const byCycles = await everything();
        await runner.runFull({ windowTo });
        expect(await everything()).toEqual(byCycles);
      }),
      { numRuns: 5, examples: [[bySource]] },
    );
    expect(leftOut).toBeGreaterThan(0);
  }, 120_000);
});
