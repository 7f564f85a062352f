import type { QueryResult, Row } from "../warehouse/port.js";

/** What stands for a personal value. NULL stays NULL: that something is missing is what an analyst looks for. */
export const MASK = "[personal]";

/** The shape of `includes/columns.json`: "value:score" is a second meaning of the column `value`. */
export type ColumnDictionary = Readonly<Record<string, { readonly personal?: boolean }>>;

/** The part of `includes/bronze.json` that says which columns are personal. */
export interface BronzeColumns {
  readonly columns: Readonly<Record<string, readonly { readonly name: string; readonly personal?: boolean }[]>>;
}

/** Every column name that is personal in at least one table: where one name has two meanings, the careful one counts. */
export function personalColumns(dictionary: ColumnDictionary, bronze: BronzeColumns): ReadonlySet<string> {
  const described = Object.entries(dictionary)
    .filter(([, entry]) => entry.personal === true)
    .map(([key]) => key.split(":")[0] ?? key);
  const landed = Object.values(bronze.columns)
    .flat()
    .filter((column) => column.personal === true)
    .map((column) => column.name);
  return new Set([...described, ...landed]);
}

/**
 * The result with personal values masked, also inside structs, arrays and JSON. Goes by the names of columns and
 * members, without regard to case: it keeps an honest reader from seeing what was not asked for. It is no barrier
 * against a query that renames a column.
 */
export function maskResult(result: QueryResult, personal: ReadonlySet<string>): QueryResult {
  const names = new Set([...personal].map((name) => name.toLowerCase()));
  return { columns: result.columns, rows: result.rows.map((row) => maskMembers(row, names)) };
}

function maskMembers(row: Row, names: ReadonlySet<string>): Row {
  const masked: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(row)) {
    masked[name] = names.has(name.toLowerCase()) ? maskValue(value) : maskNested(value, names);
  }
  return masked;
}

function maskValue(value: unknown): unknown {
  return value === null || value === undefined ? value : MASK;
}

function maskNested(value: unknown, names: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) return value.map((item) => maskNested(item, names));
  if (value !== null && typeof value === "object" && !Buffer.isBuffer(value)) return maskMembers(value as Row, names);
  return value;
}
