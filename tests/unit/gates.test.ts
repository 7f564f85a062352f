import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createManualClock } from "../../src/platform/clock.js";
import { createDuckdbWarehouse } from "../../src/warehouse/duckdb/warehouse.js";
import type { Warehouse } from "../../src/warehouse/port.js";
import type { CompiledProject } from "../../src/warehouse/project/action.js";
import { compileProject } from "../../src/warehouse/project/compile.js";
import { layerProject } from "../../src/warehouse/project/layers.js";
import { createRunner } from "../../src/warehouse/run/run.js";

/** What the checks of `definitions/quality` let through and what they do not, and which of them hold a cycle back. */

const ROOT = path.resolve(import.meta.dirname, "../..");
const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };
const WINDOW = {
  window_from: { type: "TIMESTAMP", value: Date.UTC(2026, 2, 2) * 1000 },
  window_to: { type: "TIMESTAMP", value: Date.UTC(2026, 2, 3) * 1000 },
};

let warehouse: Warehouse;
let project: CompiledProject;

beforeAll(async () => {
  warehouse = await createDuckdbWarehouse({ file: ":memory:" });
  const runner = createRunner({ root: ROOT }, { warehouse, clock: createManualClock(0), logger: SILENT });
  await runner.runFull({ windowTo: 1 });
  project = compileProject({ root: ROOT, vars: { runner: "rollcall" } });
});
afterAll(() => warehouse?.close());

async function failingRows(check: string): Promise<number> {
  const { rows } = await warehouse.query(project.byId.get(`quality.${check}`)?.sql ?? "", WINDOW);
  return rows.length;
}

describe("match_rate_floor", () => {
  beforeEach(() =>
    warehouse.execute("DELETE FROM identity.clusters WHERE TRUE; DELETE FROM identity.changed_profiles WHERE TRUE"),
  );

  /** Clusters of one node each; the first `matched` hold a number that names a person; this window brought the last. */
  async function giveClusters(count: number, matched: number, unchanged = matched): Promise<void> {
    await warehouse.execute(
      `INSERT INTO identity.changed_profiles (profile_id, reason, changed_at)
       SELECT CONCAT('p_', CAST(n AS STRING)), 'created', TIMESTAMP '2026-03-02 23:59:59.999999+00'
       FROM UNNEST(GENERATE_ARRAY(${unchanged + 1}, ${count})) AS n`,
    );
    await warehouse.execute(
      `INSERT INTO identity.clusters (profile_id, anchor_node_id, anchor_at, node_count, identifier_count, eligible_count, is_named)
       SELECT CONCAT('p_', CAST(n AS STRING)), CAST(n AS STRING), TIMESTAMP '2026-03-02 00:00:00+00', 1, 1, 1, n <= ${matched}
       FROM UNNEST(GENERATE_ARRAY(1, ${count})) AS n`,
    );
  }

  it.each([
    ["a thousand, and not half of them matched", 1000, 499, 1],
    ["a thousand, and half of them matched", 1000, 500, 0],
    ["too few to judge", 999, 0, 0],
    ["nothing yet", 0, 0, 0],
    ["a first source alone, which has nothing to match", 5000, 0, 0],
  ])("%s", async (_, count, matched, expected) => {
    await giveClusters(count, matched);
    expect(await failingRows("match_rate_floor")).toBe(expected);
  });

  it("takes a cluster of several source identities for matched, and leaves out what cannot be", async () => {
    await giveClusters(1000, 0, 500);
    await warehouse.execute("UPDATE identity.clusters SET node_count = 2 WHERE CAST(anchor_node_id AS INT64) <= 500");
    expect(await failingRows("match_rate_floor")).toBe(0);
    await warehouse.execute("UPDATE identity.clusters SET eligible_count = 0 WHERE anchor_node_id = '1'");
    expect(await failingRows("match_rate_floor")).toBe(0);
    await warehouse.execute("UPDATE identity.clusters SET eligible_count = 3 WHERE anchor_node_id = '1000'");
    expect(await failingRows("match_rate_floor")).toBe(1);
  });
});

describe("events_unique", () => {
  beforeEach(() => warehouse.execute("DELETE FROM silver.events WHERE TRUE"));

  const giveEvent = (key: string, arrivedAt: string): Promise<unknown> =>
    warehouse.execute(
      `INSERT INTO silver.events (event_key, event_id, node_id, source, category, ingested_at)
       VALUES ('${key}', 'm', 'n', 'website', 'browsing', TIMESTAMP '${arrivedAt}')`,
    );

  it("finds an event that is in the window twice, or that an earlier window has", async () => {
    await giveEvent("website:m1", "2026-03-02 10:00:00+00");
    await giveEvent("website:m2", "2026-03-01 10:00:00+00");
    expect(await failingRows("events_unique")).toBe(0);
    await giveEvent("website:m1", "2026-03-02 11:00:00+00");
    expect(await failingRows("events_unique")).toBe(1);
    await giveEvent("website:m2", "2026-03-02 10:00:00+00");
    expect(await failingRows("events_unique")).toBe(2);
  });

  it("leaves what no event of the window is concerned with to the audit", async () => {
    await giveEvent("website:m1", "2026-03-01 10:00:00+00");
    await giveEvent("website:m1", "2026-03-01 11:00:00+00");
    expect(await failingRows("events_unique")).toBe(0);
  });
});

describe("profiles_with_two_exclusive_ids", () => {
  const give = (node: string, profile: string, hmac: string, namespace = "campus", at = "2026-03-02 10:00:00+00") =>
    warehouse.execute(
      `INSERT INTO identity.identity_map (node_id, profile_id, component_id)
       SELECT '${node}', '${profile}', '${profile}'
       FROM (SELECT 1) WHERE '${node}' NOT IN (SELECT node_id FROM identity.identity_map);
       INSERT INTO identity.changed_profiles (profile_id, reason, changed_at)
       VALUES ('${profile}', 'identifiers', TIMESTAMP '2026-03-02 23:59:59.999999+00');
       INSERT INTO identity.edges (node_id, hmac, namespace, type, is_owner, is_blocked, first_ingested_at)
       VALUES ('${node}', '${hmac}', '${namespace}', 'user_id', TRUE, FALSE, TIMESTAMP '${at}')`,
    );

  beforeEach(() =>
    warehouse.execute(
      `DELETE FROM identity.identity_map WHERE TRUE; DELETE FROM identity.changed_profiles WHERE TRUE;
       DELETE FROM identity.edges WHERE TRUE; DELETE FROM identity.joined_numbers WHERE TRUE`,
    ),
  );

  it("finds two numbers of one namespace in a profile, unless an operator made those one", async () => {
    await give("n1", "p_1", "U1");
    await give("n2", "p_1", "U2", "another campus");
    await give("n3", "p_2", "U2");
    expect(await failingRows("profiles_with_two_exclusive_ids")).toBe(0);
    await give("n4", "p_1", "U3");
    expect(await failingRows("profiles_with_two_exclusive_ids")).toBe(1);
    await warehouse.execute("INSERT INTO identity.joined_numbers (hmac, joined_hmac) VALUES ('U3', 'U1')");
    expect(await failingRows("profiles_with_two_exclusive_ids")).toBe(0);
    await give("n5", "p_1", "U4");
    expect(await failingRows("profiles_with_two_exclusive_ids")).toBe(1);
  });

  it("takes a source identity's later number for a correction", async () => {
    await give("n1", "p_1", "U1");
    await give("n2", "p_1", "U2", "campus", "2026-03-01 10:00:00+00");
    await give("n2", "p_1", "U1", "campus", "2026-03-02 10:00:00+00");
    expect(await failingRows("profiles_with_two_exclusive_ids")).toBe(0);
  });
});

describe.each([
  ["splits_in_window", "split", 100, 10_000],
  ["merges_in_window", "merge", 1000, 4000],
])("%s", (check, kind, most, others) => {
  const change = (count: number, profiles: number): Promise<unknown> =>
    warehouse.execute(
      `DELETE FROM identity.graph_events WHERE TRUE; DELETE FROM identity.clusters WHERE TRUE;
       INSERT INTO identity.graph_events (event_key, kind, profile_id, other_id, happened_at)
       SELECT CAST(n AS STRING), '${kind}', CONCAT('p_', CAST(n AS STRING)), 'p_x', TIMESTAMP '2026-03-02 23:59:59.999999+00'
       FROM UNNEST(GENERATE_ARRAY(1, ${count})) AS n;
       INSERT INTO identity.clusters (profile_id, anchor_node_id, anchor_at, node_count, identifier_count, eligible_count, is_named)
       SELECT CONCAT('p_', CAST(n AS STRING)), 'n', TIMESTAMP '2026-03-02 00:00:00+00', 1, 1, 1, FALSE
       FROM UNNEST(GENERATE_ARRAY(1, ${profiles})) AS n`,
    );

  it.each([
    ["too many, and too large a part", most + 1, others, 1],
    ["too many for few, of very many", most + 1, others + others / 50, 0],
    ["few, and a large part", most, 500, 0],
  ])("%s", async (_, count, profiles, expected) => {
    await change(count, profiles);
    expect(await failingRows(check)).toBe(expected);
  });

  it("asks about one run, however much of history a full build's window holds", async () => {
    await change(most + 1, 500);
    await warehouse.execute(
      `UPDATE identity.graph_events SET happened_at = TIMESTAMP '2026-03-02 11:59:59.999999+00' WHERE TRUE;
       INSERT INTO identity.graph_events (event_key, kind, profile_id, other_id, happened_at)
       VALUES ('last', '${kind}', 'p_1', 'p_x', TIMESTAMP '2026-03-02 23:59:59.999999+00')`,
    );
    expect(await failingRows(check)).toBe(0);
  });
});

describe("the checks of gates 2 and 3", () => {
  const gates = (schedule: "cycle" | "audit", severity: "error" | "warn"): string[] =>
    layerProject(project)
      .checks.filter((check) => check.schedule === schedule && check.severity === severity)
      .filter(({ action }) => action.tags.includes("gate_2") || action.tags.includes("gate_3"))
      .map(({ action }) => action.target.name)
      .sort();

  it("hold a cycle back, warn, or wait for the hour, as docs/architecture.md says", () => {
    expect(gates("cycle", "error")).toEqual([
      "email_events_conserved",
      "events_conserved",
      "events_unique",
      "identifiers_find_live_profiles",
      "largest_cluster",
      "match_rate_floor",
      "merges_in_window",
      "mobile_events_conserved",
      "profiles_with_two_exclusive_ids",
      "salesforce_changes_conserved",
      "salesforce_contacts_conserved",
      "salesforce_enrollments_conserved",
      "splits_in_window",
      "website_events_conserved",
      "whatsapp_messages_conserved",
    ]);
    expect(gates("cycle", "warn")).toEqual(["nothing_pending"]);
    expect(gates("audit", "error")).toEqual([
      "aliases_lead_to_live_profiles",
      "gold_covers_clusters",
      "nodes_resolved",
    ]);
    expect(gates("audit", "warn")).toEqual(["match_rate_low", "salesforce_profiles_complete"]);
  });
});
