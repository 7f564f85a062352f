import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Status } from "../../src/cli/status.js";
import { type CommandResult, createApiKey, removeHome, rollcall, temporaryHome } from "../support/product.js";

describe("the demo", () => {
  const folder = temporaryHome();
  const home = join(folder, "demo");
  let shown: CommandResult;

  beforeAll(async () => {
    shown = await rollcall(["demo", "--people", "400", "--home", folder]);
  });

  afterAll(() => removeHome(folder));

  async function status(): Promise<Status> {
    const result = await rollcall(["status", "--json", "--home", home]);
    expect(result.stderr).toBe("");
    return JSON.parse(result.stdout) as Status;
  }

  it("runs the whole job and ends with every source balanced", () => {
    expect(shown.stderr).toBe("");
    expect(shown.code).toBe(0);
    for (const source of ["website", "mobile", "salesforce", "email", "whatsapp"]) {
      expect(shown.stdout).toMatch(new RegExp(`^${source} .* balanced$`, "m"));
    }
  });

  it("shows one student unified from five sources", () => {
    const [, student] = shown.stdout.split("One student, unified from five sources\n");
    expect(student).toMatch(/^p_[\w-]{22}\n/);
    expect(student).toMatch(/^ {2}sources +email, mobile, salesforce, website, whatsapp$/m);
    expect(student).toMatch(/^ {2}segment +\w+ from \d{4}-\d\d-\d\d( until \d{4}-\d\d-\d\d)?: /m);
    for (const type of ["user_id", "student_number", "salesforce_contact_id", "email", "phone", "device_id"]) {
      expect(student).toMatch(new RegExp(`^ {2}known as +${type} \\S+$`, "m"));
    }
  });

  it("accounts for every event, to the row", async () => {
    const { sources, deadLetters, profiles, matchRate, lastRun, checks } = await status();
    for (const { source, accepted, landed, deadLettered, silver, duplicate, quarantined } of sources) {
      expect(accepted, source).toBeGreaterThan(0);
      expect(landed + deadLettered, source).toBe(accepted);
      expect(silver + duplicate + quarantined, source).toBe(landed);
    }
    const ended = sources.reduce((sum, { deadLettered }) => sum + deadLettered, 0);
    expect(deadLetters.reduce((sum, { count }) => sum + count, 0)).toBe(ended);
    // The demo sends re-sends and broken messages on purpose.
    expect(ended).toBeGreaterThan(0);
    expect(sources.find(({ source }) => source === "website")?.duplicate).toBeGreaterThan(0);
    expect(profiles).toBeGreaterThan(300);
    expect(matchRate?.matched).toBeLessThanOrEqual(matchRate?.eligible ?? 0);
    expect(matchRate?.eligible).toBeLessThanOrEqual(matchRate?.records ?? 0);
    expect(lastRun).toMatchObject({ status: "succeeded", error: null });
    expect(checks.filter(({ severity, failed }) => severity === "error" && failed > 0)).toEqual([]);
  });

  it("is not emptied by another demo while somebody uses it, nor by one that cannot be", async () => {
    const server = createServer((_, response) => response.end("{}"));
    server.listen(join(home, "edge.sock"));
    await once(server, "listening");
    const whileUp = await rollcall(["demo", "--home", folder]);
    server.close();
    await once(server, "close");
    expect(whileUp).toMatchObject({ code: 1, stdout: "" });
    expect(whileUp.stderr).toMatch(/^CONFLICT Rollcall is up on \S+demo, which a new demo empties\. Stop it first/);
    const tooFew = await rollcall(["demo", "--people", "3", "--home", folder]);
    expect(tooFew.stderr).toMatch(/^INPUT_INVALID Of so few people .* Choose more with --people/m);
    expect((await status()).profiles).toBeGreaterThan(300);
  });

  it("has nothing left to do", async () => {
    const run = await rollcall(["run", "--home", home]);
    expect(run).toEqual({ code: 0, stdout: "Nothing to do: no new rows since the last run.\n", stderr: "" });
    const sync = await rollcall(["sync", "--home", home]);
    expect(sync).toEqual({
      code: 0,
      stdout: "Nothing to send: the targets hold what the warehouse says.\n",
      stderr: "",
    });
  });

  it("takes a file once more: every row of it is a duplicate", async () => {
    const salesforce = ({ sources }: Status) => sources.find(({ source }) => source === "salesforce");
    const before = salesforce(await status());
    const file = join(home, "demo-data/enrolments.csv");
    const rows = readFileSync(file, "utf8").trimEnd().split("\n").length - 1;
    const landed = await rollcall(["land", "salesforce", file, "--home", home]);
    expect(landed.code, landed.stderr).toBe(0);
    const more = (count = 0): number => count + rows;
    expect(salesforce(await status())).toEqual({
      ...before,
      accepted: more(before?.accepted),
      landed: more(before?.landed),
      duplicate: more(before?.duplicate),
    });
  });

  it("refuses to empty a folder that is not a demo's", async () => {
    const other = temporaryHome();
    await createApiKey(join(other, "demo"), "profiles:read");
    const refused = await rollcall(["demo", "--people", "400", "--home", other]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/^CONFLICT .* holds something that is not a demo\. Choose another --home\.\n$/);
    removeHome(other);
  });
});
