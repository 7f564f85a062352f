import { readdir, rm } from "node:fs/promises";
import path from "node:path";
import type { Micros } from "../../platform/clock.js";
import type { Params, Warehouse } from "../port.js";
import { sql } from "../sql.js";

/** What grows with time and not with people is cut back here. Nothing a cycle, a check or the status still reads goes. */

const DAY: Micros = 86_400_000_000;

/** How long things stay. */
export const RETENTION = {
  runs: 30 * DAY,
  landedBatches: 30 * DAY,
  changedProfiles: 7 * DAY,
  checkFailures: 30 * DAY,
  resultFolders: 200,
} as const;

const DELETE_RUNS = sql`DELETE FROM ops.runs WHERE ended_at < @before`;

/**
 * Batches of a partition become one row that covers their offsets and sums their counts: what the status and the gates
 * add up stays the same. No cycle reads before the models that stand farthest back.
 */
const SUM_UP_BATCHES = sql`
BEGIN TRANSACTION;
CREATE OR REPLACE TEMP TABLE old_batches AS
SELECT * FROM ops.landed_batches WHERE ingested_at < @before
  AND ingested_at < (SELECT MIN(w.window_to) FROM ops.watermarks AS w WHERE w.window_to IS NOT NULL);
DELETE FROM ops.landed_batches WHERE batch_id IN (SELECT o.batch_id FROM old_batches AS o);
INSERT INTO ops.landed_batches
  (batch_id, topic, log_partition, first_offset, last_offset, ingested_at, row_count, dead_letter_count)
SELECT
  CONCAT("sum/", o.topic, "/", CAST(o.log_partition AS STRING), "/", CAST(MAX(o.last_offset) AS STRING)),
  o.topic, o.log_partition, MIN(o.first_offset), MAX(o.last_offset), MAX(o.ingested_at), SUM(o.row_count),
  SUM(o.dead_letter_count)
FROM old_batches AS o
GROUP BY o.topic, o.log_partition;
DROP TABLE old_batches;
COMMIT TRANSACTION;`;

const DELETE_CHANGED_PROFILES = sql`
DELETE FROM identity.changed_profiles
WHERE changed_at < @before
  AND changed_at < (SELECT MIN(w.window_to) FROM ops.watermarks AS w WHERE w.window_to IS NOT NULL)`;

/** Failures stay for a while; of each check the latest result stays for good. */
const DELETE_CHECK_RESULTS = sql`
DELETE FROM quality.check_results AS r
WHERE r.checked_at < @before
  AND r.checked_at < (SELECT MAX(l.checked_at) FROM quality.check_results AS l WHERE l.check_name = r.check_name)`;

const EXPIRED_OBJECTS = sql`
SELECT DISTINCT original_object AS name
FROM bronze.dead_letters
WHERE expires_at < @before AND original_object IS NOT NULL`;
const DELETE_DEAD_LETTERS = sql`DELETE FROM bronze.dead_letters WHERE expires_at < @before`;

export interface HousekeepingDeps {
  readonly warehouse: Pick<Warehouse, "query" | "execute" | "tables">;
  readonly objects: { remove(name: string): Promise<boolean> };
  /** Holds a folder per run. */
  readonly resultsFolder: string;
}

/** Cuts back what is older than its retention. Run it while no cycle runs; to run it twice does no harm. */
export async function keepHouse(deps: HousekeepingDeps, now: Micros): Promise<void> {
  const { warehouse } = deps;
  const existing = new Set((await warehouse.tables()).map(({ dataset, table }) => `${dataset}.${table}`));
  // Before the first run there is nothing to cut back.
  if (!existing.has("ops.watermarks")) return;
  const cut = async (table: string, statements: string, before: Micros): Promise<void> => {
    if (existing.has(table)) await warehouse.execute(statements, beforeParam(before), { origin: "housekeeping" });
  };
  await cut("ops.runs", DELETE_RUNS, now - RETENTION.runs);
  await cut("ops.landed_batches", SUM_UP_BATCHES, now - RETENTION.landedBatches);
  await cut("identity.changed_profiles", DELETE_CHANGED_PROFILES, now - RETENTION.changedProfiles);
  await cut("quality.check_results", DELETE_CHECK_RESULTS, now - RETENTION.checkFailures);
  if (existing.has("bronze.dead_letters")) {
    // Objects first: a row that names what is gone is deleted next time, an object nobody names would stay for ever.
    const { rows } = await warehouse.query(EXPIRED_OBJECTS, beforeParam(now));
    for (const { name } of rows) await deps.objects.remove(String(name));
    await cut("bronze.dead_letters", DELETE_DEAD_LETTERS, now);
  }
  await removeOldFolders(deps.resultsFolder);
}

function beforeParam(before: Micros): Params {
  return { before: { type: "TIMESTAMP", value: before } };
}

/** Run ids end with the microsecond at which the run began: `cycle_<window>_<began>`. What is named otherwise is not ours. */
async function removeOldFolders(folder: string): Promise<void> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  const runs = names.flatMap((name) => {
    const began = /_(\d+)$/.exec(name)?.[1];
    return began === undefined ? [] : [{ name, beganAt: Number(began) }];
  });
  const oldest = runs.sort((a, b) => b.beganAt - a.beganAt).slice(RETENTION.resultFolders);
  for (const { name } of oldest) await rm(path.join(folder, name), { recursive: true, force: true });
}
