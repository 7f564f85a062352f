import { RollcallError } from "../platform/errors.js";
import type { Column, Row, Warehouse } from "../warehouse/port.js";
import { cellOf } from "./cells.js";
import type { Printable } from "./print.js";

export interface QueryLimits {
  readonly rows: number;
  /** Of the rows as JSON, which is how they travel. */
  readonly bytes: number;
}

export const QUERY_LIMITS: QueryLimits = { rows: 50_000, bytes: 64 * 1024 * 1024 };

function tooLarge(what: string): RollcallError {
  return new RollcallError(
    "TOO_LARGE",
    `The result has more than ${what}: add LIMIT or use a narrower SELECT. For whole tables, let SQL count.`,
    { isRetriable: false },
  );
}

/**
 * The rows of one statement, as they travel: each value as `cellOf` gives it. Throws TOO_LARGE as soon as they pass a limit, with no
 * more than one batch beyond it read: a query must not take the memory that landing and cycles need.
 */
export async function boundedQuery(
  warehouse: Pick<Warehouse, "stream">,
  sql: string,
  limits: QueryLimits = QUERY_LIMITS,
): Promise<Printable> {
  let columns: readonly Column[] = [];
  const rows: Row[] = [];
  let bytes = 0;
  const onColumns = (told: readonly Column[]): void => {
    columns = told;
  };
  for await (const batch of warehouse.stream(sql, {}, { onColumns })) {
    if (rows.length + batch.length > limits.rows) throw tooLarge(`${limits.rows.toLocaleString("en-US")} rows`);
    for (const values of batch) {
      const row = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, cellOf(value)]));
      bytes += Buffer.byteLength(JSON.stringify(row));
      if (bytes > limits.bytes) throw tooLarge(`${Math.round(limits.bytes / 1024 / 1024)} MB`);
      rows.push(row);
    }
  }
  return { columns, rows };
}
