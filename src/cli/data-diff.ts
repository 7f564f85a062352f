import { RollcallError } from "../platform/errors.js";
import type { PersonalParts } from "../privacy/mask.js";
import { offsetAt } from "../warehouse/analysis/positions.js";
import { createSourceMap } from "../warehouse/analysis/source-map.js";
import { type DiffSide, diffTables, type TableDiff } from "../warehouse/diff/diff.js";
import { type GoogleType, parseType } from "../warehouse/googlesql/types.js";
import type { TableName, Warehouse } from "../warehouse/port.js";
import type { Action, CompiledProject } from "../warehouse/project/action.js";
import { compileProject } from "../warehouse/project/compile.js";
import { grainOf } from "../warehouse/project/grain.js";
import { nearestNames } from "../warehouse/project/suggest.js";
import { findSnapshot } from "../warehouse/run/snapshots.js";
import { readModelStates } from "../warehouse/run/state.js";
import { maskDiff } from "./diff-mask.js";
import { withheldFailure } from "./withheld.js";

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
  /** Which parts of a query's columns are personal by where they come from; null when it cannot be followed. */
  readonly personalParts: (sql: string, params: Readonly<Record<string, GoogleType>>) => Promise<PersonalParts | null>;
}

const VARS = { runner: "rollcall" };

/**
 * A table against a snapshot of it, against another table, or against its model as it is written now. With a snapshot the table is
 * what came after; with a model it is what came before.
 *
 * Personal values are masked unless `unmask`, also in the message of a failure: by name, and by where the columns of either side come
 * from. Where those of a stored table come from is what its model says as it is written now.
 */
export async function diffData(deps: DiffDeps, options: DiffOptions): Promise<DiffView> {
  if (options.unmask) return compare(deps, options);
  try {
    return await compare(deps, options);
  } catch (error) {
    throw withheldFailure(error);
  }
}

async function compare(deps: DiffDeps, options: DiffOptions): Promise<DiffView> {
  const { warehouse } = deps;
  const name = parseTable(options.table);
  const project = compileProject({ root: deps.root, vars: VARS });
  const model = project.byId.get(options.table);
  await refuseMissing(warehouse, options.table, project);
  const key = options.key ?? (model === undefined ? [] : grainOf(project, model));
  if (key.length === 0) {
    throw invalid(`${options.table} declares no unique key: say with --key which columns name a row.`);
  }
  const current: DiffSide = { kind: "table", ...name };
  const { against } = options;
  const [before, after]: readonly [DiffSide, DiffSide] =
    against === undefined
      ? [current, await modelSide(warehouse, options.table, model)]
      : against.includes(".")
        ? [current, { kind: "table", ...parseTable(against) }]
        : [{ kind: "table", ...(await findSnapshot(warehouse, name, against)) }, current];
  const diff = await diffTables(warehouse, { before, after, key, sample: options.sample }).catch((error: unknown) => {
    throw model === undefined ? error : inItsFile(error, model, project);
  });
  // A snapshot holds what its table held.
  const sources = isSnapshot(options) ? [current] : [before, after];
  const shown = options.unmask ? diff : await masked(deps, diff, sources);
  return { ...shown, before: titleOf(before, options), after: titleOf(after, options), key };
}

export function parseTable(text: string): TableName {
  const [dataset, table, ...rest] = text.split(".");
  if (!dataset || !table || rest.length > 0) throw invalid(`"${text}" is no table: write dataset.table`);
  return { dataset, table };
}

async function refuseMissing(warehouse: Warehouse, id: string, project: CompiledProject): Promise<void> {
  if ((await warehouse.schema(parseTable(id))) !== null) return;
  if (project.byId.has(id)) throw notFound(`${id} is not built yet: "rollcall run" builds it.`);
  const [near] = nearestNames(id, [...project.byId.keys()], 1);
  throw notFound(`There is no table ${id}.${near === undefined ? "" : ` Did you mean ${near}?`}`);
}

/** The model over everything that it has read, as a full build would make it. */
async function modelSide(warehouse: Warehouse, id: string, model: Action | undefined): Promise<DiffSide> {
  if (model === undefined || model.sql === "") {
    throw invalid(`${id} has no query of its own to compare with: name a snapshot or a table with --against.`);
  }
  if (model.preOps.length > 0) {
    throw invalid(`${id} runs statements before its query: build it, and compare with a snapshot taken before.`);
  }
  const params = {
    window_from: { type: "TIMESTAMP", value: 0 },
    window_to: { type: "TIMESTAMP", value: await readUpTo(warehouse, model) },
  };
  return { kind: "query", name: model.fileName, sql: model.sql, params };
}

/** How far the model has read; others may have read further, in a run of a selection. A view has what anybody has read. */
async function readUpTo(warehouse: Warehouse, model: Action): Promise<number> {
  if ((await warehouse.schema({ dataset: "ops", table: "watermarks" })) === null) return 0;
  const states = await readModelStates(warehouse);
  const own = states.get(model.id)?.windowTo ?? null;
  if (own !== null) return own;
  return Math.max(0, ...[...states.values()].map(({ windowTo }) => windowTo ?? 0));
}

async function masked(
  { personalColumns, personalParts }: DiffDeps,
  diff: TableDiff,
  sources: readonly DiffSide[],
): Promise<TableDiff> {
  const sides = sources.map((side) => {
    if (side.kind === "table") return personalParts(`SELECT * FROM \`${side.dataset}\`.\`${side.table}\``, {});
    const types = Object.entries(side.params).map(([name, { type }]) => [name, parseType(type)] as const);
    return personalParts(side.sql, Object.fromEntries(types));
  });
  return maskDiff(diff, personalColumns, await Promise.all(sides));
}

function isSnapshot({ against }: DiffOptions): boolean {
  return against !== undefined && !against.includes(".");
}

/** What is wrong with a model's text, with its place in the file: the text compared is the compiled one. */
function inItsFile(error: unknown, model: Action, project: CompiledProject): unknown {
  if (!(error instanceof RollcallError) || error.details.origin !== model.fileName) return error;
  const { line, column, words } = error.details;
  const index = offsetAt(model.sql, { line: Number(line), column: Number(column) });
  const place = createSourceMap({ project, vars: VARS }).locate(({ byId }) => byId.get(model.id)?.sql ?? null, index);
  const at = place === null ? model.fileName : `${place.file}:${place.line}:${place.column}`;
  const message = `${at}: ${String(words)}${place === null ? " (rollcall check says where)" : ""}`;
  return new RollcallError(error.code, message, { isRetriable: false, details: { ...place } });
}

function titleOf(side: DiffSide, options: DiffOptions): string {
  if (side.kind === "query") return `${side.name} as it is written`;
  if (isSnapshot(options) && side.dataset === "snapshots")
    return `${options.table} at snapshot "${options.against ?? ""}"`;
  return `${side.dataset}.${side.table}`;
}

function invalid(message: string): RollcallError {
  return new RollcallError("INPUT_INVALID", message, { isRetriable: false });
}

function notFound(message: string): RollcallError {
  return new RollcallError("NOT_FOUND", message, { isRetriable: false });
}
