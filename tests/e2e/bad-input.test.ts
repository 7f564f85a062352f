import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Status } from "../../src/cli/status.js";
import { callSocket } from "../../src/orchestration/socket.js";
import {
  ask,
  createApiKey,
  type Product,
  removeHome,
  rollcall,
  startProduct,
  temporaryHome,
  waitFor,
} from "../support/product.js";
import {
  basic,
  changeEvent,
  lookup,
  postSalesforce,
  postSegment,
  postSendgrid,
  postTwilio,
  track,
  whatsappMessage,
} from "../support/senders.js";

const SOON_MS = 30_000;
const MEGABYTE = 1024 * 1024;
/** 2^53 + 1: a double cannot hold it. */
const BEYOND_DOUBLE = "9007199254740993";
/** Strings that must never show in a log. */
const PERSONAL = ["zoe.secret@gmail.com", "+447400999888", "Zoë-Secret", "u-zoe-secret"];

interface Letter {
  readonly source: string;
  readonly reason: string;
  readonly line: number | null;
  readonly original: string | null;
  readonly original_object: string | null;
}

describe("bad input", () => {
  const home = temporaryHome();
  const files = mkdtempSync(join(tmpdir(), "rollcall-bad-"));
  const socket = join(home, "engine.sock");
  let product: Product;
  let apiKey: string;

  beforeAll(async () => {
    product = await startProduct(home);
    apiKey = await createApiKey(home, "profiles:read", "profiles:read:personal");
  });

  afterAll(async () => {
    expect(await product.stop()).toBe(0);
    removeHome(home);
    rmSync(files, { recursive: true });
  });

  function viewed(messageId: string, rest: Record<string, unknown> = {}): Record<string, unknown> {
    return { type: "track", event: "programme_viewed", messageId, anonymousId: `a-${messageId}`, ...rest };
  }

  async function batch(messages: readonly unknown[]): Promise<number> {
    return (await postSegment(product, "/v1/batch", JSON.stringify({ batch: messages }))).status;
  }

  async function accepted(): Promise<number> {
    const { sources } = (await callSocket(socket, "status")) as Status;
    return sources.reduce((sum, source) => sum + source.accepted, 0);
  }

  /** Dead letters that landed since the call before. */
  let seen = new Set<string>();
  async function newLetters(): Promise<Letter[]> {
    await callSocket(socket, "land");
    const rows = await ask<Letter & { dead_letter_id: string }>(
      product,
      `SELECT dead_letter_id, source, reason, line, original_object,
         SAFE_CONVERT_BYTES_TO_STRING(SUBSTR(original, 3)) AS original
       FROM bronze.dead_letters ORDER BY line, log_partition, log_offset`,
    );
    const fresh = rows.filter(({ dead_letter_id }) => !seen.has(dead_letter_id));
    seen = new Set(rows.map(({ dead_letter_id }) => dead_letter_id));
    return fresh.map(({ source, reason, line, original, original_object }) => ({
      source,
      reason,
      line,
      original,
      original_object,
    }));
  }

  async function websiteEvents(prefix: string): Promise<string[]> {
    const rows = await ask<{ event_id: string }>(
      product,
      `SELECT event_id FROM bronze.website_events WHERE STARTS_WITH(event_id, "${prefix}") ORDER BY event_id`,
    );
    return rows.map(({ event_id }) => event_id);
  }

  it("that its sender can repair is refused with a reason, and none of it is kept", async () => {
    const before = await accepted();
    const event = JSON.stringify(viewed("refused"));
    const bomb = gzipSync(Buffer.alloc(64 * MEGABYTE, 0x20));
    const many = JSON.stringify({ batch: Array.from({ length: 2501 }, () => ({})) });
    const cases: readonly (readonly [string, number, Promise<{ status: number; body: string }>])[] = [
      ["malformed-json", 400, postSegment(product, "/v1/track", event.slice(0, -1))],
      ["malformed-json", 400, postSegment(product, "/v1/track", Buffer.from([0x22, 0xff, 0xfe, 0x22]))],
      ["malformed-json", 400, postSegment(product, "/v1/track", "[1, 2]")],
      ["malformed-json", 400, postSegment(product, "/v1/batch", '{"batch": [{"type": "track"}, {oops}]}')],
      ["malformed-json", 400, postSegment(product, "/v1/batch", '{"events": []}')],
      ["unknown-write-key", 401, postSegment(product, "/v1/track", event, { authorization: basic("web_wrong_key") })],
      ["unknown-write-key", 401, postSegment(product, "/v1/track", event, { authorization: "" })],
      ["too-large", 413, postSegment(product, "/v1/track", JSON.stringify(viewed("big", { pad: "x".repeat(33_000) })))],
      ["too-large", 413, postSegment(product, "/v1/batch", JSON.stringify({ batch: ["x".repeat(600 * 1024)] }))],
      ["too-many-events", 413, postSegment(product, "/v1/batch", many)],
      ["too-large", 413, postSegment(product, "/v1/batch", bomb, { "content-encoding": "gzip" })],
      ["broken-gzip", 400, postSegment(product, "/v1/batch", "no gzip", { "content-encoding": "gzip" })],
      ["unsupported-encoding", 415, postSegment(product, "/v1/batch", "x", { "content-encoding": "br" })],
      ["bad-signature", 403, postTwilio(product, whatsappMessage("SM1", PERSONAL[1] as string, "hi"), "forged")],
      ["bad-signature", 403, postSendgrid(product, "[]", "[ ]")],
      [
        "bad-token",
        401,
        postSalesforce(product, JSON.stringify(changeEvent("t", "CREATE", ["0031"])), "no-such-token"),
      ],
      ["malformed-json", 400, postSalesforce(product, '{"ChangeEventHeader": ')],
    ];
    for (const [code, status, answer] of cases) {
      const { status: given, body } = await answer;
      expect({ status: given, ...JSON.parse(body) }).toMatchObject({ status, type: `urn:rollcall:problem:${code}` });
    }
    expect(await accepted()).toBe(before);
  });

  it("in the middle of a batch becomes a dead letter with its reason and its original, and the rest lands", async () => {
    let deep: unknown = 1;
    for (let level = 0; level < 40; level += 1) deep = [deep];
    const bad = {
      wrong_type: viewed("mix-type", { event: 42 }),
      unknown_event: viewed("mix-unknown", { event: "Clicked Thing" }),
      missing_field: { type: "track", event: "programme_viewed", messageId: "mix-nobody" },
      too_large: viewed("mix-large", { properties: { text: "x".repeat(40_000) } }),
      too_deep: viewed("mix-deep", { properties: { deep } }),
    };
    const messages = Object.values(bad).flatMap((message, n) => [viewed(`good-${n}`), message]);
    expect(await batch([...messages, viewed("good-9"), "not an object", null])).toBe(200);
    const letters = await newLetters();
    expect(letters).toHaveLength(7);
    for (const [reason, message] of Object.entries(bad)) {
      expect(letters).toContainEqual({
        source: "website",
        reason,
        line: null,
        original: JSON.stringify(message),
        original_object: null,
      });
    }
    for (const original of ['"not an object"', "null"]) {
      expect(letters).toContainEqual(expect.objectContaining({ reason: "wrong_type", original }));
    }
    expect(await websiteEvents("good-")).toEqual(["good-0", "good-1", "good-2", "good-3", "good-4", "good-9"]);
    expect(await websiteEvents("mix-")).toEqual([]);
  });

  it("in a signed webhook is answered 200 and becomes a dead letter: the provider could only send it again", async () => {
    expect((await postSendgrid(product, "not json")).status).toBe(200);
    const sendgrid = [{ event: "open" }, { sg_event_id: "s-1", event: "open", email: "q@gmail.com", timestamp: 1 }];
    expect((await postSendgrid(product, JSON.stringify(sendgrid))).status).toBe(200);
    expect((await postTwilio(product, { Body: "no sid" })).status).toBe(200);
    expect((await postSalesforce(product, JSON.stringify(changeEvent("g", "GAP_UPDATE", ["0031"])))).status).toBe(200);
    const letters = await newLetters();
    expect(letters.map(({ source, reason }) => `${source} ${reason}`).sort()).toEqual([
      "salesforce unknown_event",
      "sendgrid malformed_json",
      "sendgrid missing_field",
      "twilio missing_field",
    ]);
    expect(letters.find(({ reason }) => reason === "malformed_json")?.original).toBe("not json");
    expect(await ask(product, "SELECT event_id FROM bronze.email_events")).toEqual([{ event_id: "s-1" }]);
  });

  it("in lines of a file costs each its own line, even one of 40 MB", async () => {
    const path = join(files, "events.ndjson");
    const line = (messageId: string): string => `${JSON.stringify(viewed(messageId))}\n`;
    const invalid = Buffer.concat([
      Buffer.from('{"type":"track","event":"'),
      Buffer.from([0xff, 0xfe, 0x22, 0x7d, 0x0a]),
    ]);
    const huge = Buffer.from(
      `${JSON.stringify(viewed("huge", { properties: { text: "x".repeat(40 * MEGABYTE) } }))}\n`,
    );
    writeFileSync(
      path,
      Buffer.concat([Buffer.from(line("file-1")), huge, invalid, Buffer.from("{oops\n"), Buffer.from(line("file-5"))]),
    );
    const landed = await rollcall(["land", "website", path, "--home", home]);
    expect(landed.code, landed.stderr).toBe(0);
    expect(landed.stdout).toContain("2 events, 3 dead letters (see bronze.dead_letters)");
    const letters = await newLetters();
    expect(letters.map(({ reason, line: at }) => [at, reason])).toEqual([
      [2, "too_large"],
      [3, "invalid_utf8"],
      [4, "malformed_json"],
    ]);
    expect(letters[2]?.original).toBe("{oops");
    expect(await websiteEvents("file-")).toEqual(["file-1", "file-5"]);
    const kept = readdirSync(join(home, "objects"), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && letters[0]?.original_object?.endsWith(entry.name))
      .map((entry) => statSync(join(entry.parentPath, entry.name)).size);
    // The line without its end, behind two bytes of envelope.
    expect(kept).toEqual([huge.length - 1 + 2]);
  });

  it("in a CSV row costs that row; a file without its header is refused whole", async () => {
    const path = join(files, "contacts.csv");
    const rows = [
      "Id,FirstName,Email",
      "003000000000101,Good,good101@gmail.com",
      "003000000000102,Bad,too,many",
      '003000000000103,"never closed,x',
      "003000000000104,Fine,fine104@gmail.com",
    ];
    writeFileSync(path, `${rows.join("\n")}\n`);
    const landed = await rollcall(["land", "salesforce", path, "--home", home]);
    expect(landed.stdout).toContain("2 events, 2 dead letters");
    const letters = await newLetters();
    expect(letters.map(({ line, reason, original }) => [line, reason, original])).toEqual([
      [3, "broken_row", rows[2]],
      [4, "broken_row", rows[3]],
    ]);

    const before = await accepted();
    writeFileSync(path, `${rows.slice(1).join("\n")}\n`);
    const refused = await rollcall(["land", "salesforce", path, "--home", home]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(
      /^INPUT_INVALID The first row names no columns of a contact or an enrolment export\./,
    );
    expect(refused.stderr).not.toContain("good101");
    expect(await accepted()).toBe(before);
  });

  it("that is odd but valid keeps every value as it was sent", async () => {
    const names = {
      "sql-1": "Robert'); DROP TABLE silver.events;--",
      "html-1": "<script>alert(1)</script>",
      "formula-1": "=HYPERLINK(1)",
      "zero-1": "a\u0000b",
    };
    for (const [messageId, firstName] of Object.entries(names)) {
      const message = { messageId, userId: `u-${messageId}`, traits: { firstName } };
      expect((await postSegment(product, "/v1/identify", JSON.stringify(message))).status).toBe(200);
    }
    const proto = `{"type":"track","event":"programme_viewed","messageId":"proto-1","anonymousId":"a-proto",
      "__proto__":{"isAdmin":true},"properties":{"__proto__":{"x":1},"constructor":{"prototype":{"y":2}},"kept":1}}`;
    expect((await postSegment(product, "/v1/track", proto)).status).toBe(200);
    const large = `{"type":"track","event":"programme_viewed","messageId":"large-1","userId":"${BEYOND_DOUBLE}",
      "properties":{"programme_id":${BEYOND_DOUBLE},"amount":0.1}}`;
    expect((await postSegment(product, "/v1/track", large)).status).toBe(200);
    const ahead = new Date(Date.now() + 3 * 86_400_000).toISOString();
    expect((await track(product, viewed("future-1", { timestamp: ahead }))).status).toBe(200);
    const again = await Promise.all(Array.from({ length: 50 }, () => track(product, viewed("fifty-1"))));
    expect(again.map(({ status }) => status)).toEqual(Array(50).fill(200));
    await rollcall(["run", "--home", home]);
    expect(await newLetters()).toEqual([]);

    const bronze = await ask<{ event_id: string; payload: Record<string, unknown> }>(
      product,
      `SELECT event_id, payload, occurred_at <= received_at AS is_past FROM bronze.website_events
       WHERE event_id IN ("proto-1", "large-1", "future-1") ORDER BY event_id`,
    );
    expect(bronze).toMatchObject([
      { event_id: "future-1", is_past: true, payload: { _rollcall: { reported_at: expect.any(String) } } },
      { event_id: "large-1", payload: { properties: { programme_id: BEYOND_DOUBLE, amount: 0.1 } } },
      { event_id: "proto-1", payload: { properties: { kept: 1 } } },
    ]);
    expect(JSON.stringify(bronze)).not.toContain("isAdmin");
    const facts = await ask(product, 'SELECT COUNT(*) AS facts FROM silver.events WHERE event_id = "fifty-1"');
    expect(facts).toEqual([{ facts: 1 }]);
    const arrivals = await ask(product, 'SELECT COUNT(*) AS n FROM bronze.website_events WHERE event_id = "fifty-1"');
    expect(arrivals).toEqual([{ n: 50 }]);

    for (const [messageId, firstName] of Object.entries(names)) {
      let found: unknown;
      await waitFor(
        async () => {
          found = (await lookup(product, apiKey, "user_id", `u-${messageId}`))[0]?.first_name;
          return found !== undefined;
        },
        SOON_MS,
        `the profile of ${messageId}`,
      );
      expect(found).toBe(firstName);
    }
    expect(await lookup(product, apiKey, "user_id", BEYOND_DOUBLE)).toHaveLength(1);
    const csv = await rollcall([
      ...["query", "--home", home, "--format", "csv", "--unmask"],
      'SELECT first_name FROM gold.profiles WHERE first_name LIKE "=%"',
    ]);
    expect(csv.stdout).toBe("first_name\n'=HYPERLINK(1)\n");
  });

  it("leaves the product up, every event accounted for, and nothing personal in the log", async () => {
    const [email, phone, firstName, userId] = PERSONAL as [string, string, string, string];
    await track(product, { ...viewed(`broken ${email}`), event: 42, userId, properties: { email, phone, firstName } });
    await postTwilio(product, { ...whatsappMessage("", phone, email), ProfileName: firstName });
    expect((await postSegment(product, "/v1/identify", JSON.stringify({ userId, traits: { email } }))).status).toBe(
      200,
    );
    await waitFor(async () => (await lookup(product, apiKey, "email", email)).length === 1, SOON_MS, "a good event");

    await rollcall(["run", "--home", home]);
    const { sources } = (await callSocket(socket, "status")) as Status;
    for (const { source, accepted: taken, landed, deadLettered, silver, duplicate, quarantined } of sources) {
      expect(landed + deadLettered, source).toBe(taken);
      expect(silver + duplicate + quarantined, source).toBe(landed);
    }
    expect((await fetch(`${product.url}/health`)).status).toBe(200);
    expect((await fetch(`${product.url}/ready`)).status).toBe(200);
    expect(product.process.exitCode).toBeNull();
    const log = product.log();
    expect(log).not.toMatch(/"level":"(error|fatal)"|The engine ended/);
    for (const secret of [...PERSONAL, "DROP TABLE", "good101", "a-proto"]) expect(log).not.toContain(secret);
  });
});
