import { RollcallError } from "../../platform/errors.js";
import type { Action, CompiledProject } from "./action.js";

/**
 * Actions by pattern: `gold.profiles` by id, `profiles` by name, `tag:learning`, `gold` by dataset; with `+` before it
 * also everything it is made from, with `+` after it also everything made from it. Several patterns add up.
 * Throws NOT_FOUND for a pattern that matches nothing: a misspelled name must not silently do nothing.
 */
export function selectActions(project: CompiledProject, patterns: readonly string[]): ReadonlySet<string> {
  const selected = new Set<string>();
  for (const pattern of patterns) {
    const wantsUpstream = pattern.startsWith("+");
    const wantsDownstream = pattern.endsWith("+");
    const matched = project.actions.filter((action) => matches(action, pattern.replace(/^\+|\+$/g, "")));
    if (matched.length === 0) {
      throw new RollcallError(
        "NOT_FOUND",
        `no action matches "${pattern}": give an id, a name, a dataset or tag:<tag>`,
        {
          isRetriable: false,
        },
      );
    }
    const ids = matched.map((action) => action.id);
    for (const id of ids) selected.add(id);
    if (wantsUpstream) addReachable(selected, ids, (id) => project.byId.get(id)?.dependsOn ?? []);
    if (wantsDownstream) addReachable(selected, ids, (id) => dependents(project, id));
  }
  return selected;
}

function matches(action: Action, name: string): boolean {
  if (name.startsWith("tag:")) return action.tags.includes(name.slice("tag:".length));
  return action.id === name || action.target.name === name || action.target.dataset === name;
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
