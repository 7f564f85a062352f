import type { Micros } from "../../platform/clock.js";
import { RollcallError } from "../../platform/errors.js";
import type { TableName, Warehouse } from "../port.js";
import type { TableShape } from "../project/ops-tables.js";
import { sql } from "../sql.js";

/**
 * Copies of tables to compare with later. They hold what their tables held, personal columns included, and no erasure looks for
 * them: so they last a day, and housekeeping drops them.
 */
export const SNAPSHOT_LIFETIME_MS = 24 * 3_600_000;

const DATASET = "snapshots";
export const SNAPSHOT_REGISTER: TableShape = {
  dataset: "ops",
  table: "snapshots",
  columns: [
    { name: "name", type: "STRING" },
    { name: "source", type: "STRING" },
    { name: "table_name", type: "STRING" },
    { name: "made_at", type: "TIMESTAMP" },
  ],
};

export interface SnapshotRequest {
  readonly source: TableName;
  readonly name: string;
  readonly at: Micros;
}

/** Copies the table as it is; a snapshot of that name is replaced. Throws NOT_FOUND and INPUT_INVALID. */
export async function takeSnapshot(warehouse: Warehouse, { source, name, at }: SnapshotRequest): Promise<void> {
  if (!/^[a-z0-9_]{1,60}$/.test(name)) {
    throw new RollcallError(
      "INPUT_INVALID",
      `A snapshot's name is of a-z, 0-9 and _, up to 60 of them: not "${name}".`,
      {
        isRetriable: false,
      },
    );
  }
  if ((await warehouse.schema(source)) === null) throw notFound(`there is no table ${source.dataset}.${source.table}`);
  await warehouse.ensureTables([SNAPSHOT_REGISTER]);
  const table = tableOf(source, name);
  const copy = `\`${table.dataset}\`.\`${table.table}\``;
  // The register first: a copy that is not registered would never go.
  await warehouse.execute(sql`DELETE FROM ops.snapshots WHERE table_name = @table`, {
    table: { type: "STRING", value: table.table },
  });
  await warehouse.execute(
    sql`INSERT INTO ops.snapshots (name, source, table_name, made_at) VALUES (@name, @source, @table, @at)`,
    {
      name: { type: "STRING", value: name },
      source: { type: "STRING", value: `${source.dataset}.${source.table}` },
      table: { type: "STRING", value: table.table },
      at: { type: "TIMESTAMP", value: at },
    },
  );
  await warehouse.execute(
    `CREATE SCHEMA IF NOT EXISTS ${DATASET};\nCREATE OR REPLACE TABLE ${copy} AS SELECT * FROM \`${source.dataset}\`.\`${source.table}\``,
  );
}

/** The table of a snapshot. Throws NOT_FOUND, naming those there are. */
export async function findSnapshot(warehouse: Warehouse, source: TableName, name: string): Promise<TableName> {
  const table = tableOf(source, name);
  if ((await warehouse.schema(table)) !== null) return table;
  const prefix = tableOf(source, "").table;
  const known = (await warehouse.tables(DATASET)).map((each) => each.table).filter((each) => each.startsWith(prefix));
  const hint =
    known.length === 0
      ? "take one with --save <name>"
      : `there are ${known.map((each) => each.slice(prefix.length)).join(", ")}`;
  throw notFound(`${source.dataset}.${source.table} has no snapshot "${name}": ${hint}`);
}

/** Drops the snapshots that have lasted their time. */
export async function dropOldSnapshots(warehouse: Warehouse, now: Micros): Promise<void> {
  await warehouse.ensureTables([SNAPSHOT_REGISTER]);
  const limit = { limit: { type: "TIMESTAMP", value: now - SNAPSHOT_LIFETIME_MS * 1000 } };
  const { rows } = await warehouse.query(sql`SELECT table_name FROM ops.snapshots WHERE made_at < @limit`, limit);
  if (rows.length === 0) return;
  const drops = rows.map(({ table_name: table }) => `DROP TABLE IF EXISTS \`${DATASET}\`.\`${String(table)}\``);
  await warehouse.execute(drops.join(";\n"));
  await warehouse.execute(sql`DELETE FROM ops.snapshots WHERE made_at < @limit`, limit);
}

function tableOf(source: TableName, name: string): TableName {
  return { dataset: DATASET, table: `${source.dataset}__${source.table}__${name}` };
}

function notFound(message: string): RollcallError {
  return new RollcallError("NOT_FOUND", message, { isRetriable: false });
}
