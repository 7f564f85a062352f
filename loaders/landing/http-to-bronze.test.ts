import { createHmac, generateKeyPairSync, sign } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Analytics } from "@segment/analytics-node";
import express from "express";
import twilio from "twilio";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createIdentify } from "../../src/identity/normalise/identify.js";
import { systemClock } from "../../src/platform/clock.js";
import { createSqliteDocuments } from "../../src/platform/documents/sqlite.js";
import { createLocalEventLog } from "../../src/platform/eventlog/local.js";
import { createFolderObjects } from "../../src/platform/objects/folder.js";
import { createMetrics } from "../../src/platform/telemetry/metrics.js";
import { createDuckdbWarehouse } from "../../src/warehouse/duckdb/warehouse.js";
import type { Row, Warehouse } from "../../src/warehouse/port.js";
import { createCollector } from "../collector/collector.js";
import { collectorConfigSchema } from "../collector/config.js";
import { sourceDecoders } from "../collector/decoders.js";
import { createEventSink } from "../sink.js";
import { createLanding, EMBEDDED_LANDING } from "./landing.js";

/** Segment's client and signed webhooks on one end, GoogleSQL on bronze on the other, and nothing faked between. */
const PEPPER = Buffer.alloc(32, 7);
const WRITE_KEY = "website-write-key-1";
const TWILIO_TOKEN = "a-token-of-twilio-for-tests";
const SALESFORCE_TOKEN = "a-shared-token-for-tests";
const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
const folder = mkdtempSync(join(tmpdir(), "rollcall-http-"));
const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

let url: string;
let warehouse: Warehouse;
let stop: () => Promise<void>;
let land: () => Promise<void>;

beforeAll(async () => {
  const metrics = createMetrics();
  const log = createLocalEventLog({ file: join(folder, "log.db") }, { clock: systemClock });
  const documents = createSqliteDocuments({ file: join(folder, "documents.db") });
  const objects = createFolderObjects({ folder: join(folder, "objects") });
  warehouse = await createDuckdbWarehouse({ file: join(folder, "warehouse.duckdb") });
  const sink = createEventSink({ log, objects, metrics });
  const config = collectorConfigSchema.parse({
    institution: "campus",
    region: "GB",
    writeKeys: [{ key: WRITE_KEY, source: "website", name: "site" }],
    sendgrid: { publicKey: publicKey.export({ type: "spki", format: "der" }).toString("base64") },
    twilio: { authToken: TWILIO_TOKEN, publicUrl: "https://cdp.example.edu" },
    salesforce: { token: SALESFORCE_TOKEN },
  });
  const identify = createIdentify({ pepper: PEPPER, region: "GB" });
  const collectorDeps = { sink, decoders: sourceDecoders, identify, clock: systemClock, metrics, logger: quiet };
  const server = createServer(express().use(createCollector(config, collectorDeps)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const landing = createLanding(EMBEDDED_LANDING, {
    log,
    documents,
    warehouse,
    clock: systemClock,
    metrics,
    logger: quiet,
  });
  await landing.start();
  land = () => landing.idle();
  stop = async () => {
    await landing.stop();
    await new Promise((resolve) => server.close(resolve));
    await log.close();
    await documents.close();
    await warehouse.close();
  };
});

afterAll(async () => {
  await stop();
  rmSync(folder, { recursive: true });
});

const rows = async (sql: string): Promise<readonly Row[]> => (await warehouse.query(sql)).rows;

it("lands what Segment's client sends", async () => {
  const analytics = new Analytics({ writeKey: WRITE_KEY, host: url, flushAt: 4, flushInterval: 10 });
  analytics.identify({ userId: "u1", traits: { email: "Ada@Example.org" }, messageId: "m-identify" });
  analytics.track({
    userId: "u1",
    event: "programme_viewed",
    properties: { programme: "AAA\u0000\u{1f393}" },
    messageId: "m-track",
  });
  analytics.page({ anonymousId: "a1", name: "Home", messageId: "m-page" });
  analytics.track({ userId: "u1", event: "nobody_knows_this", messageId: "m-unknown" });
  await analytics.closeAndFlush();
  await land();
  expect(
    await rows(`SELECT event_id, event_type, source, JSON_VALUE(personal, '$.traits.email') AS email
      FROM bronze.website_events ORDER BY event_id`),
  ).toEqual([
    { event_id: "m-identify", event_type: "identify", source: "site", email: "Ada@Example.org" },
    { event_id: "m-page", event_type: "page", source: "site", email: null },
    { event_id: "m-track", event_type: "track", source: "site", email: null },
  ]);
  const hmac = createHmac("sha256", PEPPER)
    .update("global|email|ada@example.org")
    .digest()
    .toString("base64url", 0, 16);
  expect(
    await rows(`SELECT i.type, i.hmac, i.value FROM bronze.website_events, UNNEST(identifiers) AS i
      WHERE event_id = 'm-identify' AND i.type = 'email'`),
  ).toEqual([{ type: "email", hmac, value: "ada@example.org" }]);
  expect(await rows("SELECT event_id, reason, stage, source_object FROM bronze.dead_letters")).toEqual([
    { event_id: "m-unknown", reason: "unknown_event", stage: "contract", source_object: "website_events" },
  ]);
  expect(
    await rows(
      "SELECT JSON_VALUE(payload, '$.properties.programme') AS programme FROM bronze.website_events WHERE event_id = 'm-track'",
    ),
  ).toEqual([{ programme: "AAA\u0000\u{1f393}" }]);
});

it("lands what the providers sign", async () => {
  const event = {
    email: "ada@example.org",
    timestamp: 1_767_225_600,
    event: "open",
    sg_event_id: "sg-1",
    sg_message_id: "x",
  };
  const body = JSON.stringify([
    event,
    { ...event, sg_event_id: "sg-2", event: "click", url: "https://example.edu" },
    7,
  ]);
  const signature = sign("sha256", Buffer.from(`1767225600${body}`), { key: privateKey, dsaEncoding: "der" });
  const sendgrid = await fetch(`${url}/webhooks/sendgrid`, {
    method: "POST",
    body,
    headers: {
      "x-twilio-email-event-webhook-timestamp": "1767225600",
      "x-twilio-email-event-webhook-signature": signature.toString("base64"),
    },
  });
  const params = {
    MessageSid: "SM00000000000000000000000000000001",
    SmsStatus: "received",
    From: "whatsapp:+447911123456",
    To: "whatsapp:+447911000000",
    Body: "Hello, write to bob@example.org",
    NumMedia: "0",
  };
  const whatsapp = await fetch(`${url}/webhooks/twilio`, {
    method: "POST",
    body: new URLSearchParams(params),
    headers: {
      "x-twilio-signature": twilio.getExpectedTwilioSignature(
        TWILIO_TOKEN,
        "https://cdp.example.edu/webhooks/twilio",
        params,
      ),
    },
  });
  const change = {
    ChangeEventHeader: {
      entityName: "Contact",
      recordIds: ["003000000000001AAA"],
      changeType: "UPDATE",
      transactionKey: "t-1",
      sequenceNumber: 1,
      commitTimestamp: 1_767_225_600_000,
      changedFields: ["Email"],
    },
    Email: "ada@example.org",
  };
  const salesforce = await fetch(`${url}/webhooks/salesforce`, {
    method: "POST",
    body: `${JSON.stringify(change)}\n`,
    headers: { authorization: `Bearer ${SALESFORCE_TOKEN}` },
  });
  expect([sendgrid.status, whatsapp.status, salesforce.status]).toEqual([200, 200, 200]);
  await land();

  expect(await rows("SELECT event_id, event_type, source FROM bronze.email_events ORDER BY event_id")).toEqual([
    { event_id: "sg-1", event_type: "open", source: "sendgrid" },
    { event_id: "sg-2", event_type: "click", source: "sendgrid" },
  ]);
  expect(await rows("SELECT event_type, JSON_VALUE(personal, '$.Body') AS body FROM bronze.whatsapp_messages")).toEqual(
    [{ event_type: "inbound", body: params.Body }],
  );
  expect(await rows("SELECT event_type FROM bronze.salesforce_changes")).toEqual([{ event_type: "UPDATE" }]);
  expect(await rows("SELECT reason, original FROM bronze.dead_letters WHERE source_object = 'email_events'")).toEqual([
    { reason: "wrong_type", original: Buffer.from([0, 0, 0x37]) },
  ]);
});
