import type { Row, Warehouse } from "../../src/warehouse/port.js";

/**
 * What a home has published, written so that two homes can be compared.
 *
 * Left out, because it rightly depends on when a batch landed and how batches were cut: times of arrival and what is
 * computed from them (`ingested_at`, anchors, row hashes), which of several events named an identifier first, and the
 * ids that were merged away on the way. A profile is called after the earliest of its nodes, so its id depends on
 * arrival as well: here it is called after its smallest node instead. Everything else has to be equal, row by row.
 */
export type Published = Readonly<Record<string, readonly string[]>>;

/** Depends on arrival wherever it stands, nested ones included. */
const OF_ARRIVAL = new Set([
  "ingested_at",
  "first_ingested_at",
  "anchor_at",
  "anchor_node_id",
  "status_changed_at",
  "row_hash",
]);

interface Comparison {
  readonly table: string;
  /** GoogleSQL; the whole table when absent. */
  readonly sql?: string;
  /** What else of this table depends on arrival. */
  readonly without?: readonly string[];
}

const FACTS = [
  "web_events",
  "app_events",
  "crm_changes",
  "crm_contact_rows",
  "crm_enrollment_rows",
  "crm_field_values",
  "email_engagements",
  "whatsapp_messages",
  "events",
  "identifier_observations",
  "trait_observations",
  "consent_decisions",
  "crm_contacts",
  "crm_leads",
  "crm_enrollments",
].map((name): Comparison => ({ table: `silver.${name}` }));

const COMPARISONS: readonly Comparison[] = [
  ...FACTS,
  // One row per arrival: what is compared is their sum.
  {
    table: "silver.identity_days",
    sql: `SELECT node_id, day, source, SUM(event_count) AS event_count, SUM(activity_count) AS activity_count,
            SUM(browsing_count) AS browsing_count, SUM(intent_count) AS intent_count, SUM(learning_count) AS learning_count,
            SUM(assessment_count) AS assessment_count, SUM(messaging_count) AS messaging_count,
            SUM(email_engaged_count) AS email_engaged_count, MIN(first_at) AS first_at, MAX(last_at) AS last_at,
            MAX(last_learning_at) AS last_learning_at, MAX(last_intent_at) AS last_intent_at
          FROM silver.identity_days GROUP BY node_id, day, source`,
  },
  {
    table: "silver.programme_interests",
    sql: `SELECT node_id, programme, SUM(interest_count) AS interest_count, MAX(last_at) AS last_at
          FROM silver.programme_interests GROUP BY node_id, programme`,
  },
  { table: "quality.quarantine" },
  { table: "identity.nodes" },
  { table: "identity.edges", without: ["event_id"] },
  { table: "identity.identifiers" },
  // A component is called after its earliest node, as a profile is: here after its smallest.
  {
    table: "identity.identity_map",
    sql: `SELECT m.node_id, m.profile_id, MIN(m.node_id) OVER (PARTITION BY m.component_id) AS component
          FROM identity.identity_map AS m`,
  },
  { table: "identity.clusters" },
  { table: "gold.profiles", sql: "SELECT * FROM gold.profiles WHERE merged_into IS NULL" },
  { table: "gold.engagement" },
  { table: "gold.consents" },
  { table: "gold.segments" },
  { table: "gold.profile_events" },
  {
    table: "activation.act_profiles__profiles",
    sql: "SELECT * FROM activation.act_profiles__profiles WHERE merged_into IS NULL",
  },
  { table: "activation.act_profiles__identifiers" },
  { table: "activation.act_profiles__segment_members" },
  { table: "activation.act_profiles__events" },
];

/** `without`: columns that differ between the homes at hand for a reason of their own. */
export async function readPublished(warehouse: Warehouse, without: readonly string[]): Promise<Published> {
  const nameOf = await readProfileNames(warehouse);
  const published: Record<string, readonly string[]> = {};
  for (const { table, sql, without: ofTable } of COMPARISONS) {
    const { rows } = await warehouse.query(sql ?? `SELECT * FROM ${table}`);
    const left = new Set([...OF_ARRIVAL, ...without, ...(ofTable ?? [])]);
    published[table] = rows.map((row) => JSON.stringify(comparable(row, left, nameOf))).sort();
  }
  return published;
}

/** Names that two homes share: what arrived in which batch does not matter to the smallest node of a profile. */
async function readProfileNames(warehouse: Warehouse): Promise<(text: string) => string> {
  const { rows } = await warehouse.query(
    "SELECT profile_id, MIN(node_id) AS name FROM identity.identity_map GROUP BY profile_id",
  );
  const names = new Map(rows.map((row) => [String(row.profile_id), `profile of ${row.name}`]));
  return (text) => text.replace(/p_[0-9a-f]{22}/, (id) => names.get(id) ?? id);
}

const PROFILE_COLUMNS = new Set(["profile_id", "member_id"]);

function comparable(value: unknown, without: ReadonlySet<string>, nameOf: (text: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => comparable(item, without, nameOf));
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object" || value === null || Buffer.isBuffer(value)) return value;
  const entries = Object.entries(value as Row).filter(([name]) => !without.has(name));
  return Object.fromEntries(
    entries.map(([name, member]) => [
      name,
      PROFILE_COLUMNS.has(name) && typeof member === "string" ? nameOf(member) : comparable(member, without, nameOf),
    ]),
  );
}

/** Rows that only one of two has, a few of each table, for a person to read. */
export function differencesOf(expected: Published, actual: Published): string[] {
  return Object.keys(expected).flatMap((table) => {
    const missing = minus(expected[table] ?? [], actual[table] ?? []);
    const surplus = minus(actual[table] ?? [], expected[table] ?? []);
    if (missing.length + surplus.length === 0) return [];
    const shown = [...missing.slice(0, 2).map((row) => `- ${row}`), ...surplus.slice(0, 2).map((row) => `+ ${row}`)];
    return [`${table}: ${missing.length} rows are missing, ${surplus.length} too many\n  ${shown.join("\n  ")}`];
  });
}

/** As multisets: a row twice is not the row once. */
function minus(rows: readonly string[], others: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const row of others) left.set(row, (left.get(row) ?? 0) + 1);
  return rows.filter((row) => {
    const count = left.get(row) ?? 0;
    if (count > 0) left.set(row, count - 1);
    return count === 0;
  });
}
