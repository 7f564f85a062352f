import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readConfig } from "../../src/cli/config.js";
import type { EngineControl } from "../../src/cli/control.js";
import { openProject } from "../../src/cli/project.js";
import { openEngine } from "../../src/cli/wiring/engine.js";
import type { Row } from "../../src/warehouse/port.js";
import { removeHome } from "../support/product.js";
import { copyProject, type ProjectCopy } from "../support/project-copy.js";
import { createInput, feed, homeFor, type Input, portionsOf, removeInput } from "./input.js";
import { startEngine } from "./processes.js";
import { verifyHome } from "./verify.js";

/** Scripts of a run that publishes accepted rules: silver, identity, gold. */
const POINTS = [
  { where: "before identity is made", crashAt: "cycle_before:2", isIdentityNew: false },
  { where: "while identity is made", crashAt: "statement:60", isIdentityNew: false },
  { where: "when identity is published, and gold is not", crashAt: "cycle_after:2", isIdentityNew: true },
  { where: "when gold is published, and nobody has noted it", crashAt: "cycle_after:3", isIdentityNew: true },
  { where: "while the profile store is told", crashAt: "push:1", isIdentityNew: true },
] as const;

describe("an engine killed while it publishes accepted rules of identity", () => {
  let input: Input;
  let project: ProjectCopy;

  beforeAll(async () => {
    input = await createInput();
    project = copyProject();
    // Published first by these; the product's own are the new ones.
    project.replace("includes/match.js", "strict: { base: 0, tau: 6,", "strict: { base: 0, tau: 14,");
    project.replace("includes/identifiers.json", '"node_limit": 100', '"node_limit": 2');
  });
  afterAll(() => {
    project.dispose();
    removeInput(input);
  });

  async function using<T>(home: string, root: string, work: (control: EngineControl) => Promise<T>): Promise<T> {
    const { control } = await openEngine({ ...readConfig({}, { home }), logLevel: "silent" }, root);
    try {
      return await work(control);
    } finally {
      await control.close();
    }
  }

  const mapOf = async (control: EngineControl): Promise<readonly Row[]> =>
    (
      await control.query({
        sql: "SELECT node_id, profile_id FROM identity.identity_map ORDER BY node_id",
        unmask: true,
      })
    ).rows;

  it.each(POINTS)("$where", async ({ crashAt, isIdentityNew }) => {
    const home = homeFor(input);
    const [first = [], later = []] = portionsOf(input.records, 2);
    const { root } = openProject();
    await feed(home, first);
    const before = await using(home, project.root, async (control) => {
      await control.run({ full: false });
      await control.sync({});
      return mapOf(control);
    });
    await feed(home, later);
    await using(home, root, async (control) => {
      expect((await control.run({ full: false })).status).toBe("held");
      await control.acceptIdentity({ by: "operator", reason: null, withoutPreview: true });
    });
    await startEngine(home, crashAt).crashed();
    // Looked at by rules that are neither: nothing runs.
    const between = await using(home, project.root, mapOf);
    if (isIdentityNew) expect(between).not.toEqual(before);
    else expect(between).toEqual(before);
    await startEngine(home).finish();
    const versions = await using(home, root, (control) => control.identityVersions());
    expect(versions).toMatchObject([
      { accepted: null },
      { accepted: { by: "operator" }, publishedAt: expect.any(Number) },
    ]);
    await verifyHome(home);
    const { made, anew } = await using(home, root, async (control) => {
      const map = await mapOf(control);
      await control.run({ full: true });
      return { made: map, anew: await mapOf(control) };
    });
    expect(made).toEqual(anew);
    expect(made.length).toBeGreaterThan(before.length);
    removeHome(home);
  });
});
