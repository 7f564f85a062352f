import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readConfig } from "../../src/cli/config.js";
import type { EngineControl } from "../../src/cli/control.js";
import { openEngine } from "../../src/cli/wiring/engine.js";
import { readErasureRules } from "../../src/cli/wiring/erasure-rules.js";
import { PROFILE_COLLECTIONS } from "../../src/platform/documents/profile-collections.js";
import { createSqliteDocuments } from "../../src/platform/documents/sqlite.js";
import { type Erased, eraseProfile } from "../../src/privacy/erasure/erase.js";
import { openProfileStore, type ProfileStore } from "../../src/serving/profile-store.js";
import type { Row } from "../../src/warehouse/port.js";
import { awkwardCases, studentBody } from "../support/arrivals.js";
import { type Built, differences, landDeliveries, openCopy, restrict, takeSnapshot } from "../support/pipeline.js";
import { removeHome, rollcall, temporaryHome } from "../support/product.js";

const START = Date.UTC(2026, 2, 2, 10);
const HOUR_MS = 3_600_000;
/** A full refresh looks at every profile again and says so. */
const REWRITTEN = new Set(["identity.changed_profiles"]);

describe("an erasure from bronze to activation", () => {
  let built: Built;
  let windowTo = 0;
  let bronzeRows: readonly Row[];

  const rowsOf = async (sql: string): Promise<readonly Row[]> => (await built.warehouse.query(sql)).rows;
  const BRONZE = [
    "website_events",
    "mobile_events",
    "salesforce_changes",
    "salesforce_contacts",
    "salesforce_enrollments",
    "email_events",
    "whatsapp_messages",
  ];
  const countBronze = (): Promise<readonly Row[]> =>
    rowsOf(
      `${BRONZE.map((table) => `SELECT "${table}" AS name, COUNT(*) AS row_count FROM bronze.${table}`).join(
        " UNION ALL ",
      )} ORDER BY name`,
    );
  const cycle = async (): Promise<void> => {
    windowTo += 1;
    await built.runner.runCycle({ windowTo, settlesAtOnce: true });
  };
  const erase = async (profileId: string, source: string | null = null, isConfirmed = true): Promise<Erased> =>
    eraseProfile(
      { warehouse: built.warehouse, rules: readErasureRules(built.runner.project), appended: [], now: START * 1000 },
      { profileId, source, isConfirmed },
    );
  const profileBy = async (value: string): Promise<string> => {
    const found = await rowsOf(
      `SELECT DISTINCT m.profile_id FROM silver.identifier_observations AS o
       JOIN identity.identity_map AS m ON m.node_id = o.node_id WHERE o.value = "${value}" AND o.is_owner`,
    );
    expect(found, value).toHaveLength(1);
    return String(found[0]?.profile_id);
  };
  const nodesOf = async (profileId: string): Promise<string[]> =>
    (await rowsOf(`SELECT node_id FROM identity.identity_map WHERE profile_id = "${profileId}"`)).map((row) =>
      String(row.node_id),
    );
  /** Tables in which one of the texts stands, anywhere. */
  const tablesWith = async (texts: readonly string[]): Promise<string[]> => {
    const found: string[] = [];
    for (const { dataset, table, kind } of await built.warehouse.tables()) {
      if (kind === "view") continue;
      const { rows } = await built.warehouse.query(
        `SELECT x FROM UNNEST(@texts) AS x WHERE EXISTS (SELECT 1 FROM ${dataset}.${table} AS t WHERE STRPOS(TO_JSON_STRING(t), x) > 0)`,
        { texts: { type: "ARRAY<STRING>", value: texts } },
      );
      found.push(...rows.map(({ x }) => `${dataset}.${table}: ${x}`));
    }
    return found;
  };
  const UNBALANCED = `
    SELECT * FROM quality.event_balance WHERE bronze_rows != silver_events + duplicate_rows + quarantined_events`;

  beforeAll(async () => {
    const arrivals = [...(await studentBody(100, 7, START - HOUR_MS)), ...(await awkwardCases(START - HOUR_MS))];
    // Everything twice: a re-send is a duplicate of what is erased.
    const bronze = await landDeliveries(
      [
        { arrivals, waitMs: 0 },
        { arrivals: arrivals.slice(0, 200), waitMs: 0 },
      ],
      START,
    );
    built = await openCopy(bronze);
    windowTo = bronze.boundaries.at(-1) as number;
    bronze.dispose();
    await built.runner.runCycle({ windowTo });
    bronzeRows = await countBronze();
  }, 300_000);
  afterAll(() => built.dispose());

  it("is only counted at first", async () => {
    const before = await takeSnapshot(built);
    const counted = await erase(await profileBy("chain-user"), null, false);
    expect(counted.isErased).toBe(false);
    expect(counted.tables.map(({ table }) => table)).toEqual(
      expect.arrayContaining([
        "bronze.website_events",
        "silver.web_events",
        "identity.nodes",
        "gold.profiles",
        "activation.act_profiles__profiles",
      ]),
    );
    expect(differences(before, await takeSnapshot(built))).toEqual([]);
  });

  it("leaves nothing of a person, and every row counted", async () => {
    const profile = await profileBy("chain-user");
    const nodes = await nodesOf(profile);
    const counted = await erase(profile, null, false);
    const erased = await erase(profile);
    expect(erased).toEqual({ ...counted, isErased: true });
    expect(erased.keptNodes).toBe(0);
    const traces = [profile, ...nodes, "chain-user", "chain@gmail.com", "chain-browser"];
    expect(await tablesWith(traces)).toEqual([]);
    await cycle();
    expect(await tablesWith(traces)).toEqual([]);
    expect(await countBronze()).toEqual(bronzeRows);
    expect(await rowsOf(UNBALANCED)).toEqual([]);
    expect(await erase(profile)).toMatchObject({ isErased: false, erasedNodes: 0, tables: [] });
  });

  it("takes a record out of a change that names others, and leaves those", async () => {
    const gone = await profileBy("003000000009001AAA").catch(() => profileBy("003000000009001"));
    const shared = await rowsOf(
      `SELECT event_id, ARRAY_LENGTH(identifiers) AS named FROM bronze.salesforce_changes
       WHERE (SELECT COUNT(*) FROM UNNEST(identifiers) AS i WHERE i.type = "salesforce_contact_id") = 3`,
    );
    expect(shared.length).toBeGreaterThan(0);
    await erase(gone);
    await cycle();
    const left = await rowsOf(
      `SELECT event_id, ARRAY_LENGTH(identifiers) AS named, erased_at FROM bronze.salesforce_changes
       WHERE event_id = "${shared[0]?.event_id}"`,
    );
    expect(left[0]).toEqual({ event_id: shared[0]?.event_id, named: Number(shared[0]?.named) - 1, erased_at: null });
    expect(await rowsOf(UNBALANCED)).toEqual([]);
  });

  it("takes out what one source knows, and keeps the profile id", async () => {
    // The source that the profile is named by goes.
    const [both] = await rowsOf(
      `SELECT m.profile_id, MIN(IF(n.birth_id = m.profile_id, n.source, NULL)) AS source
       FROM identity.identity_map AS m JOIN identity.nodes AS n ON n.node_id = m.node_id
       GROUP BY m.profile_id
       HAVING COUNT(DISTINCT n.source) > 2
       ORDER BY m.profile_id LIMIT 1`,
    );
    const [profile, source] = [String(both?.profile_id), String(both?.source)];
    const { keptNodes } = await erase(profile, source);
    expect(keptNodes).toBeGreaterThan(0);
    await cycle();
    const [left] = await rowsOf(`SELECT sources FROM gold.profiles WHERE profile_id = "${profile}"`);
    expect(left?.sources).not.toContain(source);
    expect(await rowsOf(UNBALANCED)).toEqual([]);
  });

  it("gives the same in a full build", async () => {
    const cycled = await takeSnapshot(built);
    await built.runner.runFull({ windowTo });
    expect(differences(restrict(cycled, REWRITTEN), restrict(await takeSnapshot(built), REWRITTEN))).toEqual([]);
  });
});

describe("an erasure by the command line", () => {
  const home = temporaryHome();
  let before: ProfileIds;

  const COUNTS = `
    SELECT
      (SELECT COUNT(*) FROM identity.identity_map) AS nodes,
      (SELECT COUNT(*) FROM identity.tombstones) AS tombstones,
      (SELECT COUNTIF(erased_at IS NOT NULL) FROM bronze.website_events) AS emptied,
      (SELECT COUNTIF(operation = "remove") FROM ops.sync_jobs) AS removals`;

  interface ProfileIds {
    readonly ada: string;
    readonly alias: string;
    readonly bea: string;
  }

  const track = { type: "track", event: "programme_viewed", properties: { programme_id: "mba" } };
  const visits = {
    first: [
      { messageId: "1", timestamp: "2026-01-05T10:00:00Z", userId: "u-ada", ...track },
      {
        messageId: "2",
        timestamp: "2026-01-05T11:00:00Z",
        type: "identify",
        anonymousId: "browser",
        traits: { email: "ada@example.org", firstName: "Ada" },
      },
      {
        messageId: "3",
        timestamp: "2026-01-05T12:00:00Z",
        type: "identify",
        userId: "u-bea",
        traits: { email: "bea@example.org" },
      },
    ],
    second: [
      {
        messageId: "4",
        timestamp: "2026-01-06T12:00:00Z",
        type: "identify",
        userId: "u-ada",
        traits: { email: "ada@example.org" },
      },
    ],
  };

  async function land(name: keyof typeof visits): Promise<void> {
    const file = join(home, `${name}.ndjson`);
    writeFileSync(file, visits[name].map((visit) => JSON.stringify(visit)).join("\n"));
    const { stderr } = await rollcall(["land", "website", file, "--home", home]);
    expect(stderr).not.toMatch(/INVALID|FAILED/);
  }

  async function engine<T>(work: (control: EngineControl) => Promise<T>): Promise<T> {
    const { control } = await openEngine({ ...readConfig({}, { home }), logLevel: "silent" });
    try {
      return await work(control);
    } finally {
      await control.close();
    }
  }

  const runAndSync = (): Promise<unknown> =>
    engine(async (control) => {
      await control.run({ full: false });
      return control.sync({});
    });

  async function store<T>(work: (store: ProfileStore, events: number) => Promise<T>): Promise<T> {
    const documents = createSqliteDocuments({ file: join(home, "documents.sqlite") });
    try {
      const events = await documents.collection<{ _id: string }>(PROFILE_COLLECTIONS.events);
      return await work(await openProfileStore({ documents }), await events.count({}));
    } finally {
      await documents.close();
    }
  }

  beforeAll(async () => {
    await land("first");
    await runAndSync();
    await land("second");
    await runAndSync();
    const printed = await engine((control) =>
      control.query({
        sql: `SELECT (SELECT MIN(a.merged_into) FROM identity.aliases AS a) AS ada, (SELECT MIN(a.profile_id) FROM identity.aliases AS a) AS alias,
          (SELECT MIN(m.profile_id) FROM identity.identity_map AS m WHERE m.profile_id NOT IN (SELECT a.merged_into FROM identity.aliases AS a)) AS bea`,
        unmask: true,
      }),
    );
    before = printed.rows[0] as unknown as ProfileIds;
  }, 300_000);
  afterAll(() => removeHome(home));

  it("says what would go, then takes the student out of the profile store, also under the merged id", async () => {
    expect(await store(async (profiles) => (await profiles.living(before.alias))?._id)).toBe(before.ada);

    const asked = await rollcall(["identity", "erase", "email:ada@example.org", "--home", home]);
    expect(asked).toMatchObject({ code: 0 });
    expect(asked.stdout).toContain(`Would erase ${before.ada}: 2 source identities; nothing of the profile stays.`);
    expect(asked.stdout).toContain("Nothing is changed.");
    expect(asked.stdout).not.toContain("ada@example.org");
    expect(await store(async (profiles) => (await profiles.living(before.ada))?._id)).toBe(before.ada);

    // Killed at any point, it has done nothing.
    for (const statement of [20, 60, 95]) {
      const killed = await rollcall(["identity", "erase", before.alias, "--yes", "--home", home], {
        ROLLCALL_CRASH_AT: `statement:${statement}`,
      });
      expect(killed.code).toBeNull();
    }
    expect(await store(async (profiles) => (await profiles.living(before.ada))?._id)).toBe(before.ada);
    const left = await engine((control) => control.query({ sql: COUNTS, unmask: true }));
    expect(left.rows).toEqual([{ nodes: 3, tombstones: 0, emptied: 0, removals: 0 }]);

    const done = await rollcall(["identity", "erase", before.alias, "--yes", "--home", home]);
    expect(done).toMatchObject({ code: 0 });
    await runAndSync();

    await store(async (profiles, events) => {
      expect(await profiles.profile(before.ada)).toBeNull();
      expect(await profiles.profile(before.alias)).toBeNull();
      expect((await profiles.profile(before.bea))?._id).toBe(before.bea);
      expect(events).toBe(1);
    });

    const again = await rollcall(["identity", "erase", before.ada, "--yes", "--home", home]);
    expect(again.code).toBe(0);
    expect(again.stdout).toMatch(/^It was erased on .*: nothing to erase\.$/m);
    const unknown = await rollcall(["identity", "erase", "email:ada@example.org", "--yes", "--home", home]);
    expect(unknown.code).not.toBe(0);
    expect(unknown.stderr).toContain("NOT_FOUND");
  });

  it("knows who signs up again as somebody new", async () => {
    visits.second = [
      {
        messageId: "5",
        timestamp: "2026-03-06T12:00:00Z",
        type: "identify",
        userId: "u-ada",
        traits: { email: "ada@example.org" },
      },
    ];
    await land("second");
    await runAndSync();
    const now = await engine((control) =>
      control.query({ sql: "SELECT profile_id FROM gold.profiles ORDER BY profile_id", unmask: true }),
    );
    const ids = now.rows.map((row) => String(row.profile_id));
    expect(ids).toHaveLength(2);
    expect(ids).toContain(before.bea);
    expect(ids).not.toContain(before.ada);
    expect(ids).not.toContain(before.alias);
    await engine((control) => control.run({ full: true }));
    const rebuilt = await engine((control) =>
      control.query({ sql: "SELECT profile_id FROM gold.profiles ORDER BY profile_id", unmask: true }),
    );
    expect(rebuilt.rows.map((row) => String(row.profile_id))).toEqual(ids);
  });
});
