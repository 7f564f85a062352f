import { readdirSync, readFileSync, realpathSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { messageOf, RollcallError } from "../../platform/errors.js";
import type { CompiledProject } from "./action.js";
import { readGraph } from "./graph.js";
import { createProjectRealm, type ProjectRealm } from "./module-loader.js";

export interface CompileOptions {
  readonly root: string;
  /** Put over the variables of `dataform.json`. `runner: "rollcall"` makes windows query parameters. */
  readonly vars?: Readonly<Record<string, string>>;
}

const projectSettings = z.looseObject({ vars: z.record(z.string(), z.string()).default({}) });

/** What core binds on `global` for JavaScript definitions, as its own `main` does. */
const SESSION_FUNCTIONS = ["publish", "operate", "assert", "declare", "notebook", "test", "jitData", "getContents"];

/**
 * Compiles the Dataform project at `root` in this process: the same graph as `dataform compile`, without starting it.
 *
 * Throws PROJECT_INVALID with every problem and its file, never only the first.
 */
export function compileProject(options: CompileOptions): CompiledProject {
  const root = realpathSync(path.resolve(options.root));
  const settings = readSettings(root);
  const config = { ...settings, vars: { ...settings.vars, ...options.vars } };
  const realm = createProjectRealm(root);
  realm.core.session.init(root, config, config);
  loadProject(root, realm);
  return readGraph(root, compileSession(realm));
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
function loadProject(root: string, realm: ProjectRealm): void {
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
  for (const name of SESSION_FUNCTIONS) realm.globals[name] = bindMethod(session, name);
  for (const file of listFiles(root, "definitions")) {
    if (path.basename(file) === "actions.yaml") {
      session.compileError("actions.yaml is not read here: write the action as .sqlx or .js", file);
    } else if (/\.(js|sqlx)$/.test(file)) {
      attempt(file, () => realm.load(file));
    }
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

function bindMethod(session: ProjectRealm["core"]["session"], name: string): unknown {
  const method = session[name];
  return typeof method === "function" ? method.bind(session) : undefined;
}

function isTopLevelScript(file: string): boolean {
  return file.endsWith(".js") && file.split(path.sep).length === 2;
}

/** Paths inside the root, in code-unit order, as core sorts them. */
function listFiles(root: string, folder: string): string[] {
  let entries: string[];
  try {
    entries = readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" });
  } catch {
    return [];
  }
  return entries.map((entry) => path.join(folder, entry)).sort();
}
