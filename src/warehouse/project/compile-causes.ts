import path from "node:path";
import type { CompiledProject } from "./action.js";
import type { CompileProblem, GraphWithProblems } from "./graph.js";
import { TEST_LIKE_MODEL, TEST_OF_NOTHING } from "./stock-tests.js";

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
  return `${fileName}: ${absentTable(message)?.message ?? readableMessage(message)}`;
}

/** A table that is not there, and how to say so; null of a message about something else. */
export function absentTable(message: string): { readonly name: string; readonly message: string } | null {
  const name = unknownName(message);
  if (name === null) return null;
  return { name, message: `there is no ${TESTED.test(message) ? "table or view" : "table"} ${name}` };
}

/** Dataform's words, but where they do not say what to do. */
export function readableMessage(message: string): string {
  if (message === TEST_OF_NOTHING) {
    return 'the test names no model: add dataset: { schema: "...", name: "..." } to its config';
  }
  if (message === TEST_LIKE_MODEL) {
    return 'a model has the name of this test: rename its file, or give its config another name: "..."';
  }
  if (message.startsWith("Running tests on incremental datasets")) {
    return (
      "tests of Dataform's own kind know no incremental model: write a model test instead, in <model>.test.yaml beside the model " +
      "(docs/testing-models.md)"
    );
  }
  const twice = /^Duplicate (?:action name|canonical target) detected\.[^\n]*\n"(\{.*\})"$/s.exec(message)?.[1];
  if (twice !== undefined) {
    return `${readName(twice)} is made more than once: rename one of them, or give it another schema`;
  }
  const [, lacking, given] =
    /^Input for dataset "(\{.*?\})" has not been provided\. Provided inputs: (.*)$/s.exec(message) ?? [];
  if (lacking === undefined) return message;
  const names = [...(given ?? "").matchAll(/"(\{.*?\})"(?:,|$)/g)].map(([, json]) => readName(unquoted(json ?? "")));
  const input = readName(lacking)
    .split(".")
    .map((part) => JSON.stringify(part));
  const others = names.length === 0 ? "no input" : `only ${names.join(", ")}`;
  return `the model reads ${readName(lacking)}, and the test gives ${others}: add  input ${input.join(", ")} { SELECT ... }`;
}

/** The inside of a JSON text in quotes. */
function unquoted(json: string): string {
  return json.replaceAll('\\"', '"');
}

/** "silver.evnts" of a message about a table that is not there. */
function unknownName(message: string): string | null {
  const resolving = /^Could not resolve (\{.*\}|".*")$/.exec(message)?.[1] ?? TESTED.exec(message)?.[1];
  if (resolving !== undefined) return readName(resolving);
  const depending = /^Missing dependency detected: .* depends on "(.*)" which does not exist$/s.exec(message)?.[1];
  return depending === undefined ? null : readName(depending);
}

/** "reff" of JavaScript's message about a name that nothing defines. */
export function undefinedNameOf(message: string): string | null {
  return /^([\w$]+) is not defined$/.exec(message)?.[1] ?? null;
}

/** Of a test about a model that is not there. */
const TESTED = /^Dataset (\{.*\}) could not be found\.$/;

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
  const ofActions = problems.filter(({ test }) => test === null);
  const lostFiles = [...new Set(ofActions.map(({ fileName }) => fileName))].filter((file) => !present.has(file));
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
