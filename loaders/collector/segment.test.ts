import { gzipSync } from "node:zlib";
import { Analytics } from "@segment/analytics-node";
import { afterEach, describe, expect, it } from "vitest";
import { RollcallError } from "../../src/platform/errors.js";
import type { DeadLetter, EventRecord } from "../record.js";
import type { Decoders } from "./decoders.js";
import { MOBILE_KEY, RECEIVED_MS, startTestCollector, type TestCollector, WEBSITE_KEY, WRAPPING } from "./testing.js";

const basic = (key: string) => ({ authorization: `Basic ${Buffer.from(`${key}:`).toString("base64")}` });
const WEBSITE = basic(WEBSITE_KEY);
const message = (id: string, rest: object = {}) => ({ messageId: id, type: "track", userId: "u1", ...rest });

let collector: TestCollector;
const start = async (...args: Parameters<typeof startTestCollector>) => {
  collector = await startTestCollector(...args);
  return collector;
};
afterEach(() => collector.close());

describe("one message", () => {
  it.each([
    ["track", "t"],
    ["identify", "i"],
    ["page", "p"],
    ["screen", "s"],
    ["group", "g"],
    ["alias", "a"],
  ])("%s comes by its own path and by the browser library's", async (type, letter) => {
    const { post, items, appended } = await start();
    for (const path of [type, letter]) {
      const answer = await post(`/v1/${path}`, JSON.stringify({ messageId: path, userId: "u1" }), WEBSITE);
      expect(answer).toMatchObject({ status: 200, text: '{"success": true}' });
    }
    expect(items().map((item) => (item as EventRecord).eventType)).toEqual([type, type]);
    expect(appended.map(({ source }) => source)).toEqual(["website", "website"]);
  });

  it("takes the write key from the body, and lands it at that key's source and name", async () => {
    const { post, appended } = await start();
    const body = JSON.stringify(message("m", { writeKey: MOBILE_KEY, sentAt: "2026-01-31T09:29:59.5Z" }));
    expect(await post("/v1/t", body, { "content-type": "text/plain" })).toMatchObject({ status: 200 });
    expect(appended).toMatchObject([
      {
        source: "mobile",
        items: [
          { table: "mobile_events", source: "app", receivedAt: RECEIVED_MS * 1000, sentAt: (RECEIVED_MS - 500) * 1000 },
        ],
      },
    ]);
  });

  it.each([
    ["an unknown key", basic("nobody-knows-this-key"), {}],
    ["no key", {}, {}],
    ["a wrong header in spite of a good body", basic("nobody-knows-this-key"), { writeKey: WEBSITE_KEY }],
    ["a write key that is no text", {}, { writeKey: ["x"] }],
    ["the name of a built-in property", {}, { writeKey: "constructor" }],
  ])("answers 401 to %s", async (_, headers, rest) => {
    const { post, items, counts } = await start();
    const answer = await post("/v1/track", JSON.stringify(message("m", rest)), headers);
    expect(answer.status).toBe(401);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(JSON.parse(answer.text)).toMatchObject({ status: 401, type: "urn:rollcall:problem:unknown-write-key" });
    expect(answer.headers.get("www-authenticate")).toBe('WriteKey realm="rollcall"');
    expect(items()).toEqual([]);
    expect(counts).toEqual(["rollcall_collector_requests_total track 401"]);
  });

  it.each([
    ["broken JSON", "{"],
    ["no UTF-8", Buffer.from([0x22, 0xff, 0x22])],
    ["no object", "[]"],
    ["nothing", ""],
  ])("answers 400 to %s", async (_, body) => {
    const { post, items } = await start();
    expect((await post("/v1/track", body, WEBSITE)).status).toBe(400);
    expect(items()).toEqual([]);
  });

  it("takes 32 KB, and answers 413 to one byte more", async () => {
    const { post, items } = await start();
    const fill = (bytes: number) => {
      const empty = JSON.stringify(message("m", { x: "" }));
      return JSON.stringify(message("m", { x: "x".repeat(bytes - empty.length) }));
    };
    expect((await post("/v1/track", fill(32 * 1024), WEBSITE)).status).toBe(200);
    expect((await post("/v1/track", fill(32 * 1024 + 1), WEBSITE)).status).toBe(413);
    expect(items()).toHaveLength(1);
  });

  it("makes a dead letter of one that is too deep, with its bytes", async () => {
    const { post, items } = await start();
    const body = JSON.stringify(message("m")).replace("}", `,"deep":${"[".repeat(60)}${"]".repeat(60)}}`);
    expect((await post("/v1/track", body, WEBSITE)).status).toBe(200);
    expect(items()).toMatchObject([
      { kind: "dead_letter", stage: "collect", reason: "too_deep", table: "website_events" },
    ]);
    expect((items()[0] as DeadLetter).original.toString()).toBe(body);
  });
});

describe("a batch", () => {
  it("becomes one item per message, in order, each with its own bytes", async () => {
    const { post, items, appended } = await start();
    const big = JSON.stringify(message("big", { x: "x".repeat(33 * 1024) }));
    const body = `{"sentAt":"2026-01-31T09:30:00Z", "batch": [ ${JSON.stringify(message("a"))} , ${big}, 7,
      ${JSON.stringify(message("b"))}]}`;
    expect((await post("/v1/batch", body, WEBSITE)).status).toBe(200);
    expect(appended).toHaveLength(1);
    expect(items().map((item) => item.eventId)).toEqual(["a", null, "", "b"]);
    expect(items()[1]).toMatchObject({ kind: "dead_letter", stage: "collect", reason: "too_large" });
    expect((items()[1] as DeadLetter).original.toString()).toBe(big);
    expect(items()[3]).toMatchObject({ sentAt: RECEIVED_MS * 1000 });
  });

  it("keeps going behind a message that trips its decoder", async () => {
    const tripping: Decoders = {
      ...WRAPPING,
      segment: (value, original, ctx) => {
        if (original.includes("trip")) throw new Error("a value of Ada's");
        return WRAPPING.segment(value, original, ctx);
      },
    };
    const { post, items } = await start({}, tripping);
    const batch = [message("a"), message("trip"), message("b")];
    expect((await post("/v1/batch", JSON.stringify({ batch }), WEBSITE)).status).toBe(200);
    expect(items().map((item) => item.eventId)).toEqual(["a", null, "b"]);
    expect(items()[1]).toMatchObject({
      kind: "dead_letter",
      stage: "decode",
      reason: "broken_row",
      table: "website_events",
    });
    expect((items()[1] as DeadLetter).detail).not.toContain("Ada");
  });

  it("is taken compressed, and by the browser library's path", async () => {
    const { post, items } = await start();
    const body = gzipSync(JSON.stringify({ writeKey: WEBSITE_KEY, batch: [message("a"), message("b")] }));
    expect((await post("/v1/b", body, { "content-encoding": "gzip" })).status).toBe(200);
    expect(items().map((item) => item.eventId)).toEqual(["a", "b"]);
  });

  it("gives its context to messages that do not say otherwise", async () => {
    const { post, items } = await start();
    const batch = [message("a", { context: { locale: "de" } }), message("b")];
    await post("/v1/batch", JSON.stringify({ batch, context: { locale: "en", app: "x" } }), WEBSITE);
    expect(items().map((item) => (item as EventRecord).payload.context)).toEqual([
      { locale: "de", app: "x" },
      { locale: "en", app: "x" },
    ]);
  });

  it("may be empty", async () => {
    const { post, items } = await start();
    expect((await post("/v1/batch", '{"batch":[]}', WEBSITE)).status).toBe(200);
    expect(items()).toEqual([]);
  });

  it.each([
    ["a broken message", 400, '{"batch":[{"a":1},{a:1}]}', {}],
    ["a broken envelope", 400, '{"batch":[{"a":1}],"x":tru}', {}],
    ["no batch", 400, '{"messages":[]}', {}],
    ["a batch cut short", 400, '{"batch":[{"a":1}', {}],
    ["no gzip", 400, "{}", { "content-encoding": "gzip" }],
    ["another encoding", 415, "{}", { "content-encoding": "br" }],
    ["more than 2500 messages", 413, `{"batch":[${Array(2501).fill("1").join()}]}`, {}],
    ["more than 500 KB", 413, `{"batch":[${JSON.stringify("x".repeat(500 * 1024))}]}`, {}],
    ["more than 500 KB in chunks", 413, Buffer.alloc(0), { "x-chunked": "1" }],
    [
      "what unfolds to more than 500 KB",
      413,
      gzipSync(`{"batch":["${"x".repeat(600 * 1024)}"]}`),
      { "content-encoding": "gzip" },
    ],
    ["what unfolds 1000-fold", 413, gzipSync(" ".repeat(400 * 1024)), { "content-encoding": "gzip" }],
  ])("with %s is refused whole with %i", async (_, status, body, headers) => {
    const { post, items, url } = await start();
    const answer =
      "x-chunked" in headers
        ? await fetch(`${url}/v1/batch`, {
            method: "POST",
            headers: WEBSITE,
            body: new Blob(Array(20).fill("x".repeat(64 * 1024))).stream(),
            duplex: "half",
          } as RequestInit)
        : await post("/v1/batch", body, { ...WEBSITE, ...headers });
    expect(answer.status).toBe(status);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(items()).toEqual([]);
  });
});

describe("Global Privacy Control", () => {
  it.each([
    ["1", true],
    ["0", undefined],
  ])("Sec-GPC: %s is kept in the context as %s", async (value, expected) => {
    const { post, items } = await start();
    const headers = { ...WEBSITE, "sec-gpc": value };
    await post("/v1/track", JSON.stringify(message("a", { context: { locale: "en" } })), headers);
    await post("/v1/batch", JSON.stringify({ batch: [message("b")] }), headers);
    const contexts = items().map(
      (item) => (item as EventRecord).payload.context as Record<string, unknown> | undefined,
    );
    expect(contexts.map((context) => context?.gpc)).toEqual([expected, expected]);
    expect(contexts[0]?.locale).toBe("en");
  });
});

describe("a log that cannot take events", () => {
  it.each([
    [new RollcallError("LOG_FULL", "full", { isRetriable: true }), 503, "30", "log-full"],
    [new RollcallError("LOG_FAILED", "busy", { isRetriable: true }), 503, "5", "unavailable"],
    [new RollcallError("LOG_FAILED", "gone: /secret/path", { isRetriable: false }), 500, null, "internal"],
    [new Error("boom"), 500, null, "internal"],
  ])("%s", async (failure, status, retryAfter, code) => {
    const { post, failures, counts } = await start();
    failures.push(failure);
    const answer = await post("/v1/track", JSON.stringify(message("m")), WEBSITE);
    expect(answer.status).toBe(status);
    expect(answer.headers.get("retry-after")).toBe(retryAfter);
    expect(JSON.parse(answer.text)).toMatchObject({ type: `urn:rollcall:problem:${code}` });
    expect(answer.text).not.toContain("secret");
    expect(counts).toEqual([`rollcall_collector_requests_total track ${status}`]);
  });
});

describe("browsers", () => {
  const preflight = (url: string, origin: string) =>
    fetch(`${url}/v1/t`, { method: "OPTIONS", headers: { origin, "access-control-request-method": "POST" } });

  it("may send from anywhere by default", async () => {
    const { url, post } = await start();
    const answer = await preflight(url, "https://www.example.edu");
    expect(answer.status).toBe(204);
    expect(answer.headers.get("access-control-allow-origin")).toBe("*");
    expect(answer.headers.get("access-control-allow-headers")).toContain("content-type");
    expect((await post("/v1/t", "{", WEBSITE)).headers.get("access-control-allow-origin")).toBe("*");
  });

  it("may send from listed origins only when there is a list", async () => {
    const { url } = await start({ allowedOrigins: ["https://www.example.edu"] });
    const good = await preflight(url, "https://www.example.edu");
    const bad = await preflight(url, "https://www.example.com");
    expect(good.headers.get("access-control-allow-origin")).toBe("https://www.example.edu");
    expect(bad.headers.get("access-control-allow-origin")).toBeNull();
    expect(good.headers.get("vary")).toBe("Origin");
  });
});

describe("Segment's own client", () => {
  it("works unchanged", async () => {
    const { url, items } = await start();
    const analytics = new Analytics({ writeKey: WEBSITE_KEY, host: url, flushAt: 3, flushInterval: 10 });
    analytics.identify({ userId: "u1", traits: { email: "ada@example.org" } });
    analytics.track({ userId: "u1", event: "Programme Viewed", properties: { programme: "AAA" } });
    analytics.page({ userId: "u1", name: "Home" });
    analytics.screen({ userId: "u1", name: "Home" });
    analytics.group({ userId: "u1", groupId: "g1" });
    analytics.alias({ userId: "u1", previousId: "a1" });
    await analytics.closeAndFlush();
    const events = items() as EventRecord[];
    expect(events.map(({ eventType }) => eventType).sort()).toEqual([
      "alias",
      "group",
      "identify",
      "page",
      "screen",
      "track",
    ]);
    expect(events.every(({ eventId }) => eventId.startsWith("node-next-"))).toBe(true);
    expect(events.every(({ sentAt }) => sentAt !== null)).toBe(true);
  });

  it("repeats what was answered with 503, and its events arrive once it is taken", async () => {
    const { url, items, failures, counts } = await start();
    failures.push(new RollcallError("LOG_FULL", "full", { isRetriable: true }));
    const analytics = new Analytics({ writeKey: WEBSITE_KEY, host: url, flushAt: 1 });
    analytics.track({ userId: "u1", event: "Programme Viewed", messageId: "kept" });
    await analytics.closeAndFlush();
    expect(items().map(({ eventId }) => eventId)).toEqual(["kept"]);
    expect(counts).toEqual([
      "rollcall_collector_requests_total batch 503",
      "rollcall_collector_requests_total batch 200",
    ]);
  });
});
