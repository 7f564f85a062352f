import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { createSeededRandom } from "../../src/platform/random.js";
import { endOf, type HistoriesConfig, randomHistories, type Steps } from "../support/identity-histories.js";
import { type Decision, type Happening, type IdentityWorld, openIdentityWorld } from "../support/identity-world.js";
import { copyProject } from "../support/project-copy.js";

/**
 * What holds of identities whatever happens, on random histories side by side. `IDENTITY_HISTORIES`, `IDENTITY_STEPS` and
 * `IDENTITY_SHUFFLES` make it search longer, `IDENTITY_SEED` elsewhere.
 */
const numberOf = (name: string, usual: number): number => Number(process.env[name] ?? usual);
const HISTORIES = numberOf("IDENTITY_HISTORIES", 60);
const STEPS = numberOf("IDENTITY_STEPS", 6);
const SHUFFLES = numberOf("IDENTITY_SHUFFLES", 1);
const SEED = numberOf("IDENTITY_SEED", 11);
/** Few come, and many are described anew. */
const RESTLESS = { newcomers: 0.2 };
const historiesOf = (seed: number, kind: Partial<HistoriesConfig> = {}): Steps =>
  randomHistories({ histories: HISTORIES, steps: STEPS, seed, ...kind });
const LONG = { timeout: 3_600_000 };

const compiledFolder = mkdtempSync(join(tmpdir(), "rollcall-identities-"));
afterAll(() => rmSync(compiledFolder, { recursive: true }));

/** This project, but for the number of descriptions that may share a key: histories cross it in both directions. */
const crowded = copyProject();
crowded.replace("includes/blocking.js", "const LARGEST_KEY = 200;", "const LARGEST_KEY = 2;");
afterAll(crowded.dispose);

const worlds: IdentityWorld[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});
const openWorld = (root?: string): Promise<IdentityWorld> =>
  openIdentityWorld({ compiledFolder, ...(root === undefined ? {} : { root }) });
async function newWorld(root?: string): Promise<IdentityWorld> {
  const world = await openWorld(root);
  worlds.push(world);
  return world;
}

const MAP = "SELECT node_id, profile_id, component_id FROM identity.identity_map ORDER BY node_id";
const PEOPLE = `
  SELECT profile_id, anchor_node_id, CAST(anchor_at AS STRING) AS anchor_at, node_count, identifier_count
  FROM identity.clusters ORDER BY profile_id`;
/** Who is whom, and who there is. */
const stateOf = async (world: IdentityWorld) => [await world.query(MAP), await world.query(PEOPLE)];

const PARKED = "SELECT rule, key, description_count FROM identity.block_skipped ORDER BY key";
/** What is compared, without when it was found: all of it follows from what the nodes say now. */
const COMPARED: readonly string[] = [
  "SELECT * EXCEPT (described_at) FROM identity.descriptions ORDER BY description_id",
  "SELECT description_id, rule, key FROM identity.block_keys ORDER BY description_id, key",
  PARKED,
  "SELECT * EXCEPT (changed_at) FROM identity.description_pairs ORDER BY a, b",
  "SELECT description_id FROM identity.unused_descriptions",
  "SELECT key FROM identity.thinned_keys",
];
async function stateWith(world: IdentityWorld, queries: readonly string[]): Promise<unknown> {
  const rows = await Promise.all(queries.map((sql) => world.query(sql)));
  return [await stateOf(world), ...rows];
}
const comparedIn = (world: IdentityWorld): Promise<unknown> => stateWith(world, COMPARED);

/** What is refused, undecided and asked besides, without when it was found. */
const SETTLED: readonly string[] = [
  "SELECT * EXCEPT (cut_at) FROM identity.cuts ORDER BY node_a, node_b, hmac",
  "SELECT hmac, joined_hmac FROM identity.joined_numbers ORDER BY hmac",
  "SELECT node_id, hmac FROM identity.ambiguous_edges ORDER BY node_id, hmac",
  "SELECT * EXCEPT (found_at) FROM identity.review_pairs ORDER BY profile_a, profile_b",
];
const settledIn = (world: IdentityWorld): Promise<unknown> => stateWith(world, SETTLED);

/** Profile by node. */
async function mapOf(world: IdentityWorld): Promise<Map<string, string>> {
  return new Map((await world.query(MAP)).map(({ node_id, profile_id }) => [String(node_id), String(profile_id)]));
}

/** Profiles that are not called after their earliest node. */
const NOT_BORN_FIRST = `
  SELECT m.profile_id, n.node_id
  FROM identity.identity_map AS m
  JOIN identity.nodes AS n ON n.node_id = m.node_id
  QUALIFY ROW_NUMBER() OVER (PARTITION BY m.profile_id ORDER BY n.first_ingested_at, n.node_id) = 1
    AND n.birth_id != m.profile_id`;

/** Nodes of one person that the operator, when last asked, kept apart. */
const TOGETHER_AGAINST_ORDERS = `
  SELECT d.node_a, d.node_b
  FROM (
    SELECT kind, node_a, node_b
    FROM identity.decisions
    WHERE TRUE
    QUALIFY ROW_NUMBER() OVER (
      PARTITION BY LEAST(node_a, node_b), GREATEST(node_a, node_b) ORDER BY decided_at DESC, decision_id DESC
    ) = 1
  ) AS d
  JOIN identity.identity_map AS a ON a.node_id = d.node_a
  JOIN identity.identity_map AS b ON b.node_id = d.node_b AND b.profile_id = a.profile_id
  WHERE d.kind = "unlink"`;

function shuffled<T>(items: readonly T[], seed: number): T[] {
  const random = createSeededRandom(seed);
  return items
    .map((item) => ({ item, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}

/** Delivers steps in cycles that end after the steps named. */
async function live(world: IdentityWorld, steps: Steps, ends: readonly number[], seed = 0): Promise<void> {
  let from = 0;
  for (const end of ends) {
    await world.deliver(shuffled(steps.slice(from, end).flat(), seed));
    await world.cycle(endOf(end - 1));
    from = end;
  }
}

const everyStep = (size: number): number[] => {
  const ends = Array.from({ length: Math.floor(STEPS / size) }, (_, n) => (n + 1) * size);
  return ends.at(-1) === STEPS ? ends : [...ends, STEPS];
};

describe("identities of random histories", LONG, () => {
  const BATCHINGS: readonly (readonly [string, readonly number[]])[] = [
    ["one cycle", [STEPS]],
    ["a cycle for each step", everyStep(1)],
    ["two steps a cycle", everyStep(2)],
    ["much, then little", [STEPS - 2, STEPS - 1, STEPS]],
    ["little, then much", [1, 2, STEPS]],
  ];

  it.each([
    ["as the project is", undefined, {}],
    ["where keys are soon too common, and then not", crowded.root, RESTLESS],
  ])("are the same in any batches and any order of rows, and after a full build: %s", async (_, root, kind) => {
    const steps = historiesOf(SEED, kind);
    let expected: unknown = null;
    for (const [name, ends] of BATCHINGS) {
      for (let seed = 0; seed < SHUFFLES; seed++) {
        const world = await openWorld(root);
        await live(world, steps, ends, seed);
        const state = await comparedIn(world);
        expected ??= state;
        expect(state, `${name}, shuffle ${seed}`).toEqual(expected);
        if (seed === 0) {
          await world.rebuild(endOf(STEPS));
          expect(await comparedIn(world), `full build after: ${name}`).toEqual(expected);
        }
        await world.close();
      }
    }
  });

  it("park keys and take them up again, in the cycle in which it is so", async () => {
    const world = await newWorld(crowded.root);
    const steps = historiesOf(SEED, RESTLESS);
    const parkedIn = async (): Promise<Set<string>> =>
      new Set((await world.query(PARKED)).map(({ rule, key }) => `${rule} ${key}`));
    let before = await parkedIn();
    let [parkedCount, takenUpCount] = [0, 0];
    for (const [n, happenings] of steps.entries()) {
      await world.deliver(happenings);
      await world.cycle(endOf(n));
      const after = await parkedIn();
      parkedCount += [...after].filter((key) => !before.has(key)).length;
      takenUpCount += [...before].filter((key) => !after.has(key)).length;
      before = after;
    }
    expect(parkedCount).toBeGreaterThan(0);
    expect(takenUpCount).toBeGreaterThan(0);
  });

  it("never change without an event that says so, are their earliest node's, and obey the operator", async () => {
    const world = await newWorld();
    const steps = historiesOf(SEED + 1);
    let before = new Map<string, string>();
    for (const [n, happenings] of steps.entries()) {
      await world.deliver(happenings);
      await world.cycle(endOf(n));
      const after = await mapOf(world);
      const events = await world.query(`
        SELECT profile_id, other_id FROM identity.graph_events
        WHERE happened_at > TIMESTAMP_MICROS(${endOf(n - 1)}) AND kind IN ("merge", "split", "cut", "uncut")`);
      const said = new Set(events.map(({ profile_id, other_id }) => `${profile_id} > ${other_id}`));
      for (const [node, profile] of before) {
        const now = after.get(node);
        if (now !== profile) expect(said, `step ${n}, node ${node}`).toContain(`${profile} > ${now}`);
      }
      expect(before.size).toBeLessThanOrEqual(after.size);
      expect(await world.query(NOT_BORN_FIRST), `step ${n}`).toEqual([]);
      expect(await world.query(TOGETHER_AGAINST_ORDERS), `step ${n}`).toEqual([]);
      before = after;
    }
    // Else it would have said little.
    const kinds = await world.query("SELECT DISTINCT kind FROM identity.graph_events ORDER BY kind");
    expect(kinds.map(({ kind }) => kind)).toEqual(["create", "cut", "grow", "merge", "split", "uncut"]);
  });

  it("come back when an operator takes a link back, or an unlink", async () => {
    const world = await newWorld();
    const steps = historiesOf(SEED + 2);
    await live(world, steps, [STEPS]);
    const before = await settledIn(world);
    const decisions = undecided(steps, await mapOf(world));
    await world.deliver(decisions);
    await world.cycle(endOf(STEPS));
    expect(await settledIn(world)).not.toEqual(before);
    expect(new Set(decisions.map(({ kind }) => kind)).size).toBe(2);
    const withdrawn = decisions.map(
      (decision, n): Decision => ({ ...decision, kind: "withdraw", at: endOf(STEPS) + n }),
    );
    await world.deliver(withdrawn);
    await world.cycle(endOf(STEPS + 1));
    expect(await settledIn(world)).toEqual(before);
  });

  it("wait for a review again when an operator withdraws what was decided about them", async () => {
    const world = await newWorld();
    const steps = historiesOf(SEED + 3);
    await live(world, steps, [STEPS]);
    const waiting = () =>
      world.query("SELECT profile_a, profile_b, node_a, node_b FROM identity.review_pairs ORDER BY 1, 2");
    const before = await waiting();
    expect(before).not.toEqual([]);
    const rejected = before.map(
      ({ node_a, node_b }, n): Decision => ({
        at: endOf(STEPS - 1) + n,
        kind: "unlink",
        nodes: [String(node_a), String(node_b)],
      }),
    );
    await world.deliver(rejected);
    await world.cycle(endOf(STEPS));
    const meanwhile = await waiting();
    expect(
      before.filter((pair) => meanwhile.some(({ node_a, node_b }) => pair.node_a === node_a && pair.node_b === node_b)),
    ).toEqual([]);
    await world.deliver(rejected.map((each, n): Decision => ({ ...each, kind: "withdraw", at: endOf(STEPS) + n })));
    await world.cycle(endOf(STEPS + 1));
    expect(await waiting()).toEqual(before);
  });
});

describe("two who are found by their birth date alone", LONG, () => {
  const told = (step: number, node: string, [first, last, birth]: readonly [string, string, string]): Happening => ({
    at: endOf(step - 1),
    node,
    source: "website",
    identifiers: [{ type: "user_id", value: node }],
    traits: [
      { field: "first_name", value: first },
      { field: "last_name", value: last },
      { field: "birth_date", value: birth },
    ],
  });

  it("are one as long as few were born on that day, from the cycle on in which it is so", async () => {
    const world = await newWorld(crowded.root);
    let step = 0;
    const areOne = async (...happenings: readonly Happening[]): Promise<boolean> => {
      await world.deliver(happenings);
      await world.cycle(endOf(step++));
      const map = await mapOf(world);
      return map.get("a") === map.get("b");
    };
    const alike = [
      { ...told(step, "a", ["Annika", "Okafor", "1971-04-05"]), identifiers: [{ type: "email" as const, value: "a" }] },
      { ...told(step, "b", ["Anniba", "Okador", "1971-04-05"]), identifiers: [{ type: "email" as const, value: "b" }] },
    ];
    expect(await areOne(...alike)).toBe(true);
    expect(await areOne(told(step, "c", ["Robert", "Zhou", "1971-04-05"]))).toBe(false);
    expect(await areOne(told(step, "c", ["Robert", "Zhou", "1988-12-31"]))).toBe(true);
    expect(await areOne(told(step, "d", ["Priya", "Mbeki", "1971-04-05"]))).toBe(false);
    expect(
      await areOne(told(step, "d", ["Priya", "Mbeki", "1955-06-07"]), told(step, "c", ["Bob", "Iyer", "1971-04-05"])),
    ).toBe(false);
    expect(await areOne(told(step, "c", ["Bob", "Iyer", "1966-02-11"]))).toBe(true);
  });
});

/**
 * A decision in every history: a link of the first of its nodes with the first that is another's, or in every other history an unlink
 * with the first that is the same person's. None where there is nobody about whom and the first nothing is decided.
 */
function undecided(steps: Steps, map: ReadonlyMap<string, string>): Decision[] {
  return Array.from({ length: HISTORIES }, (_, n) => {
    const happenings = steps.flatMap((step) => step[n] ?? []);
    const [first, ...others] = happenings.flatMap(nodesOf);
    if (first === undefined) return [];
    const kind: Decision["kind"] = n % 2 === 0 ? "link" : "unlink";
    const settled = new Set([first, ...happenings.flatMap((each) => decidedWith(first, each))]);
    const other = others.find(
      (node) => !settled.has(node) && (map.get(node) === map.get(first)) === (kind === "unlink"),
    );
    if (other === undefined) return [];
    return [{ at: endOf(STEPS - 1) + n, kind, nodes: [first, other] as const }];
  }).flat();
}

function decidedWith(node: string, happening: Happening): readonly string[] {
  if ("node" in happening || !happening.nodes.includes(node)) return [];
  return happening.nodes.filter((other) => other !== node);
}

function nodesOf(happening: Happening): string[] {
  return "node" in happening ? [happening.node] : [];
}
