import { setImmediate } from "node:timers/promises";
import type { DuckDBConnection, DuckDBDataChunk, DuckDBResult } from "@duckdb/node-api";
import { RollcallError } from "../../platform/errors.js";
import { createQueue } from "../../platform/queue.js";
import { type Analyzer, createAnalyzer, located } from "../googlesql/analyzer.js";
import { type CatalogTable, tableKey } from "../googlesql/catalog.js";
import { formatType } from "../googlesql/types.js";
import type { Column, ExecuteOptions, Params, QueryResult, Row, TableName, Warehouse } from "../port.js";
import { LANDED_BATCHES, LANDED_OFFSETS } from "../project/ops-tables.js";
import { applyChanges, catalogTable, readCatalog, type TableCatalog } from "./catalog.js";
import type { CompiledStore } from "./compiled-store.js";
import { statementFailure } from "./failures.js";
import { type FunctionCatalog, readFunctions } from "./function-catalog.js";
import { datasetSql, duckdbName } from "./generator/names.js";
import { quoteName } from "./generator/sql.js";
import { duckdbType } from "./generator/types.js";
import { type Instance, type InstanceConfig, openInstance } from "./instance.js";
import { createJavascriptFunctions, type JavascriptFunctions } from "./javascript.js";
import { landBatch } from "./landing.js";
import { type Bindings, createBindings } from "./parameters.js";
import { createMeter } from "./profile.js";
import type { ScriptStatement } from "./program.js";
import { runScript, runStatement, type ScriptCheckpoint } from "./script.js";
import { createTranslator } from "./translate.js";
import { createReader } from "./values.js";

export interface DuckdbWarehouseConfig extends InstanceConfig {
  /** Tables of this dataset may be named without it. */
  readonly defaultDataset?: string;
}

export interface DuckdbWarehouseDeps {
  readonly analyzer?: Analyzer;
  readonly checkpoint?: ScriptCheckpoint;
  /** Where compiled statements outlive the process. */
  readonly store?: CompiledStore;
}

type NewTable = TableName & { readonly columns: readonly Column[] };

/**
 * The embedded warehouse: one DuckDB file, spoken to in GoogleSQL. Scripts run one at a time on a connection of their own, landing
 * on another, each query on its own beside them.
 *
 * Throws WAREHOUSE_BUSY when another process has the file.
 */
export async function createDuckdbWarehouse(
  config: DuckdbWarehouseConfig,
  deps: DuckdbWarehouseDeps = {},
): Promise<Warehouse> {
  const instance = await openInstance(config);
  const scripts = await instance.connect();
  const landing = await instance.connect();
  const log = await instance.connect();
  const release = async (): Promise<void> => {
    for (const connection of [scripts, landing, log]) connection.closeSync();
    await instance.close();
  };
  try {
    return await openWarehouse({ instance, scripts, landing, log, release }, config, deps);
  } catch (error) {
    // Nobody else could let go of the file, and this process would be refused it from then on.
    await release().catch(() => undefined);
    throw error;
  }
}

interface Opened {
  readonly instance: Instance;
  readonly scripts: DuckDBConnection;
  readonly landing: DuckDBConnection;
  /** Reads what DuckDB notes of the scripts. */
  readonly log: DuckDBConnection;
  /** Closes the connections, then the instance. */
  release(): Promise<void>;
}

async function openWarehouse(
  { instance, scripts, landing, log, release }: Opened,
  config: DuckdbWarehouseConfig,
  deps: DuckdbWarehouseDeps,
): Promise<Warehouse> {
  const meter = await createMeter(scripts, log);
  const analyzer = deps.analyzer ?? createAnalyzer();
  const { defaultDataset } = config;
  const translator = createTranslator(defaultDataset === undefined ? {} : { defaultDataset }, { ...deps, analyzer });
  const scriptQueue = createQueue();
  const landingQueue = createQueue();
  const javascript = createJavascriptFunctions();
  let catalog: TableCatalog = await readCatalog(scripts);
  let functions: FunctionCatalog = await readFunctions(scripts);

  const ensureTables = async (tables: readonly NewTable[]): Promise<void> => {
    for (const table of tables) {
      const made = catalogTable(table);
      if (catalog.has(tableKey(made))) continue;
      await scripts.run(`CREATE SCHEMA IF NOT EXISTS ${datasetSql(table.dataset)}`);
      const columns = made.columns.map(({ name, type }) => `${quoteName(name)} ${duckdbType(type)}`).join(", ");
      await scripts.run(`CREATE TABLE ${duckdbName(made)} (${columns})`);
      catalog = applyChanges(catalog, [{ kind: "create", table: made, isView: false, onlyIfAbsent: false }]);
    }
  };
  await ensureTables([LANDED_OFFSETS, LANDED_BATCHES]);

  const translate = (sql: string, bindings: Bindings, options: ExecuteOptions | undefined) =>
    translator.translate({
      sql,
      params: bindings.types,
      catalog,
      functions,
      ...(options?.origin === undefined ? {} : { origin: options.origin }),
    });

  const openQuery = async (sql: string, params: Params, options: ExecuteOptions | undefined): Promise<OpenQuery> => {
    const bindings = createBindings(params);
    const { statements } = await translate(sql, bindings, options);
    const connection = await instance.connect();
    try {
      return await startQuery({ connection, javascript }, statements, bindings, options?.origin);
    } catch (error) {
      connection.closeSync();
      throw error;
    }
  };

  const query = async (sql: string, params: Params = {}, options?: ExecuteOptions): Promise<QueryResult> => {
    const open = await openQuery(sql, params, options);
    try {
      return { columns: open.columns, rows: await open.rows() };
    } finally {
      open.close();
    }
  };

  return {
    hasTransactionalDdl: true,

    query,

    async *stream(sql, params = {}, options) {
      const open = await openQuery(sql, params, options);
      try {
        const batches = await open.batches();
        options?.onColumns?.(open.columns);
        yield* batches;
      } finally {
        open.close();
      }
    },

    execute(sql, params = {}, options) {
      return scriptQueue.run(async () => {
        const bindings = createBindings(params);
        return runScript({
          connection: scripts,
          script: await translate(sql, bindings, options),
          bindings,
          origin: options?.origin,
          translator,
          javascript,
          catalog: () => ({ tables: catalog, functions }),
          publish: (next) => {
            catalog = next.tables;
            functions = next.functions;
          },
          now: () => performance.now(),
          meter,
          checkpoint: deps.checkpoint,
        });
      });
    },

    ensureTables: (tables) => scriptQueue.run(() => ensureTables(tables)),

    land: (batch) =>
      landingQueue.run(() =>
        landBatch({ connection: landing, temporaryFolder: instance.temporaryFolder, catalog: () => catalog }, batch),
      ),

    async landedOffsets() {
      const { rows } = await query(
        `SELECT topic, \`partition\`, next_offset, UNIX_MICROS(ingested_at) AS ingested_at FROM ops.landed_offsets
         ORDER BY topic, \`partition\``,
      );
      return rows.map((row) => ({
        topic: String(row.topic),
        partition: Number(row.partition),
        nextOffset: Number(row.next_offset),
        ingestedAt: Number(row.ingested_at),
      }));
    },

    async tables(dataset) {
      return [...catalog.values()].flatMap((table) => {
        if (table.dataset === null || (dataset !== undefined && table.dataset !== dataset)) return [];
        return [{ dataset: table.dataset, table: table.table, kind: table.isView ? "view" : "table" } as const];
      });
    },

    async schema(table) {
      const found = catalog.get(tableKey(table));
      return found === undefined ? null : portColumns(found.columns);
    },

    async close() {
      await Promise.all([scriptQueue.idle(), landingQueue.idle()]);
      await analyzer.close();
      await release();
    },
  };
}

function portColumns(columns: CatalogTable["columns"]): Column[] {
  return columns.map(({ name, type }) => ({ name, type: formatType(type) }));
}

/** A query that is ready to run: its rows are asked for once, in one of both ways. */
interface OpenQuery {
  readonly columns: readonly Column[];
  /** All of them in one call of DuckDB's, where a stream takes a call for each step and each batch. */
  rows(): Promise<Row[]>;
  batches(): Promise<AsyncIterable<readonly Row[]>>;
  close(): void;
}

/** Statements before the query may declare variables and functions; the last one gives the rows. */
async function startQuery(
  run: { readonly connection: DuckDBConnection; readonly javascript: JavascriptFunctions },
  statements: readonly ScriptStatement[],
  bindings: Bindings,
  origin: string | undefined,
): Promise<OpenQuery> {
  const last = statements.at(-1);
  const other = statements.find((statement) => statement !== last && statement.kind !== "variable");
  if (last?.kind !== "query" || other !== undefined) {
    const position = (other ?? last)?.position ?? { line: 1, column: 1 };
    throw new RollcallError(
      "SQL_INVALID",
      located(origin, position, "A query is one SELECT; run scripts with execute"),
      {
        isRetriable: false,
        details: { origin: origin ?? null, ...position },
      },
    );
  }
  const place = { origin, position: last.position };
  try {
    const { connection, javascript } = run;
    for (const statement of statements.slice(0, -1)) await runStatement(run, statement, bindings);
    javascript.install(connection, last.javascript ?? []);
    const { sql, values, types } = bindings.bind(last.templates[0] ?? []);
    const toRows = rowReader(last);
    const orFail = (error: unknown): never => {
      throw statementFailure(error, place);
    };
    return {
      columns: portColumns(last.columns),
      rows: async () => {
        const result = await connection.run(sql, values, types).catch(orFail);
        const rows: Row[] = [];
        for (let at = 0; at < result.chunkCount; at += 1) {
          if (at > 0) await setImmediate(); // A large result must not hold up the process.
          rows.push(...toRows(result.getChunk(at)));
        }
        return rows;
      },
      batches: async () => {
        const result = await connection.stream(sql, values, types).catch(orFail);
        return readBatches(result, toRows, orFail);
      },
      close: () => connection.closeSync(),
    };
  } catch (error) {
    throw statementFailure(error, place);
  }
}

async function* readBatches(
  result: DuckDBResult,
  toRows: (chunk: DuckDBDataChunk) => Row[],
  orFail: (error: unknown) => never,
): AsyncIterable<readonly Row[]> {
  while (true) {
    const chunk = await result.fetchChunk().catch(orFail);
    if (chunk === null || chunk.rowCount === 0) return;
    yield toRows(chunk);
  }
}

function rowReader(statement: ScriptStatement): (chunk: DuckDBDataChunk) => Row[] {
  const readers = statement.columns.map(({ type }) => createReader(type));
  const names = statement.columns.map(({ name }) => name);
  return (chunk) => {
    const columns = readers.map((read, i) => chunk.getColumnValues(i).map(read));
    return Array.from({ length: chunk.rowCount }, (_, at) =>
      Object.fromEntries(names.map((name, i) => [name, columns[i]?.[at]])),
    );
  };
}
