import type { DuckDBConnection } from "@duckdb/node-api";

/** How many rows each statement of a connection scans. */
export interface Meter {
  /** Forgets what ran before: a script begins. */
  start(): Promise<void>;
  /** Called after each statement that has run. */
  count(): void;
  /** How many were counted since the start. */
  readonly counted: number;
  /** Called after a statement that failed, where the script goes on: DuckDB may have noted something of it. */
  passOver(): Promise<void>;
  /** The rows that each counted statement scanned, in order. Null when DuckDB did not say. */
  read(): Promise<readonly number[] | null>;
}

const VALUE = /'value': (\d+)/;

/**
 * Lets DuckDB count the rows that each statement of `connection` scans: those of every row group that no filter ruled out, of
 * temporary tables too. It notes the count, and neither SQL nor values, in its log in memory, which `reader` reads once a
 * script: written to a file per statement, as DuckDB does by itself, the counts cost several times as much.
 *
 * Only one connection of an instance may have a meter. Bytes stay unknown: DuckDB counts those it fetched from disk, not those of
 * tables that were in memory already.
 */
export async function createMeter(connection: DuckDBConnection, reader: DuckDBConnection): Promise<Meter> {
  await reader.run("CALL enable_logging('Metrics')");
  await connection.run(`SET custom_profiling_settings = '{"CUMULATIVE_ROWS_SCANNED": "true"}'`);
  await connection.run("SET enable_profiling = 'no_output'");
  await connection.run("SET profiling_coverage = 'ALL'");
  let counted = 0;
  let settled: number[] = [];

  const clear = (): Promise<unknown> => reader.run("CALL truncate_duckdb_logs()").catch(() => undefined);

  /** The notes since they were last cleared, in the order of their statements. What has run must not fail for its count. */
  async function notes(): Promise<number[]> {
    try {
      const found = await reader.runAndReadAll("SELECT message FROM duckdb_logs() ORDER BY context_id");
      return found.getRows().map(([message]) => Number(VALUE.exec(String(message))?.[1]));
    } catch {
      return [];
    }
  }

  return {
    async start() {
      await clear();
      counted = 0;
      settled = [];
    },
    count() {
      counted += 1;
    },
    get counted() {
      return counted;
    },
    async passOver() {
      settled = [...settled, ...(await notes())].slice(0, counted);
      await clear();
    },
    async read() {
      const scanned = [...settled, ...(await notes())];
      return scanned.length === counted && scanned.every(Number.isSafeInteger) ? scanned : null;
    },
  };
}
