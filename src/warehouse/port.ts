import type { Micros } from "../platform/clock.js";

/**
 * The warehouse. It speaks GoogleSQL and knows nothing of who stands behind it (BigQuery or DuckDB).
 * Values never enter SQL text: they travel as named, typed parameters.
 */

/** A GoogleSQL type as text: "STRING", "TIMESTAMP", "ARRAY<STRUCT<namespace STRING, hmac STRING>>". */
export type SqlType = string;

export interface Param {
  readonly type: SqlType;
  /** TIMESTAMP: Micros. NUMERIC: string. JSON: any JSON value. BYTES: Buffer. ARRAY: list. DATE: "YYYY-MM-DD". */
  readonly value: unknown;
}
export type Params = Readonly<Record<string, Param>>;

/**
 * Values by type: INT64 number when safe, else bigint; FLOAT64 number; NUMERIC string; BOOL boolean; STRING string;
 * BYTES Buffer; DATE "YYYY-MM-DD"; TIMESTAMP ISO 8601 text with microseconds and "Z"; DATETIME the same without "Z";
 * TIME "HH:MM:SS.ffffff"; JSON parsed; ARRAY list; STRUCT object; NULL null.
 */
export type Row = Readonly<Record<string, unknown>>;

export interface Column {
  readonly name: string;
  readonly type: SqlType;
}

export interface TableName {
  readonly dataset: string;
  readonly table: string;
}

export interface QueryResult {
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
}

export interface ExecuteOptions {
  /** Where the text comes from, for error messages: "definitions/silver/events.sqlx". */
  readonly origin?: string;
  /**
   * The script touches nothing that another one at the same time touches, so it need not wait its turn. A warehouse that can run
   * only one at a time lets it wait all the same.
   */
  readonly isIndependent?: boolean;
}

export interface StreamOptions extends ExecuteOptions {
  /** Called once, before the first batch and also where none comes: the columns in their order, which rows do not keep. */
  readonly onColumns?: (columns: readonly Column[]) => void;
}

export interface StatementResult {
  readonly kind: string;
  /** The line of the script, from 1, where the statement begins. A loop's body begins where it stands, however often it runs. */
  readonly line: number;
  /** Rows changed (DML only, else 0). */
  readonly rows: number;
  readonly ms: number;
  /** Rows of tables that were read, after whatever the engine skips unread. Null where it does not say. */
  readonly rowsRead: number | null;
  /** Bytes of tables that were read; on BigQuery what is billed. Null where it does not say. */
  readonly bytesRead: number | null;
}

export interface ExecuteResult {
  /** Statements run, in order. Of loops and branches, an engine may tell each statement that ran or their sum. */
  readonly statements: readonly StatementResult[];
  readonly ms: number;
}

/** One manifest's worth of rows. Landing it twice changes nothing. */
export interface LandBatch {
  readonly batchId: string;
  readonly topic: string;
  readonly partition: number;
  readonly firstOffset: number;
  readonly lastOffset: number;
  readonly ingestedAt: Micros;
  /** Rows by bronze table; every column of `includes/bronze.json` present, timestamps as ISO text. */
  readonly tables: Readonly<Record<string, readonly Row[]>>;
}

export interface LandResult {
  /** False when this batch had been landed before. */
  readonly isNew: boolean;
  readonly rows: number;
}

export interface LandedOffset {
  readonly topic: string;
  readonly partition: number;
  /** The next offset to land. */
  readonly nextOffset: number;
  readonly ingestedAt: Micros;
}

export interface Warehouse {
  /** Whether CREATE TABLE and the like take part in transactions (DuckDB yes, BigQuery no). */
  readonly hasTransactionalDdl: boolean;
  /** One statement with rows. Throws SQL_INVALID with file, line and column, or SQL_UNSUPPORTED with the construct. */
  query(sql: string, params?: Params, options?: ExecuteOptions): Promise<QueryResult>;
  /** The same, a batch of rows at a time, for large results. */
  stream(sql: string, params?: Params, options?: StreamOptions): AsyncIterable<readonly Row[]>;
  /**
   * A script: DDL, DML, temp tables, BEGIN/COMMIT TRANSACTION, ASSERT. When it throws inside a transaction, that
   * transaction is rolled back. Scripts of one warehouse run one at a time, but for those that are said to
   * be independent; queries may run beside them.
   */
  execute(sql: string, params?: Params, options?: ExecuteOptions): Promise<ExecuteResult>;
  /**
   * What the statement would read, without running it. Absent where reading costs nothing. Of a script only an upper bound, and
   * only up to the first statement that makes a table.
   */
  estimate?(sql: string, params?: Params, options?: ExecuteOptions): Promise<{ readonly bytesRead: number }>;
  /** Makes datasets and, with their columns, tables that do not exist. Existing tables are left alone. */
  ensureTables(tables: readonly (TableName & { readonly columns: readonly Column[] })[]): Promise<void>;
  /** Rows and landed offsets commit together, exactly once by `batchId`. */
  land(batch: LandBatch): Promise<LandResult>;
  landedOffsets(): Promise<readonly LandedOffset[]>;
  tables(dataset?: string): Promise<readonly (TableName & { readonly kind: "table" | "view" })[]>;
  /** Null when there is no such table. */
  schema(table: TableName): Promise<readonly Column[] | null>;
  close(): Promise<void>;
}
