import { analyseProject, type ProjectAnalysis } from "../warehouse/analysis/analyse.js";
import { createFolderStore } from "../warehouse/duckdb/compiled-store.js";
import { createTranslator, type Translator } from "../warehouse/duckdb/translate.js";
import { createAnalyzer } from "../warehouse/googlesql/analyzer.js";
import type { ModelTest } from "../warehouse/model-tests/test-file.js";
import { listTests } from "../warehouse/model-tests/test-suite.js";
import type { CompiledProject } from "../warehouse/project/action.js";
import { compileProject } from "../warehouse/project/compile.js";
import { openHome } from "./home.js";
import { projectRoot } from "./project.js";

export interface AnalysisOptions {
  /** The folder with `dataform.json`. */
  readonly project: string;
  /** Only its cache of compiled statements is used: no engine, no warehouse file. */
  readonly home: string;
}

export interface OpenedAnalysis {
  readonly analysis: ProjectAnalysis;
  /** For statements beyond the project's own, against `analysis.catalog`. */
  readonly translator: Translator;
  /** Ends the analyzer's process, when one was needed. */
  close(): Promise<void>;
}

/**
 * The whole project, compiled and analysed, for commands that only look. Statements with bad SQL are part of the answer.
 * Throws CONFIG_INVALID where there is no project, PROJECT_INVALID when it does not compile.
 */
export async function openAnalysis(options: AnalysisOptions): Promise<OpenedAnalysis> {
  const project = compileProject({ root: projectRoot(options.project), vars: { runner: "rollcall" } });
  const analyzer = createAnalyzer();
  const store = createFolderStore({ folder: openHome(options.home).compiled });
  const translator = createTranslator({}, { analyzer, store });
  try {
    const analysis = await analyseProject(project, { translator });
    return { analysis, translator, close: () => analyzer.close() };
  } catch (error) {
    await analyzer.close();
    throw error;
  }
}

/** Says on standard error what an answer about the whole project leaves out. */
export function warnOfFailures(analysis: ProjectAnalysis): void {
  const missing = [...analysis.actions.values()].filter(
    ({ failures, waitsFor }) => failures.length + waitsFor.length > 0,
  );
  if (missing.length === 0) return;
  const names = missing.map(({ action }) => action.id).join(", ");
  process.stderr.write(`Left out, because their SQL does not hold: ${names}. rollcall check says why.\n`);
}

/** The model tests of a project. Says on standard error which files cannot be read, and goes on without them. */
export function readableTests(project: CompiledProject): readonly ModelTest[] {
  return listTests(project).flatMap((listed) => {
    if (listed.kind === "model") return [listed.test];
    if (listed.kind === "broken") process.stderr.write(`Left out, because it cannot be read: ${listed.error}\n`);
    return [];
  });
}
