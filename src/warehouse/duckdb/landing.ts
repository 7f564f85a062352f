import { randomUUID } from "node:crypto";
import { open, unlink } from "node:fs/promises";
import path from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { messageOf, RollcallError } from "../../platform/errors.js";
import { located } from "../googlesql/analyzer.js";
import { type CatalogTable, tableKey } from "../googlesql/catalog.js";
import type { GoogleType } from "../googlesql/types.js";
import { isLanded, type LandedState } from "../landed.js";
import type { LandBatch, LandResult, Row } from "../port.js";
import { LANDED_BATCHES, LANDED_OFFSETS } from "../project/ops-tables.js";
import { catalogTable, type TableCatalog } from "./catalog.js";
import { statementFailure } from "./failures.js";
import { duckdbName } from "./generator/names.js";
import { quoteName, quoteText } from "./generator/sql.js";
import { duckdbType } from "./generator/types.js";
import { parameterType, parameterValue } from "./values.js";

const OFFSETS = catalogTable(LANDED_OFFSETS);
const BATCHES = catalogTable(LANDED_BATCHES);

const DATASET = "bronze";
const DEAD_LETTERS = "dead_letters";

export interface LandingDeps {
  /** Its own: landing goes on beside scripts. */
  readonly connection: DuckDBConnection;
  readonly temporaryFolder: string;
  catalog(): TableCatalog;
}

/**
 * Lands one batch in one transaction: rows, the batch's row and the partition's next offset are there together or not at all. A
 * batch that is known by its id, or whose offsets are, changes nothing. Throws CONFLICT when a batch overlaps landed offsets,
 * WAREHOUSE_FAILED for what the disk or DuckDB refuses: retriable when it may pass, as a full disk does.
 */
export async function landBatch(deps: LandingDeps, batch: LandBatch): Promise<LandResult> {
  try {
    return await writeBatch(deps, batch);
  } catch (error) {
    throw landingFailure(error, batch);
  }
}

/** Of the disk, of memory, or of another transaction: none of it is the batch's fault. */
const MAY_PASS =
  /^(?:IO|Out of Memory|TransactionContext) Error:|write-write conflict|^(?:ENOSPC|EDQUOT|EIO|EMFILE|ENFILE|EAGAIN|EBUSY):/i;
/** After this DuckDB refuses everything until the process starts anew. */
const INVALIDATED = /database has been invalidated/i;
const START = { line: 1, column: 1 };

/** In DuckDB's words without the data they quote. */
function landingFailure(error: unknown, batch: LandBatch): RollcallError {
  if (error instanceof RollcallError) return error;
  const message = messageOf(error);
  const words = statementFailure(error, { position: START }).message.slice(located(undefined, START, "").length);
  return new RollcallError("WAREHOUSE_FAILED", `Batch ${batch.batchId} could not land: ${words}`, {
    isRetriable: MAY_PASS.test(message) && !INVALIDATED.test(message),
    details: { batchId: batch.batchId, topic: batch.topic, partition: batch.partition },
  });
}

async function writeBatch(deps: LandingDeps, batch: LandBatch): Promise<LandResult> {
  const { connection } = deps;
  const loads = planLoads(deps, batch);
  try {
    for (const { file, table, rows } of loads) await writeRows(file, table, rows);
    await connection.run("BEGIN TRANSACTION");
    try {
      if (isLanded(batch, await readState(connection, batch))) {
        await connection.run("ROLLBACK");
        return { isNew: false, rows: 0 };
      }
      for (const { table, file } of loads) await connection.run(loadSql(table, file));
      const rows = await recordBatch(connection, batch);
      await connection.run("COMMIT");
      return { isNew: true, rows };
    } catch (error) {
      await connection.run("ROLLBACK").catch(() => undefined);
      throw error;
    }
  } finally {
    await Promise.all(loads.map((load) => unlink(load.file).catch(() => undefined)));
  }
}

function batchValues(batch: LandBatch, rowCount: number, deadLetterCount: number): Readonly<Record<string, unknown>> {
  return {
    batch_id: batch.batchId,
    topic: batch.topic,
    partition: batch.partition,
    log_partition: batch.partition,
    first_offset: batch.firstOffset,
    last_offset: batch.lastOffset,
    next_offset: batch.lastOffset + 1,
    ingested_at: batch.ingestedAt,
    row_count: rowCount,
    dead_letter_count: deadLetterCount,
  };
}

/** Runs SQL of ours whose parameters are columns of the batch. */
async function runWith(
  connection: DuckDBConnection,
  sql: string,
  columns: CatalogTable["columns"],
  values: Readonly<Record<string, unknown>>,
): Promise<readonly (readonly unknown[])[]> {
  const used = columns.filter((column) => sql.includes(`$${column.name}`));
  const result = await connection.runAndReadAll(
    sql,
    Object.fromEntries(used.map(({ name, type }) => [name, parameterValue(name, values[name], type)])),
    Object.fromEntries(used.map(({ name, type }) => [name, parameterType(type)])),
  );
  return result.getRows();
}

const BATCH_COLUMNS = [
  ...BATCHES.columns,
  ...OFFSETS.columns.filter(({ name }) => name === "partition" || name === "next_offset"),
];

async function readState(connection: DuckDBConnection, batch: LandBatch): Promise<LandedState> {
  const [row] = await runWith(
    connection,
    `SELECT EXISTS (SELECT 1 FROM ${duckdbName(BATCHES)} WHERE batch_id = $batch_id),
      (SELECT max(next_offset) FROM ${duckdbName(OFFSETS)} WHERE topic = $topic AND partition = $partition)`,
    BATCH_COLUMNS,
    batchValues(batch, 0, 0),
  );
  return { isKnown: row?.[0] === true, nextOffset: typeof row?.[1] === "bigint" ? Number(row[1]) : null };
}

async function recordBatch(connection: DuckDBConnection, batch: LandBatch): Promise<number> {
  const counts = Object.entries(batch.tables).map(([table, rows]) => ({ table, count: rows.length }));
  const rows = counts.reduce((sum, { count }) => sum + count, 0);
  const dead = counts.find(({ table }) => table === DEAD_LETTERS)?.count ?? 0;
  const values = batchValues(batch, rows, dead);
  const place = "WHERE topic = $topic AND partition = $partition";
  const insert = (table: CatalogTable): string => {
    return `INSERT INTO ${duckdbName(table)} VALUES (${table.columns.map(({ name }) => `$${name}`).join(", ")})`;
  };
  await runWith(connection, `DELETE FROM ${duckdbName(OFFSETS)} ${place}`, BATCH_COLUMNS, values);
  await runWith(connection, insert(OFFSETS), OFFSETS.columns, values);
  await runWith(connection, insert(BATCHES), BATCHES.columns, values);
  return rows;
}

/** Rows of one table on their way in, by a file that is readable by us only and gone when the batch is through or has failed. */
interface Load {
  readonly file: string;
  readonly table: CatalogTable;
  readonly rows: readonly Row[];
}

/** Writes nothing yet. Throws NOT_FOUND and INPUT_INVALID for tables that rows cannot land in. */
function planLoads({ catalog, temporaryFolder }: LandingDeps, batch: LandBatch): Load[] {
  const tables = catalog();
  return Object.entries(batch.tables).flatMap(([name, rows]) => {
    if (rows.length === 0) return [];
    const table = tables.get(tableKey({ dataset: DATASET, table: name }));
    if (table === undefined || table.isView) {
      throw new RollcallError(
        "NOT_FOUND",
        `There is no table ${DATASET}.${name} to land in; make it with ensureTables`,
        {
          isRetriable: false,
          details: { table: name },
        },
      );
    }
    refuseNestedBytes(table);
    return [{ file: path.join(temporaryFolder, `landing-${randomUUID()}.ndjson`), table, rows }];
  });
}

const CHUNK_CHARACTERS = 1 << 20;

/** Every byte or an error: a single write may stop short of a full disk, and a file that ends with a line looks whole. */
async function writeRows(file: string, table: CatalogTable, rows: readonly Row[]): Promise<void> {
  const columns = table.columns.map(({ name, type }) => ({ name, type, key: `${JSON.stringify(name)}:` }));
  const handle = await open(file, "wx", 0o600);
  try {
    let chunk = "";
    for (const row of rows) {
      chunk += rowLine(table, columns, row);
      if (chunk.length > CHUNK_CHARACTERS) {
        await handle.appendFile(chunk);
        chunk = "";
      }
    }
    if (chunk !== "") await handle.appendFile(chunk);
  } finally {
    await handle.close();
  }
}

interface FileColumn {
  readonly name: string;
  readonly type: GoogleType;
  readonly key: string;
}

function rowLine(table: CatalogTable, columns: readonly FileColumn[], row: Row): string {
  let line = "";
  let found = 0;
  for (const { name, type, key } of columns) {
    const value = row[name];
    if (value !== undefined) found += 1;
    line += `${line === "" ? "{" : ","}${key}${jsonText(value, type)}`;
  }
  if (found < Object.keys(row).length) {
    const extra = Object.keys(row).filter((name) => row[name] !== undefined && !columns.some((c) => c.name === name));
    if (extra.length > 0) {
      throw new RollcallError("INPUT_INVALID", `${tableKey(table)} has no column ${extra.join(", ")}`, {
        isRetriable: false,
      });
    }
  }
  return `${line}}\n`;
}

function jsonText(value: unknown, type: GoogleType): string {
  if (value === null || value === undefined) return "null";
  if (Buffer.isBuffer(value)) return `"${value.toString("base64")}"`;
  if (typeof value === "bigint") return String(value);
  return JSON.stringify(value, type.kind === "ARRAY" || type.kind === "STRUCT" ? nestedValue : undefined);
}

function nestedValue(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}

/** Bytes inside a list or struct would need a decoding of their own; no bronze table has them. */
function refuseNestedBytes(table: CatalogTable): void {
  const hasBytes = (type: GoogleType): boolean => {
    if (type.kind === "ARRAY") return hasBytes(type.element);
    return type.kind === "STRUCT" ? type.fields.some((field) => hasBytes(field.type)) : type.kind === "BYTES";
  };
  const column = table.columns.find(({ type }) => type.kind !== "BYTES" && hasBytes(type));
  if (column === undefined) return;
  throw new RollcallError(
    "INPUT_INVALID",
    `${tableKey(table)}.${column.name} has BYTES inside: rows cannot land in it`,
    {
      isRetriable: false,
    },
  );
}

/** Bytes are base64 in the file. */
function fileType(type: GoogleType): string {
  return type.kind === "BYTES" ? "VARCHAR" : duckdbType(type);
}

function loadSql(table: CatalogTable, file: string): string {
  const names = table.columns.map(({ name }) => quoteName(name)).join(", ");
  const reads = table.columns.map(({ name, type }) => {
    return type.kind === "BYTES" ? `from_base64(${quoteName(name)})` : quoteName(name);
  });
  const types = table.columns.map(({ name, type }) => `${quoteText(name)}: ${quoteText(fileType(type))}`).join(", ");
  return (
    `INSERT INTO ${duckdbName(table)} (${names}) SELECT ${reads.join(", ")} FROM read_json(${quoteText(file)}, ` +
    `format = 'newline_delimited', columns = {${types}}, maximum_object_size = 67108864)`
  );
}
