import type { Micros } from "../../platform/clock.js";
import { copyTable } from "../../warehouse/copy-table.js";
import { tokenize } from "../../warehouse/googlesql/lexer.js";
import type { Column, TableName, Warehouse } from "../../warehouse/port.js";
import { type Action, type CompiledProject, isBootstrap } from "../../warehouse/project/action.js";
import { IDENTITY_DATASET } from "../../warehouse/project/fingerprint.js";
import type { Layer } from "../../warehouse/project/layers.js";
import { OPS_TABLES } from "../../warehouse/project/ops-tables.js";
import { modelsParam, WATERMARK_STATEMENTS } from "../../warehouse/project/script.js";

export interface SeedDeps {
  /** Read only. */
  readonly source: Warehouse;
  /** Empty. */
  readonly scratch: Warehouse;
  /** Told how many rows are copied so far. */
  readonly report: (rows: number) => void;
}

export interface SeedRequest {
  readonly project: CompiledProject;
  /** The layers before identity, and its own. */
  readonly before: readonly Layer[];
  readonly layer: Layer;
  /** Up to where the models before identity shall pass as having read. */
  readonly readUpTo: Micros;
}

/**
 * Puts into an empty warehouse what identity is made from: all that its models read of others, and its state, which outlives every
 * build (the register, aliases, decisions, the published map). What is derived from that is left for the models to make.
 */
export async function seedScratch({ source, scratch, report }: SeedDeps, request: SeedRequest): Promise<void> {
  const { project, before, layer, readUpTo } = request;
  await scratch.ensureTables(OPS_TABLES);
  let copied = 0;
  for (const { action, readers } of tablesToCopy(project, layer)) {
    const name = nameOf(action);
    const columns = await source.schema(name);
    // A table of state that is new with these rules: its own statement makes it.
    if (columns === null) continue;
    const only = readers === null ? null : columnsRead(columns, readers);
    const soFar = copied;
    const deps = { source, target: scratch, report: (rows: number): void => report(soFar + rows) };
    copied += await copyTable(deps, { ...name, columns, ...(only === null ? {} : { only }) });
  }
  const models = before.flatMap((each) => each.models);
  await scratch.execute(WATERMARK_STATEMENTS.join(";\n"), {
    ...modelsParam(models),
    window_to: { type: "TIMESTAMP", value: readUpTo },
    ran_at: { type: "TIMESTAMP", value: readUpTo },
  });
}

interface Copied {
  readonly action: Action;
  /** The models that read it; null: all of it is needed. */
  readonly readers: readonly Action[] | null;
}

function tablesToCopy(project: CompiledProject, layer: Layer): readonly Copied[] {
  const own = new Set(layer.models.map(({ id }) => id));
  const isState = (action: Action): boolean =>
    action.target.dataset === IDENTITY_DATASET && (isBootstrap(action) || action.isProtected);
  const state = project.actions.filter((action) => !action.isDisabled && isState(action));
  const read = new Map<string, Action[]>();
  const checks = layer.checks.filter(({ schedule }) => schedule === "cycle").map(({ action }) => action);
  const readers = [...layer.models, ...checks];
  for (const reader of readers) {
    for (const id of reader.dependsOn) {
      if (!own.has(id)) read.set(id, [...(read.get(id) ?? []), reader]);
    }
  }
  const inputs = [...read].flatMap(([id, models]): Copied[] => {
    const action = project.byId.get(id);
    const isTable = action !== undefined && action.kind !== "assertion" && !state.includes(action);
    return isTable ? [{ action, readers: models }] : [];
  });
  return [...inputs, ...state.map((action) => ({ action, readers: null }))];
}

/**
 * The columns that a statement of these models could mean: those whose name it says anywhere, or all where it says `*` in a list of
 * columns. Silver holds whole payloads, which nobody here asks for.
 */
export function columnsRead(columns: readonly Column[], readers: readonly Action[]): ReadonlySet<string> | null {
  const words = new Set<string>();
  for (const text of readers.flatMap(textsOf)) {
    const tokens = tokenize(text).filter(({ kind }) => kind !== "blank");
    for (const [at, token] of tokens.entries()) {
      if (token.kind === "word") for (const word of token.text.match(/\w+/g) ?? []) words.add(word.toLowerCase());
      if (token.text === "*" && LIST_OF_COLUMNS.test(tokens[at - 1]?.text ?? "")) return null;
    }
  }
  return new Set(columns.map(({ name }) => name).filter((name) => words.has(name.toLowerCase())));
}

/** Before `*`, what makes it all columns rather than a product or a count. */
const LIST_OF_COLUMNS = /^(?:SELECT|DISTINCT|ALL|STRUCT|VALUE|\.|,)$/i;

function textsOf(action: Action): readonly string[] {
  const { sql, incrementalSql, statements, preOps, postOps, incrementalPreOps, incrementalPostOps } = action;
  return [sql, incrementalSql, ...statements, ...preOps, ...postOps, ...incrementalPreOps, ...incrementalPostOps];
}

function nameOf({ target }: Action): TableName {
  return { dataset: target.dataset, table: target.name };
}
