import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Row } from "../../src/warehouse/port.js";
import { type Arrival, awkwardCases, deal, studentBody } from "../support/arrivals.js";
import {
  type Bronze,
  differences,
  landDeliveries,
  openCopy,
  restrict,
  type Snapshot,
  takeSnapshot,
} from "../support/pipeline.js";

const START = Date.UTC(2026, 2, 2, 10);
const HOUR_MS = 3_600_000;
const DELIVERIES = 4;

/** What tells when something happened to the graph, which depends on when cycles ran. */
const JOURNALS = new Set(["identity.changed_profiles", "identity.graph_events", "identity.aliases"]);
/** A full refresh looks at every profile again and says so. */
const REWRITTEN = new Set(["identity.changed_profiles"]);

/** An id that was merged before it was ever published leaves no signpost. */
function isLiving(row: Row): boolean {
  return row.merged_into === undefined || row.merged_into === null;
}

/** Bronze after deliveries in that order; the third waits three hours between receipt and landing. */
function land(arrivals: readonly Arrival[], seed: number): Promise<Bronze> {
  const deliveries = deal(arrivals, DELIVERIES, seed).map((delivered, n) => ({
    arrivals: delivered,
    waitMs: n === 2 ? 3 * HOUR_MS : 0,
  }));
  return landDeliveries(deliveries, START);
}

/** Cycles up to these boundaries, and what they made. */
async function build(bronze: Bronze, boundaries: readonly number[]): Promise<Snapshot> {
  const copy = await openCopy(bronze);
  try {
    for (const windowTo of boundaries) await copy.runner.runCycle({ windowTo });
    return await takeSnapshot(copy);
  } finally {
    await copy.dispose();
  }
}

/** Who is one person: the members of each profile, whatever its id. */
function clusters(snapshot: Snapshot): string[] {
  const members = new Map<string, string[]>();
  for (const { profile_id, node_id } of snapshot.get("identity.identity_map")?.rows ?? []) {
    const key = String(profile_id);
    members.set(key, [...(members.get(key) ?? []), String(node_id)]);
  }
  return [...members.values()].map((nodes) => nodes.sort().join(" ")).sort();
}

/** What is known of each person, by their members. */
function goldenRecords(snapshot: Snapshot): string[] {
  const nodes = new Map(
    (snapshot.get("activation.act_profiles__profiles")?.rows ?? []).map((row) => [row.profile_id, row.node_ids]),
  );
  return (snapshot.get("gold.profiles")?.rows ?? [])
    .filter(isLiving)
    .map((row) =>
      JSON.stringify([
        nodes.get(row.profile_id),
        row.first_name,
        row.last_name,
        row.email,
        row.phone,
        row.country,
        row.programme,
        row.enrolment_stage,
        row.sources,
      ]),
    )
    .sort();
}

describe("models", () => {
  let arrivals: Arrival[];
  let bronze: Bronze;
  let cycled: Snapshot;
  let refreshed: Snapshot;

  beforeAll(async () => {
    arrivals = [...(await studentBody(100, 7, START - HOUR_MS)), ...(await awkwardCases(START - HOUR_MS))];
    bronze = await land(arrivals, 1);
    const copy = await openCopy(bronze);
    try {
      for (const windowTo of bronze.boundaries) await copy.runner.runCycle({ windowTo });
      cycled = await takeSnapshot(copy);
      await copy.runner.runFull({ windowTo: bronze.boundaries.at(-1) as number });
      refreshed = await takeSnapshot(copy);
    } finally {
      await copy.dispose();
    }
  });

  afterAll(() => bronze.dispose());

  it("lose no event and count none twice", () => {
    const sent = new Set(
      arrivals.flatMap(({ source, item }) => (item.kind === "event" ? [`${source} ${item.eventId}`] : [])),
    );
    const rows = cycled.get("silver.events")?.rows ?? [];
    const quarantine = cycled.get("quality.quarantine")?.rows ?? [];
    const made = new Set(rows.map((row) => `${row.source} ${row.event_id}`));
    expect(quarantine.map((row) => row.event_id)).toEqual(expect.arrayContaining(["never-usable"]));
    for (const { event_id, source_table } of quarantine) {
      made.add(`${String(source_table).split("_")[0]} ${event_id}`);
    }
    expect([...sent].filter((event) => !made.has(event))).toEqual([]);
    expect(made.size).toBe(sent.size);
    expect(new Set(rows.map((row) => row.event_key)).size).toBe(rows.length);
  });

  it("are all exercised: no table is empty but what only an operator, an erasure, a promoted model or a hub fills, and what is left over", () => {
    const empty = [...cycled].filter(([, { rows }]) => rows.length === 0).map(([name]) => name);
    expect(empty.sort()).toEqual([
      "identity.block_skipped",
      "identity.decisions",
      "identity.inherited_births",
      "identity.joined_numbers",
      "identity.pending_nodes",
      "identity.term_frequencies",
      "identity.thinned_keys",
      "identity.tombstones",
      "identity.unused_descriptions",
      "identity.withheld_edges",
    ]);
  });

  it("give the same in cycles as in a full refresh", () => {
    expect(differences(restrict(refreshed, REWRITTEN), restrict(cycled, REWRITTEN))).toEqual([]);
  });

  it("give the same in two cycles as in four", async () => {
    const built = await build(bronze, [bronze.boundaries[0] as number, bronze.boundaries.at(-1) as number]);
    expect(differences(restrict(cycled, JOURNALS, isLiving), restrict(built, JOURNALS, isLiving))).toEqual([]);
  });

  it("find the same people in whatever order they arrive", async () => {
    const other = await land(arrivals, 2);
    try {
      const shuffled = await build(other, other.boundaries.slice(-2));
      expect(clusters(shuffled)).toEqual(clusters(cycled));
      expect(goldenRecords(shuffled)).toEqual(goldenRecords(cycled));
    } finally {
      other.dispose();
    }
  });
});
