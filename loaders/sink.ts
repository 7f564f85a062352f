import { createHash } from "node:crypto";
import { microsToIso } from "../src/platform/clock.js";
import type { EventLog } from "../src/platform/eventlog/port.js";
import type { Objects } from "../src/platform/objects/port.js";
import { onceItWorks } from "../src/platform/once-it-works.js";
import type { Metrics } from "../src/platform/telemetry/metrics.js";
import { clearEnvelope } from "../src/privacy/envelope.js";
import { encodeRecord } from "./codec.js";
import { type Decoded, SOURCES, type SourceId } from "./record.js";

/** Everything that accepts events (collector, webhooks, files) hands them over here. */
export interface EventSink {
  /**
   * Appends one log record per item, in order, to the source's topic; durable when it resolves.
   * Throws LOG_FULL (retriable) at the log's size cap: none of the items was kept.
   */
  append(source: SourceId, items: readonly Decoded[]): Promise<void>;
}

export interface SinkDeps {
  readonly log: Pick<EventLog, "append" | "ensureTopics">;
  readonly objects: Pick<Objects, "put">;
  readonly metrics: Pick<Metrics, "counter">;
  /** Told after an effect became durable, so that a test can end the process at that point. */
  readonly checkpoint?: (name: "append") => void;
}

/** A larger original goes to the object store: log records and rows stay small. */
const LARGEST_ORIGINAL_BYTES = 64 * 1024;

export function createEventSink(deps: SinkDeps): EventSink {
  const { log, objects } = deps;
  const accepted = deps.metrics.counter({
    name: "rollcall_events_accepted_total",
    help: "Events made durable in the event log, dead letters among them.",
    labels: ["source"],
  });
  const deadLetters = deps.metrics.counter({
    name: "rollcall_events_dead_lettered_total",
    help: "Events made durable as dead letters.",
    labels: ["source", "reason"],
  });
  const ensureTopics = onceItWorks(() => log.ensureTopics(SOURCES));

  /** The object is named by its content: a repeated append writes the same object again. */
  async function withStoredOriginal(item: Decoded): Promise<Decoded> {
    if (item.kind === "event" || item.original.length <= LARGEST_ORIGINAL_BYTES) return item;
    const day = microsToIso(item.receivedAt).slice(0, 10);
    const digest = createHash("sha256").update(item.original).digest("hex");
    const name = `dead_letters/${day}/${digest}`;
    await objects.put(name, clearEnvelope(item.original));
    return { ...item, original: Buffer.alloc(0), originalObject: name };
  }

  return {
    append: async (source, items) => {
      if (items.length === 0) return;
      await ensureTopics();
      const stored = items.some((item) => item.kind === "dead_letter")
        ? await Promise.all(items.map(withStoredOriginal))
        : items;
      await log.append(source, stored.map(encodeRecord));
      deps.checkpoint?.("append");
      accepted.addMany(items.length, { source });
      for (const item of items) {
        if (item.kind === "dead_letter") deadLetters.add({ source, reason: item.reason });
      }
    },
  };
}
