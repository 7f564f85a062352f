import { createPrivateKey, sign } from "node:crypto";
import twilio from "twilio";
import type { Product } from "./product.js";

/** Plays the world outside: requests as the sources send them, signed by their own libraries where there is one. */
type Target = Pick<Product, "url" | "secrets">;

export interface Answer {
  readonly status: number;
  readonly body: string;
}

async function post(url: string, headers: Record<string, string>, body: string | Uint8Array): Promise<Answer> {
  const response = await fetch(url, { method: "POST", headers, body: body as string });
  return { status: response.status, body: await response.text() };
}

export function basic(writeKey: string): string {
  return `Basic ${Buffer.from(`${writeKey}:`).toString("base64")}`;
}

/** A body as it is: it need not be JSON. */
export function postSegment(
  { url, secrets }: Target,
  path: string,
  body: string | Uint8Array,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const sent = { authorization: basic(secrets.writeKeys.website), "content-type": "application/json", ...headers };
  return post(`${url}${path}`, sent, body);
}

export function track(target: Target, message: Record<string, unknown>): Promise<Answer> {
  return postSegment(target, "/v1/track", JSON.stringify(message));
}

/** `signature` replaces the right one. */
export function postTwilio(
  { url, secrets }: Target,
  params: Record<string, string>,
  signature?: string,
): Promise<Answer> {
  const address = `${url}/webhooks/twilio`;
  const expected = twilio.getExpectedTwilioSignature(secrets.twilioAuthToken, address, params);
  const headers = {
    "content-type": "application/x-www-form-urlencoded",
    "x-twilio-signature": signature ?? expected,
  };
  return post(address, headers, new URLSearchParams(params).toString());
}

/** What SendGrid sends beside the body. https://www.twilio.com/docs/sendgrid/for-developers/tracking-events */
export function signSendgrid(secrets: Target["secrets"], body: string): { timestamp: string; signature: string } {
  const key = createPrivateKey({
    key: Buffer.from(secrets.sendgridSandboxPrivateKey, "base64"),
    format: "der",
    type: "pkcs8",
  });
  const timestamp = String(Math.floor(Date.now() / 1000));
  return { timestamp, signature: sign("sha256", Buffer.from(timestamp + body), key).toString("base64") };
}

/** `signedBody` is what the signature covers, when it is not the body. */
export function postSendgrid(target: Target, body: string, signedBody = body): Promise<Answer> {
  const { timestamp, signature } = signSendgrid(target.secrets, signedBody);
  const headers = {
    "content-type": "application/json",
    "x-twilio-email-event-webhook-timestamp": timestamp,
    "x-twilio-email-event-webhook-signature": signature,
  };
  return post(`${target.url}/webhooks/sendgrid`, headers, body);
}

export function postSalesforce({ url, secrets }: Target, body: string, token?: string): Promise<Answer> {
  const headers = {
    "content-type": "application/json",
    authorization: `Bearer ${token ?? secrets.salesforceToken}`,
  };
  return post(`${url}/webhooks/salesforce`, headers, body);
}

/** A change event as the Pub/Sub API delivers it. */
export function changeEvent(
  transactionKey: string,
  changeType: string,
  recordIds: readonly string[],
  fields: Record<string, unknown> = {},
  entityName = "Contact",
): Record<string, unknown> {
  return {
    ChangeEventHeader: {
      entityName,
      changeType,
      recordIds,
      changeOrigin: "com/salesforce/api/rest/62.0",
      transactionKey,
      sequenceNumber: 1,
      commitTimestamp: Date.now(),
      commitUser: "005000000000001AAA",
    },
    ...fields,
  };
}

/** A WhatsApp message that came in. */
export function whatsappMessage(sid: string, from: string, body: string): Record<string, string> {
  return {
    MessageSid: sid,
    SmsStatus: "received",
    AccountSid: `AC${"0".repeat(32)}`,
    From: `whatsapp:${from}`,
    To: "whatsapp:+14155238886",
    WaId: from.slice(1),
    Body: body,
    NumMedia: "0",
  };
}

export interface FoundProfile {
  readonly profile_id: string;
  readonly [field: string]: unknown;
}

export async function lookup(
  { url }: Pick<Product, "url">,
  apiKey: string,
  type: string,
  value: string,
): Promise<FoundProfile[]> {
  const response = await fetch(`${url}/profiles/lookup`, {
    method: "POST",
    headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" },
    body: JSON.stringify({ type, value }),
  });
  if (response.status !== 200) throw new Error(`/profiles/lookup answered ${response.status}`);
  return ((await response.json()) as { profiles: FoundProfile[] }).profiles;
}
