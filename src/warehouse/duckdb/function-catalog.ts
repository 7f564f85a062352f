import type { DuckDBConnection } from "@duckdb/node-api";
import { type CatalogTable, tableKey } from "../googlesql/catalog.js";
import { applyChanges, type TableCatalog } from "./catalog.js";
import type { CatalogChange } from "./generator/ddl.js";
import { DATABASE, duckdbName } from "./generator/names.js";
import { quoteText } from "./generator/sql.js";

/** A function of the warehouse: the CREATE FUNCTION statement that made it, as it was written. */
export interface KnownFunction {
  readonly dataset: string;
  readonly name: string;
  readonly definition: string;
}

/** The functions there are, by "dataset.name" in lower case. Values are never changed. */
export type FunctionCatalog = ReadonlyMap<string, KnownFunction>;

/** Where they are kept. The table comes with the first function. */
const FUNCTIONS: CatalogTable = {
  dataset: "ops",
  table: "functions",
  columns: ["dataset", "name", "definition"].map((name) => ({ name, type: { kind: "STRING" } })),
};

const FUNCTIONS_KEY = tableKey(FUNCTIONS);

/** Whether the warehouse has had a function. */
export function hasFunctions(tables: TableCatalog): boolean {
  return tables.has(FUNCTIONS_KEY);
}

export function functionKey(one: { readonly dataset: string; readonly name: string }): string {
  return `${one.dataset}.${one.name}`.toLowerCase();
}

export async function readFunctions(connection: DuckDBConnection): Promise<FunctionCatalog> {
  const there = await connection.runAndReadAll(
    `SELECT 1 FROM duckdb_tables() WHERE database_name = '${DATABASE}' AND schema_name = 'ops' AND table_name = 'functions'`,
  );
  if (there.currentRowCount === 0) return new Map();
  const stored = await connection.runAndReadAll(`SELECT dataset, name, definition FROM ${duckdbName(FUNCTIONS)}`);
  const functions = stored.getRows().map(([dataset, name, definition]): KnownFunction => {
    return { dataset: String(dataset), name: String(name), definition: String(definition) };
  });
  return new Map(functions.map((one) => [functionKey(one), one]));
}

export function applyFunctionChanges(catalog: FunctionCatalog, changes: readonly CatalogChange[]): FunctionCatalog {
  const own = changes.filter(({ kind }) => ["createFunction", "dropFunction", "dropDataset"].includes(kind));
  if (own.length === 0) return catalog;
  const next = new Map(catalog);
  for (const change of own) {
    if (change.kind === "createFunction") {
      const key = functionKey(change.function);
      if (!(change.onlyIfAbsent && next.has(key))) next.set(key, change.function);
    }
    if (change.kind === "dropFunction") next.delete(change.key);
    if (change.kind === "dropDataset") {
      for (const [key, { dataset }] of next) if (dataset.toLowerCase() === change.dataset) next.delete(key);
    }
  }
  return next;
}

export interface FunctionDdl {
  readonly sql: readonly string[];
  readonly changes: readonly CatalogChange[];
}

/** Statements that keep a function. Without OR REPLACE or IF NOT EXISTS, one of the same name makes them fail. */
export function storeFunction(one: KnownFunction, mode: string): FunctionDdl {
  const table = duckdbName(FUNCTIONS);
  const isSame = sameFunction(functionKey(one));
  const values = [one.dataset, one.name, one.definition].map(quoteText).join(", ");
  const onlyIfAbsent = mode === "CREATE_IF_NOT_EXISTS";
  const sql = [
    `CREATE SCHEMA IF NOT EXISTS ${DATABASE}.ops`,
    `CREATE TABLE IF NOT EXISTS ${table} (dataset VARCHAR, name VARCHAR, definition VARCHAR)`,
  ];
  if (mode === "CREATE_OR_REPLACE") sql.push(`DELETE FROM ${table} WHERE ${isSame}`);
  else if (!onlyIfAbsent) {
    const message = quoteText(`Already exists: function ${functionKey(one)}`);
    sql.push(`SELECT CASE WHEN EXISTS (SELECT 1 FROM ${table} WHERE ${isSame}) THEN error(${message}) END`);
  }
  sql.push(`INSERT INTO ${table} SELECT ${values} WHERE NOT EXISTS (SELECT 1 FROM ${table} WHERE ${isSame})`);
  return {
    sql,
    changes: [
      { kind: "create", table: FUNCTIONS, isView: false, onlyIfAbsent: true },
      { kind: "createFunction", function: one, onlyIfAbsent },
    ],
  };
}

export function dropFunction(key: string): FunctionDdl {
  return {
    sql: [`DELETE FROM ${duckdbName(FUNCTIONS)} WHERE ${sameFunction(key)}`],
    changes: [{ kind: "dropFunction", key }],
  };
}

/** For DROP SCHEMA: without CASCADE functions stand in its way. There may be no table of them yet, so only where one is known. */
export function dropFunctionsOf(
  dataset: string,
  isCascade: boolean,
  tables: { find(key: string): unknown },
): readonly string[] {
  if (tables.find(FUNCTIONS_KEY) === undefined) return [];
  const own = `FROM ${duckdbName(FUNCTIONS)} WHERE lower(dataset) = ${quoteText(dataset.toLowerCase())}`;
  if (isCascade) return [`DELETE ${own}`];
  const message = quoteText(`The dataset ${dataset} still has functions: drop them, or the dataset with CASCADE`);
  return [`SELECT CASE WHEN EXISTS (SELECT 1 ${own}) THEN error(${message}) END`];
}

function sameFunction(key: string): string {
  return `lower(dataset || '.' || name) = ${quoteText(key)}`;
}

/** All that a warehouse knows of itself. Never changed in place. */
export interface WarehouseCatalog {
  readonly tables: TableCatalog;
  readonly functions: FunctionCatalog;
}

export function applyAll(catalog: WarehouseCatalog, changes: readonly CatalogChange[]): WarehouseCatalog {
  if (changes.length === 0) return catalog;
  return {
    tables: applyChanges(catalog.tables, changes),
    functions: applyFunctionChanges(catalog.functions, changes),
  };
}
