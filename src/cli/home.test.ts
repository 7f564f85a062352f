import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { demo } from "./commands/demo.js";
import { diff } from "./commands/diff.js";
import { reviewList } from "./commands/identity-decide.js";
import { explain, history } from "./commands/identity-explain.js";
import { keysList, keysRevoke } from "./commands/keys.js";
import { profile } from "./commands/profile.js";
import { query } from "./commands/query.js";
import { audit, run } from "./commands/run.js";
import { status } from "./commands/status.js";
import { held } from "./commands/sync.js";
import { readConfig } from "./config.js";
import { openHome, refuseMissingHome } from "./home.js";

let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-home-"));
  file = join(folder, "file");
  writeFileSync(file, "");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a state folder cannot lie where a file is", async () => {
  expect(() => openHome(file)).toThrow(/^The state folder .*file cannot be made: /);
  await expect(demo({ home: file, people: 1, seed: 1 })).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    message: expect.stringMatching(/^The state folder .*demo cannot be made: ENOTDIR/),
  });
});

describe("a command that only reads", () => {
  test.each<[string, (home: string) => Promise<unknown>]>([
    ["query", (home) => query("SELECT 1", { home, format: "json", unmask: false, scratch: false })],
    ["status", (home) => status({ home, json: true })],
    ["profile", (home) => profile("p_x", { home, json: true })],
    ["diff", (home) => diff("gold.profiles", { home, sample: 1, json: true, unmask: false, exitCode: false })],
    ["audit", (home) => audit({ home })],
    ["run --plan", (home) => run({ home, plan: true, fullRefresh: false, json: true })],
    ["identity explain", (home) => explain("p_x", "p_y", { home, json: true, unmask: false })],
    ["identity history", (home) => history("p_x", { home, json: true })],
    ["identity review list", (home) => reviewList({ home, limit: 1, json: true })],
    ["keys list", (home) => keysList({ home })],
    ["keys revoke", (home) => keysRevoke("x", { home })],
    ["sync held", (home) => held({ home })],
  ])("makes no home where there is none: %s", async (_, command) => {
    const nowhere = join(folder, "nowhere");
    await expect(command(nowhere)).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message:
        `There is no Rollcall home at ${nowhere}: there is no such folder. Check --home and ROLLCALL_HOME; ` +
        "rollcall run, land and up make a home, and rollcall demo makes one with a student body.",
    });
    expect(existsSync(nowhere)).toBe(false);
  });

  test("finds no home in caches, and points to a demo's", () => {
    const root = openHome(join(folder, "caches")).root;
    mkdirSync(join(root, "compiled"));
    expect(() => refuseMissingHome(root)).toThrow(`at ${root}: nothing of one lies in the folder. Check --home`);
    readConfig({}, { home: join(root, "demo") });
    expect(() => refuseMissingHome(root)).toThrow(`A demo is there: --home ${join(root, "demo")}.`);
    expect(() => refuseMissingHome(join(root, "demo"))).not.toThrow();
  });

  test("needs no home for a warehouse in BigQuery, and no look at one to say what else is wrong", () => {
    const bigquery = {
      ROLLCALL_WAREHOUSE: "bigquery",
      ROLLCALL_BIGQUERY_PROJECT: "somebodys-project",
      ROLLCALL_BIGQUERY_LOCATION: "EU",
    };
    const home = join(folder, "remote");
    expect(() => readConfig({ ROLLCALL_PORT: "x" }, { home, needsWarehouse: true })).toThrow(/ROLLCALL_PORT: /);
    expect(readConfig(bigquery, { home, needsWarehouse: true }).home.root).toBe(home);
  });
});
