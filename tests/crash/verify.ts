import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { Manifest } from "../../loaders/landing/manifests.js";
import { openProject } from "../../src/cli/project.js";
import { systemClock } from "../../src/platform/clock.js";
import type { Document, Documents } from "../../src/platform/documents/port.js";
import { OPEN_END } from "../../src/platform/documents/profile-collections.js";
import { createSqliteDocuments } from "../../src/platform/documents/sqlite.js";
import { createDuckdbWarehouse } from "../../src/warehouse/duckdb/warehouse.js";
import type { Row, Warehouse } from "../../src/warehouse/port.js";
import { createRunner } from "../../src/warehouse/run/run.js";
import { PROFILE_STORE, PROFILE_STORE_OBJECTS } from "../../syncs/targets/profiles/spec.js";
import { contentOf, type LogContent, readLog } from "./input.js";
import { differencesOf, type Published, readPublished } from "./published.js";

/** Which fact table takes over which bronze table. */
const FLOWS: Readonly<Record<string, string>> = {
  website_events: "web_events",
  mobile_events: "app_events",
  salesforce_changes: "crm_changes",
  salesforce_contacts: "crm_contact_rows",
  salesforce_enrollments: "crm_enrollment_rows",
  email_events: "email_engagements",
  whatsapp_messages: "whatsapp_messages",
};

/** What a home held when it was checked. */
export interface Verdict {
  readonly published: Published;
  readonly content: LogContent;
  /** As they were cut: `id first-last`. */
  readonly batches: readonly string[];
  readonly duplicates: number;
}

/**
 * Opens a home that no process has open, and checks all that must hold however it came about: gates 1 and 2 to the row
 * against what the log says was accepted, every event once, the profile store equal to the activation tables, nothing
 * left over, and the whole-table assertions. `without`: columns that are not to be compared with other homes.
 */
export async function verifyHome(home: string, without: readonly string[] = []): Promise<Verdict> {
  const content = contentOf(await readLog(home));
  const warehouse = await openWarehouse(home);
  const documents = createSqliteDocuments({ file: join(home, "documents.sqlite") });
  try {
    await expectGateOne(warehouse, content);
    const landed = await expectManifestOfEachBatch(documents, warehouse);
    const duplicates = await expectGateTwo(warehouse, content);
    await expectStoreEqualsActivation(documents, warehouse);
    await expectNothingLeftOver(warehouse);
    expect(readdirSync(join(home, "tmp"))).toEqual([]);
    const runner = createRunner({ root: openProject().root }, { warehouse, clock: systemClock, logger: SILENT });
    await runner.runAudit();
    return { published: await readPublished(warehouse, without), content, duplicates, batches: landed };
  } finally {
    await documents.close();
    await warehouse.close();
  }
}

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };

const LAYERS = new Set(["silver", "identity", "gold", "activation", "quality"]);

function openWarehouse(home: string): Promise<Warehouse> {
  const tempDirectory = join(home, "verify.tmp");
  return createDuckdbWarehouse({ file: join(home, "warehouse.duckdb"), tempDirectory, threads: 2 });
}

async function rowsOf(warehouse: Warehouse, sql: string): Promise<readonly Row[]> {
  return (await warehouse.query(sql)).rows;
}

/** accepted = landed + dead-lettered: each log record is one row, of its own table, once. */
async function expectGateOne(warehouse: Warehouse, content: LogContent): Promise<void> {
  const parts = [...Object.keys(FLOWS), "dead_letters"].map(
    (table) => `SELECT '${table}' AS name, log_topic, log_partition, log_offset FROM bronze.${table}`,
  );
  const [whole] = await rowsOf(
    warehouse,
    `SELECT COUNT(*) AS landed,
       COUNT(DISTINCT CONCAT(log_topic, "/", CAST(log_partition AS STRING), "/", CAST(log_offset AS STRING))) AS places,
       COUNTIF(name = "dead_letters") AS dead
     FROM (${parts.join(" UNION ALL ")})`,
  );
  expect(whole).toEqual({ landed: content.records, places: content.records, dead: content.deadLetters });
  const batches = await rowsOf(
    warehouse,
    "SELECT topic, SUM(row_count) AS record_count FROM ops.landed_batches GROUP BY topic",
  );
  expect(new Map(batches.map((row) => [row.topic, row.record_count]))).toEqual(content.countByTopic);
}

/**
 * bronze = silver + duplicate + quarantined, with ids and duplicates counted in the log and not in the warehouse. Resolves
 * with how many duplicates there were.
 */
async function expectGateTwo(warehouse: Warehouse, content: LogContent): Promise<number> {
  let duplicates = 0;
  for (const [bronze, silver] of Object.entries(FLOWS)) {
    const accepted = content.eventIds.get(bronze) ?? [];
    const ids = [...new Set(accepted)].sort();
    const facts = await rowsOf(warehouse, `SELECT event_id, event_key FROM silver.${silver}`);
    const aside = await rowsOf(warehouse, `SELECT event_id FROM quality.quarantine WHERE source_table = "${bronze}"`);
    const usedIds = new Set(facts.map((row) => String(row.event_id)));
    expect(facts.length, `facts of ${silver}`).toBe(new Set(facts.map((row) => row.event_key)).size);
    expect([...usedIds, ...aside.map((row) => String(row.event_id))].sort(), bronze).toEqual(ids);
    duplicates += accepted.length - ids.length;
  }
  const silver = Object.values(FLOWS).map((table) => `SELECT event_key FROM silver.${table}`);
  const [events] = await rowsOf(
    warehouse,
    `SELECT COUNT(*) AS event_count, COUNT(DISTINCT event_key) AS key_count,
       COUNTIF(event_key NOT IN (${silver.join(" UNION ALL ")})) AS unknown_count,
       (SELECT COUNT(*) FROM (${silver.join(" UNION ALL ")})) AS fact_count
     FROM silver.events`,
  );
  expect(events).toEqual({
    event_count: events?.fact_count,
    key_count: events?.fact_count,
    unknown_count: 0,
    fact_count: events?.fact_count,
  });
  return duplicates;
}

/** A batch landed as it was cut, whoever finished it: no manifest is left open, none was given up for another cut. */
async function expectManifestOfEachBatch(documents: Documents, warehouse: Warehouse): Promise<readonly string[]> {
  const manifests = await (await documents.collection<Manifest>({ name: "manifests" })).find({});
  const batches = await rowsOf(
    warehouse,
    `SELECT batch_id, first_offset, last_offset, UNIX_MICROS(ingested_at) AS ingested_at, "landed" AS status
     FROM ops.landed_batches ORDER BY batch_id`,
  );
  const cut = manifests.map(({ _id, first, last, ingested_at, status }) => ({
    batch_id: _id,
    first_offset: first,
    last_offset: last,
    ingested_at,
    status,
  }));
  expect(cut.sort((a, b) => (a.batch_id < b.batch_id ? -1 : 1))).toEqual(batches);
  return manifests.map((manifest) => nameOfBatch(manifest));
}

/**
 * What a home holds whose engine was killed: no layer shows rows beyond what it says it has read. Opening the file here
 * is one more restart for it.
 */
export async function verifyWhole(home: string): Promise<void> {
  const warehouse = await openWarehouse(home);
  try {
    const models = await rowsOf(
      warehouse,
      "SELECT model, UNIX_MICROS(window_to) AS window_to FROM ops.watermarks WHERE window_to IS NOT NULL",
    );
    const readUpTo = new Map(models.map((row) => [String(row.model), Number(row.window_to)]));
    for (const { dataset, table, kind } of await warehouse.tables()) {
      const columns = (await warehouse.schema({ dataset, table })) ?? [];
      if (kind === "view" || !LAYERS.has(dataset) || !columns.some(({ name }) => name === "ingested_at")) continue;
      const name = `${dataset}.${table}`;
      const [latest] = await rowsOf(warehouse, `SELECT UNIX_MICROS(MAX(ingested_at)) AS latest_at FROM ${name}`);
      expect(Number(latest?.latest_at), `latest row of ${name}`).toBeLessThan(readUpTo.get(name) ?? 0);
    }
    if (!readUpTo.has("activation.act_profiles__profiles")) return;
    const [halves] = await rowsOf(
      warehouse,
      `SELECT COUNT(*) AS profile_count FROM gold.profiles AS p
       FULL OUTER JOIN activation.act_profiles__profiles AS a ON a.profile_id = p.profile_id
       WHERE p.profile_id IS NULL OR a.profile_id IS NULL OR p.first_ingested_at != a.first_ingested_at`,
    );
    expect(halves).toEqual({ profile_count: 0 });
  } finally {
    await warehouse.close();
  }
}

/** The batches a killed engine left open, as they were cut: `id first-last`. */
export async function openBatches(home: string): Promise<string[]> {
  const documents = createSqliteDocuments({ file: join(home, "documents.sqlite") });
  try {
    const manifests = await (await documents.collection<Manifest>({ name: "manifests" })).find({});
    return manifests.filter(({ status }) => status === "open").map((manifest) => nameOfBatch(manifest));
  } finally {
    await documents.close();
  }
}

function nameOfBatch({ _id, first, last }: Pick<Manifest, "_id" | "first" | "last">): string {
  return `${_id} ${first}-${last}`;
}

/** Document by document: what activation wants is there as it wants it, and nothing else is. */
async function expectStoreEqualsActivation(documents: Documents, warehouse: Warehouse): Promise<void> {
  for (const spec of PROFILE_STORE.objects) {
    const { collection } = PROFILE_STORE_OBJECTS[spec.object as keyof typeof PROFILE_STORE_OBJECTS];
    const documentsOf = await documents.collection<Document>(collection);
    const stored = (await documentsOf.find({})).map(canonical);
    const rows = await rowsOf(warehouse, `SELECT * FROM ${spec.table.dataset}.${spec.table.table}`);
    const wanted = rows.flatMap((row) => wantedDocument(row, String(row[spec.key]))).map(canonical);
    expect(differencesOf({ [spec.object]: wanted }, { [spec.object]: stored })).toEqual([]);
  }
}

function canonical(document: Document): string {
  return JSON.stringify(Object.entries(document).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function wantedDocument(row: Row, key: string): Document[] {
  const { row_hash: _hash, is_removed: isRemoved, ...columns } = row;
  if (typeof columns.merged_into === "string") {
    return [{ _id: key, profile_id: key, merged_into: columns.merged_into } as Document];
  }
  if (isRemoved === true) return [];
  const end = "member_until" in columns ? { member_until: columns.member_until ?? OPEN_END } : {};
  return [{ ...columns, ...end, _id: key }];
}

async function expectNothingLeftOver(warehouse: Warehouse): Promise<void> {
  const [left] = await rowsOf(
    warehouse,
    `SELECT
       (SELECT COUNT(*) FROM identity.pending_nodes) AS pending_nodes,
       (SELECT COUNT(*) FROM ops.sync_plans WHERE status IN ("open", "held", "approved")) AS plans,
       (SELECT COUNT(*) FROM ops.sync_jobs WHERE status NOT IN ("done", "superseded")) AS jobs,
       (SELECT COUNT(*) FROM identity.aliases AS a
         WHERE a.merged_into NOT IN (SELECT profile_id FROM identity.clusters)) AS aliases_to_nowhere`,
  );
  expect(left).toEqual({ pending_nodes: 0, plans: 0, jobs: 0, aliases_to_nowhere: 0 });
}
