import { RollcallError } from "../../platform/errors.js";
import type { Action, CompiledProject } from "./action.js";
import { nearestNames } from "./suggest.js";

export interface Selection {
  /** All models when absent. */
  readonly select?: readonly string[] | undefined;
  /** Taken away again from what is selected. */
  readonly exclude?: readonly string[] | undefined;
}

/**
 * Actions by pattern: `gold.profiles` by id, `profiles` by name, `gold` by dataset, `tag:learning`, and
 * `path:definitions/silver/*` by file (`*` stays inside a folder, `**` does not, a folder alone means all below it). `*`
 * also stands in ids and names: `silver.crm_*`. With `+` before it also everything it is made from, with `+` after it
 * also everything made from it. Several patterns add up.
 *
 * Throws INPUT_INVALID for a pattern that matches nothing: a misspelled name must not silently do nothing.
 */
export function selectActions(project: CompiledProject, patterns: readonly string[]): ReadonlySet<string> {
  const selected = new Set<string>();
  for (const pattern of patterns) {
    const name = pattern.replace(/^\+|\+$/g, "");
    const ids = project.actions.filter(matcherOf(name)).map(({ id }) => id);
    if (ids.length === 0) throw noMatch(project, name);
    for (const id of ids) selected.add(id);
    if (pattern.startsWith("+")) addReachable(selected, ids, (id) => project.byId.get(id)?.dependsOn ?? []);
    if (pattern.endsWith("+")) addReachable(selected, ids, (id) => dependents(project, id));
  }
  return selected;
}

/** The models that take part, by id. Throws as `selectActions`, and INPUT_INVALID when none is left. */
export function selectModels(
  project: CompiledProject,
  models: readonly Action[],
  { select, exclude }: Selection,
): ReadonlySet<string> {
  const selected = select === undefined ? null : selectActions(project, select);
  const excluded = selectActions(project, exclude ?? []);
  const chosen = models.filter(({ id }) => (selected?.has(id) ?? true) && !excluded.has(id)).map(({ id }) => id);
  if (chosen.length === 0) {
    throw inputInvalid("the selection leaves no model to build: checks and declarations are not built by themselves");
  }
  return new Set(chosen);
}

/** Whether a selection narrows anything down. */
export function isNarrowed({ select, exclude }: Selection): boolean {
  return select !== undefined || (exclude ?? []).length > 0;
}

function matcherOf(name: string): (action: Action) => boolean {
  if (name.startsWith("tag:")) {
    const tag = name.slice("tag:".length);
    return ({ tags }) => tags.includes(tag);
  }
  if (name.startsWith("path:")) {
    const path = name.slice("path:".length).replace(/^\.\//, "").replace(/\/$/, "");
    const glob = globOf(path);
    return ({ fileName }) => glob.test(fileName) || fileName.startsWith(`${path}/`);
  }
  const glob = globOf(name);
  return ({ id, target }) => glob.test(id) || glob.test(target.name) || target.dataset === name;
}

function globOf(pattern: string): RegExp {
  const source = pattern
    .split(/(\*\*|\*)/)
    .map((piece) => {
      if (piece === "**") return ".*";
      return piece === "*" ? "[^/]*" : piece.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&");
    })
    .join("");
  return new RegExp(`^${source}$`);
}

function noMatch(project: CompiledProject, name: string): RollcallError {
  const candidates = new Set(
    project.actions.flatMap(({ id, target, tags, fileName }) => {
      if (name.startsWith("tag:")) return tags.map((tag) => `tag:${tag}`);
      if (name.startsWith("path:")) return [`path:${fileName}`];
      return name.includes(".") ? [id] : [target.name, target.dataset];
    }),
  );
  const [closest] = nearestNames(name, [...candidates], 1);
  const hint =
    closest === undefined ? "give an id, a name, a dataset, tag:<tag> or path:<glob>" : `did you mean "${closest}"?`;
  return inputInvalid(`no action matches "${name}": ${hint}`);
}

function inputInvalid(message: string): RollcallError {
  return new RollcallError("INPUT_INVALID", message, { isRetriable: false });
}

function dependents(project: CompiledProject, id: string): string[] {
  return project.actions.filter((action) => action.dependsOn.includes(id)).map((action) => action.id);
}

function addReachable(selected: Set<string>, from: readonly string[], next: (id: string) => readonly string[]): void {
  const seen = new Set<string>(from);
  const queue = [...from];
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    selected.add(id);
    for (const neighbour of next(id)) {
      if (seen.has(neighbour)) continue;
      seen.add(neighbour);
      queue.push(neighbour);
    }
  }
}
