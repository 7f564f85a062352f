import { beforeEach, describe, expect, it } from "vitest";
import { endOf, failureOf, useRunScene } from "./testing-run.js";

const scene = useRunScene();

const FILE = "definitions/gold/people.sqlx";
const KEY_CHECK = "quality.gold_people_assertions_uniqueKey_0";
const FAILED = `check ${KEY_CHECK} (${FILE}, owner data) failed on 1 rows\nNothing of the gold layer was published; its last good state stays.`;

/** A table of gold whose key is asserted; `times` each row. */
function write(times: number, kind = "table"): void {
  scene.fixture.write(
    FILE,
    `config { type: "${kind}", schema: "gold", assertions: { uniqueKey: ["node_id"], nonNull: ["node_id"] } }
SELECT DISTINCT node_id, n FROM \${ref("silver", "events")}, UNNEST(GENERATE_ARRAY(1, ${times})) AS n`,
  );
}

const people = () => scene.rows("SELECT node_id, n FROM gold.people ORDER BY n");
const runDay = (day: number, accept?: string[]) => scene.runnerOf().runCycle({ windowTo: endOf(day), accept });

beforeEach(async () => {
  await scene.land(0, [{ id: "e1" }]);
});

describe("keys and required columns of what a cycle makes anew", () => {
  it.each(["table", "view"])("are looked at before a new %s is published", async (kind) => {
    write(2, kind);
    expect((await failureOf(runDay(0))).message).toBe(FAILED);
    const gold = (await scene.warehouse.tables()).filter(({ dataset }) => dataset === "gold");
    expect(gold).toEqual([]);
    write(1, kind);
    await runDay(0);
    expect(await people()).toEqual([{ node_id: "u1", n: 1 }]);
  });

  it("are looked at before a changed table takes the place of the good one", async () => {
    write(1);
    await runDay(0);
    write(2);
    expect((await failureOf(runDay(0))).message).toBe(FAILED);
    expect(await people()).toEqual([{ node_id: "u1", n: 1 }]);
    expect(
      await scene.rows(`SELECT failing_rows FROM quality.check_results WHERE check_name = "${KEY_CHECK}" ORDER BY 1`),
    ).toEqual([{ failing_rows: 0 }, { failing_rows: 1 }]);
  });

  it("are looked at in a run of that model alone, too", async () => {
    write(1);
    await runDay(0);
    write(2);
    const alone = scene.runnerOf().runCycle({ windowTo: endOf(0), select: ["gold.people"] });
    expect((await failureOf(alone)).message).toBe(FAILED);
  });

  it("let it pass when somebody accepts it, and this run says so", async () => {
    write(1);
    await runDay(0);
    write(2);
    await runDay(0, [KEY_CHECK]);
    expect(await people()).toHaveLength(2);
    const results = await scene.rows(
      `SELECT severity, failing_rows FROM quality.check_results WHERE check_name = "${KEY_CHECK}" AND failing_rows > 0`,
    );
    expect(results).toEqual([{ severity: "accepted", failing_rows: 1 }]);
  });

  it("wait for the audit in a cycle that makes nothing anew, and in a full build, which one follows", async () => {
    write(1);
    const checksOf = (report: Awaited<ReturnType<typeof runDay>>): string[] =>
      report.scripts.flatMap(({ actions }) => actions.map(({ id }) => id)).filter((id) => id.includes("gold_people"));
    expect(checksOf(await runDay(0))).toContain(KEY_CHECK);
    await scene.land(1, [{ id: "e2" }]);
    expect(checksOf(await runDay(1))).toEqual([]);
    expect(checksOf(await scene.runnerOf().runFull({ windowTo: endOf(1) }))).toEqual([]);
  });
});
