import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createManualClock } from "../../platform/clock.js";
import { createDuckdbWarehouse } from "../duckdb/warehouse.js";
import type { Row, Warehouse } from "../port.js";
import { readBronzeTables } from "../project/bronze.js";
import { createFixtureProject, type FixtureProject } from "../project/testing.js";
import { isoOf, microsOf } from "../project/typed-value.js";
import { createRunner } from "../run/run.js";
import { createRig } from "./testing/support.js";

/** The fixture project runs on BigQuery as it does on the embedded warehouse: the same models, the same rows. */

const DAY = 86_400_000_000;
const FIRST = microsOf("2026-01-01T00:00:00Z");
const QUIET = { info: () => undefined, warn: () => undefined, error: () => undefined };
const TABLES = ["silver.events", "silver.identity_days", "identity.nodes", "activation.act_profiles__totals"];

let fixture: FixtureProject;

beforeEach(() => {
  fixture = createFixtureProject();
});

afterEach(() => {
  fixture.dispose();
});

async function land(warehouse: Warehouse, day: number, ids: readonly string[]): Promise<void> {
  const ingestedAt = FIRST + day * DAY + 1_000;
  await warehouse.land({
    batchId: `website-0-${day}-1`,
    topic: "website",
    partition: 0,
    firstOffset: day,
    lastOffset: day,
    ingestedAt,
    tables: {
      website_events: ids.map((id) => ({
        event_id: id,
        event_type: "track",
        occurred_at: isoOf(ingestedAt - 60_000_000),
        ingested_at: isoOf(ingestedAt),
        payload: { userId: `user_${id}`, event: "purchase", value: "9.5" },
        identifiers: [{ type: "user_id", hmac: `user_${id}` }],
      })),
    },
  });
}

async function runTwoDays(warehouse: Warehouse): Promise<{ reasons: string[]; rows: Record<string, readonly Row[]> }> {
  await warehouse.ensureTables(readBronzeTables(fixture.root));
  const clock = createManualClock(Date.parse("2026-03-01T00:00:00Z"));
  const runner = createRunner({ root: fixture.root }, { warehouse, clock, logger: QUIET });
  const reasons: string[] = [];
  for (const [day, ids] of [
    ["a", "b"],
    ["c", "a"],
  ].entries()) {
    await land(warehouse, day, ids);
    clock.advance(1_000);
    const { scripts } = await runner.runCycle({ windowTo: FIRST + (day + 1) * DAY });
    reasons.push(...scripts.map(({ layer, reason }) => `${layer} ${reason}`));
  }
  const rows: Record<string, readonly Row[]> = {};
  for (const table of TABLES) rows[table] = (await warehouse.query(`SELECT * FROM ${table} ORDER BY 1, 2`)).rows;
  return { reasons, rows };
}

describe("the fixture project", () => {
  test("builds and adds the same rows on both warehouses", async () => {
    const rig = await createRig();
    const duckdb = await createDuckdbWarehouse({ file: ":memory:", threads: 1 });
    try {
      const ours = await runTwoDays(await rig.open());
      expect(ours).toEqual(await runTwoDays(duckdb));
      expect(ours.reasons.slice(-3)).toEqual(["silver cycle", "identity cycle", "gold cycle"]);
      expect(ours.rows["silver.events"]).toHaveLength(3);
    } finally {
      await duckdb.close();
      await rig.fake.close();
    }
  });
});
