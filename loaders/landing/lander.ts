import type { Clock } from "../../src/platform/clock.js";
import type { StoredRecord } from "../../src/platform/eventlog/port.js";
import type { Metrics } from "../../src/platform/telemetry/metrics.js";
import type { Warehouse } from "../../src/warehouse/port.js";
import { checkRecords, type Manifest, type Manifests } from "./manifests.js";
import type { Progress } from "./progress.js";
import { buildRows, type ReadRecord, readRecord } from "./rows.js";

/** Points at which a test may end the process: the named effect is durable, the next one has not begun. */
export type LandingCheckpoint = "manifest" | "rows" | "offsets";

export interface LanderDeps {
  readonly manifests: Manifests;
  readonly progress: Progress;
  readonly warehouse: Pick<Warehouse, "land">;
  readonly clock: Clock;
  readonly metrics: Pick<Metrics, "counter">;
  /** Which of these identifiers belong to somebody who was erased. */
  readonly suppressed?: (hmacs: readonly string[]) => Promise<ReadonlySet<string>>;
  readonly checkpoint?: (name: LandingCheckpoint) => void | Promise<void>;
}

/**
 * Lands one batch: manifest, rows, manifest marked landed, in this order, each durable before the next.
 * Whoever calls commits the log's group offset afterwards. A crash in between repeats the same batch under the same id,
 * and the warehouse keeps one of the two.
 */
export interface Lander {
  land(records: readonly StoredRecord[]): Promise<void>;
  /** Goes on where a crash left an open manifest. Throws LOG_FAILED when the records are not its own. */
  finish(manifest: Manifest, records: readonly StoredRecord[]): Promise<void>;
}

export function createLander(deps: LanderDeps): Lander {
  const { manifests, progress, warehouse, clock, checkpoint } = deps;
  const landedRows = deps.metrics.counter({
    name: "rollcall_landed_rows_total",
    help: "Rows landed in bronze, by table; dead letters have a table of their own.",
    labels: ["table"],
  });

  async function suppressionOf(records: readonly ReadRecord[]): Promise<ReadonlySet<string>> {
    if (!deps.suppressed) return new Set();
    const hmacs = new Set<string>();
    for (const { decoded } of records) {
      if (decoded.kind === "event") for (const { hmac } of decoded.identifiers) hmacs.add(hmac);
    }
    return hmacs.size === 0 ? new Set() : deps.suppressed([...hmacs]);
  }

  async function landRows(manifest: Manifest, records: readonly StoredRecord[]): Promise<void> {
    const { _id: batchId, topic, partition, ingested_at: ingestedAt } = manifest;
    const read = records.map(readRecord);
    const suppressed = await suppressionOf(read);
    const tables = buildRows(read, { batchId, ingestedAt }, (hmac) => suppressed.has(hmac));
    const { first: firstOffset, last: lastOffset } = manifest;
    await warehouse.land({ batchId, topic, partition, firstOffset, lastOffset, ingestedAt, tables });
    await checkpoint?.("rows");
    await manifests.markLanded(manifest);
    progress.landed({ topic, partition, nextOffset: lastOffset + 1, ingestedAt });
    await checkpoint?.("offsets");
    for (const [table, rows] of Object.entries(tables)) landedRows.addMany(rows.length, { table });
  }

  return {
    land: async (records) => {
      const manifest = await manifests.write(records, progress.stamp(clock.now()));
      await checkpoint?.("manifest");
      await landRows(manifest, records);
    },
    finish: async (manifest, records) => {
      checkRecords(manifest, records);
      await landRows(manifest, records);
    },
  };
}
