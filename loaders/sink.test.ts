import { describe, expect, it } from "vitest";
import { RollcallError } from "../src/platform/errors.js";
import type { LogRecord } from "../src/platform/eventlog/port.js";
import { createMetrics, type Metrics } from "../src/platform/telemetry/metrics.js";
import { openEnvelope } from "../src/privacy/envelope.js";
import { decodeRecord } from "./codec.js";
import type { DeadLetter, EventRecord } from "./record.js";
import { createEventSink } from "./sink.js";

const event: EventRecord = {
  kind: "event",
  table: "email_events",
  eventId: "e-1",
  eventType: "open",
  source: "sendgrid",
  contract: "event/1-0-0",
  occurredAt: 1,
  sentAt: null,
  receivedAt: 2,
  payload: {},
  personal: null,
  identifiers: [],
  features: [],
};
const letter = (bytes: number): DeadLetter => ({
  kind: "dead_letter",
  table: "email_events",
  eventId: null,
  source: "sendgrid",
  stage: "collect",
  reason: "too_large",
  detail: "smaller",
  contract: null,
  line: null,
  original: Buffer.alloc(bytes, "x"),
  originalObject: null,
  headers: {},
  receivedAt: Date.UTC(2026, 0, 31) * 1000,
});

async function countersOf(metrics: Metrics): Promise<string[]> {
  return (await metrics.render()).text.split("\n").filter((line) => /^rollcall_/.test(line));
}

function setUp(options: { isFull?: boolean } = {}) {
  const appended: [string, readonly LogRecord[]][] = [];
  const stored = new Map<string, Buffer>();
  const metrics = createMetrics();
  const sink = createEventSink({
    log: {
      ensureTopics: async () => undefined,
      append: async (topic, records) => {
        if (options.isFull) throw new RollcallError("LOG_FULL", "full", { isRetriable: true });
        appended.push([topic, records]);
        return [];
      },
    },
    objects: {
      put: async (name, content) => {
        stored.set(name, content as Buffer);
        return { bytes: 0 };
      },
    },
    metrics,
  });
  return { sink, appended, stored, counts: () => countersOf(metrics) };
}

describe("event sink", () => {
  it("appends one record per item, in order, to the source's topic, and counts them", async () => {
    const { sink, appended, counts } = setUp();
    await sink.append("email", [event, letter(10)]);
    expect(appended).toHaveLength(1);
    expect(appended[0]?.[0]).toBe("email");
    expect(appended[0]?.[1].map(({ value }) => decodeRecord(value))).toEqual([event, letter(10)]);
    expect(await counts()).toEqual([
      'rollcall_events_accepted_total{source="email"} 2',
      'rollcall_events_dead_lettered_total{source="email",reason="too_large"} 1',
    ]);
  });

  it("keeps an original of up to 64 KB in the record, and a larger one in the object store", async () => {
    const { sink, appended, stored } = setUp();
    await sink.append("email", [letter(64 * 1024), letter(64 * 1024 + 1)]);
    const [small, large] = appended[0]?.[1].map(({ value }) => decodeRecord(value) as DeadLetter) ?? [];
    expect(small).toEqual(letter(64 * 1024));
    expect(large?.original).toEqual(Buffer.alloc(0));
    expect(large?.originalObject).toMatch(/^dead_letters\/2026-01-31\/[0-9a-f]{64}$/);
    expect([...stored.keys()]).toEqual([large?.originalObject]);
    expect(openEnvelope(stored.get(large?.originalObject ?? "") as Buffer)).toEqual(letter(64 * 1024 + 1).original);
  });

  it("counts nothing that was not kept", async () => {
    const { sink, counts } = setUp({ isFull: true });
    await expect(sink.append("email", [event])).rejects.toMatchObject({ code: "LOG_FULL" });
    expect(await counts()).toEqual([]);
  });

  it("appends nothing for nothing", async () => {
    const { sink, appended } = setUp();
    await sink.append("email", []);
    expect(appended).toEqual([]);
  });
});
