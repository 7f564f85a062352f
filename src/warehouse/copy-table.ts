import { RollcallError } from "../platform/errors.js";
import type { Column, Row, TableName, Warehouse } from "./port.js";

export interface CopyRequest extends TableName {
  readonly columns: readonly Column[];
  /** The columns that are copied; all when absent. The others stay NULL. */
  readonly only?: ReadonlySet<string>;
}

export interface CopyDeps {
  readonly source: Warehouse;
  readonly target: Warehouse;
  /** Told how many rows are copied so far. */
  readonly report?: (rows: number) => void;
}

/** Landing takes a file at a time: fewer, larger ones are faster. */
const ROWS_PER_BATCH = 20_000;
const STAGING_DATASET = "bronze";

/**
 * Copies a table's rows, or a view's, into the table of that name in another warehouse, which is made when it is missing. Through
 * landing, the only way in for many rows; so the target's `bronze` dataset and its landing records are used on the way. Throws CONFLICT
 * when that table was copied into the target before: its batches have landed, and would bring no row again.
 */
export async function copyTable(
  { source, target, report }: CopyDeps,
  { dataset, table, columns, only }: CopyRequest,
): Promise<number> {
  const copied = columns.filter(({ name }) => only?.has(name) ?? true);
  await target.ensureTables([{ dataset, table, columns }]);
  if (copied.length === 0) return 0;
  const staging = `copied__${dataset}__${table}`;
  await target.ensureTables([{ dataset: STAGING_DATASET, table: staging, columns: copied }]);
  const names = copied.map(({ name }) => `\`${name}\``).join(", ");
  let rowCount = 0;
  let waiting: Row[] = [];
  const land = async (): Promise<void> => {
    const rows = waiting;
    waiting = [];
    if (rows.length === 0) return;
    const { isNew } = await target.land({
      batchId: `${staging}-${rowCount}`,
      topic: staging,
      partition: 0,
      firstOffset: rowCount,
      lastOffset: rowCount + rows.length - 1,
      ingestedAt: 0,
      tables: { [staging]: rows },
    });
    if (!isNew) throw copiedBefore(`${dataset}.${table}`);
    rowCount += rows.length;
    report?.(rowCount);
  };
  for await (const rows of source.stream(`SELECT ${names} FROM \`${dataset}\`.\`${table}\``)) {
    waiting.push(...rows);
    if (waiting.length >= ROWS_PER_BATCH) await land();
  }
  await land();
  await target.execute(
    `INSERT INTO \`${dataset}\`.\`${table}\` (${names}) SELECT ${names} FROM \`${STAGING_DATASET}\`.\`${staging}\`;
DROP TABLE \`${STAGING_DATASET}\`.\`${staging}\``,
  );
  return rowCount;
}

function copiedBefore(table: string): RollcallError {
  const message = `${table} was copied into this warehouse before; copy it into an empty one`;
  return new RollcallError("CONFLICT", message, { isRetriable: false });
}
