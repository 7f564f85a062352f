import { createHmac, createPrivateKey, sign } from "node:crypto";
import { RollcallError } from "../../platform/errors.js";
import type { Secrets } from "../secrets.js";
import type { SegmentMessage } from "./journeys.js";

/** Plays the part of the outside world: posts over HTTP as the real senders do, signatures included. */
export interface SenderConfig {
  readonly url: string;
  readonly secrets: Secrets;
  /** Told after every request how many items have been sent. */
  readonly onProgress?: (sent: number) => void;
}

const MESSAGES_PER_BATCH = 250;
const EVENTS_PER_WEBHOOK = 200;
const CONCURRENCY = 4;

async function post(url: string, headers: Record<string, string>, body: string): Promise<void> {
  const response = await fetch(url, { method: "POST", headers, body });
  const text = await response.text();
  if (!response.ok) {
    throw new RollcallError("TARGET_FAILED", `${new URL(url).pathname} answered ${response.status}: ${text}`, {
      isRetriable: response.status >= 500,
    });
  }
}

/** Runs `send` over the chunks of `items`, a few at a time. */
async function inChunks<T>(
  items: readonly T[],
  size: number,
  send: (chunk: readonly T[]) => Promise<void>,
  onProgress: (sent: number) => void,
): Promise<void> {
  let next = 0;
  let sent = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const chunk = items.slice(next, next + size);
      next += size;
      await send(chunk);
      sent += chunk.length;
      onProgress(sent);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
}

export interface Sender {
  segment(source: "website" | "mobile", messages: readonly SegmentMessage[]): Promise<void>;
  sendgrid(events: readonly Record<string, unknown>[]): Promise<void>;
  twilio(messages: readonly Record<string, string>[]): Promise<void>;
}

export function createSender(config: SenderConfig): Sender {
  const { url, secrets } = config;
  const onProgress = config.onProgress ?? (() => undefined);
  const sendgridKey = createPrivateKey({
    key: Buffer.from(secrets.sendgridSandboxPrivateKey, "base64"),
    format: "der",
    type: "pkcs8",
  });

  return {
    segment: (source, messages) => {
      const authorization = `Basic ${Buffer.from(`${secrets.writeKeys[source]}:`).toString("base64")}`;
      return inChunks(
        messages,
        MESSAGES_PER_BATCH,
        (batch) =>
          post(
            `${url}/v1/batch`,
            { authorization, "content-type": "application/json" },
            JSON.stringify({ batch, sentAt: new Date().toISOString() }),
          ),
        onProgress,
      );
    },

    // https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features
    sendgrid: (events) =>
      inChunks(
        events,
        EVENTS_PER_WEBHOOK,
        (chunk) => {
          const body = JSON.stringify(chunk);
          const timestamp = String(Math.floor(Date.now() / 1000));
          const signature = sign("sha256", Buffer.from(timestamp + body), { key: sendgridKey, dsaEncoding: "der" });
          return post(
            `${url}/webhooks/sendgrid`,
            {
              "content-type": "application/json",
              "x-twilio-email-event-webhook-timestamp": timestamp,
              "x-twilio-email-event-webhook-signature": signature.toString("base64"),
            },
            body,
          );
        },
        onProgress,
      ),

    // https://www.twilio.com/docs/usage/security#validating-requests
    twilio: (messages) =>
      inChunks(
        messages,
        1,
        async ([message]) => {
          const params = message ?? {};
          const target = `${url}/webhooks/twilio`;
          const signed = Object.keys(params)
            .sort()
            .reduce((text, name) => text + name + params[name], target);
          await post(
            target,
            {
              "content-type": "application/x-www-form-urlencoded",
              "x-twilio-signature": createHmac("sha1", secrets.twilioAuthToken).update(signed).digest("base64"),
            },
            new URLSearchParams(params).toString(),
          );
        },
        onProgress,
      ),
  };
}
