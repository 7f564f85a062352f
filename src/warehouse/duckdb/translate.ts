import { RollcallError } from "../../platform/errors.js";
import { type Analyzer, located } from "../googlesql/analyzer.js";
import type { Catalog, CatalogColumn, CatalogFunction } from "../googlesql/catalog.js";
import { positionAt, type SourcePosition, type SourceStatement, splitStatements } from "../googlesql/lexer.js";
import type { ResolvedNode } from "../googlesql/resolved.js";
import { formatType, type GoogleType, parseType } from "../googlesql/types.js";
import { applyChanges, type KnownTable, type TableCatalog } from "./catalog.js";
import type { CompiledStore } from "./compiled-store.js";
import type { SqlFunction } from "./generator/generator.js";
import { duckdbName } from "./generator/names.js";
import { quoteName } from "./generator/sql.js";
import { createdFunction, type StatementContext, type Translated, translateStatement } from "./generator/statements.js";
import { type Template, templateOf } from "./parameters.js";
import { createStatementCache, hashKey, type StatementCache } from "./statement-cache.js";

/** One statement in DuckDB SQL, whatever stands around it. Plain data, so that it can be kept. */
export interface CompiledStatement extends Omit<Translated, "sql"> {
  /** Its SQL, run in order. Empty when there is nothing to run. */
  readonly templates: readonly Template[];
}

export interface ScriptStatement extends CompiledStatement {
  readonly position: SourcePosition;
}

export interface TranslatedScript {
  readonly statements: readonly ScriptStatement[];
}

export interface TranslateRequest {
  readonly sql: string;
  readonly params: Readonly<Record<string, GoogleType>>;
  readonly catalog: TableCatalog;
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

const CONTROL_FLOW = new Set(
  "IF ELSE ELSEIF LOOP WHILE FOR REPEAT CASE BREAK CONTINUE LEAVE ITERATE RETURN RAISE CALL EXECUTE END EXCEPTION".split(
    " ",
  ),
);

const CREATE_FUNCTION = /^CREATE\s+(?:OR\s+REPLACE\s+)?(?:TEMP(?:ORARY)?\s+)?(?:AGGREGATE\s+|TABLE\s+)?FUNCTION\b/i;

export function createTranslator(config: TranslatorConfig, deps: TranslatorDeps): Translator {
  const statements = createStatementCache(config.cacheSize ?? DEFAULT_CACHE_SIZE, deps.store);
  return { translate: (request) => translateScript({ request, config, analyzer: deps.analyzer, statements }) };
}

/** A script under translation: what its statements so far have made. */
interface Progress {
  catalog: TableCatalog;
  readonly functions: Map<string, SqlFunction>;
  /** What each function was made of, by name: the key of the statement that made it. */
  readonly functionKeys: Map<string, string>;
  readonly catalogFunctions: CatalogFunction[];
  readonly variables: Map<string, CatalogColumn>;
}

interface Work {
  readonly request: TranslateRequest;
  readonly config: TranslatorConfig;
  readonly analyzer: Analyzer;
  readonly statements: StatementCache;
}

async function translateScript(work: Work): Promise<TranslatedScript> {
  const { request } = work;
  const progress: Progress = {
    catalog: request.catalog,
    functions: new Map(),
    functionKeys: new Map(),
    catalogFunctions: [],
    variables: new Map(),
  };
  const statements: ScriptStatement[] = [];
  for (const statement of splitStatements(request.sql)) {
    refuseControlFlow(request, statement);
    for (const compiled of await translateOne({ ...work, progress }, statement)) {
      progress.catalog = applyChanges(progress.catalog, compiled.changes);
      statements.push({ ...compiled, position: statement.position });
    }
  }
  return { statements };
}

interface Step extends Work {
  readonly progress: Progress;
}

function refuseControlFlow(request: TranslateRequest, statement: SourceStatement): void {
  const word = /^\w+/.exec(statement.text)?.[0].toUpperCase() ?? "";
  if (!CONTROL_FLOW.has(word)) return;
  const message = located(request.origin, statement.position, `${word} has no form in the embedded warehouse`);
  throw new RollcallError("SQL_UNSUPPORTED", message, {
    isRetriable: false,
    details: { construct: word, origin: request.origin ?? null, ...statement.position },
  });
}

/** Whether a statement may speak of what has this name, by the last part of it. A name that is no plain word counts by its letters. */
function mentions(text: string, words: ReadonlySet<string>, name: string): boolean {
  const last = (name.split(".").at(-1) ?? name).toLowerCase();
  return /^\w+$/.test(last) ? words.has(last) : text.toLowerCase().includes(last);
}

/** Only tables whose name the text mentions are shown to the analyzer: that keeps the request small, and the cache's key true. */
function visibleCatalog(step: Step, text: string, words: ReadonlySet<string> | null): Catalog {
  const { catalog, catalogFunctions, variables } = step.progress;
  const tables = [...catalog.values()].filter((table) => words === null || mentions(text, words, table.table));
  return {
    tables,
    functions: catalogFunctions,
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
    // Shown everything, the analyzer can say which table was meant.
    if (error instanceof RollcallError && /Table not found/.test(error.message)) return ask(null);
    throw error;
  }
}

function statementContext(step: Step, text: string, position: SourcePosition): StatementContext {
  const { progress, config, request } = step;
  const find = (key: string): KnownTable | undefined => progress.catalog.get(key);
  return {
    text,
    position,
    functions: progress.functions,
    find,
    tableSql: (key) => {
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

async function translateOne(step: Step, statement: SourceStatement): Promise<readonly CompiledStatement[]> {
  const assignment = parseAssignment(statement.text);
  if (assignment !== null) return translateAssignment(step, statement, assignment);
  if (!CREATE_FUNCTION.test(statement.text)) return [await compile(step, statement)];
  const node = await analyze(step, statement.text, statement.words, statement.position);
  const { path, made } = createdFunction(statementContext(step, statement.text, statement.position), node);
  const name = path.join(".").toLowerCase();
  step.progress.functions.set(name, made);
  step.progress.functionKeys.set(name, statementKey(step, statement.text, statement.words));
  step.progress.catalogFunctions.push({ path, signature: node.raw("signature") });
  return [];
}

/** What the analyzer and the generator make of one statement, from the cache where it is there. */
async function compile(step: Step, { text, words, position }: SourceStatement): Promise<CompiledStatement> {
  const key = statementKey(step, text, words);
  const known = step.statements.get(key);
  if (known !== null) return known;
  const node = await analyze(step, text, words, position);
  const { sql, ...rest } = translateStatement(statementContext(step, text, position), node);
  const compiled = { ...rest, templates: sql.map(templateOf) };
  step.statements.set(key, compiled);
  return compiled;
}

/**
 * Everything that the translation of a statement can depend on: its text, and of what is around it only what it has a word for.
 * Nothing else may be shown to the analyzer or the generator, or the cache would give the wrong answer.
 */
function statementKey(step: Step, text: string, words: ReadonlySet<string>): string {
  const { request, config, progress } = step;
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
    ...named(progress.functionKeys, (key) => key),
  ]);
}

interface Assignment {
  readonly names: readonly string[];
  /** Null: the type of the value, or of the variable when it is set. */
  readonly type: GoogleType | null;
  readonly isDeclaration: boolean;
  readonly value: string;
  /** Where the value stands in the statement. */
  readonly valueIndex: number;
}

/** DECLARE a, b INT64 DEFAULT 1 and SET a = 2: script statements that the analyzer itself does not know. */
function parseAssignment(text: string): Assignment | null {
  const set = /^SET\s+(\w+)\s*=\s*/i.exec(text);
  if (set?.[1] !== undefined) {
    const value = text.slice(set[0].length);
    return { names: [set[1]], type: null, isDeclaration: false, value, valueIndex: set[0].length };
  }
  const declare = /^DECLARE\s+(\w+(?:\s*,\s*\w+)*)\s+([\s\S]*)$/i.exec(text);
  if (declare?.[1] === undefined || declare[2] === undefined) return null;
  const rest = declare[2];
  const initial = /(?:^|\s)DEFAULT\s+/i.exec(rest);
  const typeText = (initial === null ? rest : rest.slice(0, initial.index)).trim();
  const valueIndex = text.length - rest.length + (initial === null ? 0 : initial.index + initial[0].length);
  return {
    names: declare[1].split(/\s*,\s*/),
    type: typeText === "" ? null : parseType(typeText),
    isDeclaration: true,
    value: initial === null ? "NULL" : text.slice(valueIndex),
    valueIndex,
  };
}

async function translateAssignment(
  step: Step,
  statement: SourceStatement,
  assignment: Assignment,
): Promise<readonly CompiledStatement[]> {
  const { progress, request } = step;
  const type = assignment.isDeclaration
    ? assignment.type
    : (progress.variables.get(assignment.names[0]?.toLowerCase() ?? "")?.type ?? null);
  if (!assignment.isDeclaration && type === null) {
    const message = located(request.origin, statement.position, `Undeclared variable: ${assignment.names.join(", ")}`);
    throw new RollcallError("SQL_INVALID", message, { isRetriable: false, details: { ...statement.position } });
  }
  const prefix = type === null ? "SELECT (" : "SELECT CAST((";
  const sql = `${prefix}${assignment.value}${type === null ? ")" : `) AS ${formatType(type)})`}`;
  const place = positionAt(statement.text, assignment.valueIndex, statement.position);
  const position = { line: place.line, column: place.column - prefix.length };
  const query = await compile(step, { text: sql, words: statement.words, position });
  const column = query.columns[0];
  if (column === undefined) return [];
  const declared = assignment.names.map((name) => name.toLowerCase());
  for (const name of declared) progress.variables.set(name, { name, type: column.type });
  return declared.map((name) => ({
    ...query,
    kind: "variable",
    name: assignment.isDeclaration ? "DECLARE" : "SET",
    columns: [],
    templates: query.templates.map((select) => around(`SET VARIABLE ${quoteName(name)} = (`, select, ")")),
  }));
}

function around(before: string, template: Template, after: string): Template {
  const pieces = [...template];
  pieces[0] = `${before}${pieces[0] ?? ""}`;
  pieces[pieces.length - 1] += after;
  return pieces;
}
