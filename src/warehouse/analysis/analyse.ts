import { RollcallError } from "../../platform/errors.js";
import { type TableCatalog, withTables } from "../duckdb/catalog.js";
import { applyAll, type FunctionCatalog, type WarehouseCatalog } from "../duckdb/function-catalog.js";
import type { CompiledStatement, Translator } from "../duckdb/translate.js";
import { type CatalogTable, tableKey } from "../googlesql/catalog.js";
import { splitStatements } from "../googlesql/lexer.js";
import { formatType, type GoogleType } from "../googlesql/types.js";
import type { Column } from "../port.js";
import type { Action, CompiledProject } from "../project/action.js";
import { readBronzeTables } from "../project/bronze.js";
import { OPS_TABLES } from "../project/ops-tables.js";
import { orderActions } from "../project/order.js";
import { incrementalMode, type Mode, statementsOf } from "../project/script.js";
import { offsetAt } from "./positions.js";

/**
 * A whole project through the analyzer and the generator, without a database: the tables there are follow from the bronze list and
 * from the statements of each model, in the order they would run. What it says of a statement is what a run would do with it.
 */
export interface ProjectAnalysis {
  readonly project: CompiledProject;
  /** By action id, in the order of dependencies. */
  readonly actions: ReadonlyMap<string, AnalysedAction>;
  /** Tests of Dataform's own kind that do not analyse. */
  readonly testFailures: readonly AnalysisFailure[];
  /** Every table and view after a run, those that nobody's model makes included. */
  readonly catalog: TableCatalog;
  /** Functions that its operations make. */
  readonly functions: FunctionCatalog;
}

/** In which of its texts: as a full build makes it, as a cycle brings it on, a check's query, or a stock test's. */
export type Variant = "full" | "incremental" | "check" | "test";

export interface AnalysedStatement extends CompiledStatement {
  readonly variant: Variant;
}

export interface AnalysedAction {
  readonly action: Action;
  readonly statements: readonly AnalysedStatement[];
  readonly failures: readonly AnalysisFailure[];
  /** Inputs whose columns are not known because they failed themselves: this one could not be looked at. */
  readonly waitsFor: readonly string[];
}

export interface AnalysisFailure {
  readonly variant: Variant;
  /** The script that was looked at; `error.details` has its line and column in it. */
  readonly script: string;
  /** The same script out of a project of the same shape; null when it is not there. */
  readonly make: (project: CompiledProject) => string | null;
  /** SQL_INVALID or SQL_UNSUPPORTED. */
  readonly error: RollcallError;
}

export interface AnalyseDeps {
  readonly translator: Translator;
}

export interface AnalyseOptions {
  /** Ids of actions whose text is known to be wrong already: they are passed over, and what reads them waits. */
  readonly broken?: ReadonlySet<string>;
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
export async function analyseProject(
  project: CompiledProject,
  deps: AnalyseDeps,
  options: AnalyseOptions = {},
): Promise<ProjectAnalysis> {
  const broken = options.broken ?? new Set<string>();
  const active = orderActions(project.actions).filter(({ id, isDisabled }) => !isDisabled && !broken.has(id));
  const landed = withTables(new Map(), readBronzeTables(project.root));
  const base: WarehouseCatalog = { tables: withTables(new Map(), OPS_TABLES), functions: new Map() };
  const look: Ordering["look"] = (action, catalog, unknown) =>
    analyseAction(action, catalog, unknown, deps.translator).then((one) => withRefs(one, project));

  const analysed = await analyseInOrder(active, { base, landed, broken, look });
  const everything = { ...base, tables: new Map([...base.tables, ...landed]) };
  const catalog = analysed.reduce(withMade, everything);
  return {
    project,
    actions: new Map(analysed.map((one) => [one.action.id, one])),
    testFailures: await analyseTests(project, catalog, deps.translator),
    catalog: catalog.tables,
    functions: catalog.functions,
  };
}

async function analyseTests(
  project: CompiledProject,
  catalog: WarehouseCatalog,
  translator: Translator,
): Promise<AnalysisFailure[]> {
  const failures: AnalysisFailure[] = [];
  for (const test of project.tests) {
    for (const part of ["testQuery", "expectedOutputQuery"] as const) {
      const make: AnalysisFailure["make"] = (other) =>
        other.tests.find(({ name, fileName }) => name === test.name && fileName === test.fileName)?.[part] ?? null;
      const look: Look = { script: test[part], variant: "test", make, origin: test.fileName };
      failures.push(...(await lookAt(look, catalog, translator)).failures);
    }
  }
  return failures;
}

interface Ordering {
  /** What every action may name. */
  readonly base: WarehouseCatalog;
  /** Tables that declarations speak of: shown to what depends on the declaration. */
  readonly landed: TableCatalog;
  /** Ids of actions that are passed over. */
  readonly broken: ReadonlySet<string>;
  readonly look: (action: Action, catalog: WarehouseCatalog, unknown: ReadonlySet<string>) => Promise<AnalysedAction>;
}

/**
 * Each action as soon as everything it depends on is done. It is shown what it depends on and nothing else, however early that is
 * there: what it reads without a ref is not found, because whoever decides what has to run, and before what, goes by refs alone.
 */
async function analyseInOrder(
  actions: readonly Action[],
  { base, landed, broken, look }: Ordering,
): Promise<AnalysedAction[]> {
  const withInput = (catalog: WarehouseCatalog, input: AnalysedAction): WarehouseCatalog => {
    if (input.action.kind !== "declaration") return withMade(catalog, input);
    const key = keyOf(input.action);
    const table = landed.get(key);
    return table === undefined ? catalog : { ...catalog, tables: new Map([...catalog.tables, [key, table]]) };
  };
  const started = new Map<string, Promise<AnalysedAction>>();
  for (const action of actions) {
    const start = async (): Promise<AnalysedAction> => {
      const inputs = await Promise.all(action.dependsOn.flatMap((id) => started.get(id) ?? []));
      const lost = new Set([...broken, ...inputs.filter(isUnknown).map((input) => input.action.id)]);
      return look(action, inputs.reduce(withInput, base), lost);
    };
    started.set(action.id, start());
  }
  return Promise.all(started.values());
}

/**
 * What is not found although the project has a table of that name lacks a ref: without one, nothing says that it must run before. Or it is
 * declared and nobody knows its columns.
 */
function withRefs(one: AnalysedAction, project: CompiledProject): AnalysedAction {
  const failures = one.failures.map((failure) => {
    const name = /Table not found: `?(?:\w+\.)?(\w+\.\w+)/.exec(failure.error.message)?.[1] ?? "";
    const known = project.byId.get(name);
    if (known === undefined) return failure;
    const { code, message, isRetriable, details } = failure.error;
    const { dataset, name: table } = known.target;
    const hint =
      known.kind === "declaration" && one.action.dependsOn.includes(known.id)
        ? `; ${known.fileName} declares it, and its columns are not known: ${HOW_TO_DECLARE}`
        : `; there is a table of that name: write \${ref("${dataset}", "${table}")}`;
    return { ...failure, error: new RollcallError(code, `${message}${hint}`, { isRetriable, details }) };
  });
  return { ...one, failures };
}

/** Dataform's declarations name no types. */
const HOW_TO_DECLARE = "includes/bronze.json is the list of the tables that land, with columns and types; add it there";

/** Whether nobody knows the columns of what it makes. */
function isUnknown({ waitsFor, failures }: AnalysedAction): boolean {
  return waitsFor.length > 0 || failures.some(({ variant }) => variant === "full");
}

function withMade(catalog: WarehouseCatalog, { statements }: AnalysedAction): WarehouseCatalog {
  const changes = statements.filter(({ variant }) => variant === "full").flatMap((statement) => statement.changes);
  return applyAll(catalog, lasting(changes));
}

async function analyseAction(
  action: Action,
  catalog: WarehouseCatalog,
  unknown: ReadonlySet<string>,
  translator: Translator,
): Promise<AnalysedAction> {
  const waitsFor = action.dependsOn.filter((id) => unknown.has(id));
  if (waitsFor.length > 0) return { action, statements: [], failures: [], waitsFor };

  const statements: AnalysedStatement[] = [];
  const failures: AnalysisFailure[] = [];
  let known = catalog;
  const columnsOf = (): readonly Column[] => portColumns(known.tables.get(keyOf(action)));
  const look = async (variant: Variant, textsOf: (own: Action) => readonly string[]): Promise<boolean> => {
    const make: AnalysisFailure["make"] = (project) => {
      const own = project.byId.get(action.id);
      return own === undefined ? null : scriptOf(textsOf(own));
    };
    const looked = await lookAt(
      { script: scriptOf(textsOf(action)), variant, make, origin: action.fileName },
      known,
      translator,
    );
    statements.push(...looked.statements);
    failures.push(...looked.failures);
    for (const { changes } of looked.statements) known = applyAll(known, lasting(changes));
    return looked.failures.length === 0;
  };

  if (action.kind === "assertion") await look("check", ({ sql }) => [sql]);
  else if (action.kind !== "declaration") {
    const isMade = await look("full", (own) => statementsOf(own, firstMode(own), columnsOf));
    if (isMade && action.kind === "incremental")
      await look("incremental", (own) => statementsOf(own, incrementalMode(own), columnsOf));
  }
  return { action, statements, failures, waitsFor };
}

function scriptOf(texts: readonly string[]): string {
  return texts.map((text) => text.trim().replace(/;$/, "")).join("\n;\n");
}

interface Look {
  readonly script: string;
  readonly variant: Variant;
  readonly make: AnalysisFailure["make"];
  readonly origin: string;
}

interface Looked {
  readonly statements: readonly AnalysedStatement[];
  readonly failures: readonly AnalysisFailure[];
}

/** More of them in one script have one cause. */
const MOST_FAILURES = 20;

/**
 * Every statement of a script. One that fails is left out, so that the others are looked at too; what only fails because the table it
 * should have made is not there is no failure of its own.
 */
async function lookAt(look: Look, catalog: WarehouseCatalog, translator: Translator): Promise<Looked> {
  const failures: AnalysisFailure[] = [];
  const missing = new Set<string>();
  let sql = look.script;
  for (;;) {
    try {
      const { statements } = await translator.translate({
        sql,
        params: RUN_PARAMS,
        catalog: catalog.tables,
        functions: catalog.functions,
        origin: look.origin,
      });
      return { statements: statements.map(({ position, ...each }) => ({ ...each, variant: look.variant })), failures };
    } catch (error) {
      if (!(error instanceof RollcallError) || !/^SQL_/.test(error.code)) throw error;
      const absent = /Table not found: `?(\w+)/.exec(error.message)?.[1]?.toLowerCase();
      if (absent === undefined || !missing.has(absent))
        failures.push({ variant: look.variant, script: look.script, make: look.make, error });
      const rest = withoutStatement(sql, Number(error.details.line), Number(error.details.column));
      if (rest === null || failures.length >= MOST_FAILURES) return { statements: [], failures };
      sql = rest.sql;
      if (rest.made !== null) missing.add(rest.made);
    }
  }
}

/** What may stand before the first statement of a block: up to its THEN or DO. */
const BLOCK_HEADS = /^(?:(?:(?:IF|ELSEIF)\s[\s\S]*?\bTHEN|(?:WHILE|FOR)\s[\s\S]*?\bDO|ELSE|LOOP|REPEAT|BEGIN)\s+)+/i;

/**
 * The script with blanks for the statement at this place, and the table that statement would have made. Null where there is none: the
 * head of a block cannot be left out, since its end would remain.
 */
function withoutStatement(sql: string, line: number, column: number): { sql: string; made: string | null } | null {
  const at = offsetAt(sql, { line, column });
  const failed = splitStatements(sql)
    .map(({ text, position }) => ({ text, start: offsetAt(sql, position) }))
    .findLast(({ start }) => start <= at);
  if (failed === undefined) return null;
  const head = BLOCK_HEADS.exec(failed.text)?.[0].length ?? 0;
  const start = failed.start + head;
  if (at < start) return null;
  const text = failed.text.slice(head);
  // A backtick that closes it is a blank to the analyzer, and blanks at the end are not of its text.
  const end = start + text.length + (sql[start + text.length] === "`" ? 1 : 0);
  const made = /^CREATE\s+(?:OR\s+REPLACE\s+)?TEMP(?:ORARY)?\s+TABLE\s+`?(\w+)/i.exec(text)?.[1] ?? null;
  return {
    sql: sql.slice(0, start) + sql.slice(start, end).replace(/[^\n]/g, " ") + sql.slice(end),
    made: made?.toLowerCase() ?? null,
  };
}

function keyOf({ target }: Action): string {
  return tableKey({ dataset: target.dataset, table: target.name });
}

function firstMode(action: Action): Mode {
  if (action.kind === "view") return "view";
  return action.kind === "operations" ? "statements" : "create";
}

function lasting(changes: CompiledStatement["changes"]): CompiledStatement["changes"] {
  return changes.filter((change) => change.kind !== "create" || change.table.dataset !== null);
}

function portColumns(table: CatalogTable | undefined): Column[] {
  return (table?.columns ?? []).map(({ name, type }) => ({ name, type: formatType(type) }));
}
