import { RollcallError } from "../../platform/errors.js";
import { applyChanges, type TableCatalog } from "../duckdb/catalog.js";
import type { CompiledStatement, Translator } from "../duckdb/translate.js";
import { type CatalogTable, tableKey } from "../googlesql/catalog.js";
import { formatType, type GoogleType, parseType } from "../googlesql/types.js";
import type { Column } from "../port.js";
import { type Action, type CompiledProject, isBootstrap } from "../project/action.js";
import { readBronzeTables } from "../project/bronze.js";
import { OPS_TABLES, type TableShape } from "../project/ops-tables.js";
import { orderActions } from "../project/order.js";
import { type Mode, statementsOf } from "../project/script.js";

/**
 * A whole project through the analyzer and the generator, without a database: the tables there are follow from the bronze list and
 * from the statements of each model, in the order they would run. What it says of a statement is what a run would do with it.
 */
export interface ProjectAnalysis {
  readonly project: CompiledProject;
  /** By action id, in the order of dependencies. */
  readonly actions: ReadonlyMap<string, AnalysedAction>;
  /** Every table and view after a run, those that nobody's model makes included. */
  readonly catalog: TableCatalog;
}

/** In which of its texts: as a full build makes it, as a cycle brings it on, or a check's query. */
export type Variant = "full" | "incremental" | "check";

export interface AnalysedStatement extends CompiledStatement {
  readonly variant: Variant;
}

export interface AnalysedAction {
  readonly action: Action;
  readonly statements: readonly AnalysedStatement[];
  readonly failures: readonly AnalysisFailure[];
  /** Inputs that failed themselves: this one could not be looked at. */
  readonly waitsFor: readonly string[];
}

export interface AnalysisFailure {
  readonly variant: Variant;
  /** The script that was looked at; `error.details` has its line and column in it. */
  readonly script: string;
  /** SQL_INVALID or SQL_UNSUPPORTED. */
  readonly error: RollcallError;
}

export interface AnalyseDeps {
  readonly translator: Translator;
}

const TIMESTAMP: GoogleType = { kind: "TIMESTAMP" };
/** What the runner gives every script. */
const RUN_PARAMS: Readonly<Record<string, GoogleType>> = {
  window_from: TIMESTAMP,
  window_to: TIMESTAMP,
  ran_at: TIMESTAMP,
  run_id: { kind: "STRING" },
};

/** Bad SQL is part of the answer. Throws what the analyzer throws when it cannot work at all, and PROJECT_INVALID. */
export async function analyseProject(project: CompiledProject, deps: AnalyseDeps): Promise<ProjectAnalysis> {
  let catalog = withTables(new Map(), [...OPS_TABLES, ...readBronzeTables(project.root)]);
  const analysed = new Map<string, AnalysedAction>();
  for (const wave of wavesOf(project)) {
    const before = catalog;
    const done = await Promise.all(wave.map((action) => analyseAction(action, before, analysed, deps.translator)));
    for (const one of done) {
      analysed.set(one.action.id, one);
      for (const { changes, variant } of one.statements)
        if (variant === "full") catalog = applyChanges(catalog, lasting(changes));
    }
  }
  const actions = orderActions(project.actions).flatMap(({ id }) => analysed.get(id) ?? []);
  return { project, actions: new Map(actions.map((one) => [one.action.id, one])), catalog };
}

/** Actions that need nothing of each other, wave by wave: bootstraps first, because models write their tables without a ref. */
function wavesOf(project: CompiledProject): Action[][] {
  const active = orderActions(project.actions).filter(({ isDisabled }) => !isDisabled);
  const depths = new Map<string, number>();
  const waves: Action[][] = [];
  for (const action of [...active.filter(isBootstrap), ...active.filter((each) => !isBootstrap(each))]) {
    const depth = isBootstrap(action) ? 0 : 1 + Math.max(0, ...action.dependsOn.map((id) => depths.get(id) ?? 0));
    depths.set(action.id, depth);
    waves[depth] = [...(waves[depth] ?? []), action];
  }
  return waves.filter((wave) => wave.length > 0);
}

async function analyseAction(
  action: Action,
  catalog: TableCatalog,
  analysed: ReadonlyMap<string, AnalysedAction>,
  translator: Translator,
): Promise<AnalysedAction> {
  const waitsFor = action.dependsOn.filter((id) => {
    const input = analysed.get(id);
    return input !== undefined && input.failures.length + input.waitsFor.length > 0;
  });
  if (waitsFor.length > 0) return { action, statements: [], failures: [], waitsFor };

  const statements: AnalysedStatement[] = [];
  const failures: AnalysisFailure[] = [];
  let known = catalog;
  const look = async (variant: Variant, texts: readonly string[]): Promise<boolean> => {
    const script = texts.map((text) => text.trim().replace(/;$/, "")).join("\n;\n");
    try {
      const translated = await translator.translate({
        sql: script,
        params: RUN_PARAMS,
        catalog: known,
        origin: action.fileName,
      });
      for (const { position, ...statement } of translated.statements) {
        statements.push({ ...statement, variant });
        known = applyChanges(known, lasting(statement.changes));
      }
      return true;
    } catch (error) {
      if (!(error instanceof RollcallError) || !/^SQL_/.test(error.code)) throw error;
      failures.push({ variant, script, error });
      return false;
    }
  };

  const columnsOf = (): readonly Column[] =>
    portColumns(known.get(tableKey({ dataset: action.target.dataset, table: action.target.name })));
  if (action.kind === "assertion") await look("check", [action.sql]);
  else if (action.kind !== "declaration") {
    const isMade = await look("full", statementsOf(action, firstMode(action), columnsOf));
    if (isMade && action.kind === "incremental")
      await look("incremental", statementsOf(action, cycleMode(action), columnsOf));
  }
  return { action, statements, failures, waitsFor };
}

function firstMode(action: Action): Mode {
  if (action.kind === "view") return "view";
  return action.kind === "operations" ? "statements" : "create";
}

function cycleMode(action: Action): Mode {
  return action.uniqueKey.length > 0 ? "merge" : "append";
}

function lasting(changes: CompiledStatement["changes"]): CompiledStatement["changes"] {
  return changes.filter((change) => change.kind !== "create" || change.table.dataset !== null);
}

function withTables(catalog: TableCatalog, shapes: readonly TableShape[]): TableCatalog {
  return applyChanges(
    catalog,
    shapes.map(({ dataset, table, columns }) => ({
      kind: "create",
      table: { dataset, table, columns: columns.map(({ name, type }) => ({ name, type: parseType(type) })) },
      isView: false,
      onlyIfAbsent: false,
    })),
  );
}

function portColumns(table: CatalogTable | undefined): Column[] {
  return (table?.columns ?? []).map(({ name, type }) => ({ name, type: formatType(type) }));
}
