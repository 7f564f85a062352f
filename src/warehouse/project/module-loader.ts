import { readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import vm from "node:vm";

/**
 * Runs a Dataform project's JavaScript as the stock CLI does, but inside this process.
 *
 * Each project gets a context of its own (Node's `vm`): `@dataform/core` keeps one session per realm and puts every
 * include on `global`, which would otherwise make `window` and its like visible to the whole process.
 * The project is trusted code, as it is for the CLI; the context separates names, it is no sandbox.
 */
export interface ProjectRealm {
  readonly core: DataformCore;
  /** The realm's `global`, where core and the includes put what SQLX sees. */
  readonly globals: Record<string, unknown>;
  /** Requires a file of the project by its path inside the root. */
  readonly load: (relativePath: string) => unknown;
}

/** The part of `@dataform/core` used here. Its values come from another realm: compare by shape, never by class. */
export interface DataformCore {
  readonly compiler: (source: string, filePath: string) => string;
  readonly session: DataformSession;
}

export interface DataformSession {
  readonly init: (rootDir: string, config: object, canonicalConfig: object) => void;
  readonly compileError: (error: unknown, filePath?: string) => void;
  readonly compile: () => { readonly toJSON: () => unknown };
  readonly graphErrors: { readonly compilationErrors: readonly unknown[] };
  readonly actions: readonly { readonly getTarget: () => SessionTarget }[];
  tests: readonly SessionTest[];
  readonly [method: string]: unknown;
}

interface SessionTarget {
  readonly schema: string;
  readonly name: string;
}

/** A stock test as the session holds it. */
export interface SessionTest {
  readonly proto: { readonly name: string };
  /** The table or view whose query it runs. */
  readonly testTarget?: object | null;
  readonly getFileName: () => string;
  /** The session takes it for a table of the default schema. */
  readonly getTarget: () => SessionTarget;
  compile: () => unknown;
}

interface LoadedModule {
  exports: unknown;
}
type Require = (id: string) => unknown;
type ModuleBody = (exports: unknown, require: Require, module: LoadedModule, file: string, dir: string) => void;

const nodeRequire = createRequire(import.meta.url);
const MODULE_PARAMETERS = ["exports", "require", "module", "__filename", "__dirname"];

let coreScript: vm.Script | undefined;

/** What a file of the project is read as, by its whole path: the identity, but for whoever wants to follow a text. */
export type Rewrite = (file: string, source: string) => string;

export function createProjectRealm(root: string, rewrite: Rewrite = (_, source) => source): ProjectRealm {
  const context = vm.createContext({ console, process: { env: {}, versions: process.versions } });
  const globals = context as Record<string, unknown>;
  globals.global = context;
  const core = loadCore(context);
  const modules = new Map<string, LoadedModule>();

  function requireFile(file: string): unknown {
    const known = modules.get(file);
    if (known !== undefined) return known.exports;
    const module: LoadedModule = { exports: vm.runInContext("({})", context) };
    modules.set(file, module);
    try {
      evaluate(file, module);
    } catch (error) {
      modules.delete(file);
      throw error;
    }
    return module.exports;
  }

  function evaluate(file: string, module: LoadedModule): void {
    const source = readFileSync(file, "utf8");
    if (path.extname(file) === ".json") {
      module.exports = vm.runInContext(`(${source})`, context, { filename: file });
      return;
    }
    const code = core.compiler(rewrite(file, source), file);
    const body = vm.compileFunction(code, MODULE_PARAMETERS, {
      filename: file,
      parsingContext: context,
    }) as unknown as ModuleBody;
    const dir = path.dirname(file);
    body(module.exports, (id) => requireFrom(dir, id), module, file, dir);
  }

  function requireFrom(dir: string, id: string): unknown {
    if (id === "@dataform/core") return core;
    if (id === "path" || id === "node:path") return nodeRequire("node:path");
    // Like the stock CLI: a bare name is a path from the project's root.
    const base = id.startsWith(".") ? path.resolve(dir, id) : path.resolve(root, id);
    const file = [base, `${base}.js`, `${base}.json`, path.join(base, "index.js")].find(isFile);
    if (file === undefined)
      throw new Error(`Cannot find module '${id}'; includes may require only files of the project`);
    return requireFile(file);
  }

  return { core, globals, load: (relativePath) => requireFile(path.join(root, relativePath)) };
}

function loadCore(context: vm.Context): DataformCore {
  const file = nodeRequire.resolve("@dataform/core");
  coreScript ??= new vm.Script(`(function (${MODULE_PARAMETERS.join(", ")}) {${readFileSync(file, "utf8")}\n})`, {
    filename: file,
  });
  const body = coreScript.runInContext(context) as ModuleBody;
  const module: LoadedModule = { exports: {} };
  body(module.exports, nodeRequire, module, file, path.dirname(file));
  return module.exports as DataformCore;
}

function isFile(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
}
