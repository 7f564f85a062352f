import path from "node:path";
import { RollcallError } from "../../platform/errors.js";
import { withTables } from "../duckdb/catalog.js";
import type { CompiledStore } from "../duckdb/compiled-store.js";
import type { Translator } from "../duckdb/translate.js";
import type { Analyzer } from "../googlesql/analyzer.js";
import { positionAt } from "../googlesql/lexer.js";
import type { Action } from "../project/action.js";
import { type CompileOutcome, compileWhatCan } from "../project/compile.js";
import type { TableShape } from "../project/ops-tables.js";
import { didYouMean } from "../project/suggest.js";
import { type AnalysisFailure, analyseProject, type ProjectAnalysis } from "./analyse.js";
import { type CompileFindings, compileFindings } from "./compile-problems.js";
import { type PlaceDeps, placeOfFailure } from "./failure-place.js";
import type { TargetAllowance } from "./lints/lint.js";
import { lintProblems } from "./lints/run.js";
import { withoutSilenced } from "./lints/silence.js";
import { inOrder, type Problem } from "./problem.js";
import { createProjectFiles, type ProjectFiles } from "./project-files.js";
import { createSourceMap } from "./source-map.js";
import { typescriptProblems } from "./typescript-sql.js";

export interface CheckOptions {
  /** The folder with `dataform.json`. */
  readonly root: string;
  /** Tables that statements in TypeScript speak of and no model makes. */
  readonly tables: readonly TableShape[];
  /** What each sync target allows of personal values. */
  readonly allowances: readonly TargetAllowance[];
}

export interface CheckDeps {
  readonly analyzer: Analyzer;
  readonly translator: Translator;
  /** Where it is kept which statements in TypeScript are right; nowhere when absent. */
  readonly store?: CompiledStore;
}

export interface CheckResult {
  /** In the order of files and places. */
  readonly problems: readonly Problem[];
  /** Models, operations and assertions that were analysed. */
  readonly actions: number;
  /** Statements in TypeScript that were looked at: what reads a table with problems waits for it. */
  readonly statements: number;
  /** Actions nobody could look at, because what they read has problems. */
  readonly waiting: readonly string[];
}

/** Under Rollcall's own runner windows are query parameters. */
const VARS = { runner: "rollcall" };

/** Everything that is wrong with a project, at once. Throws only what keeps the analyzer itself from working. */
export async function checkProject(options: CheckOptions, deps: CheckDeps): Promise<CheckResult> {
  const files = createProjectFiles(options.root);
  try {
    return await checkReadable(compileWhatCan({ root: options.root, vars: VARS }), options, deps, files);
  } catch (error) {
    if (!(error instanceof RollcallError) || error.code !== "PROJECT_INVALID") throw error;
    return { problems: [unreadable(error, options.root, files)], actions: 0, statements: 0, waiting: [] };
  }
}

async function checkReadable(
  outcome: CompileOutcome,
  options: CheckOptions,
  deps: CheckDeps,
  files: ProjectFiles,
): Promise<CheckResult> {
  const { calls } = outcome;
  const compile = compileFindings(outcome, files);
  const { project } = outcome;
  const analysis = await analyseProject(project, deps, { broken: compile.broken });
  const map = createSourceMap({ project, vars: VARS });
  const sql = sqlProblems(analysis, { root: project.root, map, files, calls });
  const catalog = withTables(analysis.catalog, options.tables);
  const isLost = lostTables(compile, analysis);
  const typescript = await typescriptProblems(project.root, { catalog, isLost }, { ...deps, files });
  const lints = lintProblems({ analysis, files, map, allowances: options.allowances });
  const analysed = [...analysis.actions.values()];
  const definitions = [...new Set(project.actions.map(({ fileName }) => fileName))];
  return {
    problems: inOrder([
      ...compile.problems,
      ...sql,
      ...typescript.problems,
      ...withoutSilenced(lints, definitions, files),
    ]),
    actions: analysed.filter(({ action }) => action.kind !== "declaration").length,
    statements: typescript.statements,
    waiting: analysed.filter(({ waitsFor }) => waitsFor.length > 0).map(({ action }) => action.id),
  };
}

/** Tables of definitions that did not compile, have problems, or wait for others. */
function lostTables({ broken, lostNames }: CompileFindings, analysis: ProjectAnalysis): (table: string) => boolean {
  const failing = [...analysis.actions.values()].filter(
    ({ failures, waitsFor }) => failures.length + waitsFor.length > 0,
  );
  const names = [...broken, ...failing.map(({ action }) => action.id), ...lostNames];
  const lost = new Set(names.map((name) => name.toLowerCase()));
  return (table) => lost.has(table) || lost.has(table.split(".").at(-1) ?? table);
}

function sqlProblems(analysis: ProjectAnalysis, deps: PlaceDeps): Problem[] {
  const tables = [...analysis.catalog.keys()];
  const read = (failure: AnalysisFailure, file: string, action: Action | null): Problem => {
    const { expression, ...place } = placeOfFailure(failure, file, action, deps);
    const message = `${readableMessage(failure.error, tables)}${expression === null ? "" : ` (in what ${shortened(expression)} gives)`}`;
    return { code: "sql", severity: "error", ...place, message };
  };
  return [
    ...[...analysis.actions.values()].flatMap(({ action, failures }) =>
      failures.map((failure) => read(failure, action.fileName, action)),
    ),
    ...analysis.testFailures.map((failure) => read(failure, String(failure.error.details.origin), null)),
  ];
}

/** Without its place in the compiled text, and with the nearest name where the analyzer has none to offer. */
function readableMessage(error: RollcallError, tables: readonly string[]): string {
  const message = error.message.replace(/^\S*?:\d+:\d+: /, "");
  const absent = /^Table not found: `?([\w.]+)`?$/.exec(message)?.[1]?.replace(/^rollcall\./, "");
  return absent === undefined ? message : `${message}${didYouMean(absent, tables)}`;
}

const LONGEST_EXPRESSION = 60;

function shortened(expression: string): string {
  const line = expression.replace(/\s+/g, " ");
  return line.length <= LONGEST_EXPRESSION ? line : `${line.slice(0, LONGEST_EXPRESSION)}...}`;
}

/** Settings or a data file that cannot be read at all. */
function unreadable(error: RollcallError, root: string, files: ProjectFiles): Problem {
  const [, absolute, rest] = /^(\/.*?\.json):? ([\s\S]*)$/.exec(error.message) ?? [];
  const file = absolute === undefined ? "dataform.json" : path.relative(root, absolute);
  const source = files.read(file) ?? "";
  const at = Number(
    /at position (\d+)/.exec(error.message)?.[1] ?? (/end of JSON/.test(error.message) ? source.length : 0),
  );
  const place = positionAt(source, at, { line: 1, column: 1 });
  return { code: "compile", severity: "error", file, ...place, message: rest ?? error.message };
}
