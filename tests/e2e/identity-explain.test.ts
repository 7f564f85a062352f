import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readConfig } from "../../src/cli/config.js";
import type { EngineControl } from "../../src/cli/control.js";
import { openEngine } from "../../src/cli/wiring/engine.js";
import { readIdentityRules } from "../../src/cli/wiring/identity-rules.js";
import type { Explanation, OneProfile, TwoProfiles } from "../../src/identity/explain/answer.js";
import type { CaseFile, CaseNode } from "../../src/identity/explain/casefile.js";
import { explainIdentity, inCopy } from "../../src/identity/explain/explain.js";
import { readCase } from "../../src/identity/explain/observe.js";
import { explanationText } from "../../src/identity/explain/text.js";
import { judge } from "../../src/identity/explain/verdict.js";
import { createFolderStore } from "../../src/warehouse/duckdb/compiled-store.js";
import { createDuckdbWarehouse } from "../../src/warehouse/duckdb/warehouse.js";
import { awkwardCases, studentBody } from "../support/arrivals.js";
import { type Built, landDeliveries, openCopy } from "../support/pipeline.js";
import { removeHome, rollcall, temporaryHome } from "../support/product.js";

const ROOT = resolve(import.meta.dirname, "../..");
const PLAIN = { bold: (text: string) => text, dim: (text: string) => text };

/** A handful of people: a login after anonymous visits, twins, somebody with two addresses, a stranger. */
function visits(): readonly Record<string, unknown>[] {
  const identify = (messageId: string, timestamp: string, rest: Record<string, unknown>) => ({
    messageId,
    timestamp,
    type: "identify",
    ...rest,
  });
  const view = { type: "track", event: "programme_viewed", properties: { programme_id: "mba" } };
  const grace = {
    firstName: "Grace",
    lastName: "Hopperfield",
    birthday: "1999-12-09",
    address: { city: "Leeds", postalCode: "LS1 4AB" },
  };
  const twin = { email: "family@example.org", lastName: "Weaver", birthday: "2008-03-04" };
  return [
    { messageId: "1", timestamp: "2026-01-05T10:00:00Z", anonymousId: "ada-browser", ...view },
    identify("2", "2026-01-05T11:20:00Z", {
      anonymousId: "ada-browser",
      userId: "u-ada",
      traits: { email: "ada@example.org", firstName: "Ada", lastName: "Lovelace" },
    }),
    identify("3", "2026-01-05T11:00:00Z", { userId: "u-tom", traits: { ...twin, firstName: "Tom" } }),
    identify("4", "2026-01-05T12:00:00Z", { userId: "u-tina", traits: { ...twin, firstName: "Tina" } }),
    identify("5", "2026-01-07T09:00:00Z", { anonymousId: "g1", traits: { ...grace, email: "grace.h@example.org" } }),
    identify("6", "2026-02-07T09:00:00Z", { anonymousId: "g2", traits: { ...grace, email: "grace.h@example.com" } }),
    identify("7", "2026-01-08T09:00:00Z", { userId: "u-bob", traits: { firstName: "Bob", lastName: "Stone" } }),
  ];
}

describe("a handful of people", () => {
  const home = temporaryHome();
  const [work, private_] = ["email:grace.h@example.org", "email:grace.h@example.com"];
  let control: EngineControl;

  beforeAll(async () => {
    const file = join(home, "visits.ndjson");
    writeFileSync(
      file,
      visits()
        .map((visit) => JSON.stringify(visit))
        .join("\n"),
    );
    const landed = await rollcall(["land", "website", file, "--home", home]);
    expect(landed.stderr).not.toMatch(/INVALID|FAILED/);
    ({ control } = await openEngine({ ...readConfig({}, { home }), logLevel: "silent" }));
    await control.run({ full: false });
  });

  afterAll(async () => {
    await control.close();
    removeHome(home);
  });

  const ask = (a: string, b: string, unmask = false): Promise<Explanation> => control.explainIdentity({ a, b, unmask });

  async function one(a: string, b: string, unmask = false): Promise<OneProfile> {
    const told = await ask(a, b, unmask);
    if (told.answer !== "one_profile") throw new Error(explanationText(told, PLAIN));
    return told;
  }

  async function two(a: string, b: string, unmask = false): Promise<TwoProfiles> {
    const told = await ask(a, b, unmask);
    if (told.answer !== "two_profiles") throw new Error(explanationText(told, PLAIN));
    return told;
  }

  it("explains a merge by descriptions, comparison by comparison, and masks what they say", async () => {
    const told = await one(work, private_);
    const [step] = told.steps;
    if (step?.evidence.kind !== "description") throw new Error("not by description");
    const { pair, average } = step.evidence;
    // The parts are the whole: what the warehouse weighed.
    const sum = pair.comparisons.reduce((total, { weight }) => total + weight, pair.prior);
    expect(sum).toBeCloseTo(pair.weight, 4);
    expect(pair.weight).toBeGreaterThan(average.threshold);
    expect(pair.comparisons.find(({ comparison }) => comparison === "birth_date")).toMatchObject({
      level: "same",
      a: { birth_date: "[personal]" },
      b: { birth_date: "[personal]" },
    });
    expect(explanationText(told, PLAIN)).not.toMatch(/hopperfield|1999|leeds|grace/i);
    const unmasked = explanationText(await one(work, private_, true), PLAIN);
    expect(unmasked).toMatch(/birth date +\+\d+\.\d {2}same: 1999-12-09 \| 1999-12-09/);
  });

  it("explains whose an anonymous visit was by the device and its day", async () => {
    const visit = await control.query({
      sql: "SELECT node_id FROM identity.nodes WHERE owner_type = 'anonymous_id'",
      unmask: false,
    });
    const told = await one(String(visit.rows[0]?.node_id).slice(0, 12), "user_id:u-ada");
    expect(told.steps).toHaveLength(1);
    expect(told.steps[0]?.evidence).toMatchObject({
      kind: "device",
      identifier: { type: "anonymous_id", value: "[personal]" },
      days: ["2026-01-05"],
    });
  });

  it("says that one record carries both", async () => {
    expect(await one("email:ada@example.org", "user_id:u-ada")).toMatchObject({ steps: [], weakest: null });
  });

  it("explains why twins are two, though they share an address and most of what describes them", async () => {
    const told = await two("user_id:u-tom", "user_id:u-tina", true);
    expect(told.reasons[0]).toMatchObject({
      kind: "exclusive",
      type: "user_id",
      values: [{ value: "u-tom" }, { value: "u-tina" }],
    });
    expect(told.reasons).toContainEqual(
      expect.objectContaining({
        kind: "shared",
        identifier: expect.objectContaining({ value: "family@example.org" }),
      }),
    );
    await expect(ask("email:family@example.org", "user_id:u-bob")).rejects.toThrow(/carried by several profiles: p_/);
  });

  it("explains why strangers are two, and that nobody is known by what nobody gave", async () => {
    const told = await two("user_id:u-tom", "user_id:u-bob");
    expect(told).toMatchObject({ isOneComponent: false, reasons: [{ kind: "nothing_shared" }] });
    expect(told.nearest?.weight).toBeLessThan(told.limits.candidate);
    expect(await ask("email:nobody@example.org", "user_id:u-bob")).toMatchObject({
      answer: "not_known",
      unknown: [{ title: "this email", why: "nobody" }],
    });
    await expect(ask("somebody", "user_id:u-bob")).rejects.toMatchObject({ code: "INPUT_INVALID" });
  });

  it("says who would be whom without a rule, and writes nothing", async () => {
    const before = await control.query({ sql: "SELECT * FROM identity.identity_map ORDER BY node_id", unmask: false });
    const without = await control.whatIfIdentity({ who: work, dropEdges: [], disableRules: ["probabilistic"] });
    expect(without.profiles.map(({ state, nodes }) => [state, nodes.length])).toEqual([
      ["changed", 1],
      ["new", 1],
    ]);
    expect(without.moved).toHaveLength(1);
    const ada = (await one("email:ada@example.org", "user_id:u-ada")).a;
    const nodes = await control.query({
      sql: `SELECT node_id FROM identity.nodes WHERE owner_type = "user_id" AND node_id IN (
        SELECT node_id FROM identity.identity_map WHERE profile_id = "${ada.profileId}")`,
      unmask: false,
    });
    const edge = `${String(nodes.rows[0]?.node_id).slice(0, 12)}:anonymous_id:ada-browser`;
    const alone = await control.whatIfIdentity({ who: "user_id:u-ada", dropEdges: [edge], disableRules: [] });
    expect(alone.moved).toHaveLength(1);
    expect(alone.profiles.map(({ state }) => state)).toEqual(["changed", "new"]);
    const same = await control.whatIfIdentity({ who: work, dropEdges: [], disableRules: ["phone"] });
    expect(same.moved).toEqual([]);
    const after = await control.query({ sql: "SELECT * FROM identity.identity_map ORDER BY node_id", unmask: false });
    expect(after.rows).toEqual(before.rows);
    await expect(control.whatIfIdentity({ who: work, dropEdges: [], disableRules: ["magic"] })).rejects.toThrow(
      /There is no rule "magic"\. Rules: user_id, /,
    );
    await expect(
      control.whatIfIdentity({ who: work, dropEdges: ["000000000000:user_id:u-bob"], disableRules: [] }),
    ).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  it("takes two apart and joins them again as an operator decides, with the ids that they had", async () => {
    const told = await one(work, private_);
    const { profileId } = told;
    const decide = (kind: "link" | "unlink", reason: string | null) =>
      control.decideIdentity({ kind, a: work, b: private_, reason, by: "casey" });

    expect(await decide("unlink", "mother and daughter")).toMatchObject({
      decisionIds: [expect.stringMatching(/^d_/)],
    });
    expect(await decide("unlink", null)).toMatchObject({ decisionIds: [], alreadyDecided: 1 });
    expect(await two(work, private_)).toMatchObject({ isWaiting: true, reasons: [{ kind: "decision" }] });
    await control.run({ full: false });
    const apart = await two(work, private_);
    expect(apart).toMatchObject({
      isWaiting: false,
      reasons: [{ kind: "decision", decision: { decidedBy: "casey" } }],
    });
    const ids = [apart.a.profileId, apart.b.profileId];
    expect(ids).toContain(profileId);
    const other = ids.find((id) => id !== profileId) as string;
    const split = await control.identityHistory({ who: profileId });
    const kinds = split.entries.map(({ kind }) => kind);
    expect(kinds.indexOf("unlink")).toBeGreaterThan(kinds.indexOf("create"));
    expect(split.entries.at(-1)).toMatchObject({ kind: "split", subject: profileId, other });

    const linked = await decide("link", null);
    await control.run({ full: false });
    expect(await one(work, private_)).toMatchObject({
      profileId,
      isWaiting: false,
      mergedIds: [{ profileId: other }],
      steps: [{ evidence: { kind: "decision" } }],
    });
    // The id that went away leads here.
    const joined = await control.identityHistory({ who: other });
    expect(joined).toMatchObject({ profileId, ids: [profileId, other] });
    expect(joined.entries.at(-1)).toMatchObject({ kind: "merge", subject: other, other: profileId });
    // Nothing is left to do.
    expect((await control.run({ full: false })).status).toBe("nothing_to_do");

    // Without the link it is not as when they were unlinked, but as when nobody had decided.
    const withdraw = (decisionIds: readonly string[]) =>
      control.withdrawDecisions({ decisionIds, reason: "asked both", by: "robin" });
    await withdraw(linked.decisionIds);
    expect(await one(work, private_)).toMatchObject({
      isWaiting: false,
      steps: [{ evidence: { kind: "description" } }],
    });
    expect((await control.run({ full: false })).status).toBe("done");
    expect(await one(work, private_)).toEqual({ ...told, mergedIds: [expect.objectContaining({ profileId: other })] });
    // An unlink that is withdrawn keeps nobody apart either.
    const unlinked = await decide("unlink", null);
    await control.run({ full: false });
    await withdraw(unlinked.decisionIds);
    expect(await one(work, private_)).toMatchObject({ isWaiting: true });
    await control.run({ full: false });
    expect(await one(work, private_)).toMatchObject({ profileId, isWaiting: false });
    expect((await control.identityHistory({ who: profileId })).entries.filter(({ by }) => by !== null)).toMatchObject([
      { kind: "unlink", reason: "mother and daughter" },
      { kind: "link", decisionId: linked.decisionIds[0] },
      { kind: "withdraw", withdrawn: linked.decisionIds[0], by: "robin", reason: "asked both" },
      { kind: "unlink", decisionId: unlinked.decisionIds[0] },
      { kind: "withdraw", withdrawn: unlinked.decisionIds[0] },
    ]);
  });

  it("refuses decisions that could not be obeyed", async () => {
    const decide = (kind: "link" | "unlink", a: string, b: string) =>
      control.decideIdentity({ kind, a, b, reason: null, by: "casey" });
    await expect(decide("unlink", "email:ada@example.org", "user_id:u-ada")).rejects.toThrow(/one record says so/);
    await expect(decide("link", "email:family@example.org", "user_id:u-bob")).rejects.toThrow(/give a profile id/);
    await expect(decide("link", "email:nobody@example.org", "user_id:u-bob")).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
    const pair = { a: `p_${"0".repeat(22)}`, b: `p_${"1".repeat(22)}`, reason: null, by: "casey" };
    await expect(control.decideReview({ isAccepted: true, ...pair })).rejects.toThrow(/do not wait for a review/);
  });

  it("does all that from the command line", async () => {
    // The commands open the warehouse themselves.
    await control.close();
    const run = (...args: string[]) => rollcall(["identity", ...args, "--home", home]);
    const told = await run("explain", work, private_);
    expect(told.stdout).toMatch(/^One profile: p_\w{22}\n.*\[personal\]: identifiers .* --unmask shows them\.\n$/s);
    const json = await run("explain-not", "user_id:u-tom", "user_id:u-bob", "--json");
    expect(JSON.parse(json.stdout)).toMatchObject({ answer: "two_profiles", isOneComponent: false });
    const same = await run("explain-not", work, private_);
    expect(same.stdout).toMatch(/^Nothing keeps them apart: they are one profile\.\n\nOne profile: /);
    const whatIf = await run("what-if", work, "--disable-rule", "phone", "device");
    expect(whatIf.stdout).toMatch(/^Nothing would change: the one profile of the component of /);
    const review = await run("review", "list");
    expect(review).toEqual({ code: 0, stdout: "Nobody waits for a review.\n", stderr: "" });
    const linked = await run("link", "user_id:u-bob", "user_id:u-ada", "--by", "casey", "--reason", "called us");
    expect(linked.stdout).toMatch(
      /^Decided that they are one person\.\nThe next cycle applies it: .*\nTo take it back: {2}rollcall identity withdraw d_[0-9a-f]{16}\n$/,
    );
    const id = /d_\w+/.exec(linked.stdout)?.[0] as string;
    const bob = "user_id:u-bob";
    const decided = `casey decided that source identities \\w{12} and \\w{12} are one person \\(${id}\\): "called us"\n`;
    expect((await run("history", bob)).stdout).toMatch(new RegExp(`${decided}$`));
    expect((await run("explain", bob, "user_id:u-ada")).stdout).toContain(`are one person (${id}): "called us"`);
    const unknown = await run("withdraw", id, "d_0123456789abcdef");
    expect(unknown).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^NOT_FOUND .*identity history <profile>/),
    });
    const withdrawn = await run("withdraw", id, "--by", "robin", "--reason", "somebody else");
    expect(withdrawn).toEqual({
      code: 0,
      stdout: expect.stringMatching(
        new RegExp(
          `^Withdrawn, as if nobody had decided about them:\n  ${id}: link of source identities \\w{12} and \\w{12}\nThe next cycle `,
        ),
      ),
      stderr: "",
    });
    const again = await run("withdraw", id, "--json");
    expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining("is withdrawn already") });
    const taken = `robin withdrew what was decided about source identities \\w{12} and \\w{12} \\(${id}\\): "somebody else"\n`;
    expect((await run("history", bob)).stdout).toMatch(new RegExp(`${decided}.*${taken}$`));
    expect((await run("explain", bob, "user_id:u-ada")).stdout).toMatch(/^Two profiles/);
    const wrong = await run("explain", "ada", "user_id:u-bob");
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringMatching(/^INPUT_INVALID Expected a profile id/) });
  });
});

describe("a student body", () => {
  let built: Built;
  let disposeBronze: () => void;
  let file: CaseFile;
  const rules = readIdentityRules(ROOT);
  const cache = temporaryHome();
  const store = createFolderStore({ folder: cache });
  const openScratch = () => createDuckdbWarehouse({ file: ":memory:", threads: 1 }, { store });

  beforeAll(async () => {
    const start = Date.UTC(2026, 2, 2, 10);
    const arrivals = [...(await studentBody(60, 11, start - 3_600_000)), ...(await awkwardCases(start - 3_600_000))];
    const bronze = await landDeliveries([{ arrivals, waitMs: 0 }], start);
    disposeBronze = () => bronze.dispose();
    built = await openCopy(bronze);
    for (const windowTo of bronze.boundaries) await built.runner.runCycle({ windowTo });
    const { rows } = await built.warehouse.query("SELECT DISTINCT component_id FROM identity.identity_map");
    const components = rows.map((row) => String(row.component_id));
    file = await inCopy({ warehouse: built.warehouse, openScratch, rules }, components, readCase);
  });

  afterAll(async () => {
    await built.dispose();
    disposeBronze();
    removeHome(cache);
  });

  it("comes out of a copy as the cycle published it", () => {
    expect(file.nodes.length).toBeGreaterThan(100);
    expect(file.nodes.filter(({ publishedId, profileId }) => publishedId !== profileId)).toEqual([]);
  });

  it("gives an answer about every two source identities, and what it says is so", () => {
    const nodes = fc.constantFrom(...file.nodes);
    const carried = new Map(file.nodes.map(({ nodeId }) => [nodeId, new Set<string>()]));
    for (const { nodeId, hmac } of file.edges) carried.get(nodeId)?.add(hmac);
    // Most pairs drawn at random are strangers: two of three are of one component, or carry one identifier.
    const near = (isNear: (a: CaseNode, b: CaseNode) => boolean) =>
      nodes.chain((node) =>
        fc.tuple(fc.constant(node), fc.constantFrom(...file.nodes.filter((other) => isNear(node, other)))),
      );
    const pairs = fc.oneof(
      fc.tuple(nodes, nodes),
      near((a, b) => a.componentId === b.componentId),
      near((a, b) => a === b || [...(carried.get(a.nodeId) ?? [])].some((hmac) => carried.get(b.nodeId)?.has(hmac))),
    );
    const seen = new Set<string>();
    const profileHmacs = (profileId: string): Set<string> =>
      new Set(
        file.nodes.flatMap((node) => (node.profileId === profileId ? [...(carried.get(node.nodeId) ?? [])] : [])),
      );
    fc.assert(
      fc.property(pairs, ([a, b]) => {
        const verdict = judge(file, [a.nodeId], [b.nodeId], rules);
        expect(verdict.kind).toBe(a.profileId === b.profileId ? "one_profile" : "two_profiles");
        seen.add(
          verdict.kind === "one_profile" ? `${Math.min(2, verdict.path.length)} steps` : verdict.reasons[0].kind,
        );
        if (verdict.kind === "one_profile") {
          expect([a.nodeId, ...verdict.path.map(({ to }) => to)]).toEqual([
            ...verdict.path.map(({ from }) => from),
            b.nodeId,
          ]);
          for (const { from, to, evidence } of verdict.path) {
            if (evidence.kind !== "identifier") continue;
            expect(carried.get(from)).toContain(evidence.hmac);
            expect(carried.get(to)).toContain(evidence.hmac);
          }
          return;
        }
        expect(verdict.isOneComponent).toBe(a.componentId === b.componentId);
        for (const reason of verdict.reasons) {
          if (reason.kind !== "shared") continue;
          expect(profileHmacs(a.profileId)).toContain(reason.hmac);
          expect(profileHmacs(b.profileId)).toContain(reason.hmac);
        }
        const shared = [...profileHmacs(a.profileId)].some((hmac) => profileHmacs(b.profileId).has(hmac));
        expect(verdict.reasons[0].kind === "nothing_shared" && shared).toBe(false);
      }),
      { numRuns: 2000, seed: 5 },
    );
    // Not of strangers alone.
    const kinds = ["0 steps", "1 steps", "2 steps", "exclusive", "average", "shared", "nothing_shared"];
    expect([...seen]).toEqual(expect.arrayContaining(kinds));
  });

  it("weighs a pair in parts as the models weigh it in one", async () => {
    const deps = { warehouse: built.warehouse, openScratch, rules, lookup: () => [] };
    const people = [...new Map(file.nodes.map((node) => [node.profileId, node])).values()];
    const described = people.filter(({ descriptionId }) => descriptionId !== null);
    for (const [n, { nodeId }] of described.slice(0, 8).entries()) {
      const other = described[(n + 1) % described.length]?.nodeId as string;
      const told = await explainIdentity(deps, { a: nodeId, b: other, unmask: false });
      if (told.answer !== "two_profiles" || told.nearest === null)
        throw new Error("two described people are not compared");
      const { comparisons, prior, weight } = told.nearest;
      expect(comparisons.reduce((sum, each) => sum + each.weight, prior)).toBeCloseTo(weight, 4);
      expect(explanationText(told, PLAIN)).toMatch(/^Two profiles/);
    }
  });
});
