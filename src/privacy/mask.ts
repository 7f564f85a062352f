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

/** By output column, which parts of it are personal whatever they are called: [[]] all of it, [["[]", "value"]] a member of each element. */
export type PersonalParts = ReadonlyMap<string, readonly (readonly string[])[]>;

/**
 * The result with personal values masked. `parts` says where they are by the lineage of the query, so that renaming, concatenating or
 * wrapping hides nothing; beside that every column and member goes by its name, without regard to case, also inside structs, arrays
 * and JSON.
 */
export function maskResult(
  result: QueryResult,
  personal: ReadonlySet<string>,
  parts: PersonalParts = new Map(),
): QueryResult {
  const names = new Set([...personal].map((name) => name.toLowerCase()));
  return { columns: result.columns, rows: result.rows.map((row) => maskMembers(maskParts(row, parts), names)) };
}

function maskParts(row: Row, parts: PersonalParts): Row {
  if (parts.size === 0) return row;
  const masked: Record<string, unknown> = { ...row };
  for (const [column, paths] of parts) {
    if (column in masked) masked[column] = paths.reduce(maskPath, masked[column]);
  }
  return masked;
}

/** Where the value is not of the shape that the path speaks of, all of it is masked. */
function maskPath(value: unknown, [step, ...rest]: readonly string[]): unknown {
  if (step === undefined || value === null || value === undefined) return maskValue(value);
  if (step === "[]") return Array.isArray(value) ? value.map((item) => maskPath(item, rest)) : MASK;
  if (Array.isArray(value) || typeof value !== "object" || Buffer.isBuffer(value)) return MASK;
  const members = Object.entries(value).map(([name, member]) => [
    name,
    name.toLowerCase() === step.toLowerCase() ? maskPath(member, rest) : member,
  ]);
  return Object.fromEntries(members);
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
