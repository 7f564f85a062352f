import { RollcallError } from "../../platform/errors.js";
import type { Analyzer } from "../googlesql/analyzer.js";
import { type Catalog, type CatalogColumn, tableKey } from "../googlesql/catalog.js";
import { relocated, rewriteGroupByAll } from "../googlesql/group-by-all.js";
import { type SourcePosition, type SourceStatement, splitStatements } from "../googlesql/lexer.js";
import type { StatementLineage } from "../googlesql/lineage.js";
import { lineageOf } from "../googlesql/lineage-statements.js";
import { createScriptParser, type ScriptParser } from "../googlesql/parsed-scripts.js";
import type { ResolvedNode } from "../googlesql/resolved.js";
import { formatType, type GoogleType } from "../googlesql/types.js";
import { applyChanges, type KnownTable, type TableCatalog } from "./catalog.js";
import type { CompiledStore } from "./compiled-store.js";
import { translateFlow } from "./flow.js";
import { applyFunctionChanges, type FunctionCatalog, hasFunctions, storeFunction } from "./function-catalog.js";
import { type FunctionEntry, FunctionScope } from "./functions.js";
import { createdFunction } from "./generator/create-function.js";
import { duckdbName } from "./generator/names.js";
import { type StatementContext, type Translated, translateStatement } from "./generator/statements.js";
import { informationSchema, informationSchemaSql } from "./information-schema.js";
import { type Template, templateOf } from "./parameters.js";
import { NOTHING, type TranslatedScript } from "./program.js";
import { createScriptCache } from "./script-cache.js";
import { createStatementCache, hashKey, type StatementCache } from "./statement-cache.js";

/** One statement in DuckDB SQL, whatever stands around it. Plain data, so that it can be kept. */
export interface CompiledStatement extends Omit<Translated, "sql"> {
  /** Its SQL, run in order. Empty when there is nothing to run. */
  readonly templates: readonly Template[];
  readonly lineage: StatementLineage;
}

export interface TranslateRequest {
  readonly sql: string;
  readonly params: Readonly<Record<string, GoogleType>>;
  readonly catalog: TableCatalog;
  /** The functions of the warehouse. */
  readonly functions?: FunctionCatalog;
  /** Functions made by a script that this one is part of. */
  readonly scope?: FunctionScope;
  readonly origin?: string;
}

export interface Translator {
  /**
   * A script in DuckDB SQL. A statement that was translated before, with the same types of the parameters it names and against
   * tables that look the same, costs no analysis. Throws SQL_INVALID or SQL_UNSUPPORTED with file, line and column.
   */
  translate(request: TranslateRequest): Promise<TranslatedScript>;
}

export interface TranslatorConfig {
  readonly defaultDataset?: string;
  /** Statements kept in memory. The least recently used goes first. */
  readonly cacheSize?: number;
}

export interface TranslatorDeps {
  readonly analyzer: Analyzer;
  /** Where compiled statements outlive the process; nowhere when absent. */
  readonly store?: CompiledStore;
}

const DEFAULT_CACHE_SIZE = 5_000;

/** More than the runner has: a script for each layer, its checks, and the few queries around them. */
const SCRIPTS_KEPT = 100;

const CREATE_FUNCTION =
  /^CREATE\s+(?:OR\s+REPLACE\s+)?(TEMP(?:ORARY)?\s+)?(?:AGGREGATE\s+|TABLE\s+)?FUNCTION\s+(?:IF\s+NOT\s+EXISTS\s+)?([\w.`\s]+?)\s*\(/i;

const DROP_SCHEMA = /^DROP\s+SCHEMA\b/i;

const DROP_FUNCTION = /^DROP\s+FUNCTION\s+(?:IF\s+EXISTS\s+)?(\w+)\s*$/i;

export function createTranslator(config: TranslatorConfig, deps: TranslatorDeps): Translator {
  const statements = createStatementCache(config.cacheSize ?? DEFAULT_CACHE_SIZE, deps.store);
  const parse = createScriptParser();
  const scripts = createScriptCache(SCRIPTS_KEPT);
  return {
    async translate(request) {
      const known = scripts.get(request);
      if (known !== null) return known;
      const translated = await translateScript({ request, config, analyzer: deps.analyzer, statements, parse });
      scripts.set(request, translated);
      return translated;
    },
  };
}

/** A script under translation: what its statements so far have made. */
interface Progress {
  catalog: TableCatalog;
  known: FunctionCatalog;
  readonly functions: FunctionScope;
  readonly variables: Map<string, CatalogColumn>;
}

interface Work {
  readonly request: TranslateRequest;
  readonly config: TranslatorConfig;
  readonly analyzer: Analyzer;
  readonly statements: StatementCache;
  readonly parse: ScriptParser;
}

async function translateScript(work: Work): Promise<TranslatedScript> {
  const { request } = work;
  const progress: Progress = {
    catalog: request.catalog,
    known: request.functions ?? new Map(),
    functions: request.scope?.copy() ?? new FunctionScope(),
    variables: new Map(),
  };
  const step: Step = { ...work, progress, loading: new Set() };
  return translateFlow(
    {
      origin: request.origin,
      functions: progress.functions,
      variables: progress.variables,
      get catalog() {
        return progress.catalog;
      },
      set catalog(next) {
        progress.catalog = next;
      },
      query: (source) => compile(step, source),
      async statement(source) {
        const compiled = await translateOne(step, source);
        if (compiled === null) return null;
        progress.catalog = applyChanges(progress.catalog, compiled.changes);
        const known = applyFunctionChanges(progress.known, compiled.changes);
        if (known !== progress.known) progress.functions.renew(JSON.stringify(compiled.changes));
        progress.known = known;
        return compiled;
      },
    },
    work.parse(request.sql, request.origin),
  );
}

interface Step extends Work {
  readonly progress: Progress;
  /** Texts of the functions being analyzed, so that none is while it already is. */
  readonly loading: ReadonlySet<string>;
}

/** The last part of a name in lower case, and whether it is a plain word. Kept: every statement is held against every table. */
const lastParts = new Map<string, { readonly last: string; readonly isWord: boolean }>();

function lastPartOf(name: string): { readonly last: string; readonly isWord: boolean } {
  const known = lastParts.get(name);
  if (known !== undefined) return known;
  const last = (name.split(".").at(-1) ?? name).toLowerCase();
  const part = { last, isWord: /^\w+$/.test(last) };
  lastParts.set(name, part);
  return part;
}

/** Whether a statement may speak of what has this name, by the last part of it. A name that is no plain word counts by its letters. */
function mentions(text: string, words: ReadonlySet<string>, name: string): boolean {
  const { last, isWord } = lastPartOf(name);
  return isWord ? words.has(last) : text.toLowerCase().includes(last);
}

/** Only tables whose name the text mentions are shown to the analyzer: that keeps the request small, and the cache's key true. */
function visibleCatalog(step: Step, text: string, words: ReadonlySet<string> | null): Catalog {
  const { catalog, functions, variables } = step.progress;
  const tables = [...catalog.values()].filter((table) => words === null || mentions(text, words, table.table));
  return {
    tables: [...tables, ...informationSchema(catalog, words ?? new Set())],
    functions: [...functions.entries()].flatMap(([, { loaded }]) => (loaded === null ? [] : [loaded.catalog])),
    variables: [...variables.values()],
    ...(step.config.defaultDataset === undefined ? {} : { defaultDataset: step.config.defaultDataset }),
  };
}

async function analyze(
  step: Step,
  sql: string,
  words: ReadonlySet<string>,
  position: SourcePosition,
): Promise<ResolvedNode> {
  const { request, analyzer } = step;
  await loadFunctions(step, sql, words);
  const ask = (shown: ReadonlySet<string> | null): Promise<ResolvedNode> =>
    analyzer.analyze({
      sql,
      catalog: visibleCatalog(step, sql, shown),
      params: request.params,
      position,
      ...(request.origin === undefined ? {} : { origin: request.origin }),
    });
  try {
    return await ask(words);
  } catch (error) {
    if (!(error instanceof RollcallError)) throw error;
    // Shown everything, the analyzer can say which table was meant.
    if (/Table not found/.test(error.message)) return ask(null);
    throw step.progress.functions.failureOf(error.message) ?? error;
  }
}

function statementContext(step: Step, text: string, position: SourcePosition): StatementContext {
  const { progress, config, request } = step;
  const find = (key: string): KnownTable | undefined => progress.catalog.get(key);
  return {
    text,
    position,
    functions: progress.functions.made(),
    find,
    findFunction: (key) => progress.known.get(key),
    tableSql: (key) => {
      const view = informationSchemaSql(key);
      if (view !== null) return view;
      const table = find(key);
      if (table === undefined) {
        throw new RollcallError("INTERNAL", `The analyzer resolved the unknown table ${key}`, { isRetriable: false });
      }
      return duckdbName(table);
    },
    ...(config.defaultDataset === undefined ? {} : { defaultDataset: config.defaultDataset }),
    ...(request.origin === undefined ? {} : { origin: request.origin }),
  };
}

async function translateOne(step: Step, statement: SourceStatement): Promise<CompiledStatement | null> {
  const [created, isTemporary, name = ""] = CREATE_FUNCTION.exec(statement.text) ?? [];
  if (created !== undefined) {
    return isTemporary === undefined ? storeFunctionOf(step, statement) : enterTemporary(step, statement, name);
  }
  const dropped = DROP_FUNCTION.exec(statement.text)?.[1]?.toLowerCase();
  if (dropped !== undefined && step.progress.functions.has(dropped)) {
    step.progress.functions.delete(dropped);
    return null;
  }
  return compile(step, statement);
}

/** A function of the script: nothing is run for it. One that was analyzed before waits until a call needs it. */
async function enterTemporary(step: Step, statement: SourceStatement, name: string): Promise<null> {
  const { progress, request } = step;
  const key = statementKey(step, statement.text, statement.words);
  const path = name.replace(/[`\s]/g, "").split(".");
  let loaded: FunctionEntry["loaded"] = null;
  if (step.statements.get(key) === null) {
    loaded = await resolved(step, statement, (node, context) => createdFunction(context, node));
    step.statements.set(key, { ...NOTHING, kind: "function", name: "CREATE_FUNCTION" });
  }
  progress.functions.set({ path, source: statement, origin: request.origin, key, loaded, failure: null });
  return null;
}

/** A function of the warehouse is kept there as it is written. */
async function storeFunctionOf(step: Step, statement: SourceStatement): Promise<CompiledStatement> {
  const { catalog, mode } = await resolved(step, statement, (node, context) => createdFunction(context, node));
  const [dataset = "", name = ""] = catalog.path;
  const { sql, changes } = storeFunction({ dataset, name, definition: statement.text }, mode);
  return { ...NOTHING, kind: "ddl", name: "CREATE_FUNCTION", templates: sql.map(templateOf), changes };
}

/** Puts the functions of the warehouse that a statement may call in scope, without analyzing them. */
function enterFunctions(step: Step, text: string, words: ReadonlySet<string>): void {
  const { known, functions } = step.progress;
  for (const [name, one] of known) {
    if (functions.has(name) || !mentions(text, words, name)) continue;
    const [source] = splitStatements(one.definition);
    if (source === undefined) continue;
    const entry = { path: [one.dataset, one.name], source, origin: `function ${name}`, loaded: null, failure: null };
    functions.set({ ...entry, key: "" }); // A function that calls itself must not be looked for without end.
    functions.set({ ...entry, key: statementKey(step, source.text, source.words) });
  }
}

/**
 * Analyzes the functions that a statement may call, and those that they call. One that is broken is not there: a statement that
 * only has a word like its name goes on, one that calls it fails for the function's reason.
 */
async function loadFunctions(step: Step, text: string, words: ReadonlySet<string>): Promise<void> {
  enterFunctions(step, text, words);
  for (const [name, entry] of [...step.progress.functions.entries()]) {
    if (entry.loaded !== null || !mentions(text, words, name)) continue;
    await loadFunction(step, entry).catch((error: unknown) => {
      if (!(error instanceof RollcallError) || !/^SQL_/.test(error.code)) throw error;
      entry.failure = error;
    });
  }
}

async function loadFunction(step: Step, entry: FunctionEntry): Promise<void> {
  const { source, origin } = entry;
  if (step.loading.has(source.text)) return; // It calls itself: the analyzer says that there is no such function.
  const { origin: _, ...rest } = step.request;
  const request = origin === undefined ? rest : { ...rest, origin };
  const progress = { ...step.progress, variables: new Map() };
  const own = { ...step, request, progress, loading: new Set([...step.loading, source.text]) };
  const { catalog, made } = await resolved(own, source, (node, context) => createdFunction(context, node));
  entry.loaded = { catalog, made };
  entry.failure = null;
}

/** What the analyzer and the generator make of one statement, from the cache where it is there. */
async function compile(step: Step, source: SourceStatement): Promise<CompiledStatement> {
  const key = statementKey(step, source.text, source.words);
  const known = step.statements.get(key);
  if (known !== null) return known;
  const compiled = await resolved(step, source, (node, context) => {
    const { sql, ...rest } = translateStatement(context, node);
    const lineage = lineageOf(node, { ...context, tables: rest.tables.flatMap((table) => context.find(table) ?? []) });
    return { ...rest, templates: sql.map(templateOf), lineage };
  });
  step.statements.set(key, compiled);
  return compiled;
}

/** What a task makes of the analyzed statement. Both see a GROUP BY ALL rewritten; places in errors are those of the source. */
async function resolved<T>(
  step: Step,
  source: SourceStatement,
  task: (node: ResolvedNode, context: StatementContext) => T,
): Promise<T> {
  const { words, position } = source;
  const { origin } = step.request;
  const analyzed = (text: string): Promise<ResolvedNode> => analyze(step, text, words, position);
  const rewritten = await rewriteGroupByAll(source, { analyze: analyzed, origin });
  const text = rewritten?.text ?? source.text;
  const node = await analyzed(text);
  try {
    return task(node, statementContext(step, text, position));
  } catch (error) {
    throw rewritten === null ? error : relocated(error, rewritten, origin);
  }
}

/**
 * Everything that the translation of a statement can depend on: its text, and of what is around it only what it has a word for.
 * Nothing else may be shown to the analyzer or the generator, or the cache would give the wrong answer.
 */
function statementKey(step: Step, text: string, words: ReadonlySet<string>): string {
  const { request, config, progress } = step;
  enterFunctions(step, text, words);
  const named = <T>(entries: Iterable<readonly [string, T]>, describe: (value: T) => string): string[] =>
    [...entries].flatMap(([name, value]) => (mentions(text, words, name) ? [`${name} ${describe(value)}`] : []));
  return hashKey([
    text,
    config.defaultDataset ?? "",
    ...named(Object.entries(request.params), formatType).sort(),
    "tables",
    ...named(progress.catalog, (table) => `${table.fingerprint} ${table.isView}`),
    "variables",
    ...named(progress.variables, ({ type }) => formatType(type)),
    "functions",
    ...named(progress.functions.entries(), ({ key }) => key),
    "views",
    ...informationSchema(progress.catalog, words).map(tableKey),
    // A dataset takes its functions with it, and names none of them.
    ...(DROP_SCHEMA.test(text) && hasFunctions(progress.catalog) ? ["functions"] : []),
  ]);
}
