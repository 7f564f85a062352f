import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readConfig } from "../../src/cli/config.js";
import type { EngineControl, RunView } from "../../src/cli/control.js";
import { modelFileOf, writeModelFile } from "../../src/cli/model-file.js";
import { openEngine } from "../../src/cli/wiring/engine.js";
import type { IdentityPreview } from "../../src/identity/preview/report.js";
import type { Row } from "../../src/warehouse/port.js";
import { createInput, feed, homeFor, type Input, portionsOf, removeInput } from "../crash/input.js";
import { removeHome, rollcall } from "../support/product.js";
import { copyProject, type ProjectCopy } from "../support/project-copy.js";

/** Other rules and other match models on a home with people in it: held, looked at, accepted, published. */
const INSTALLED = resolve(import.meta.dirname, "../..");
const EMAIL = '"email": {\n      "kind": "contact",\n      "node_per": "name_and_year",\n      "limits": { "user_id": ';
/** Whose descriptions are anything alike are one; a mailbox of anybody with a login links nobody. */
const LOOSER = [
  "includes/match.js",
  'strict: { base: 0, tau: 6, review: 0, vetoes: "conflicts" }',
  'strict: { base: -8, tau: -6, review: -8, vetoes: "none" }',
] as const;
const STRICTER = ["includes/identifiers.json", `${EMAIL}5`, `${EMAIL}0`] as const;
const ALL = 1_000_000;

let input: Input;
const homes: string[] = [];
beforeAll(async () => {
  input = await createInput();
});
afterAll(() => {
  for (const home of homes) removeHome(home);
  removeInput(input);
});

/** Does something with an engine of that project, in this process. */
async function using<T>(home: string, root: string, work: (control: EngineControl) => Promise<T>): Promise<T> {
  const { control } = await openEngine({ ...readConfig({}, { home }), logLevel: "silent" }, root);
  try {
    return await work(control);
  } finally {
    await control.close();
  }
}

async function rowsOf(control: EngineControl, sql: string): Promise<readonly Row[]> {
  return (await control.query({ sql, unmask: true })).rows;
}

/** Profile by source identity. */
async function mapOf(control: EngineControl): Promise<ReadonlyMap<string, string>> {
  const rows = await rowsOf(control, "SELECT node_id, profile_id FROM identity.identity_map");
  return new Map(rows.map(({ node_id, profile_id }) => [String(node_id), String(profile_id)]));
}

/** From which id to which, among those who had one before, with how many source identities. */
function movesBetween(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): ReadonlyMap<string, number> {
  const moves = new Map<string, number>();
  for (const [node, was] of before) {
    const is = after.get(node) ?? "nobody";
    if (is !== was) moves.set(`${was} ${is}`, (moves.get(`${was} ${is}`) ?? 0) + 1);
  }
  return moves;
}

const movesOf = ({ moves }: IdentityPreview): ReadonlyMap<string, number> =>
  new Map(moves.map(({ profileId, otherId, nodeCount }) => [`${profileId} ${otherId}`, nodeCount]));

const statusesOf = (view: RunView, layer: string): ReadonlySet<string> =>
  new Set(view.models.filter((model) => model.layer === layer).map(({ status }) => status));

const GOLD = "SELECT node_id, COUNT(*) AS n FROM activation.act_profiles__events GROUP BY node_id ORDER BY node_id";
const EVENTS = `
  SELECT kind, profile_id, other_id FROM identity.graph_events
  WHERE kind IN ("merge", "split") AND happened_at = (SELECT MAX(happened_at) FROM identity.graph_events)`;
const LIVE = "SELECT profile_id, merged_into FROM gold.profiles ORDER BY profile_id";

async function newHome(portion: Input["records"], root: string): Promise<string> {
  const home = homeFor(input);
  homes.push(home);
  await feed(home, portion);
  await using(home, root, async (control) => expect((await control.run({ full: false })).status).toBe("done"));
  return home;
}

async function previewOf(control: EngineControl): Promise<IdentityPreview> {
  const preview = await control.previewIdentity({ limit: ALL, ticket: "preview" });
  if (preview === null) throw new Error("the rules should be others than those published");
  return preview;
}

describe.each([
  ["looser", LOOSER, "merge", "identity.resolve"],
  ["stricter", STRICTER, "split", "identity.identifiers"],
] as const)("%s rules", (_, rules, kind, changed) => {
  let project: ProjectCopy;
  let home: string;
  let before: ReadonlyMap<string, string>;
  let preview: IdentityPreview;
  const [first = [], later = []] = [0, 1].map(() => [] as Input["records"][number][]);

  beforeAll(async () => {
    const [one = [], two = []] = portionsOf(input.records, 2);
    first.push(...one);
    later.push(...two);
    project = copyProject();
    home = await newHome(first, project.root);
    before = await using(home, project.root, mapOf);
    const [file, from, to] = rules;
    project.replace(file, from, to);
  });
  afterAll(() => project.dispose());

  it("hold identity and gold, while silver goes on", async () => {
    await using(home, project.root, async (control) => {
      const gold = await rowsOf(control, GOLD);
      const [{ n: events } = {}] = await rowsOf(control, "SELECT COUNT(*) AS n FROM silver.events");
      await feed(home, later);
      const view = await control.run({ full: false });
      expect(view).toMatchObject({ status: "held", hold: expect.stringContaining("rollcall identity preview") });
      expect(statusesOf(view, "identity")).toEqual(new Set(["held"]));
      expect(statusesOf(view, "gold")).toEqual(new Set(["held"]));
      expect(statusesOf(view, "silver")).toContain("built");
      expect(await mapOf(control)).toEqual(before);
      expect(await rowsOf(control, GOLD)).toEqual(gold);
      const [{ n: more } = {}] = await rowsOf(control, "SELECT COUNT(*) AS n FROM silver.events");
      expect(Number(more)).toBeGreaterThan(Number(events));
      expect((await control.status()).identity).toBe("held");
      await expect(control.run({ full: true })).rejects.toMatchObject({ code: "IDENTITY_HELD" });
      const request = { by: "operator", reason: null, withoutPreview: false };
      await expect(control.acceptIdentity(request)).rejects.toMatchObject({ code: "INPUT_INVALID" });
    });
  });

  it("are previewed without a trace in what is published", async () => {
    await using(home, project.root, async (control) => {
      preview = await previewOf(control);
      expect(await mapOf(control)).toEqual(before);
      expect(preview.changes.map(({ id }) => id)).toContain(changed);
      expect(preview.waitingNodes).toBeGreaterThan(0);
      expect(preview.failingChecks).toEqual([]);
      expect(preview.moves.filter((move) => move.kind === kind).length).toBeGreaterThan(0);
      expect(preview.metrics.before.profiles).toBe(new Set(before.values()).size);
      const [move] = preview.moves.filter((each) => each.kind === kind);
      const [a = "", b = ""] = move?.nodes ?? [];
      const explained = await control.explainIdentity({ a, b: b ?? "", unmask: false });
      expect(explained.answer).toBe(kind === "merge" ? "two_profiles" : "one_profile");
      const steps = await control.previewProgress({ ticket: "preview" });
      expect(steps?.every(({ status }) => status === "done")).toBe(true);
    });
  });

  it("change, once accepted, exactly the ids that the preview named, and lose nothing", async () => {
    await using(home, project.root, async (control) => {
      const accepted = await control.acceptIdentity({ by: "operator", reason: "a test", withoutPreview: false });
      expect(accepted).toMatchObject({ status: "accepted", preview: { summary: { movedNodes: preview.movedNodes } } });
      expect(await mapOf(control)).toEqual(before);
      const view = await control.run({ full: false });
      expect(view).toMatchObject({ status: "done", hold: null });
      const after = await mapOf(control);
      expect(movesBetween(before, after)).toEqual(movesOf(preview));
      const told = await rowsOf(control, EVENTS);
      expect(told.map(({ kind: what, profile_id, other_id }) => `${what} ${profile_id} ${other_id}`).sort()).toEqual(
        preview.moves.map((move) => `${move.kind} ${move.profileId} ${move.otherId}`).sort(),
      );
      expect(preview.metrics.after.profiles).toBe(new Set(after.values()).size);
      expect(preview.waitingNodes).toBe(after.size - before.size);
      const gone = [...new Set(before.values())].filter((id) => ![...after.values()].includes(id));
      expect(preview.goneProfiles).toBe(gone.length);
      const aliases = await rowsOf(control, "SELECT profile_id FROM identity.aliases");
      expect(aliases.map(({ profile_id }) => profile_id)).toEqual(expect.arrayContaining(gone));
      expect(await control.identityVersions()).toMatchObject([
        { accepted: null },
        { accepted: { by: "operator", reason: "a test" }, publishedAt: expect.any(Number) },
      ]);
      expect(await control.run({ full: false })).toMatchObject({ status: "nothing_to_do", hold: null });
      expect(await control.previewIdentity({ limit: 1, ticket: "again" })).toBeNull();
      const made = [await rowsOf(control, GOLD), await rowsOf(control, LIVE)];
      await control.run({ full: true });
      expect(await mapOf(control)).toEqual(after);
      expect([await rowsOf(control, GOLD), await rowsOf(control, LIVE)]).toEqual(made);
    });
  });

  it("go back the same way, by the commands", async () => {
    const run = await rollcall(["run", "--home", home]);
    expect(run.code).toBe(4);
    expect(run.stdout).toContain("models held, as they were");
    expect((await rollcall(["run", "--full-refresh", "--home", home])).code).toBe(4);
    const list = join(home, "moves.ndjson");
    const shown = await rollcall(["identity", "preview", "--home", home, "--limit", "3", "--to", list]);
    expect(shown.code, shown.stderr).toBe(0);
    expect(shown.stdout).toContain("Nothing is changed yet. To publish these rules: rollcall identity accept");
    expect(readFileSync(list, "utf8").trim().split("\n").length).toBeGreaterThan(0);
    const accepted = await rollcall(["identity", "accept", "--home", home]);
    expect(accepted.stdout).toContain("The next run publishes them: rollcall run.");
    expect((await rollcall(["run", "--home", home])).code).toBe(0);
    const reference = await newHome(first, INSTALLED);
    await feed(reference, later);
    const expected = await using(reference, INSTALLED, async (control) => {
      await control.run({ full: false });
      return mapOf(control);
    });
    const restored = await using(home, INSTALLED, mapOf);
    // Source identities have the same names in both homes; ids are their earliest one's, which landing may order otherwise.
    expect(groupsOf(restored)).toEqual(groupsOf(expected));
  });
});

/** Who is together, whatever they are called. */
function groupsOf(map: ReadonlyMap<string, string>): readonly string[] {
  const groups = new Map<string, string[]>();
  for (const [node, profile] of map) groups.set(profile, [...(groups.get(profile) ?? []), node]);
  return [...groups.values()].map((nodes) => nodes.sort().join(" ")).sort();
}

describe("a trained match model", () => {
  it("is put into the project, held, previewed, accepted and published", async () => {
    const project = copyProject();
    try {
      const home = await newHome(input.records, project.root);
      const { before, model } = await using(home, project.root, async (control) => {
        const trained = await control.trainMatchModel();
        if ("tooLittle" in trained) throw new Error(trained.tooLittle);
        return { before: await mapOf(control), model: trained.model };
      });
      writeModelFile(modelFileOf(project.root), model);
      await using(home, project.root, async (control) => {
        expect(await control.run({ full: false })).toMatchObject({ status: "held" });
        const preview = await previewOf(control);
        expect(preview.modelVersion.project).toBe(model.version);
        expect(preview.modelVersion.published).not.toBe(model.version);
        expect(await rowsOf(control, "SELECT model_version FROM identity.term_frequencies")).toEqual([]);
        await control.acceptIdentity({ by: "operator", reason: null, withoutPreview: false });
        expect(await control.run({ full: false })).toMatchObject({ status: "done" });
        expect(movesBetween(before, await mapOf(control))).toEqual(movesOf(preview));
        for (const table of ["descriptions", "description_pairs", "term_frequencies"]) {
          const versions = await rowsOf(control, `SELECT DISTINCT model_version FROM identity.${table}`);
          expect(versions, table).toEqual([{ model_version: model.version }]);
        }
        expect(await control.identityVersions()).toMatchObject([{}, { modelVersion: model.version }]);
      });
    } finally {
      project.dispose();
    }
  });
});
