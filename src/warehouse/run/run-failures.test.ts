import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { endOf, failureOf, useRunScene } from "./testing-run.js";

const scene = useRunScene();

describe("a failing cycle", () => {
  it("publishes nothing of its layer, is recorded, and the next one reads every row once", async () => {
    const runner = scene.runnerOf();
    await scene.land(0, [{ id: "e1" }]);
    await runner.runCycle({ windowTo: endOf(0) });
    await scene.land(1, [{ id: "bad", value: "-1" }, { id: "e2" }]);
    const before = await scene.snapshot();
    const error = await failureOf(runner.runCycle({ windowTo: endOf(1) }));
    expect(error.code).toBe("ASSERTION_FAILED");
    expect(error.message).toContain("check quality.no_negative_values (definitions/quality/no_negative_values.sqlx");
    expect(error.message).toContain("failed on 1 rows");
    expect(await scene.snapshot()).toEqual(before);
    expect((await scene.watermarks())["silver.events"]).toBe(endOf(0));
    expect(
      await scene.rows(
        "SELECT check_name, severity, owner, failing_rows FROM quality.check_results ORDER BY failing_rows DESC LIMIT 1",
      ),
    ).toEqual([{ check_name: "quality.no_negative_values", severity: "error", owner: "analytics", failing_rows: 1 }]);
    expect(await scene.rows("SELECT status FROM ops.runs ORDER BY window_to DESC LIMIT 1")).toEqual([
      { status: "failed" },
    ]);

    await scene.warehouse.execute('DELETE FROM bronze.website_events WHERE event_id = "bad"');
    await scene.land(2, [{ id: "e3" }]);
    await runner.runCycle({ windowTo: endOf(2) });
    expect((await scene.snapshot()).events?.map(({ event_id }) => event_id)).toEqual(["e1", "e2", "e3"]);
  });

  it("goes ahead once when somebody accepts what a check found, and says so", async () => {
    const runner = scene.runnerOf();
    await scene.land(0, [{ id: "bad", value: "-1" }]);
    const windowTo = endOf(0);
    await expect(runner.runCycle({ windowTo })).rejects.toMatchObject({ code: "ASSERTION_FAILED" });
    await runner.runCycle({ windowTo, accept: ["no_negative_values"] });
    expect((await scene.snapshot()).events?.map(({ event_id }) => event_id)).toEqual(["bad"]);
    const results = await scene.rows(
      'SELECT severity, failing_rows FROM quality.check_results WHERE check_name = "quality.no_negative_values" ORDER BY severity',
    );
    expect(results).toEqual([
      { severity: "accepted", failing_rows: 1 },
      { severity: "error", failing_rows: 1 },
    ]);
    await scene.land(1, [{ id: "worse", value: "-2" }]);
    await expect(runner.runCycle({ windowTo: endOf(1) })).rejects.toMatchObject({ code: "ASSERTION_FAILED" });
  });

  it("accepts only checks that could stand in the way", async () => {
    await scene.land(0, [{ id: "e1" }]);
    const error = await failureOf(scene.runnerOf().runCycle({ windowTo: endOf(0), accept: ["named_events"] }));
    expect(error.code).toBe("INPUT_INVALID");
    expect(error.message).toBe("no check of a cycle is called named_events. There are quality.no_negative_values.");
  });

  it("names the file and the statement, not a line of the script that was made of them", async () => {
    const write = (text: string): void =>
      scene.fixture.write("definitions/gold/totals.sqlx", `config { type: "table", schema: "gold" }\n\n${text}\n`);
    const day = async (day: number): Promise<string> => {
      await scene.land(day, [{ id: `e${day}` }]);
      return (await failureOf(scene.runnerOf().runCycle({ windowTo: endOf(day) }))).message;
    };
    write(`SELECT e.nothing FROM \${ref("silver", "events")} AS e`);
    expect(await day(0)).toBe(
      "definitions/gold/totals.sqlx (gold.totals): Name nothing not found inside e; rollcall check says where",
    );
    write(`SELECT e.node_id, ERROR("on purpose") AS event_count FROM \${ref("silver", "events")} AS e`);
    expect(await day(1)).toMatch(
      /^definitions\/gold\/totals\.sqlx \(gold\.totals\): .*on purpose.* \(in the statement that begins: CREATE OR REPLACE TABLE `rollcall\.gold\.totals` AS\)$/,
    );
  });

  it("says where to look when a model whose table stays is changed to SQL that does not hold", async () => {
    const write = (column: string): void =>
      scene.fixture.write(
        "definitions/silver/marks.sqlx",
        `config { type: "incremental", schema: "silver", protected: true }\nSELECT b.${column} FROM \${ref("bronze", "website_events")} AS b WHERE \${window.arrived("b.ingested_at", incremental())}\n`,
      );
    write("event_id");
    await scene.land(0, [{ id: "e1" }]);
    await scene.runnerOf().runCycle({ windowTo: endOf(0) });
    write("evnt_id");
    await scene.land(1, [{ id: "e2" }]);
    expect((await failureOf(scene.runnerOf().runCycle({ windowTo: endOf(1) }))).message).toBe(
      "definitions/silver/marks.sqlx: Name evnt_id not found inside b; rollcall check says where",
    );
  });

  it("leaves a later layer to the next cycle, which takes over from where that layer stood", async () => {
    const runner = scene.runnerOf();
    await scene.land(0, [{ id: "e1" }]);
    await runner.runCycle({ windowTo: endOf(0) });
    await scene.land(1, [{ id: "e2", user: "u2" }]);
    let isBroken = true;
    const broken = scene.runnerOf({
      ...scene.warehouse,
      execute: (sql, params, options) => {
        if (isBroken && sql.includes("identity.grow")) throw new Error("the warehouse went away");
        return scene.warehouse.execute(sql, params, options);
      },
    });
    await expect(broken.runCycle({ windowTo: endOf(1) })).rejects.toThrow("the warehouse went away");
    expect((await scene.watermarks())["silver.events"]).toBe(endOf(1));
    expect((await scene.watermarks())["identity.grow"]).toBe(endOf(0));
    isBroken = false;
    await scene.land(2, [{ id: "e3", user: "u3" }]);
    const report = await broken.runCycle({ windowTo: endOf(2) });
    expect(report.scripts.map(({ layer, windowFrom }) => [layer, windowFrom])).toEqual([
      ["silver", endOf(1)],
      ["identity", endOf(0)],
      ["gold", endOf(0)],
    ]);
    expect((await scene.snapshot()).nodes).toEqual([{ node_id: "u1" }, { node_id: "u2" }, { node_id: "u3" }]);
  });

  it("changes nothing in the end, whichever layer fails on whichever day", async () => {
    const day = fc.record({
      events: fc.array(fc.record({ id: fc.nat(9), user: fc.nat(2) }), { maxLength: 4 }),
      failsIn: fc.constantFrom(null, null, "silver layer", "identity layer", "gold layer"),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(day, { minLength: 2, maxLength: 4 }), async (days) => {
        await scene.reopen();
        let failsIn: string | null = null;
        const runner = scene.runnerOf({
          ...scene.warehouse,
          execute: (sql, params, options) =>
            options?.origin === failsIn
              ? Promise.reject(new Error("gone"))
              : scene.warehouse.execute(sql, params, options),
        });
        for (const [index, { events, failsIn: layer }] of days.entries()) {
          await scene.land(
            index,
            events.map(({ id, user }) => ({ id: `e${id}`, user: `u${user}` })),
          );
          failsIn = layer;
          await runner.runCycle({ windowTo: endOf(index) }).catch(() => undefined);
        }
        failsIn = null;
        const last = endOf(days.length - 1);
        await runner.runCycle({ windowTo: last, isForced: true });
        const byCycles = await scene.snapshot();
        await runner.runFull({ windowTo: last });
        expect(await scene.snapshot()).toEqual(byCycles);
      }),
      { numRuns: 6 },
    );
  }, 120_000);

  it("says in run_results.json what became of every model", async () => {
    const runner = scene.runnerOf();
    await scene.land(0, [{ id: "bad", value: "-1" }]);
    await failureOf(runner.runCycle({ windowTo: endOf(0) }));
    const [run] = await scene.rows("SELECT run_id FROM ops.runs");
    const file = scene.results(String(run?.run_id)) as {
      readonly error: object;
      readonly models: readonly { readonly id: string; readonly status: string; readonly reason: string }[];
    };
    expect(file).toMatchObject({ status: "failed", error: { code: "ASSERTION_FAILED" }, scripts: [] });
    const rolledBack = "not published, because silver.events failed";
    const unreached = "an earlier script failed or the run was cancelled";
    expect(file.models.map(({ id, status, reason }) => [id, status, reason])).toEqual([
      ["silver.events", "failed", expect.stringContaining("check quality.no_negative_values")],
      ["silver.identity_days", "not_reached", rolledBack],
      ["silver.purchases", "not_reached", rolledBack],
      ["identity.grow", "not_reached", unreached],
      ["identity.graph_events", "not_reached", unreached],
      ["gold.totals", "not_reached", unreached],
      ["activation.act_profiles__totals", "not_reached", unreached],
    ]);
  });

  it("names the model and file of a statement that fails", async () => {
    scene.fixture.write(
      "definitions/gold/divided.sqlx",
      `config { type: "table", schema: "gold" }\nSELECT DIV(1, CAST(event_count - event_count AS INT64)) AS x FROM \${ref("gold", "totals")}`,
    );
    const runner = scene.runnerOf();
    await scene.land(0, [{ id: "e1" }]);
    const error = await failureOf(runner.runCycle({ windowTo: endOf(0) }));
    expect(error.message).toContain("definitions/gold/divided.sqlx (gold.divided)");
    expect(error.details).toMatchObject({ model: "gold.divided", file: "definitions/gold/divided.sqlx" });
    const [run] = await scene.rows("SELECT run_id FROM ops.runs");
    const { models } = scene.results(String(run?.run_id)) as { readonly models: readonly { readonly id: string }[] };
    expect(models.filter(({ id }) => id.startsWith("gold."))).toMatchObject([
      { id: "gold.totals", status: "not_reached", reason: "not published, because gold.divided failed" },
      { id: "gold.divided", status: "failed", reason: expect.stringContaining("definitions/gold/divided.sqlx") },
    ]);
  });
});

describe("checks", () => {
  it("of severity warn are recorded and stop nothing; audits run over whole tables and say what failed", async () => {
    const runner = scene.runnerOf();
    await scene.land(0, [{ id: "e1" }]);
    await runner.runCycle({ windowTo: endOf(0) });
    await scene.warehouse.execute('UPDATE silver.events SET event_name = NULL, node_id = "u9" WHERE TRUE');
    await scene.warehouse.execute('INSERT INTO silver.events (event_id) VALUES ("e1")');
    await scene.land(1, [{ id: "e2" }]);
    expect(await runner.runCycle({ windowTo: endOf(1) })).toMatchObject({ status: "succeeded" });
    const warned =
      'SELECT failing_rows FROM quality.check_results WHERE check_name = "quality.named_events" ORDER BY 1';
    expect(await scene.rows(warned)).toEqual([{ failing_rows: 0 }, { failing_rows: 2 }]);
    const error = await failureOf(runner.runAudit());
    expect(error.code).toBe("ASSERTION_FAILED");
    expect(error.details.checks).toEqual([
      expect.objectContaining({ check: "quality.silver_events_assertions_rowConditions", failingRows: 1 }),
      expect.objectContaining({ check: "quality.silver_events_assertions_uniqueKey_0", failingRows: 1 }),
    ]);
  });

  it("keep one pass each, however often they run, and none before there is a table", async () => {
    const runner = scene.runnerOf();
    expect((await runner.runAudit()).checks).toEqual([]);
    for (const day of [0, 1, 2]) {
      await scene.land(day, [{ id: `e${day}` }]);
      await runner.runCycle({ windowTo: endOf(day) });
    }
    await runner.runAudit();
    await runner.runAudit();
    const counted = await scene.rows(
      "SELECT check_name, COUNT(*) AS n FROM quality.check_results GROUP BY 1 ORDER BY 1",
    );
    expect(counted.map(({ n }) => n)).toEqual([1, 1, 1, 1, 1]);
  });
});
