import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Analytics } from "@segment/analytics-node";
import { EventWebhook } from "@sendgrid/eventwebhook";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { differences, readWarehouse, restrict } from "../support/pipeline.js";
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
  changeEvent,
  type FoundProfile,
  lookup,
  postSalesforce,
  postSendgrid,
  postTwilio,
  signSendgrid,
  whatsappMessage,
} from "../support/senders.js";

const SOON_MS = 30_000;
/** One mailbox, as two sources spell it: Gmail knows no dots. */
const SPELLED = "Ana.Lopez@GMAIL.com";
const ANA = { email: "analopez@gmail.com", phone: "+447400123123", userId: "u-ana", contact: "003000000000042AAA" };

describe("five sources", () => {
  const home = temporaryHome();
  const files = mkdtempSync(join(tmpdir(), "rollcall-files-"));
  let product: Product;
  let apiKey: string;
  let website: Analytics;

  beforeAll(async () => {
    product = await startProduct(home);
    apiKey = await createApiKey(home, "profiles:read", "profiles:read:personal", "segments:read");
    website = new Analytics({ writeKey: product.secrets.writeKeys.website, host: product.url, flushInterval: 50 });
  });

  afterAll(async () => {
    expect(await product.stop()).toBe(0);
    removeHome(home);
    rmSync(files, { recursive: true });
  });

  /** The one profile with that identifier, once it is there and `holds`. */
  async function profileWith(
    type: string,
    value: string,
    holds: (profile: FoundProfile) => boolean = () => true,
  ): Promise<FoundProfile> {
    let profiles: FoundProfile[] = [];
    await waitFor(
      async () => {
        profiles = await lookup(product, apiKey, type, value);
        return profiles.length === 1 && holds(profiles[0] as FoundProfile);
      },
      SOON_MS,
      `a profile with that ${type}`,
    );
    return profiles[0] as FoundProfile;
  }

  function get(path: string): Promise<Response> {
    return fetch(`${product.url}${path}`, { headers: { authorization: `Bearer ${apiKey}` }, redirect: "manual" });
  }

  it("take Segment's own client as it is: page, track, group", async () => {
    website.page({ messageId: "w-1", anonymousId: "browser-ana", name: "MBA", properties: { path: "/mba" } });
    website.track({
      messageId: "w-2",
      anonymousId: "browser-ana",
      event: "programme_viewed",
      properties: { programme_id: "mba" },
    });
    website.group({
      messageId: "w-3",
      anonymousId: "browser-ana",
      groupId: "school-7",
      traits: { name: "Hill School" },
    });
    const profile = await profileWith("anonymous_id", "browser-ana", ({ event_count }) => event_count === 3);
    expect(profile).toMatchObject({ enrolment_stage: "anonymous", sources: ["website"], email: null });
    const bronze = await ask(
      product,
      `SELECT event_id, event_type, contract, source, JSON_VALUE(payload, "$.context.library.name") AS library
       FROM bronze.website_events ORDER BY event_id`,
    );
    const library = "@segment/analytics-node";
    expect(bronze).toEqual([
      { event_id: "w-1", event_type: "page", contract: "segment.page/1-0-0", source: "website", library },
      { event_id: "w-2", event_type: "track", contract: "website.programme_viewed/1-0-0", source: "website", library },
      { event_id: "w-3", event_type: "group", contract: "segment.group/1-0-0", source: "website", library },
    ]);
    const silver = await ask(
      product,
      'SELECT event_id, event_name, category, programme FROM silver.events WHERE source = "website" ORDER BY event_id',
    );
    expect(silver).toMatchObject([
      { event_id: "w-1", category: "browsing" },
      { event_id: "w-2", event_name: "programme_viewed", category: "browsing", programme: "mba" },
      { event_id: "w-3", category: "identity" },
    ]);
  });

  it("take Salesforce's change events by webhook, and only with the token", async () => {
    const created = changeEvent("tx-1", "CREATE", [ANA.contact], {
      FirstName: "Ana",
      LastName: "López",
      Email: SPELLED,
      MobilePhone: "07400 123123",
    });
    expect((await postSalesforce(product, JSON.stringify(created), "wrong-token-wrong-token")).status).toBe(401);
    expect((await postSalesforce(product, JSON.stringify(created))).status).toBe(200);
    const profile = await profileWith("salesforce_contact_id", ANA.contact);
    expect(profile).toMatchObject({
      first_name: "Ana",
      last_name: "López",
      email: ANA.email,
      phone: ANA.phone,
      sources: ["salesforce"],
    });
    expect(await ask(product, "SELECT event_id, event_type, contract FROM bronze.salesforce_changes")).toEqual([
      { event_id: "tx-1#1", event_type: "CREATE", contract: "salesforce.contact_change/1-0-0" },
    ]);
  });

  it("take Salesforce's exports as files", async () => {
    const path = join(files, "contacts.csv");
    const rows = ["Id,FirstName,LastName,Email,MailingCountry", '003000000000043,"Bo, Jr.",Smith,bo@gmail.com,GB'];
    writeFileSync(path, `${rows.join("\n")}\n`);
    const landed = await rollcall(["land", "salesforce", path, "--home", home]);
    expect(landed.stderr).toBe("");
    expect(landed.code).toBe(0);
    expect(landed.stdout).toContain("1 events. Next: rollcall run");
    const profile = await profileWith("email", "bo@gmail.com");
    expect(profile).toMatchObject({ first_name: "Bo, Jr.", last_name: "Smith", country: "GB" });
    const rowsLanded = await ask(product, "SELECT event_type, contract FROM bronze.salesforce_contacts");
    expect(rowsLanded).toEqual([{ event_type: "contact", contract: "salesforce.contact/1-0-1" }]);
  });

  it("take Twilio's webhooks, and only with Twilio's signature", async () => {
    const message = whatsappMessage(`SM${"1".repeat(32)}`, ANA.phone, "What are the fees for the MBA?");
    expect((await postTwilio(product, message, "Zm9yZ2Vk")).status).toBe(403);
    expect(await postTwilio(product, message)).toEqual({ status: 200, body: "<Response/>" });
    const forged = { ...message, MessageSid: `SM${"2".repeat(32)}`, Body: "another text" };
    expect((await postTwilio(product, forged, "")).status).toBe(403);
    await profileWith("phone", ANA.phone, ({ sources }) => (sources as string[]).includes("whatsapp"));
    const bronze = await ask(
      product,
      `SELECT event_id, event_type, JSON_VALUE(personal, "$.Body") AS body, JSON_VALUE(payload, "$.Body") AS open_body
       FROM bronze.whatsapp_messages`,
    );
    expect(bronze).toEqual([
      { event_id: `SM${"1".repeat(32)}:received`, event_type: "inbound", body: message.Body, open_body: null },
    ]);
    const silver = await ask(product, 'SELECT event_name, programme FROM silver.events WHERE source = "whatsapp"');
    expect(silver).toEqual([{ event_name: "whatsapp_fees", programme: "mba" }]);
  });

  it("take SendGrid's webhooks, and only with SendGrid's signature", async () => {
    const events = ["delivered", "click"].map((event, n) => ({
      sg_event_id: `sg-${n}`,
      sg_message_id: "m.filter",
      email: ANA.email,
      event,
      timestamp: Math.floor(Date.now() / 1000) - 60 + n,
      url: "https://campus.example/mba",
    }));
    const body = JSON.stringify(events);
    const { timestamp, signature } = signSendgrid(product.secrets, body);
    const oracle = new EventWebhook();
    const publicKey = oracle.convertPublicKeyToECDSA(product.secrets.sendgridPublicKey);
    expect(oracle.verifySignature(publicKey, body, signature, timestamp)).toBe(true);
    expect((await postSendgrid(product, body, `${body} `)).status).toBe(403);
    expect((await postSendgrid(product, body)).status).toBe(200);
    await profileWith("email", ANA.email, ({ sources }) => (sources as string[]).includes("email"));
    const bronze = await ask(
      product,
      `SELECT event_id, event_type, JSON_VALUE(personal, "$.email") AS address, JSON_VALUE(payload, "$.email") AS open_address
       FROM bronze.email_events ORDER BY event_id`,
    );
    expect(bronze).toEqual([
      { event_id: "sg-0", event_type: "delivered", address: ANA.email, open_address: null },
      { event_id: "sg-1", event_type: "click", address: ANA.email, open_address: null },
    ]);
    const silver = await ask(product, 'SELECT event_name FROM silver.events WHERE source = "email" ORDER BY event_id');
    expect(silver).toEqual([{ event_name: "email_delivered" }, { event_name: "email_click" }]);
  });

  it("become one profile when somebody says who they are; the other id redirects", async () => {
    const browser = await profileWith("anonymous_id", "browser-ana");
    const contact = await profileWith("salesforce_contact_id", ANA.contact);
    expect(browser.profile_id).not.toBe(contact.profile_id);

    website.identify({
      messageId: "w-4",
      anonymousId: "browser-ana",
      userId: ANA.userId,
      traits: { email: ANA.email, firstName: "Anita" },
    });
    website.alias({ messageId: "w-5", userId: ANA.userId, previousId: "old-browser-ana" });
    const app = new Analytics({ writeKey: product.secrets.writeKeys.mobile, host: product.url });
    app.track({
      messageId: "m-1",
      userId: ANA.userId,
      event: "lesson_completed",
      properties: { course_id: "MBA101", lesson_id: "L1" },
    });
    await app.closeAndFlush();
    await website.closeAndFlush();

    const one = await profileWith("user_id", ANA.userId, ({ sources }) => (sources as string[]).length === 5);
    expect(one).toMatchObject({
      // The browser came first, so its id stays; Salesforce is right about names.
      profile_id: browser.profile_id,
      first_name: "Ana",
      email: ANA.email,
      sources: ["email", "mobile", "salesforce", "website", "whatsapp"],
      enrolment_stage: "active",
    });
    const same = [
      ["anonymous_id", "browser-ana"],
      ["anonymous_id", "old-browser-ana"],
      ["salesforce_contact_id", ANA.contact],
      ["phone", "07400123123"],
      ["email", SPELLED],
    ] as const;
    for (const [type, value] of same) expect((await profileWith(type, value)).profile_id).toBe(one.profile_id);

    const moved = await get(`/profiles/${contact.profile_id}`);
    expect(moved.status).toBe(308);
    expect(moved.headers.get("location")).toBe(`/profiles/${one.profile_id}`);
    const living = await get(`/profiles/${one.profile_id}`);
    expect(living.status).toBe(200);

    let events: { source: string }[] = [];
    await waitFor(
      async () => {
        const page = (await (await get(`/profiles/${one.profile_id}/events`)).json()) as {
          events: { source: string }[];
        };
        events = page.events;
        return events.length === 10;
      },
      SOON_MS,
      "all events of the profile",
    );
    expect([...new Set(events.map(({ source }) => source))].sort()).toEqual(one.sources);
  });

  it("log nothing personal", () => {
    const log = product.log();
    for (const secret of [ANA.email, SPELLED, ANA.phone, ANA.userId, "Ana", "browser-ana", "fees for the MBA"]) {
      expect(log).not.toContain(secret);
    }
  });

  it("hold after many cycles what a full refresh makes", async () => {
    expect(await product.stop()).toBe(0);
    const cycled = await readWarehouse(home);
    const run = await rollcall(["run", "--full-refresh", "--home", home]);
    expect(run.code, run.stderr).toBe(0);
    const refreshed = await readWarehouse(home);
    // A full refresh looks at every profile again and says so.
    const rewritten = new Set(["identity.changed_profiles"]);
    expect(differences(restrict(refreshed, rewritten), restrict(cycled, rewritten))).toEqual([]);
    expect(cycled.get("silver.events")?.rows).toHaveLength(11);
  });
});
