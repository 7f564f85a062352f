import type { DuckDBConnection } from "@duckdb/node-api";
import { type CatalogTable, tableKey } from "../googlesql/catalog.js";
import { formatType, parseType } from "../googlesql/types.js";
import type { Column, TableName } from "../port.js";
import type { CatalogChange } from "./generator/ddl.js";
import { DATABASE } from "./generator/names.js";
import { googleType } from "./generator/types.js";

export interface KnownTable extends CatalogTable {
  readonly isView: boolean;
  /** Equal exactly when name and columns are: what a translation depends on. */
  readonly fingerprint: string;
}

/** The tables there are, by key. Values are never changed, so a copy is cheap and stays as it was. */
export type TableCatalog = ReadonlyMap<string, KnownTable>;

function known(table: CatalogTable, isView: boolean): KnownTable {
  const columns = table.columns.map((column) => `${column.name} ${formatType(column.type)}`).join(", ");
  return { ...table, isView, fingerprint: `${tableKey(table)}(${columns})` };
}

/**
 * Reads the catalog from the database itself: types map one to one, so nothing has to be kept beside it. Tables with a column of
 * a type that GoogleSQL does not have are left out; no statement of ours makes one.
 */
export async function readCatalog(connection: DuckDBConnection): Promise<TableCatalog> {
  const views = await connection.runAndReadAll(
    `SELECT schema_name, view_name FROM duckdb_views() WHERE database_name = '${DATABASE}' AND NOT internal`,
  );
  const isView = new Set(views.getRows().map(([dataset, table]) => `${dataset}.${table}`));
  const columns = await connection.runAndReadAll(
    `SELECT schema_name, table_name, column_name, data_type FROM duckdb_columns()
     WHERE database_name = '${DATABASE}' AND NOT internal ORDER BY schema_name, table_name, column_index`,
  );
  const tables = new Map<string, { dataset: string; table: string; columns: { name: string; text: string }[] }>();
  for (const [dataset, table, name, text] of columns.getRows().map((row) => row.map(String))) {
    const key = `${dataset}.${table}`;
    const entry = tables.get(key) ?? { dataset: String(dataset), table: String(table), columns: [] };
    entry.columns.push({ name: String(name), text: String(text) });
    tables.set(key, entry);
  }
  const catalog = new Map<string, KnownTable>();
  for (const [key, entry] of tables) {
    const typed = entry.columns.map(({ name, text }) => ({ name, type: googleType(text) }));
    const whole = typed.flatMap(({ name, type }) => (type === null ? [] : [{ name, type }]));
    if (whole.length < typed.length) continue;
    const table = known({ dataset: entry.dataset, table: entry.table, columns: whole }, isView.has(key));
    catalog.set(tableKey(table), table);
  }
  return catalog;
}

/** A table as the port describes it. Throws what `parseType` does. */
export function catalogTable({
  dataset,
  table,
  columns,
}: TableName & { readonly columns: readonly Column[] }): CatalogTable {
  return { dataset, table, columns: columns.map(({ name, type }) => ({ name, type: parseType(type) })) };
}

/** The catalog with these tables and views too; one that is in it already stays as it is. */
export function withTables(
  catalog: TableCatalog,
  tables: readonly (TableName & { readonly columns: readonly Column[]; readonly kind?: "table" | "view" })[],
): TableCatalog {
  return applyChanges(
    catalog,
    tables.map((one) => ({
      kind: "create",
      table: catalogTable(one),
      isView: one.kind === "view",
      onlyIfAbsent: true,
    })),
  );
}

/** The catalog after a statement. */
export function applyChanges(catalog: TableCatalog, changes: readonly CatalogChange[]): TableCatalog {
  if (changes.length === 0) return catalog;
  const next = new Map(catalog);
  for (const change of changes) {
    switch (change.kind) {
      case "create": {
        const key = tableKey(change.table);
        if (!(change.onlyIfAbsent && next.has(key))) next.set(key, known(change.table, change.isView));
        break;
      }
      case "drop":
        next.delete(change.key);
        break;
      case "rename": {
        const table = next.get(change.from);
        next.delete(change.from);
        if (table !== undefined) next.set(tableKey(change.to), known({ ...table, ...change.to }, table.isView));
        break;
      }
      case "createFunction":
      case "dropFunction":
        break;
      case "dropDataset":
        for (const [key, table] of next) if (table.dataset?.toLowerCase() === change.dataset) next.delete(key);
        break;
    }
  }
  return next;
}
