import path from "node:path";
import type { CompiledProject } from "./action.js";
import type { CompileProblem, GraphWithProblems } from "./graph.js";

/** Names that are not there because the file that gives them could not be read. */
export interface LostNames {
  /** Of tables, without their datasets. */
  readonly tables: ReadonlySet<string>;
  readonly includes: ReadonlySet<string>;
}

export interface CompileCauses {
  /** Dataform's findings without what only follows from others or says the same again; none only where it found nothing. */
  readonly causes: readonly CompileProblem[];
  readonly lost: LostNames;
}

/** What somebody has to repair. `read` gives the text of a file of the project, null where there is none. */
export function compileCauses(
  { project, problems }: GraphWithProblems,
  read: (file: string) => string | null,
): CompileCauses {
  const lost = lostNames(project, problems, read);
  const unresolved = new Set(
    problems.flatMap(({ fileName, message }) => {
      const name = unknownName(message);
      return name !== null && isResolving(message) ? [`${fileName} ${name}`] : [];
    }),
  );
  const causes = problems.filter((problem) => {
    const name = unknownName(problem.message);
    if (name !== null && lost.tables.has(name.split(".").at(-1) ?? name)) return false;
    if (name !== null && !isResolving(problem.message)) return !unresolved.has(`${problem.fileName} ${name}`);
    const undefinedName = undefinedNameOf(problem.message);
    return undefinedName === null || !lost.includes.has(undefinedName);
  });
  // An include that names itself lacks nothing but its own name.
  return { causes: causes.length === 0 ? problems : causes, lost };
}

/** One line for a problem: its file, and Dataform's words where they can be read. */
export function problemLine({ fileName, message }: CompileProblem): string {
  const name = unknownName(message);
  return `${fileName}: ${name === null ? message : `there is no table ${name}`}`;
}

/** "silver.evnts" of a message about a table that is not there. */
export function unknownName(message: string): string | null {
  const resolving = /^Could not resolve (\{.*\}|".*")$/.exec(message)?.[1];
  if (resolving !== undefined) return readName(resolving);
  const depending = /^Missing dependency detected: .* depends on "(.*)" which does not exist$/s.exec(message)?.[1];
  return depending === undefined ? null : readName(depending);
}

/** "reff" of JavaScript's message about a name that nothing defines. */
export function undefinedNameOf(message: string): string | null {
  return /^([\w$]+) is not defined$/.exec(message)?.[1] ?? null;
}

function isResolving(message: string): boolean {
  return message.startsWith("Could not resolve");
}

function readName(json: string): string {
  try {
    const parsed: unknown = JSON.parse(json);
    if (typeof parsed === "string") return parsed;
    const { schema, name } = parsed as { schema?: string; name?: string };
    return [schema, name].filter((part) => part !== undefined && part !== "").join(".");
  } catch {
    return json;
  }
}

function lostNames(
  project: CompiledProject,
  problems: readonly CompileProblem[],
  read: (file: string) => string | null,
): LostNames {
  const present = new Set(project.actions.map(({ fileName }) => fileName));
  const lostFiles = [...new Set(problems.map(({ fileName }) => fileName))].filter((file) => !present.has(file));
  const definitions = lostFiles.filter((file) => file.startsWith("definitions/"));
  const named = definitions.flatMap((file) =>
    file.endsWith(".js") ? [...(read(file) ?? "").matchAll(/["'`](\w+)["'`]/g)].map(([, name]) => name ?? "") : [],
  );
  const base = (file: string): string => path.basename(file).replace(/\.\w+$/, "");
  return {
    tables: new Set([...definitions.map(base), ...named]),
    includes: new Set(lostFiles.filter((file) => file.startsWith("includes/")).map(base)),
  };
}
