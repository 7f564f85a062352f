import { RollcallError } from "../platform/errors.js";
import type { Row, Warehouse } from "../warehouse/port.js";
import type { Printable } from "./print.js";

export interface QueryLimits {
  readonly rows: number;
  /** Of the rows as JSON, which is how they travel. */
  readonly bytes: number;
}

export const QUERY_LIMITS: QueryLimits = { rows: 50_000, bytes: 64 * 1024 * 1024 };

function sizeOf(row: Row): number {
  return Buffer.byteLength(JSON.stringify(row, (_, v: unknown) => (typeof v === "bigint" ? v.toString() : v)));
}

function tooLarge(what: string): RollcallError {
  return new RollcallError(
    "TOO_LARGE",
    `The result has more than ${what}: add LIMIT or use a narrower SELECT. For whole tables, let SQL count.`,
    { isRetriable: false },
  );
}

/**
 * The rows of one statement. Throws TOO_LARGE as soon as they pass a limit, with no more than one batch beyond it read:
 * a query must not take the memory that landing and cycles need.
 */
export async function boundedQuery(
  warehouse: Pick<Warehouse, "query" | "stream">,
  sql: string,
  limits: QueryLimits = QUERY_LIMITS,
): Promise<Printable> {
  const rows: Row[] = [];
  let bytes = 0;
  for await (const batch of warehouse.stream(sql)) {
    if (rows.length + batch.length > limits.rows) throw tooLarge(`${limits.rows.toLocaleString("en-US")} rows`);
    for (const row of batch) {
      bytes += sizeOf(row);
      if (bytes > limits.bytes) throw tooLarge(`${Math.round(limits.bytes / 1024 / 1024)} MB`);
      rows.push(row);
    }
  }
  const [first] = rows;
  // A stream without rows does not tell its columns.
  if (first === undefined) return warehouse.query(sql);
  return { columns: Object.keys(first).map((name) => ({ name })), rows };
}
