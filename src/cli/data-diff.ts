import { RollcallError } from "../platform/errors.js";
import { MASK } from "../privacy/mask.js";
import type { TableName, Warehouse } from "../warehouse/port.js";
import type { Action } from "../warehouse/project/action.js";
import { compileProject } from "../warehouse/project/compile.js";
import { type DiffSide, diffTables, type TableDiff } from "../warehouse/project/diff.js";
import { grainOf } from "../warehouse/project/grain.js";
import { findSnapshot } from "../warehouse/project/snapshots.js";
import { sql } from "../warehouse/sql.js";

export interface DiffOptions {
  /** `dataset.table`. */
  readonly table: string;
  /** A snapshot's name, or `dataset.table`; absent: what the model as it is written now would give. */
  readonly against?: string;
  /** Absent: the model's unique key. */
  readonly key?: readonly string[];
  readonly sample: number;
  readonly unmask: boolean;
}

export interface DiffView extends TableDiff {
  readonly before: string;
  readonly after: string;
  readonly key: readonly string[];
}

export interface DiffDeps {
  readonly warehouse: Warehouse;
  readonly root: string;
  readonly personalColumns: ReadonlySet<string>;
}

/**
 * A table against a snapshot of it, against another table, or against its model as it is written now. With a snapshot the table is
 * what came after; with a model it is what came before.
 */
export async function diffData(deps: DiffDeps, options: DiffOptions): Promise<DiffView> {
  const name = parseTable(options.table);
  const project = compileProject({ root: deps.root, vars: { runner: "rollcall" } });
  const model = project.byId.get(options.table);
  const key = options.key ?? (model === undefined ? [] : grainOf(project, model));
  if (key.length === 0) {
    throw invalid(`${options.table} declares no unique key: say with --key which columns name a row.`);
  }
  const current: DiffSide = { kind: "table", ...name };
  const { against } = options;
  const [before, after]: readonly [DiffSide, DiffSide] =
    against === undefined
      ? [current, await modelSide(deps.warehouse, options.table, model)]
      : against.includes(".")
        ? [current, { kind: "table", ...parseTable(against) }]
        : [{ kind: "table", ...(await findSnapshot(deps.warehouse, name, against)) }, current];
  const diff = await diffTables(deps.warehouse, { before, after, key, sample: options.sample });
  const masked = options.unmask ? diff : maskDiff(diff, deps.personalColumns);
  return { ...masked, before: titleOf(before, options), after: titleOf(after, options), key };
}

export function parseTable(text: string): TableName {
  const [dataset, table, ...rest] = text.split(".");
  if (!dataset || !table || rest.length > 0) throw invalid(`"${text}" is no table: write dataset.table`);
  return { dataset, table };
}

/** The model over everything that has arrived, as a full build would make it. */
async function modelSide(warehouse: Warehouse, id: string, model: Action | undefined): Promise<DiffSide> {
  if (model === undefined || model.sql === "") {
    throw invalid(`${id} has no query of its own to compare with: name a snapshot or a table with --against.`);
  }
  if (model.preOps.length > 0) {
    throw invalid(`${id} runs statements before its query: build it, and compare with a snapshot taken before.`);
  }
  const { rows } = await warehouse.query(sql`SELECT UNIX_MICROS(MAX(window_to)) AS read_up_to FROM ops.watermarks`);
  const readUpTo = Number(rows[0]?.read_up_to ?? 0);
  const params = {
    window_from: { type: "TIMESTAMP", value: 0 },
    window_to: { type: "TIMESTAMP", value: readUpTo },
  };
  return { kind: "query", name: model.fileName, sql: model.sql, params };
}

function maskDiff(diff: TableDiff, personal: ReadonlySet<string>): TableDiff {
  const names = new Set([...personal].map((name) => name.toLowerCase()));
  const isPersonal = (name: string): boolean => names.has(name.toLowerCase());
  const mask = (text: string | null): string | null => (text === null || text === "null" ? text : MASK);
  return {
    ...diff,
    rows: diff.rows.map((row) => ({
      ...row,
      key: Object.fromEntries(Object.entries(row.key).map(([name, value]) => [name, isPersonal(name) ? MASK : value])),
      cells: row.cells.map((cell) =>
        isPersonal(cell.column) ? { ...cell, before: mask(cell.before), after: mask(cell.after) } : cell,
      ),
    })),
  };
}

function titleOf(side: DiffSide, { table, against }: DiffOptions): string {
  if (side.kind === "query") return `${side.name} as it is written`;
  if (side.dataset === "snapshots") return `${table} at snapshot "${against ?? ""}"`;
  return `${side.dataset}.${side.table}`;
}

function invalid(message: string): RollcallError {
  return new RollcallError("INPUT_INVALID", message, { isRetriable: false });
}
