import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Status } from "../../src/cli/status.js";
import { callSocket } from "../../src/orchestration/socket.js";
import { createDuckdbWarehouse } from "../../src/warehouse/duckdb/warehouse.js";
import {
  ask,
  createApiKey,
  type Product,
  postBatches,
  removeHome,
  rollcall,
  startProduct,
  temporaryHome,
  waitFor,
} from "../support/product.js";
import { lookup } from "../support/senders.js";

const SOON_MS = 30_000;

function message(n: number): Record<string, unknown> {
  return {
    type: "track",
    event: "lesson_completed",
    messageId: `cli-${n}`,
    userId: `cli-user-${n % 50}`,
    properties: { course_id: "M1", lesson_id: `L${n}` },
  };
}

/** The children of a process, their children and so on. */
function descendants(pid: number): number[] {
  let text = "";
  try {
    text = execFileSync("pgrep", ["-P", String(pid)], { encoding: "utf8" });
  } catch {
    // pgrep ends with 1 when there is none.
  }
  const children = text.split("\n").filter(Boolean).map(Number);
  return children.flatMap((child) => [child, ...descendants(child)]);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe("the command line", () => {
  const home = temporaryHome();
  let product: Product;

  beforeAll(async () => {
    product = await startProduct(home);
    const identify = {
      type: "identify",
      messageId: "cli-id",
      userId: "cli-user-0",
      traits: { email: "cli@gmail.com" },
    };
    await postBatches(product.url, product.secrets.writeKeys.mobile, [identify]);
    const apiKey = await createApiKey(home, "profiles:read");
    const isThere = async () => (await lookup(product, apiKey, "email", "cli@gmail.com")).length === 1;
    await waitFor(isThere, SOON_MS, "the first profile");
  });

  afterAll(async () => {
    await product.stop();
    removeHome(home);
  });

  it.each([
    [["nonsense"], 2, /^error: unknown command 'nonsense'/],
    [["demo", "--people", "many"], 2, /expected a whole number/],
    [
      ["land", "tiktok", "x.ndjson"],
      2,
      /^INPUT_INVALID "tiktok" is no source\. Sources: website, mobile, salesforce, email, whatsapp\.\n$/,
    ],
    [["land", "website", "/no/such.ndjson"], 2, /^INPUT_INVALID There is no file \/no\/such\.ndjson\.\n$/],
    [["query", "SELECT 1,\n  nonsense FROM silver.events"], 1, /^SQL_INVALID SQL:2:3: Unrecognized name: nonsense\n$/],
    [["query", "DROP TABLE silver.events"], 2, /^CONFIG_INVALID query answers one SELECT, /],
    [
      ["query", "SELECT n FROM UNNEST(GENERATE_ARRAY(1, 50001)) AS n"],
      1,
      /^TOO_LARGE The result has more than 50,000 rows: add LIMIT or use a narrower SELECT\./,
    ],
    [["run", "--select", "glod"], 2, /^INPUT_INVALID no action matches "glod": did you mean "gold"\?\n$/],
    [["run", "--backfill", "yesterday"], 2, /^INPUT_INVALID "yesterday" is no past window: give two days or instants/],
    [["run", "--backfill", "2026-01-01..2999-01-01"], 2, /^INPUT_INVALID a backfill ends where models have read, but /],
    [["run", "--backfill", "2026-01-01..2026-01-02", "--full-refresh"], 2, /^INPUT_INVALID --full-refresh builds from/],
    [
      ["run", "--accept", "nonsense"],
      2,
      /^INPUT_INVALID no check of a cycle is called nonsense\. There are .*quality\.merges_in_window/,
    ],
    [
      ["keys", "create", "--scope", "everything"],
      2,
      /^INPUT_INVALID No such scope: everything\. Scopes: profiles:read, /,
    ],
    [["keys", "revoke", "nobody"], 1, /^NOT_FOUND No key "nobody"\. List them: rollcall keys list\n$/],
    [["profile", "somebody"], 2, /^INPUT_INVALID Expected a profile id \(p_\.\.\.\) or type:value/],
    [
      ["profile", "email:who@gmail.com"],
      1,
      /^NOT_FOUND Nobody is known by that email\. After landing events: rollcall run && rollcall sync\n$/,
    ],
    [
      ["profile", `p_${"A".repeat(22)}`],
      1,
      /^NOT_FOUND No profile p_A+\. After landing events: rollcall run && rollcall sync\n$/,
    ],
  ])("%j ends with %i and says what is wrong", async (args, code, says) => {
    const result = await rollcall([...args, ...(args[0] === "nonsense" ? [] : ["--home", home])]);
    expect(result.stderr).toMatch(says);
    expect(result.code).toBe(code);
  });

  it("reports everything wrong with the configuration at once", async () => {
    const wrong = { ROLLCALL_PORT: "99999", ROLLCALL_REGION: "england", ROLLCALL_TWILIO_AUTH_TOKEN_FILE: "/no/such" };
    const result = await rollcall(["status", "--home", home], wrong);
    expect(result.code).toBe(2);
    for (const name of Object.keys(wrong)) expect(result.stderr).toContain(`  ${name}: `);
    expect(result.stderr).toMatch(/^CONFIG_INVALID The configuration has problems:\n/);
  });

  it("answers queries while the product is up, personal columns masked unless asked", async () => {
    const sql = 'SELECT email, enrolment_stage FROM gold.profiles WHERE email = "cli@gmail.com"';
    const masked = await rollcall(["query", sql, "--home", home, "--format", "json"]);
    expect(masked.stderr).toBe("");
    expect(JSON.parse(masked.stdout)).toEqual([{ email: "[personal]", enrolment_stage: "anonymous" }]);
    const unmasked = await rollcall(["query", sql, "--home", home, "--format", "csv", "--unmask"]);
    expect(unmasked.stdout).toBe("email,enrolment_stage\ncli@gmail.com,anonymous\n");
  });

  it("says what a run would do, and which plans are held", async () => {
    const cycle = await rollcall(["run", "--plan", "--home", home]);
    expect(cycle.stdout).toBe("Nothing to do: no new rows since the last run.\n");
    const chosen = await rollcall(["run", "--plan", "--full-refresh", "--select", "gold.segments", "--home", home]);
    expect(chosen.stdout).toMatch(
      /^gold \(rebuild\): everything up to \S+Z\n {2}gold\.segments {2}create: chosen: built anew\n/,
    );
    const json = await rollcall(["run", "--plan", "--json", "--full-refresh", "--select", "segments", "--home", home]);
    expect(JSON.parse(json.stdout).scripts).toMatchObject([
      { layer: "gold", reason: "rebuild", models: [{ id: "gold.segments", mode: "create" }] },
    ]);
    const held = await rollcall(["sync", "held", "--home", home]);
    expect(held).toEqual({ code: 0, stdout: "Nothing is held.\n", stderr: "" });
    // Both `sync` and what is below it have a --home.
    const elsewhere = await rollcall(["sync", "held", "--home", `${home}/nowhere`]);
    expect(elsewhere.stderr).toContain(`There is no Rollcall home at ${home}/nowhere`);
  });

  it("delivers everything again after a full refresh, by itself", async () => {
    const sql = "SELECT COUNT(*) AS objects, UNIX_MICROS(MIN(updated_at)) AS delivered_at FROM ops.sync_watermarks";
    type Delivered = { readonly objects: number; readonly delivered_at: number };
    const [before] = await ask<Delivered>(product, sql);
    const refreshed = await rollcall(["run", "--full-refresh", "--home", home]);
    expect(refreshed.code).toBe(0);
    const isDelivered = async () => {
      const [now] = await ask<Delivered>(product, sql);
      return now?.objects === before?.objects && Number(now?.delivered_at) > Number(before?.delivered_at);
    };
    await waitFor(isDelivered, SOON_MS, "the next delivery");
  });

  it("runs a past window again through a running engine, tells its lineage, and shows how far it is", async () => {
    const file = join(home, "lineage.jsonl");
    const [run] = await ask<{ window_to: string }>(product, "SELECT MIN(window_to) AS window_to FROM ops.watermarks");
    const past = ["--backfill", `2026-01-01..${run?.window_to}`];
    const again = await rollcall([
      "run",
      ...past,
      "--select",
      "silver",
      "--openlineage",
      file,
      "--json",
      "--home",
      home,
    ]);
    expect(again.code, again.stderr).toBe(0);
    expect(again.stderr).toMatch(/✓ silver, \d+ models +backfill/);
    const view = JSON.parse(again.stdout) as { kind: string; models: { id: string; status: string }[] };
    expect(view.kind).toBe("backfill");
    expect(view.models.find(({ id }) => id === "silver.web_events")?.status).toBe("built");
    const events = readFileSync(file, "utf8").trimEnd().split("\n");
    const complete = events
      .map((line) => JSON.parse(line))
      .find(({ eventType, job }) => eventType === "COMPLETE" && job.name === "silver.web_events");
    expect(complete.outputs[0].facets.columnLineage.fields.event_id.inputFields).toContainEqual(
      expect.objectContaining({ name: "rollcall.bronze.website_events", field: "event_id" }),
    );
  });

  it("makes, lists and revokes API keys", async () => {
    const [kept, dropped] = [await createApiKey(home, "segments:read"), await createApiKey(home, "segments:read")];
    const listed = await rollcall(["keys", "list", "--home", home]);
    for (const key of [kept, dropped]) {
      expect(listed.stdout).not.toContain(key);
      expect(listed.stdout).toContain(key.slice(0, 15));
    }
    const id = dropped.slice(0, 15);
    const revoked = await rollcall(["keys", "revoke", id, "--home", home]);
    expect(revoked).toEqual({
      code: 0,
      stdout: `Revoked ${id}. A product that is up refuses it within 15 seconds.\n`,
      stderr: "",
    });
    const segments = (key: string) =>
      fetch(`${product.url}/segments`, { headers: { authorization: `Bearer ${key}` } }).then(({ status }) => status);
    expect([await segments(kept), await segments(dropped)]).toEqual([200, 401]);
  });

  it("shows a profile by id and by identifier", async () => {
    const byEmail = await rollcall(["profile", "email:CLI@gmail.com", "--home", home, "--json"]);
    const { _id } = JSON.parse(byEmail.stdout) as { _id: string };
    const byId = await rollcall(["profile", _id, "--home", home]);
    expect(byId.code).toBe(0);
    expect(byId.stdout).toMatch(new RegExp(`^${_id}\n`));
    expect(byId.stdout).toMatch(/^ {2}known as +user_id cli-user-0$/m);
  });

  it("refuses a second product on the same home, and one on a taken port, and leaves neither behind", async () => {
    const second = await rollcall(["up", "--home", home, "--port", "0"]);
    expect(second.code).toBe(1);
    expect(second.stderr).toBe(
      `CONFLICT Rollcall is already up: ${join(home, "edge.sock")} answers. Stop it, or choose another --home.\n`,
    );
    const other = temporaryHome();
    const { port } = new URL(product.url);
    const third = await rollcall(["up", "--home", other, "--port", port]);
    expect(third.code).toBe(2);
    expect(third.stderr).toMatch(
      new RegExp(`^CONFIG_INVALID Port ${port} cannot be opened: .* Choose another --port\\.\n$`),
    );
    removeHome(other);
    expect((await fetch(`${product.url}/ready`)).status).toBe(200);
  });

  it("ends clean on SIGTERM in the middle of its work, and nothing is lost", async () => {
    // A request whose body never comes must not hold up the end.
    const silent = connect(Number(new URL(product.url).port), "127.0.0.1");
    silent.on("error", () => undefined);
    await once(silent, "connect");
    silent.write("POST /v1/track HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 10\r\n\r\n");
    const messages = Array.from({ length: 3000 }, (_, n) => message(n));
    await postBatches(product.url, product.secrets.writeKeys.mobile, messages);
    expect(await product.stop()).toBe(0);
    silent.destroy();
    expect(product.log()).not.toMatch(/"level":"error"/);

    const mobile = ({ sources }: Status) => sources.find(({ source }) => source === "mobile");
    const stopped = await rollcall(["status", "--json", "--home", home]);
    expect(mobile(JSON.parse(stopped.stdout))).toMatchObject({ accepted: 3001, deadLettered: 0, duplicate: 0 });

    product = await startProduct(home);
    const all = {
      source: "mobile",
      accepted: 3001,
      landed: 3001,
      deadLettered: 0,
      silver: 3001,
      duplicate: 0,
      quarantined: 0,
    };
    const status = async () => mobile((await callSocket(join(home, "engine.sock"), "status")) as Status);
    await waitFor(async () => (await status())?.silver === all.silver, SOON_MS, "the rest to be built");
    expect(await status()).toEqual(all);
  });

  it("comes up although a command holds the warehouse, as soon as that is done", async () => {
    const busy = temporaryHome();
    const warehouse = await createDuckdbWarehouse({ file: join(busy, "warehouse.duckdb") });
    const starting = startProduct(busy);
    // The engines that found it taken ended, and with them their analyzers.
    await waitFor(async () => existsSync(join(busy, "edge.sock")), SOON_MS, "the edge");
    const up = execFileSync("pgrep", ["-f", `up --home ${busy}`], { encoding: "utf8" });
    await waitFor(async () => descendants(Number.parseInt(up, 10)).length > 0, SOON_MS, "an engine");
    await waitFor(async () => descendants(Number.parseInt(up, 10)).length === 0, SOON_MS, "its end");
    await warehouse.close();
    const other = await starting;
    expect(other.log()).toMatch(
      /^WAREHOUSE_BUSY .*\nThe engine ended \(1\); starting it again\. Next start in 1 s\.$/m,
    );
    expect(await other.stop()).toBe(0);
    removeHome(busy);
  });

  it("leaves no process behind when the edge is killed", async () => {
    const pid = product.process.pid as number;
    // Everything it runs is compiled since its first start: only a statement that is new starts the analyzer.
    await callSocket(join(home, "engine.sock"), "query", { sql: `SELECT "${home}" AS home`, unmask: true });
    const family = descendants(pid);
    expect(family.length).toBeGreaterThanOrEqual(2);
    product.process.kill("SIGKILL");
    await waitFor(async () => !family.some(isAlive), SOON_MS, "the engine and its analyzer to end");
    // The next start finds the sockets of the dead and goes on.
    product = await startProduct(home);
    expect(await product.stop()).toBe(0);
  });
});
