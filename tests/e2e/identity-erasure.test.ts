import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { IdentifierType } from "../../src/identity/normalise/types.js";
import { createSeededRandom } from "../../src/platform/random.js";
import type { Row } from "../../src/warehouse/port.js";
import { endOf, randomHistories } from "../support/identity-histories.js";
import {
  BEGINNING,
  type Decision,
  type IdentityWorld,
  type Observation,
  openIdentityWorld,
} from "../support/identity-world.js";

/**
 * What holds of erasures whoever is erased, on random histories side by side. `ERASURE_HISTORIES`, `ERASURE_STEPS` and
 * `ERASURE_COUNT` make it search longer, `ERASURE_SEED` elsewhere.
 */
const numberOf = (name: string, usual: number): number => Number(process.env[name] ?? usual);
const HISTORIES = numberOf("ERASURE_HISTORIES", 60);
const STEPS = numberOf("ERASURE_STEPS", 12);
const ERASURES = numberOf("ERASURE_COUNT", 50);
/** Erasures between two cycles. */
const AT_ONCE = 10;
const SEED = numberOf("ERASURE_SEED", 23);
const LONG = { timeout: 3_600_000 };

const compiledFolder = mkdtempSync(join(tmpdir(), "rollcall-erasures-"));
afterAll(() => rmSync(compiledFolder, { recursive: true }));
const MAP = "SELECT node_id, profile_id, component_id FROM identity.identity_map ORDER BY node_id";
const PEOPLE = `
  SELECT profile_id, anchor_node_id, CAST(anchor_at AS STRING) AS anchor_at, node_count, identifier_count
  FROM identity.clusters ORDER BY profile_id`;
const stateOf = async (world: IdentityWorld) => [await world.query(MAP), await world.query(PEOPLE)];

async function mapOf(world: IdentityWorld): Promise<Map<string, string>> {
  return new Map((await world.query(MAP)).map(({ node_id, profile_id }) => [String(node_id), String(profile_id)]));
}

const textsOf = (rows: readonly Row[], column: string): string[] => rows.map((row) => String(row[column]));

/** What only the profile's nodes of that source have: ids, identifiers, their values, descriptions. */
async function ownTraces(world: IdentityWorld, nodes: readonly string[], profile: string | null): Promise<string[]> {
  const list = nodes.map((node) => `"${node}"`).join(", ");
  const mine = `node_id IN (${list})`;
  const alone = async (table: string, column: string): Promise<string[]> =>
    textsOf(
      await world.query(
        `SELECT DISTINCT ${column} AS found FROM ${table} WHERE ${mine} AND ${column} IS NOT NULL
         AND ${column} NOT IN (SELECT ${column} FROM ${table} WHERE NOT (${mine}) AND ${column} IS NOT NULL)`,
      ),
      "found",
    );
  return [
    ...nodes,
    ...(profile === null ? [] : [profile]),
    ...(await alone("silver.identifier_observations", "hmac")),
    ...(await alone("identity.features", "description_id")),
    // Too short to stand anywhere inside another.
    ...(await alone("silver.identifier_observations", "value")).map((text) => `"${text}"`),
    ...(await alone("silver.feature_observations", "value")).map((text) => `"${text}"`),
  ];
}

/** Tables in which one of the texts stands, anywhere. */
async function tablesWith(world: IdentityWorld, texts: readonly string[]): Promise<string[]> {
  const params = { texts: { type: "ARRAY<STRING>", value: texts } };
  const found: string[] = [];
  for (const table of await world.tables()) {
    const hits = await world.query(
      `SELECT x FROM UNNEST(@texts) AS x WHERE EXISTS (SELECT 1 FROM ${table} AS t WHERE STRPOS(TO_JSON_STRING(t), x) > 0)`,
      params,
    );
    found.push(...hits.map(({ x }) => `${table}: ${x}`));
  }
  return found;
}

interface Erasure {
  readonly profile: string;
  readonly source: string | null;
  readonly nodes: readonly string[];
  readonly isWhole: boolean;
}

/** Somebody of each of so many components, or what one source knows of them. */
async function choose(world: IdentityWorld, count: number, random: () => number): Promise<Erasure[]> {
  const rows = await world.query(`
    SELECT m.component_id, m.profile_id, m.node_id, n.source
    FROM identity.identity_map AS m JOIN identity.nodes AS n ON n.node_id = m.node_id
    ORDER BY m.component_id, m.profile_id, m.node_id`);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const components = new Set(textsOf(rows, "component_id"));
  return Array.from({ length: count }, () => {
    const component = pick([...components]);
    components.delete(component);
    const profile = pick(
      textsOf(
        rows.filter((row) => row.component_id === component),
        "profile_id",
      ),
    );
    const all = rows.filter((row) => row.profile_id === profile);
    const source = random() < 0.5 ? null : pick(textsOf(all, "source"));
    const nodes = textsOf(
      all.filter((row) => source === null || row.source === source),
      "node_id",
    );
    return { profile, source, nodes, isWhole: nodes.length === all.length };
  });
}

describe("erasures from random histories", LONG, () => {
  it.each([
    ["without devices", false],
    ["with devices that people share", true],
  ])("%s, change nobody else, leave no trace, and keep every id through a full build", async (_, hasDevices) => {
    const world = await openIdentityWorld({ compiledFolder });
    const random = createSeededRandom(SEED);
    const steps = randomHistories({ histories: HISTORIES, steps: STEPS, seed: SEED, hasDevices });
    await world.deliver(steps.flat());
    await world.cycle(endOf(STEPS - 1));
    let now = endOf(STEPS - 1) + 1000;
    const gone: string[] = [];
    for (let round = 0; round < ERASURES / AT_ONCE; round++) {
      const before = await mapOf(world);
      const erasures = await choose(world, AT_ONCE, random);
      const traces = new Set<string>();
      const startedAt = now;
      for (const { profile, source, nodes, isWhole } of erasures) {
        for (const trace of await ownTraces(world, nodes, isWhole ? profile : null)) traces.add(trace);
        await world.erase(profile, source, now);
        now += 1000;
      }
      expect(await tablesWith(world, [...traces]), `round ${round}, before a cycle`).toEqual([]);
      await world.cycle(now);
      now += 1000;
      expect(await tablesWith(world, [...traces]), `round ${round}`).toEqual([]);

      const after = await mapOf(world);
      const erasedNodes = new Set(erasures.flatMap(({ nodes }) => nodes));
      const halved = new Set(erasures.filter(({ isWhole }) => !isWhole).map(({ profile }) => profile));
      expect([...after.keys()]).toEqual([...before.keys()].filter((node) => !erasedNodes.has(node)));
      for (const [node, id] of after) {
        const was = before.get(node) ?? "";
        // Only what is left of somebody erased in part may fall apart, and joins nobody.
        if (!halved.has(was)) expect(id, `round ${round}, ${node}`).toBe(was);
        else if (id !== was) expect([...before.values()], `round ${round}, ${node}`).not.toContain(id);
      }
      expect([...after.values()]).toEqual(expect.arrayContaining([...halved]));
      const events = await world.query(
        `SELECT kind, profile_id FROM identity.graph_events WHERE happened_at >= TIMESTAMP_MICROS(${startedAt})`,
      );
      expect(events.filter(({ kind }) => kind === "erase")).toHaveLength(AT_ONCE);
      const others = events.filter(
        ({ kind, profile_id }) => kind !== "erase" && !(kind === "split" && halved.has(String(profile_id))),
      );
      expect(others, `round ${round}`).toEqual([]);
      gone.push(...erasures.filter(({ isWhole }) => isWhole).map(({ profile }) => profile));
    }
    const state = await stateOf(world);
    await world.rebuild(now);
    expect(await stateOf(world)).toEqual(state);
    expect([...(await mapOf(world)).values()].filter((id) => gone.includes(id))).toEqual([]);
    // Else it would have said little.
    const [told] = await world.query("SELECT COUNT(*) AS row_count FROM identity.withheld_edges");
    expect(told?.row_count).not.toBe(0);
    expect(gone.length).toBeGreaterThan(0);
    expect(gone.length).toBeLessThan(ERASURES);
    await world.close();
  });
});

const DAY = 86_400_000_000;
/** The day of that number, a little later each time it is asked for. */
const dayOf = (day: number, order = 0): number => BEGINNING + day * DAY + order * 1_000_000;
const node = (name: string): string => createHash("sha256").update(name).digest("hex").slice(0, 32);

type Carried = `${IdentifierType}:${string}`;

function seen(name: string, at: number, source: string, carried: readonly Carried[], firstName?: string): Observation {
  return {
    at,
    node: node(name),
    source,
    identifiers: carried.map((text) => {
      const [type, value] = text.split(":") as [IdentifierType, string];
      return { type, value };
    }),
    traits: firstName === undefined ? [] : [{ field: "first_name", value: firstName }],
  };
}

describe("an erasure", LONG, () => {
  let world: IdentityWorld;
  let now = dayOf(60);
  const idOf = async (name: string): Promise<string | undefined> => (await mapOf(world)).get(node(name));
  const settle = (): Promise<void> => {
    now += 1000;
    return world.cycle(now);
  };
  const erase = async (name: string, source: string | null = null): Promise<void> => {
    await world.erase((await idOf(name)) ?? "", source, now);
    await settle();
  };
  const deliver = async (...observations: readonly Observation[]): Promise<void> => {
    await world.deliver(observations.map((observation, n) => ({ ...observation, at: now + n })));
    now += 1000;
    await settle();
  };

  beforeAll(async () => {
    world = await openIdentityWorld({ compiledFolder });
    const names = ["Ada", "Bea", "Cleo", "Dora", "Eve", "Fay", "Gwen", "Hope", "Iris"];
    await world.deliver([
      // Two sisters, and a note from their mailbox.
      seen("ada", dayOf(1), "mobile", ["student_number:1", "email:sisters"]),
      seen("bea", dayOf(2), "mobile", ["student_number:2", "email:sisters"]),
      seen("note", dayOf(3), "email", ["email:sisters"]),
      // A phone that somebody of too many names gave as theirs, and two others who say nothing of themselves.
      ...names.map((name, n) => seen(`caller ${name}`, dayOf(4, n), "website", ["user_id:caller", "phone:desk"], name)),
      seen("desk one", dayOf(5), "website", ["email:one", "phone:desk"]),
      seen("desk two", dayOf(6), "website", ["email:two", "phone:desk"]),
      // A tablet: Pia on the first day, Quinn on the last, and somebody between them, twice.
      seen("pia", dayOf(10), "website", ["email:pia", "anonymous_id:tablet"]),
      seen("between", dayOf(15), "website", ["anonymous_id:tablet"]),
      seen("quinn", dayOf(20), "website", ["email:quinn", "anonymous_id:tablet"]),
      // Rita: a mailbox first, then an account that names it.
      seen("rita mail", dayOf(21), "email", ["email:rita"]),
      seen("rita form", dayOf(22), "website", ["email:rita", "phone:rita"]),
      seen("rita app", dayOf(23), "mobile", ["user_id:rita", "phone:rita"]),
      // Two who signed in, each with a note of what else they carry, and a mailbox of somebody's there.
      ...["una", "vera"].flatMap((name, n) => [
        seen(`${name} app`, dayOf(25 + n, 0), "mobile", [`user_id:${name}`]),
        seen(`${name} form`, dayOf(25 + n, 1), "website", [`user_id:${name}`, `email:${name}`]),
        seen(`${name} mail`, dayOf(25 + n, 2), "email", [`email:${name}`]),
      ]),
      // Sam, who comes back.
      seen("sam", dayOf(24), "website", ["user_id:sam"]),
    ]);
    await settle();
  });
  afterAll(() => world.close());

  it("gives nobody what could have been the erased's", async () => {
    expect(new Set([await idOf("ada"), await idOf("bea"), await idOf("note")]).size).toBe(3);
    await erase("bea");
    expect(await idOf("bea")).toBeUndefined();
    expect(await idOf("note")).not.toBe(await idOf("ada"));
    expect(
      await world.query(`SELECT node_id FROM identity.withheld_edges WHERE node_id = "${node("note")}"`),
    ).toHaveLength(1);
  });

  it("lets nobody be linked by what too many had", async () => {
    const statuses = (): Promise<readonly Row[]> =>
      world.query(`SELECT i.status FROM identity.edges AS e JOIN identity.identifiers AS i ON i.hmac = e.hmac
        WHERE e.node_id = "${node("desk one")}" AND e.type = "phone"`);
    expect(await statuses()).toEqual([{ status: "generic" }]);
    await erase("caller Ada");
    expect(await statuses()).toEqual([{ status: "active" }]);
    expect(await idOf("desk one")).not.toBe(await idOf("desk two"));
    // Who gives it from now on is not one of them either, and not kept from anybody new.
    await deliver(
      seen("new form", 0, "website", ["email:form", "phone:desk"]),
      seen("new mail", 0, "email", ["email:mail", "phone:desk"]),
    );
    expect(await idOf("new form")).toBe(await idOf("new mail"));
    expect([await idOf("desk one"), await idOf("desk two")]).not.toContain(await idOf("new form"));
  });

  it("leaves nobody's days at a device to nobody", async () => {
    expect(await idOf("between")).toBe(`p_${node("between").slice(0, 22)}`);
    await erase("pia");
    expect(await idOf("between")).toBe(`p_${node("between").slice(0, 22)}`);
    await deliver(seen("later", 0, "website", ["anonymous_id:tablet", "email:quinn"]));
    expect(await idOf("between")).not.toBe(await idOf("quinn"));
  });

  it("by source leaves the profile its id, as often as it is done", async () => {
    const id = await idOf("rita app");
    expect(id).toBe(`p_${node("rita mail").slice(0, 22)}`);
    await erase("rita app", "email");
    expect(await idOf("rita app")).toBe(id);
    expect(await idOf("rita form")).toBe(id);
    await erase("rita app", "website");
    expect(await idOf("rita app")).toBe(id);
    await erase("rita app");
    expect(await world.query("SELECT birth_id FROM identity.inherited_births")).toEqual([]);
  });

  it("keeps apart whom only an unlink of the erased did, unless it was withdrawn", async () => {
    const decide = async (kind: Decision["kind"], name: string): Promise<void> => {
      await world.deliver([{ at: now, kind, nodes: [node(`${name} app`), node(`${name} mail`)] }]);
      now += 1000;
    };
    for (const name of ["una", "vera"]) await decide("unlink", name);
    await settle();
    for (const name of ["una", "vera"]) {
      expect(await idOf(`${name} form`)).toBe(await idOf(`${name} app`));
      expect(await idOf(`${name} form`)).not.toBe(await idOf(`${name} mail`));
    }
    // No cycle has taken it up when she is erased.
    await decide("withdraw", "vera");
    for (const name of ["vera", "una"]) await erase(`${name} app`, "mobile");
    expect(await idOf("una form")).not.toBe(await idOf("una mail"));
    expect(await idOf("vera form")).toBe(await idOf("vera mail"));
  });

  it("does not bring back a link that only decisions about the erased overruled", async () => {
    await deliver(
      seen("olga", 0, "mobile", ["user_id:olga"]),
      seen("pia", 0, "website", ["user_id:pia"]),
      seen("quin", 0, "email", ["user_id:quin"]),
    );
    const decide = async (kind: Decision["kind"], a: string, b: string): Promise<void> => {
      await world.deliver([{ at: now, kind, nodes: [node(a), node(b)] }]);
      await settle();
    };
    await decide("link", "olga", "pia");
    await decide("unlink", "olga", "quin");
    await decide("link", "pia", "quin");
    expect(await idOf("pia")).toBe(await idOf("quin"));
    expect(await idOf("olga")).not.toBe(await idOf("pia"));
    await erase("quin", "email");
    expect(await idOf("olga")).not.toBe(await idOf("pia"));
  });

  it("forgets that a name was known, unless another's mailbox is called so", async () => {
    const hashes = ["zelda", "yara"].map((name) => `("given_name", TO_HEX(MD5("${name}")), 0.001, "m")`);
    await world.write(
      `INSERT INTO identity.term_frequencies (term, value_hash, frequency, model_version) VALUES ${hashes.join(", ")}`,
    );
    await deliver(
      seen("zelda", 0, "website", ["user_id:zelda"], "Zelda"),
      seen("yara", 0, "website", ["user_id:yara"], "Yara"),
      {
        ...seen("tara", 0, "salesforce", ["salesforce_contact_id:tara"], "Tara"),
        traits: [{ field: "email", value: "zelda7@home.example" }],
      },
    );
    const known = () =>
      world.query(`SELECT n FROM UNNEST(["yara", "zelda"]) AS n
        WHERE TO_HEX(MD5(n)) IN (SELECT value_hash FROM identity.term_frequencies) ORDER BY n`);
    expect(await known()).toEqual([{ n: "yara" }, { n: "zelda" }]);
    await erase("zelda");
    await erase("yara");
    expect(await known()).toEqual([{ n: "zelda" }]);
    await erase("tara");
  });

  it("leaves an id to nobody, however often somebody comes back", async () => {
    const ids = [await idOf("sam")];
    for (let n = 0; n < 2; n++) {
      await erase("sam");
      expect(await idOf("sam")).toBeUndefined();
      await deliver(seen("sam", 0, "website", ["user_id:sam"]));
      ids.push(await idOf("sam"));
    }
    expect(new Set(ids).size).toBe(3);
    expect(ids).not.toContain(undefined);
    const before = await stateOf(world);
    await world.rebuild(now);
    expect(await stateOf(world)).toEqual(before);
  });
});
