import { RollcallError } from "../../platform/errors.js";
import { type Analyzer, located } from "../googlesql/analyzer.js";
import { type Catalog, type CatalogColumn, type CatalogFunction, tableKey } from "../googlesql/catalog.js";
import { positionAt, type SourcePosition, type SourceStatement, splitStatements } from "../googlesql/lexer.js";
import type { ResolvedNode } from "../googlesql/resolved.js";
import { formatType, type GoogleType, parseType } from "../googlesql/types.js";
import { applyChanges, type KnownTable, type TableCatalog } from "./catalog.js";
import type { SqlFunction } from "./generator/generator.js";
import { duckdbName } from "./generator/names.js";
import { quoteName } from "./generator/sql.js";
import { createdFunction, type StatementContext, type Translated, translateStatement } from "./generator/statements.js";
import { type Template, templateOf } from "./parameters.js";

export interface ScriptStatement extends Omit<Translated, "sql"> {
  /** Its SQL, run in order. Empty when there is nothing to run. */
  readonly templates: readonly Template[];
  readonly position: SourcePosition;
}

export interface TranslatedScript {
  readonly statements: readonly ScriptStatement[];
  /** Fingerprints of the tables it was translated against; null for one that was absent. */
  readonly dependencies: ReadonlyMap<string, string | null>;
}

export interface TranslateRequest {
  readonly sql: string;
  readonly params: Readonly<Record<string, GoogleType>>;
  readonly catalog: TableCatalog;
  readonly origin?: string;
}

export interface Translator {
  /**
   * A script in DuckDB SQL. A text that was translated before, with the same parameter types and against tables that look the
   * same, costs no analysis. Throws SQL_INVALID or SQL_UNSUPPORTED with file, line and column.
   */
  translate(request: TranslateRequest): Promise<TranslatedScript>;
}

export interface TranslatorConfig {
  readonly defaultDataset?: string;
  /** Scripts kept. The least recently used goes first. */
  readonly cacheSize?: number;
}

const DEFAULT_CACHE_SIZE = 2_000;

const CONTROL_FLOW = new Set(
  "IF ELSE ELSEIF LOOP WHILE FOR REPEAT CASE BREAK CONTINUE LEAVE ITERATE RETURN RAISE CALL EXECUTE END EXCEPTION".split(
    " ",
  ),
);

export function createTranslator(config: TranslatorConfig, deps: { readonly analyzer: Analyzer }): Translator {
  const cache = new Map<string, TranslatedScript>();
  const cacheSize = config.cacheSize ?? DEFAULT_CACHE_SIZE;

  const isCurrent = (script: TranslatedScript, catalog: TableCatalog): boolean => {
    for (const [key, fingerprint] of script.dependencies) {
      if ((catalog.get(key)?.fingerprint ?? null) !== fingerprint) return false;
    }
    return true;
  };

  return {
    async translate(request) {
      const types = Object.entries(request.params).map(([name, type]) => `${name} ${formatType(type)}`);
      const key = [request.sql, ...types.sort()].join("\0");
      const cached = cache.get(key);
      cache.delete(key);
      const script =
        cached !== undefined && isCurrent(cached, request.catalog)
          ? cached
          : await translateScript(request, config, deps.analyzer);
      cache.set(key, script);
      if (cache.size > cacheSize) cache.delete(cache.keys().next().value ?? "");
      return script;
    },
  };
}

/** A script under translation: what its statements so far have made. */
interface Progress {
  catalog: TableCatalog;
  readonly made: Set<string>;
  readonly functions: Map<string, SqlFunction>;
  readonly catalogFunctions: CatalogFunction[];
  readonly variables: Map<string, CatalogColumn>;
  readonly dependencies: Map<string, string | null>;
}

async function translateScript(
  request: TranslateRequest,
  config: TranslatorConfig,
  analyzer: Analyzer,
): Promise<TranslatedScript> {
  const progress: Progress = {
    catalog: request.catalog,
    made: new Set(),
    functions: new Map(),
    catalogFunctions: [],
    variables: new Map(),
    dependencies: new Map(),
  };
  const statements: ScriptStatement[] = [];
  for (const statement of splitStatements(request.sql)) {
    refuseControlFlow(request, statement);
    const translated = await translateOne({ request, config, analyzer, progress }, statement);
    for (const one of translated) {
      remember(progress, one);
      const { sql, ...rest } = one;
      statements.push({ ...rest, templates: sql.map(templateOf), position: statement.position });
    }
  }
  return { statements, dependencies: progress.dependencies };
}

interface Step {
  readonly request: TranslateRequest;
  readonly config: TranslatorConfig;
  readonly analyzer: Analyzer;
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

/** Keeps what the statement made for those after it, and what it took from before the script. */
function remember(progress: Progress, translated: Translated): void {
  const depend = (key: string): void => {
    if (!progress.made.has(key)) progress.dependencies.set(key, progress.catalog.get(key)?.fingerprint ?? null);
  };
  for (const key of translated.tables) depend(key);
  for (const change of translated.changes) {
    if (change.kind === "create" && change.onlyIfAbsent) depend(tableKey(change.table));
  }
  progress.catalog = applyChanges(progress.catalog, translated.changes);
  for (const change of translated.changes) {
    if (change.kind === "create") progress.made.add(tableKey(change.table));
    if (change.kind === "rename") progress.made.add(tableKey(change.to)).add(change.from);
    if (change.kind === "drop") progress.made.add(change.key);
  }
}

/** Only tables whose name the text mentions are shown to the analyzer: that keeps the request small. */
function visibleCatalog(step: Step, words: ReadonlySet<string> | null): Catalog {
  const { catalog, catalogFunctions, variables } = step.progress;
  const tables = [...catalog.values()].filter((table) => words === null || words.has(table.table.toLowerCase()));
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
      catalog: visibleCatalog(step, shown),
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

async function translateOne(step: Step, statement: SourceStatement): Promise<readonly Translated[]> {
  const assignment = parseAssignment(statement.text);
  if (assignment !== null) return translateAssignment(step, statement, assignment);
  const node = await analyze(step, statement.text, statement.words, statement.position);
  const context = statementContext(step, statement.text, statement.position);
  if (node.kind === "CreateFunctionStmt") {
    const { path, made } = createdFunction(context, node);
    step.progress.functions.set(path.join(".").toLowerCase(), made);
    step.progress.catalogFunctions.push({ path, signature: node.raw("signature") });
    return [];
  }
  return [translateStatement(context, node)];
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
): Promise<readonly Translated[]> {
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
  const node = await analyze(step, sql, statement.words, position);
  const query = translateStatement(statementContext(step, sql, position), node);
  const column = query.columns[0];
  if (column === undefined) return [];
  const declared = assignment.names.map((name) => name.toLowerCase());
  for (const name of declared) progress.variables.set(name, { name, type: column.type });
  return declared.map((name) => ({
    ...query,
    kind: "variable",
    name: assignment.isDeclaration ? "DECLARE" : "SET",
    columns: [],
    sql: query.sql.map((select) => `SET VARIABLE ${quoteName(name)} = (${select})`),
  }));
}
