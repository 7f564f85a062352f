import { isoToMicros } from "../../platform/clock.js";
import type { Column, Params, Row, TableName, Warehouse } from "../../warehouse/port.js";
import { sql } from "../../warehouse/sql.js";

/**
 * What identity.resolve needs of one component, by table: the component's own rows and, because an identifier's carriers
 * are told apart by all who carry it, the carriers elsewhere. `@components` are whole; nothing else is resolved.
 */
const COPIED: Readonly<Record<string, string>> = {
  identity_map: sql`SELECT m.* FROM identity.identity_map AS m WHERE m.component_id IN UNNEST(@components)`,
  nodes: sql`SELECT n.* FROM identity.nodes AS n WHERE n.node_id IN UNNEST(@nodes)`,
  // What an operator's decisions make of numbers counts wherever they are carried.
  edges: sql`
    SELECT e.* FROM identity.edges AS e
    WHERE e.node_id IN UNNEST(@carriers)
      OR e.node_id IN (SELECT d.node_a FROM identity.decisions AS d UNION DISTINCT SELECT d.node_b FROM identity.decisions AS d)`,
  identifiers: sql`
    SELECT i.* FROM identity.identifiers AS i
    WHERE i.hmac IN (SELECT e.hmac FROM identity.edges AS e WHERE e.node_id IN UNNEST(@carriers))`,
  features: sql`SELECT f.* FROM identity.features AS f WHERE f.node_id IN UNNEST(@carriers)`,
  descriptions: sql`
    SELECT d.* FROM identity.descriptions AS d
    WHERE d.description_id IN (SELECT f.description_id FROM identity.features AS f WHERE f.node_id IN UNNEST(@carriers))`,
  description_pairs: sql`
    SELECT p.* FROM identity.description_pairs AS p
    WHERE p.a IN (SELECT f.description_id FROM identity.features AS f WHERE f.node_id IN UNNEST(@nodes))
      AND p.b IN (SELECT f.description_id FROM identity.features AS f WHERE f.node_id IN UNNEST(@nodes))`,
  // Whether a mailbox's letters are a given name.
  term_frequencies: sql`SELECT t.* FROM identity.term_frequencies AS t WHERE t.term = "given_name"`,
  device_links: sql`SELECT d.* FROM identity.device_links AS d WHERE d.node_id IN UNNEST(@nodes)`,
  decisions: sql`SELECT d.* FROM identity.decisions AS d`,
  clusters: sql`
    SELECT c.* FROM identity.clusters AS c
    WHERE c.profile_id IN (SELECT m.profile_id FROM identity.identity_map AS m WHERE m.node_id IN UNNEST(@nodes))`,
  aliases: sql`
    SELECT a.* FROM identity.aliases AS a
    WHERE a.merged_into IN (SELECT m.profile_id FROM identity.identity_map AS m WHERE m.node_id IN UNNEST(@nodes))`,
  inherited_births: sql`SELECT b.* FROM identity.inherited_births AS b WHERE b.node_id IN UNNEST(@nodes)`,
  withheld_edges: sql`SELECT w.* FROM identity.withheld_edges AS w WHERE w.node_id IN UNNEST(@carriers)`,
};

const NODES_SQL = sql`
  SELECT m.node_id FROM identity.identity_map AS m WHERE m.component_id IN UNNEST(@components) ORDER BY m.node_id`;
/** Of what links nobody it does not matter who else carries it: a blocked value may be half the warehouse's. */
const CARRIERS_SQL = sql`
  -- @nodes ARRAY<STRING>
  SELECT DISTINCT o.node_id
  FROM identity.edges AS e
  JOIN identity.identifiers AS i ON i.hmac = e.hmac
  JOIN identity.edges AS o ON o.hmac = e.hmac
  WHERE e.node_id IN UNNEST(@nodes) AND i.status = "active"
  UNION DISTINCT
  SELECT n AS node_id FROM UNNEST(@nodes) AS n`;

const DATASET = "identity";
/** A statement's rows travel as one parameter. */
const ROWS_PER_INSERT = 2000;

const strings = (value: readonly string[]): Params[string] => ({ type: "ARRAY<STRING>", value });

/**
 * Copies components into an empty warehouse, with every table that `tables` names; those without rows of a component's are
 * there and empty. Reads the source and writes nothing to it.
 */
export async function copyComponents(
  { source, scratch }: { readonly source: Warehouse; readonly scratch: Warehouse },
  components: readonly string[],
  tables: readonly TableName[],
): Promise<void> {
  const nodes = await idsOf(source, NODES_SQL, { components: strings(components) });
  const carriers = await idsOf(source, CARRIERS_SQL, { nodes: strings(nodes) });
  const values: Params = { components: strings(components), nodes: strings(nodes), carriers: strings(carriers) };
  const shapes = await Promise.all(
    tables.map(async (name) => ({ ...name, columns: (await source.schema(name)) ?? [] })),
  );
  await scratch.ensureTables(shapes);
  for (const { dataset, table, columns } of shapes) {
    const query = dataset === DATASET ? COPIED[table] : undefined;
    if (query === undefined) continue;
    const used = Object.fromEntries(Object.entries(values).filter(([name]) => query.includes(`@${name}`)));
    await insertRows(scratch, table, columns, (await source.query(query, used)).rows);
  }
}

async function idsOf(warehouse: Warehouse, query: string, params: Params): Promise<readonly string[]> {
  return (await warehouse.query(query, params)).rows.map(({ node_id: id }) => String(id));
}

async function insertRows(
  warehouse: Warehouse,
  table: string,
  columns: readonly Column[],
  rows: readonly Row[],
): Promise<void> {
  const names = columns.map(({ name }) => `\`${name}\``).join(", ");
  const type = `ARRAY<STRUCT<${columns.map((column) => `\`${column.name}\` ${column.type}`).join(", ")}>>`;
  const insert = `INSERT INTO ${DATASET}.${table} (${names}) SELECT ${names} FROM UNNEST(@rows)`;
  for (let from = 0; from < rows.length; from += ROWS_PER_INSERT) {
    const value = rows.slice(from, from + ROWS_PER_INSERT).map((row) => parameterRow(row, columns));
    await warehouse.execute(insert, { rows: { type, value } });
  }
}

/** Rows come with times as text and go with times as microseconds. */
function parameterRow(row: Row, columns: readonly Column[]): Row {
  return Object.fromEntries(
    columns.map(({ name, type }) => {
      const value = row[name];
      return [name, type === "TIMESTAMP" && typeof value === "string" ? isoToMicros(value) : value];
    }),
  );
}
