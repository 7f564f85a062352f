import { createHash } from "node:crypto";
import type { Micros } from "../../src/platform/clock.js";
import type { Collection, Document, Documents } from "../../src/platform/documents/port.js";
import { RollcallError } from "../../src/platform/errors.js";
import type { StoredRecord } from "../../src/platform/eventlog/port.js";

/**
 * One batch on its way into the warehouse: exactly the records `[first, last]` of one partition.
 * Written before any effect, so that a restart finishes the very same batch and never a different cut of it.
 */
export interface Manifest extends Document {
  /** Also the batch's id in the warehouse: `topic-partition-first-attempt`. */
  readonly _id: string;
  readonly topic: string;
  readonly partition: number;
  readonly first: number;
  readonly last: number;
  readonly count: number;
  /** Over the records' values, in order. */
  readonly sha256: string;
  /** Above 1 only when the warehouse is known not to have landed the earlier ones. */
  readonly attempt: number;
  readonly ingested_at: Micros;
  readonly status: "open" | "landed";
}

export interface Manifests {
  /** Oldest first. */
  open(): Promise<Manifest[]>;
  /** The latest `ingested_at` ever given out, landed or not. */
  latestIngestedAt(): Promise<Micros | null>;
  /** Makes the batch durable as an open manifest. */
  write(records: readonly StoredRecord[], ingestedAt: Micros): Promise<Manifest>;
  markLanded(manifest: Manifest): Promise<void>;
  /** Forgets landed manifests from before that time. */
  prune(before: Micros): Promise<number>;
}

const PRUNE_AT_ONCE = 1000;

export async function openManifests(documents: Documents): Promise<Manifests> {
  const collection: Collection<Manifest> = await documents.collection<Manifest>({
    name: "manifests",
    indexes: [["status", "ingested_at"], ["ingested_at"]],
  });

  /** A taken id belongs to a landing the warehouse no longer knows of (it was rebuilt): the next attempt is ours. */
  async function insertWithNextAttempt(manifest: Omit<Manifest, "_id" | "attempt">): Promise<Manifest> {
    for (let attempt = 1; ; attempt++) {
      const _id = `${manifest.topic}-${manifest.partition}-${manifest.first}-${attempt}`;
      const numbered = { ...manifest, _id, attempt };
      if (await collection.insert(numbered)) return numbered;
    }
  }

  return {
    open: () => collection.find({ where: { status: "open" }, sort: [{ field: "ingested_at" }] }),

    latestIngestedAt: async () => {
      const [latest] = await collection.find({ sort: [{ field: "ingested_at", descending: true }], limit: 1 });
      return latest?.ingested_at ?? null;
    },

    write: (records, ingestedAt) => {
      const { topic, partition, first, last } = rangeOf(records);
      return insertWithNextAttempt({
        topic,
        partition,
        first,
        last,
        count: records.length,
        sha256: digestOf(records),
        ingested_at: ingestedAt,
        status: "open",
      });
    },

    markLanded: (manifest) => collection.put([{ ...manifest, status: "landed" }]),

    prune: async (before) => {
      let removed = 0;
      for (;;) {
        const old = await collection.find({
          where: { status: "landed", ingested_at: { lt: before } },
          limit: PRUNE_AT_ONCE,
        });
        if (old.length === 0) return removed;
        removed += await collection.remove(old.map(({ _id }) => _id));
      }
    },
  };
}

/** Throws LOG_FAILED when the records are not those the manifest was written for. */
export function checkRecords(manifest: Manifest, records: readonly StoredRecord[]): void {
  if (records.length === manifest.count && digestOf(records) === manifest.sha256) return;
  throw new RollcallError(
    "LOG_FAILED",
    `The log no longer holds what batch ${manifest._id} was cut from. Restore the event log and the documents of one backup.`,
    { isRetriable: false },
  );
}

function rangeOf(records: readonly StoredRecord[]): { topic: string; partition: number; first: number; last: number } {
  const first = records[0];
  const last = records.at(-1);
  if (!first || !last)
    throw new RollcallError("INTERNAL", "A batch without records cannot land.", { isRetriable: false });
  return { topic: first.topic, partition: first.partition, first: first.offset, last: last.offset };
}

function digestOf(records: readonly StoredRecord[]): string {
  const hash = createHash("sha256");
  for (const record of records) hash.update(record.value);
  return hash.digest("hex");
}
