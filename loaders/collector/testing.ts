import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import type { Decoded, EventRecord, EventTable, SourceId } from "../record.js";
import { parseJson } from "../sources/contracts/parse-json.js";
import { isObject } from "../sources/outcome.js";
import { createCollector } from "./collector.js";
import { type CollectorConfig, collectorConfigSchema } from "./config.js";
import type { Decoders } from "./decoders.js";

/** A collector on a real port, for tests: decoders that only wrap, and a sink that remembers. */
export const RECEIVED_MS = Date.UTC(2026, 0, 31, 9, 30);
export const WEBSITE_KEY = "website-write-key-1";
export const MOBILE_KEY = "mobile-write-key-22";

export interface TestCollector {
  readonly url: string;
  readonly appended: { source: SourceId; items: readonly Decoded[] }[];
  readonly counts: string[];
  /** Thrown by the next appends, one each. */
  readonly failures: Error[];
  items(): Decoded[];
  /** POSTs and tells status, headers and the answer's text. */
  post(path: string, body: string | Buffer, headers?: Record<string, string>): Promise<Answered>;
  close(): Promise<void>;
}

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

const wrap =
  (table: EventTable) =>
  (value: unknown, _original: Buffer, ctx: { source: string; receivedAt: number }): EventRecord => ({
    kind: "event",
    table,
    eventId: isObject(value) ? String(value.messageId) : "",
    eventType: isObject(value) ? String(value.type) : "",
    source: ctx.source,
    contract: "test/1-0-0",
    occurredAt: ctx.receivedAt,
    sentAt: null,
    receivedAt: ctx.receivedAt,
    payload: isObject(value) ? value : {},
    personal: null,
    identifiers: [],
    features: [],
  });

export const WRAPPING: Decoders = {
  parseJson,
  segment: (message, original, ctx) => ({ ...wrap(ctx.table)(message, original, ctx), sentAt: ctx.sentAt }),
  sendgrid: wrap("email_events"),
  twilio: wrap("whatsapp_messages"),
  salesforce: wrap("salesforce_changes"),
};

export async function startTestCollector(
  overrides: Partial<Record<keyof CollectorConfig, unknown>> = {},
  decoders: Decoders = WRAPPING,
): Promise<TestCollector> {
  const appended: TestCollector["appended"] = [];
  const counts: string[] = [];
  const failures: Error[] = [];
  const config = collectorConfigSchema.parse({
    institution: "campus",
    region: "GB",
    writeKeys: [
      { key: WEBSITE_KEY, source: "website", name: "site" },
      { key: MOBILE_KEY, source: "mobile", name: "app" },
    ],
    ...overrides,
  });
  const router = createCollector(config, {
    sink: {
      append: async (source, items) => {
        const failure = failures.shift();
        if (failure) throw failure;
        appended.push({ source, items });
      },
    },
    decoders,
    identify: () => null,
    clock: { now: () => RECEIVED_MS },
    metrics: {
      counter: ({ name }) => ({
        add: (...args) => counts.push([name, ...Object.values(args[0] ?? {})].join(" ")),
        addMany: () => undefined,
      }),
    },
    logger: { error: () => undefined },
  });
  const server = createServer(express().use(router));
  const url = await listen(server);
  return {
    url,
    appended,
    counts,
    failures,
    items: () => appended.flatMap(({ items }) => items),
    post: async (path, body, headers = {}) => {
      const response = await fetch(url + path, { method: "POST", body, headers });
      return { status: response.status, headers: response.headers, text: await response.text() };
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
