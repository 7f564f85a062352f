import { RollcallError } from "../../platform/errors.js";
import type { Column, Params, Warehouse } from "../port.js";

/** What is compared: a table by its name, or the rows of a query. */
export type DiffSide =
  | { readonly kind: "table"; readonly dataset: string; readonly table: string }
  | { readonly kind: "query"; readonly name: string; readonly sql: string; readonly params: Params };

export interface DiffRequest {
  readonly before: DiffSide;
  readonly after: DiffSide;
  /** Columns that name a row on both sides. */
  readonly key: readonly string[];
  /** Rows to show of each kind of difference. */
  readonly sample: number;
}

export interface ColumnDiff {
  readonly name: string;
  /** Null where a side has no such column. */
  readonly typeBefore: string | null;
  readonly typeAfter: string | null;
  /** Rows there on both sides whose value differs. */
  readonly changed: number;
}

export interface RowDiff {
  readonly kind: "added" | "removed" | "changed";
  readonly key: Readonly<Record<string, unknown>>;
  /** The columns that differ, as JSON text; empty unless changed. */
  readonly cells: readonly { readonly column: string; readonly before: string | null; readonly after: string | null }[];
}

export interface TableDiff {
  readonly rowsBefore: number;
  readonly rowsAfter: number;
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  readonly columns: readonly ColumnDiff[];
  readonly rows: readonly RowDiff[];
}

interface Shared {
  readonly name: string;
  readonly condition: string;
}

/**
 * Two versions of a table, by key and by column, computed where the rows are. NULL equals NULL. JSON, arrays and structs compare by
 * their JSON text, and so do columns whose type differs.
 *
 * Throws NOT_FOUND for a table that is not there, INPUT_INVALID for a key that is missing, or NULL, or names several rows; SQL_INVALID
 * and SQL_UNSUPPORTED for a query, with `details` of its `origin` (its name), `line`, `column` and `words`.
 */
export async function diffTables(warehouse: Warehouse, request: DiffRequest): Promise<TableDiff> {
  try {
    return await compare(warehouse, request);
  } catch (error) {
    throw withoutOurPlaces(error);
  }
}

async function compare(warehouse: Warehouse, request: DiffRequest): Promise<TableDiff> {
  const [before, after] = [await columnsOf(warehouse, request.before), await columnsOf(warehouse, request.after)];
  const keys = request.key.map((name) => name.toLowerCase());
  for (const [side, columns] of [
    [request.before, before],
    [request.after, after],
  ] as const) {
    const missing = keys.filter((key) => !columns.some(({ name }) => name.toLowerCase() === key));
    if (missing.length > 0) throw invalid(`${nameOf(side)} has no column ${missing.join(", ")} to compare by`);
    await refuseAmbiguousKey(warehouse, side, keys);
  }
  const shared = sharedColumns(before, after, keys);
  const params = { ...paramsOf(request.before), ...paramsOf(request.after) };
  const from = joined(request, keys);
  const isChanged = shared.length === 0 ? "FALSE" : shared.map(({ condition }) => `(${condition})`).join(" OR ");
  const isBoth = "b.in_before AND a.in_after";
  const counts = await warehouse.query(
    [
      "SELECT COUNTIF(b.in_before) AS rows_before, COUNTIF(a.in_after) AS rows_after,",
      "  COUNTIF(b.in_before IS NULL) AS added, COUNTIF(a.in_after IS NULL) AS removed,",
      `  COUNTIF(${isBoth} AND (${isChanged})) AS changed,`,
      `  [${shared.map(({ condition }) => `COUNTIF(${isBoth} AND (${condition}))`).join(", ")}] AS by_column`,
      from,
    ].join("\n"),
    params,
  );
  const [row = {}] = counts.rows;
  const byColumn = Array.isArray(row.by_column) ? row.by_column : [];
  const changes = new Map(shared.map(({ name }, index) => [name.toLowerCase(), Number(byColumn[index] ?? 0)]));
  return {
    rowsBefore: Number(row.rows_before),
    rowsAfter: Number(row.rows_after),
    added: Number(row.added),
    removed: Number(row.removed),
    changed: Number(row.changed),
    columns: columnDiffs(before, after, changes),
    rows: request.sample === 0 ? [] : await sampleRows(warehouse, { request, keys, shared, from, isChanged, params }),
  };
}

async function columnsOf(warehouse: Warehouse, side: DiffSide): Promise<readonly Column[]> {
  if (side.kind === "query") return columnsOfQuery(warehouse, side);
  const columns = await warehouse.schema(side);
  if (columns !== null) return columns;
  throw new RollcallError("NOT_FOUND", `there is no table ${nameOf(side)}`, { isRetriable: false });
}

/** What is wrong with the text of a query is told by its place in that text, not in ours around it. */
async function columnsOfQuery(
  warehouse: Warehouse,
  { name, sql, params }: DiffSide & { readonly kind: "query" },
): Promise<readonly Column[]> {
  try {
    return (await warehouse.query(`SELECT * FROM (\n${sql}\n) LIMIT 0`, params)).columns;
  } catch (error) {
    if (!(error instanceof RollcallError) || (error.code !== "SQL_INVALID" && error.code !== "SQL_UNSUPPORTED"))
      throw error;
    const line = Number(error.details.line) - 1;
    const column = Number(error.details.column);
    const words = withoutPlace(error.message);
    throw new RollcallError(error.code, `${name}:${line}:${column}: ${words}`, {
      isRetriable: false,
      details: { origin: name, line, column, words },
    });
  }
}

/** Nobody can look up a place in the statements made here. */
function withoutOurPlaces(error: unknown): unknown {
  if (!(error instanceof RollcallError) || error.details.origin !== null) return error;
  const { code, isRetriable, details } = error;
  return new RollcallError(code, withoutPlace(error.message), { isRetriable, details, cause: error.cause });
}

function withoutPlace(message: string): string {
  return message.replace(/^\S*?:\d+:\d+: /, "");
}

async function refuseAmbiguousKey(warehouse: Warehouse, side: DiffSide, keys: readonly string[]): Promise<void> {
  const names = keys.map(quote).join(", ");
  const isNull = keys.map((key) => `${quote(key)} IS NULL`).join(" OR ");
  const { rows } = await warehouse.query(
    `SELECT COUNT(*) AS bad FROM (SELECT 1 AS one FROM ${sourceOf(side)} GROUP BY ${names} HAVING COUNT(*) > 1 OR LOGICAL_OR(${isNull}))`,
    paramsOf(side),
  );
  const bad = Number(rows[0]?.bad);
  if (bad === 0) return;
  throw invalid(
    `${keys.join(", ")} is no key of ${nameOf(side)}: ${bad} values are NULL or come more than once. Name another with --key.`,
  );
}

function joined({ before, after }: DiffRequest, keys: readonly string[]): string {
  const on = keys.map((key) => `b.${quote(key)} = a.${quote(key)}`).join(" AND ");
  return [
    `FROM (SELECT *, TRUE AS in_before FROM ${sourceOf(before)}) AS b`,
    `FULL JOIN (SELECT *, TRUE AS in_after FROM ${sourceOf(after)}) AS a ON ${on}`,
  ].join("\n");
}

function sharedColumns(before: readonly Column[], after: readonly Column[], keys: readonly string[]): Shared[] {
  const types = new Map(after.map(({ name, type }) => [name.toLowerCase(), type]));
  return before.flatMap(({ name, type }) => {
    const other = types.get(name.toLowerCase());
    if (other === undefined || keys.includes(name.toLowerCase())) return [];
    const isText = type !== other || /^(?:JSON|ARRAY|STRUCT)\b/i.test(type);
    const value = (side: string): string => (isText ? asJson(side, name) : `${side}.${quote(name)}`);
    return [{ name, condition: `${value("b")} IS DISTINCT FROM ${value("a")}` }];
  });
}

function columnDiffs(
  before: readonly Column[],
  after: readonly Column[],
  changes: ReadonlyMap<string, number>,
): ColumnDiff[] {
  const typeIn = (columns: readonly Column[], name: string): string | null =>
    columns.find((column) => column.name.toLowerCase() === name.toLowerCase())?.type ?? null;
  const added = after.filter(({ name }) => typeIn(before, name) === null);
  return [...before, ...added].map(({ name }) => ({
    name,
    typeBefore: typeIn(before, name),
    typeAfter: typeIn(after, name),
    changed: changes.get(name.toLowerCase()) ?? 0,
  }));
}

interface Sampling {
  readonly request: DiffRequest;
  readonly keys: readonly string[];
  readonly shared: readonly Shared[];
  readonly from: string;
  readonly isChanged: string;
  readonly params: Params;
}

/** The first rows of each kind, in the order of the key. */
async function sampleRows(warehouse: Warehouse, sampling: Sampling): Promise<RowDiff[]> {
  const { request, keys, shared, from, isChanged, params } = sampling;
  const keyColumns = keys.map((key, i) => `COALESCE(b.${quote(key)}, a.${quote(key)}) AS key_${i}`);
  const cells = shared.map(
    ({ name, condition }) =>
      `STRUCT(${JSON.stringify(name)} AS name, ${condition} AS differs, ${asJson("b", name)} AS was, ${asJson("a", name)} AS becomes)`,
  );
  const order = keys.map((_, i) => `key_${i}`).join(", ");
  const { rows } = await warehouse.query(
    [
      "SELECT * FROM (",
      `  SELECT ${keyColumns.join(", ")},`,
      '    CASE WHEN b.in_before IS NULL THEN "added" WHEN a.in_after IS NULL THEN "removed" ELSE "changed" END AS kind,',
      `    ${cells.length === 0 ? "NULL" : `[${cells.join(", ")}]`} AS cells`,
      `  ${from}`,
      `  WHERE b.in_before IS NULL OR a.in_after IS NULL OR (${isChanged})`,
      `) WHERE TRUE QUALIFY ROW_NUMBER() OVER (PARTITION BY kind ORDER BY ${order}) <= ${request.sample}`,
      `ORDER BY kind, ${order}`,
    ].join("\n"),
    params,
  );
  return rows.map((row) => {
    const kind = row.kind as RowDiff["kind"];
    const all = (Array.isArray(row.cells) ? row.cells : []) as {
      name: string;
      differs: boolean;
      was: string;
      becomes: string;
    }[];
    return {
      kind,
      key: Object.fromEntries(keys.map((key, i) => [key, row[`key_${i}`]])),
      cells:
        kind === "changed"
          ? all
              .filter((cell) => cell.differs)
              .map(({ name, was, becomes }) => ({ column: name, before: was, after: becomes }))
          : [],
    };
  });
}

function sourceOf(side: DiffSide): string {
  return side.kind === "table" ? `\`${side.dataset}\`.\`${side.table}\`` : `(\n${side.sql}\n)`;
}

function paramsOf(side: DiffSide): Params {
  return side.kind === "query" ? side.params : {};
}

function nameOf(side: DiffSide): string {
  return side.kind === "table" ? `${side.dataset}.${side.table}` : side.name;
}

function asJson(side: string, column: string): string {
  return `TO_JSON_STRING(${side}.${quote(column)})`;
}

function quote(name: string): string {
  return `\`${name}\``;
}

function invalid(message: string): RollcallError {
  return new RollcallError("INPUT_INVALID", message, { isRetriable: false });
}
