import type { DuckDBConnection } from "@duckdb/node-api";
import { type CatalogTable, DEFAULT_PROJECT } from "../googlesql/catalog.js";
import { formatType, type GoogleType } from "../googlesql/types.js";
import type { TableCatalog } from "./catalog.js";
import { DATABASE } from "./generator/names.js";
import { quoteText } from "./generator/sql.js";
import { googleType } from "./generator/types.js";
import { script, TEXT, toScalarFunction } from "./library/functions/define.js";

/** The last part of the dataset's name under which the views stand: `silver.INFORMATION_SCHEMA.TABLES`. */
const SCHEMA = "information_schema";

interface View {
  /** Column by name, with its SQL over `t`. What DuckDB does not know of a table is no column here. */
  readonly columns: Readonly<Record<string, readonly ["STRING" | "INT64", string]>>;
  readonly from: string;
}

const IDENTITY: View["columns"] = {
  table_catalog: ["STRING", quoteText(DEFAULT_PROJECT)],
  table_schema: ["STRING", "t.schema_name"],
  table_name: ["STRING", "t.table_name"],
};

const none = "CAST(NULL AS VARCHAR)";
const yesNo = (condition: string): string => `CASE WHEN ${condition} THEN 'YES' ELSE 'NO' END`;

/** As BigQuery names and types the columns. Views count as tables, as there. */
const VIEWS: Readonly<Record<string, View>> = {
  TABLES: {
    columns: {
      ...IDENTITY,
      table_type: ["STRING", "CASE WHEN t.is_view THEN 'VIEW' ELSE 'BASE TABLE' END"],
      is_insertable_into: ["STRING", yesNo("NOT t.is_view")],
      is_typed: ["STRING", "'NO'"],
    },
    from:
      `SELECT schema_name, table_name, FALSE AS is_view FROM duckdb_tables() WHERE database_name = '${DATABASE}' AND NOT internal ` +
      `UNION ALL SELECT schema_name, view_name, TRUE FROM duckdb_views() WHERE database_name = '${DATABASE}' AND NOT internal`,
  },
  COLUMNS: {
    columns: {
      ...IDENTITY,
      column_name: ["STRING", "t.column_name"],
      ordinal_position: ["INT64", "CAST(t.column_index AS BIGINT)"],
      is_nullable: ["STRING", yesNo("t.is_nullable")],
      data_type: ["STRING", "u_google_type(t.data_type)"],
      is_generated: ["STRING", "'NEVER'"],
      generation_expression: ["STRING", none],
      is_stored: ["STRING", none],
      is_hidden: ["STRING", "'NO'"],
      is_updatable: ["STRING", none],
      is_system_defined: ["STRING", "'NO'"],
      collation_name: ["STRING", "'NULL'"],
    },
    from: `SELECT * FROM duckdb_columns() WHERE database_name = '${DATABASE}' AND NOT internal`,
  },
};

const SCHEMATA: View = {
  columns: { catalog_name: ["STRING", quoteText(DEFAULT_PROJECT)], schema_name: ["STRING", "t.schema_name"] },
  from: `SELECT schema_name FROM duckdb_schemas() WHERE database_name = '${DATABASE}' AND NOT internal AND schema_name <> 'main'`,
};

/** The views that a statement with these words may name, as tables for the analyzer. */
export function informationSchema(tables: TableCatalog, words: ReadonlySet<string>): readonly CatalogTable[] {
  if (!words.has(SCHEMA)) return [];
  const datasets = new Set(
    [...tables.values()].flatMap(({ dataset }) => (dataset === null ? [] : [dataset.toLowerCase()])),
  );
  const named = [...datasets].filter((dataset) => words.has(dataset));
  return [
    ...named.flatMap((dataset) =>
      Object.entries(VIEWS).map(([table, view]) => catalogTable(`${dataset}.${SCHEMA.toUpperCase()}`, table, view)),
    ),
    catalogTable(SCHEMA.toUpperCase(), "SCHEMATA", SCHEMATA),
  ];
}

function catalogTable(dataset: string, table: string, view: View): CatalogTable {
  const columns = Object.entries(view.columns).map(([name, [kind]]) => ({ name, type: { kind } satisfies GoogleType }));
  return { dataset, table, columns };
}

/** The rows of a view by its key, "silver.information_schema.tables"; null for what is none. They are those of this moment. */
export function informationSchemaSql(key: string): string | null {
  const [view = "", schema, dataset] = key.split(".").reverse();
  if (schema !== SCHEMA) return null;
  const { columns, from } = dataset === undefined ? SCHEMATA : (VIEWS[view.toUpperCase()] ?? SCHEMATA);
  const list = Object.entries(columns).map(([name, [, sql]]) => `${sql} AS ${name}`);
  const where = dataset === undefined ? "" : ` WHERE lower(t.schema_name) = ${quoteText(dataset)}`;
  return `(SELECT ${list.join(", ")} FROM (${from}) AS t${where})`;
}

/** DuckDB's name of a column's type as GoogleSQL writes it; NULL for a type it does not have. */
export function installInformationSchema(connection: DuckDBConnection): void {
  const toGoogle = script("u_google_type", [TEXT], TEXT, (text: string) => {
    const type = googleType(text);
    return type === null ? null : formatType(type);
  });
  connection.registerScalarFunction(toScalarFunction(toGoogle));
}
