import { createHash, generateKeyPairSync, sign } from "node:crypto";
import twilio from "twilio";
import { afterEach, describe, expect, it } from "vitest";
import type { DeadLetter } from "../record.js";
import { collectorConfigSchema } from "./config.js";
import { startTestCollector, type TestCollector } from "./testing.js";

const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
const SENDGRID_KEY = publicKey.export({ type: "spki", format: "der" }).toString("base64");
const TWILIO_TOKEN = "a-token-of-twilio-for-tests";
const PUBLIC_URL = "https://cdp.example.edu";
const SALESFORCE_TOKEN = "a-shared-token-for-tests";
const CONFIGURED = {
  sendgrid: { publicKey: SENDGRID_KEY },
  twilio: { authToken: TWILIO_TOKEN, publicUrl: PUBLIC_URL },
  salesforce: { token: SALESFORCE_TOKEN },
};

let collector: TestCollector;
const start = async (overrides: Parameters<typeof startTestCollector>[0] = CONFIGURED) => {
  collector = await startTestCollector(overrides);
  return collector;
};
afterEach(() => collector.close());

describe("SendGrid's webhook", () => {
  const signed = (body: string | Buffer) => ({
    "x-twilio-email-event-webhook-timestamp": "1767225600",
    "x-twilio-email-event-webhook-signature": sign(
      "sha256",
      Buffer.concat([Buffer.from("1767225600"), Buffer.from(body)]),
      { key: privateKey, dsaEncoding: "der" },
    ).toString("base64"),
  });

  it("splits the array: one item per event, a broken one is a dead letter of its own", async () => {
    const { post, items, appended } = await start();
    const body = '[{"messageId":"a","type":"open"},\n{broken},{"messageId":"b","type":"click"}]\r\n';
    expect((await post("/webhooks/sendgrid", body, signed(body))).status).toBe(200);
    expect(appended).toMatchObject([{ source: "email" }]);
    expect(items().map(({ eventId }) => eventId)).toEqual(["a", null, "b"]);
    expect(items()[1]).toMatchObject({ table: "email_events", source: "sendgrid", reason: "malformed_json" });
    expect((items()[1] as DeadLetter).original.toString()).toBe("{broken}");
  });

  it.each(["{", '{"event":"open"}', "", '[{"a":1}'])(
    "takes a signed body that is no array as one dead letter: %s",
    async (body) => {
      const { post, items } = await start();
      expect((await post("/webhooks/sendgrid", body, signed(body))).status).toBe(200);
      expect(items()).toMatchObject([{ kind: "dead_letter", reason: "malformed_json", stage: "collect" }]);
      expect((items()[0] as DeadLetter).original.toString()).toBe(body);
    },
  );

  it("takes an event too large for the log as a dead letter, and the rest of its request", async () => {
    const { post, items } = await start();
    const body = JSON.stringify([
      { messageId: "large", x: "x".repeat(512 * 1024) },
      { messageId: "b", type: "open" },
    ]);
    expect((await post("/webhooks/sendgrid", body, signed(body))).status).toBe(200);
    expect(items()[0]).toMatchObject({ reason: "too_large", detail: "an event of at most 512 KB expected" });
    expect(items()[1]?.eventId).toBe("b");
  });

  it("refuses a bad signature with 403, keeps nothing and counts it", async () => {
    const { post, items, counts } = await start();
    const answer = await post("/webhooks/sendgrid", '[{"messageId":"x"}]', signed("[]"));
    expect(answer.status).toBe(403);
    expect((await post("/webhooks/sendgrid", "[]")).status).toBe(403);
    expect(items()).toEqual([]);
    expect(counts).toContain("rollcall_webhooks_rejected_total sendgrid bad-signature");
  });
});

describe("Twilio's webhook", () => {
  const post = (path: string, body: string, signedParams: Record<string, string> | null, type: string) =>
    collector.post(path, body, {
      "content-type": type,
      "x-twilio-signature": twilio.getExpectedTwilioSignature(TWILIO_TOKEN, PUBLIC_URL + path, signedParams ?? {}),
    });
  const FORM = "application/x-www-form-urlencoded";

  it("takes a form, and answers an empty TwiML document", async () => {
    const { items, appended } = await start();
    const params = { MessageSid: "SM1", Body: "Hi & bye ñ", messageId: "m", type: "inbound" };
    const answer = await post("/webhooks/twilio", new URLSearchParams(params).toString(), params, FORM);
    expect(answer).toMatchObject({ status: 200, text: "<Response/>" });
    expect(answer.headers.get("content-type")).toBe("text/xml");
    expect(appended).toMatchObject([{ source: "whatsapp" }]);
    expect(items()).toMatchObject([{ table: "whatsapp_messages", source: "twilio", payload: params }]);
  });

  it("takes one too large for the log as a dead letter", async () => {
    const { items } = await start();
    const params = { MessageSid: "SM1", Body: "x".repeat(512 * 1024) };
    expect((await post("/webhooks/twilio", new URLSearchParams(params).toString(), params, FORM)).status).toBe(200);
    expect(items()).toMatchObject([
      { kind: "dead_letter", reason: "too_large", detail: "an event of at most 512 KB expected" },
    ]);
  });

  it("takes JSON whose digest is in the address, and a broken one as a dead letter", async () => {
    const { items } = await start();
    for (const body of ['{"messageId":"m","type":"status"}', "{"]) {
      const path = `/webhooks/twilio?bodySHA256=${createHash("sha256").update(body).digest("hex")}`;
      expect((await post(path, body, null, "application/json")).status).toBe(200);
    }
    expect(items()).toMatchObject([{ eventId: "m" }, { kind: "dead_letter", reason: "malformed_json" }]);
  });

  it("refuses a bad signature with 403, keeps nothing and counts it", async () => {
    const { items, counts } = await start();
    expect((await post("/webhooks/twilio", "Body=STOP", { Body: "START" }, FORM)).status).toBe(403);
    expect((await collector.post("/webhooks/twilio", "Body=STOP")).status).toBe(403);
    expect(items()).toEqual([]);
    expect(counts[0]).toBe("rollcall_webhooks_rejected_total twilio bad-signature");
  });
});

describe("Salesforce's change events", () => {
  const BEARER = { authorization: `Bearer ${SALESFORCE_TOKEN}` };

  it.each([
    ["a JSON array", '[{"messageId":"a"},\n {"messageId":"b"}]'],
    ["a line each", '{"messageId":"a"}\r\n\n{"messageId":"b"}'],
    ["lines and a last newline", '{"messageId":"a"}\n{"messageId":"b"}\n'],
  ])("come as %s", async (_, body) => {
    const { post, items, appended } = await start();
    expect((await post("/webhooks/salesforce", body, BEARER)).status).toBe(200);
    expect(items().map(({ eventId }) => eventId)).toEqual(["a", "b"]);
    expect(appended).toMatchObject([{ source: "salesforce" }]);
    expect(items()[0]).toMatchObject({ table: "salesforce_changes", source: "salesforce" });
  });

  it.each(["", "[", "[1,]", '{"a":1}\n{', "{a:1}"])("are refused whole when broken: %s", async (body) => {
    const { post, items } = await start();
    expect((await post("/webhooks/salesforce", body, BEARER)).status).toBe(400);
    expect(items()).toEqual([]);
  });

  it.each([{}, { authorization: "Bearer another-token" }, { authorization: SALESFORCE_TOKEN }])(
    "need the shared token: %o",
    async (headers) => {
      const { post, items, counts } = await start();
      expect((await post("/webhooks/salesforce", '{"messageId":"a"}', headers)).status).toBe(401);
      expect(items()).toEqual([]);
      expect(counts[0]).toBe("rollcall_webhooks_rejected_total salesforce bad-token");
    },
  );
});

describe("a webhook without its secret", () => {
  it.each(["sendgrid", "twilio", "salesforce"])(
    "%s answers 503 and says which setting is missing",
    async (provider) => {
      const { post, items } = await start({});
      const answer = await post(`/webhooks/${provider}`, "[]", { authorization: "Bearer undefined" });
      expect(answer.status).toBe(503);
      expect(JSON.parse(answer.text).detail).toContain(`${provider}.`);
      expect(items()).toEqual([]);
    },
  );

  it.each([
    ["sendgrid.publicKey", { sendgrid: { publicKey: "bm90IGEga2V5" } }],
    ["twilio.authToken", { twilio: { publicUrl: PUBLIC_URL } }],
    ["twilio.publicUrl", { twilio: { authToken: TWILIO_TOKEN } }],
    ["salesforce.token", { salesforce: { token: "" } }],
  ])("is a start-up error when its section is there but %s is not good", async (path, section) => {
    await start();
    const base = { institution: "campus", region: "GB", writeKeys: [] };
    expect(collectorConfigSchema.safeParse(base).success).toBe(true);
    const parsed = collectorConfigSchema.safeParse({ ...base, ...section });
    expect(parsed.error?.issues.map((issue) => issue.path.join("."))).toEqual([path]);
  });
});
