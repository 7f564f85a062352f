import { readdirSync, readFileSync, realpathSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { messageOf, RollcallError } from "../../platform/errors.js";
import { type BrokenStockTest, type CompiledProject, idOf } from "./action.js";
import { compileCauses, problemLine } from "./compile-causes.js";
import { type CompileProblem, type GraphWithProblems, readGraph } from "./graph.js";
import { createProjectRealm, type ProjectRealm, type Rewrite } from "./module-loader.js";
import { projectInvalid } from "./project-invalid.js";
import { followStockTests, isStockTestFile } from "./stock-tests.js";

export interface CompileOptions {
  readonly root: string;
  /** Put over the variables of `dataform.json`. `runner: "rollcall"` makes windows query parameters. */
  readonly vars?: Readonly<Record<string, string>>;
  /** Put over `defaultDatabase` of `dataform.json`: the BigQuery project. */
  readonly database?: string;
  /** Reads files as something else than they are, to follow their text through the compiler. */
  readonly rewrite?: Rewrite;
}

export interface CompileOutcome extends GraphWithProblems {
  /** Where JavaScript definitions made their actions, by action id: the stack of each call. */
  readonly calls: ReadonlyMap<string, string>;
}

const projectSettings = z.looseObject({ vars: z.record(z.string(), z.string()).default({}) });

/** The variables of a project's `dataform.json`. Throws PROJECT_INVALID when it cannot be read. */
export function readVars(root: string): Readonly<Record<string, string>> {
  return readSettings(realpathSync(path.resolve(root))).vars;
}

/** What core binds on `global` for JavaScript definitions, as its own `main` does. */
const SESSION_FUNCTIONS = ["publish", "operate", "assert", "declare", "notebook", "test", "jitData", "getContents"];

/**
 * Compiles the Dataform project at `root` in this process: the same graph as `dataform compile`, without starting it.
 *
 * A stock test that does not compile is one of its `brokenTests`. Throws PROJECT_INVALID with every other problem and its file, never
 * only the first; what only follows from another is left out.
 */
export function compileProject(options: CompileOptions): CompiledProject {
  const outcome = compileWhatCan(options);
  const { project } = outcome;
  const problems = outcome.problems.filter(({ test }) => test === null);
  if (problems.length === 0) return { ...project, brokenTests: brokenTests(outcome.problems) };
  const { causes } = compileCauses({ project, problems }, (file) => readOrNull(path.join(project.root, file)));
  throw projectInvalid([...new Set(causes.map(problemLine))], "rollcall check says where");
}

/**
 * The same for whoever wants to look at a project that is not right yet: what compiles, and every problem of the rest.
 * Throws PROJECT_INVALID only where there is no graph at all: settings that cannot be read, a compiler that breaks off.
 */
export function compileWhatCan(options: CompileOptions): CompileOutcome {
  const root = realpathSync(path.resolve(options.root));
  const settings = readSettings(root);
  const database = options.database === undefined ? {} : { defaultDatabase: options.database };
  const config = { ...settings, ...database, vars: { ...settings.vars, ...options.vars } };
  const realm = createProjectRealm(root, options.rewrite);
  realm.core.session.init(root, config, config);
  const made = loadProject(root, realm);
  const testOf = followStockTests(realm.core.session);
  const { project, problems } = readGraph(root, compileSession(realm), testOf);
  const withTests = problems.map((problem) => ({ ...problem, test: problem.test ?? testOfFile(project, problem) }));
  const broken = new Set(withTests.flatMap(({ fileName, test }) => (test === null ? [] : [`${fileName} ${test}`])));
  const tests = project.tests.filter(({ fileName, name }) => !broken.has(`${fileName} ${name}`));
  return {
    project: { ...project, tests },
    problems: withTests,
    calls: new Map(made.flatMap(({ action, stack }) => callOf(action, stack))),
  };
}

/** A file that Dataform cannot read gives no test to be about: it is called by its file's name then, as Dataform would. */
function testOfFile({ root, tests }: CompiledProject, { fileName }: CompileProblem): string | null {
  const source = readOrNull(path.join(root, fileName));
  if (source === null || !isStockTestFile(fileName, source)) return null;
  return tests.find((test) => test.fileName === fileName)?.name ?? path.basename(fileName, ".sqlx");
}

function brokenTests(problems: readonly CompileProblem[]): BrokenStockTest[] {
  const found = new Map<string, BrokenStockTest>();
  for (const problem of problems) {
    const { test, fileName } = problem;
    if (test === null) continue;
    const key = `${fileName} ${test}`;
    const known = found.get(key)?.problems ?? [];
    found.set(key, { name: test, fileName, problems: [...new Set([...known, problemLine(problem)])] });
  }
  return [...found.values()];
}

/** An action's builder, and the stack of the call that made it. */
interface Made {
  readonly action: unknown;
  readonly stack: string;
}

const madeAction = z.object({ getTarget: z.custom<() => unknown>((value) => typeof value === "function") });
const madeTarget = z.object({ schema: z.string(), name: z.string() });

function callOf(action: unknown, stack: string): [string, string][] {
  const builder = madeAction.safeParse(action);
  const target = madeTarget.safeParse(builder.success ? Reflect.apply(builder.data.getTarget, action, []) : null);
  return target.success ? [[idOf({ dataset: target.data.schema, name: target.data.name }), stack]] : [];
}

function readSettings(root: string): z.infer<typeof projectSettings> {
  const file = path.join(root, "dataform.json");
  try {
    return projectSettings.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (error) {
    throw new RollcallError("PROJECT_INVALID", `${file} cannot be read as Dataform settings: ${messageOf(error)}`, {
      isRetriable: false,
      cause: error,
    });
  }
}

/** Includes first, on `global` under their file names; then every definition in the order of its path. */
function loadProject(root: string, realm: ProjectRealm): Made[] {
  const made: Made[] = [];
  const { session } = realm.core;
  const includes: Record<string, unknown> = {};
  const attempt = (file: string, work: () => void): void => {
    try {
      work();
    } catch (error) {
      session.compileError(error, file);
    }
  };
  realm.globals.dataform = session;
  for (const file of listFiles(root, "includes").filter(isTopLevelScript)) {
    attempt(file, () => {
      includes[path.basename(file, ".js")] = realm.load(file);
    });
  }
  Object.assign(realm.globals, includes);
  for (const name of SESSION_FUNCTIONS) realm.globals[name] = bindMethod(session, name, made);
  for (const file of listFiles(root, "definitions")) {
    if (path.basename(file) === "actions.yaml") {
      session.compileError("actions.yaml is not read here: write the action as .sqlx or .js", file);
    } else if (/\.(js|sqlx)$/.test(file)) {
      attempt(file, () => realm.load(file));
    }
  }
  return made;
}

function readOrNull(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}

function compileSession(realm: ProjectRealm): unknown {
  try {
    return realm.core.session.compile().toJSON();
  } catch (error) {
    throw new RollcallError("PROJECT_INVALID", `the project does not compile: ${messageOf(error)}`, {
      isRetriable: false,
      cause: error,
    });
  }
}

function bindMethod(session: ProjectRealm["core"]["session"], name: string, made: Made[]): unknown {
  const method = session[name];
  if (typeof method !== "function") return undefined;
  return (...args: unknown[]): unknown => {
    const action: unknown = Reflect.apply(method, session, args);
    made.push({ action, stack: new Error(name).stack ?? "" });
    return action;
  };
}

function isTopLevelScript(file: string): boolean {
  return file.endsWith(".js") && file.split(path.sep).length === 2;
}

/** Paths inside the root, in code-unit order, as core sorts them. */
function listFiles(root: string, folder: string): string[] {
  let entries: string[];
  try {
    entries = readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw new RollcallError("PROJECT_INVALID", `${folder} cannot be read: ${messageOf(error)}`, {
      isRetriable: false,
      cause: error,
    });
  }
  return entries.map((entry) => path.join(folder, entry)).sort();
}
