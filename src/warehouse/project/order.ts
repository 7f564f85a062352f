import type { Action } from "./action.js";
import { projectInvalid } from "./project-invalid.js";

/**
 * Topological and stable: an action comes after everything it depends on, otherwise ids decide, so that the same
 * project always gives the same scripts. Dependencies outside of `actions` are taken as done.
 * Throws PROJECT_INVALID with the whole circle.
 */
export function orderActions(actions: readonly Action[]): Action[] {
  const byId = new Map(actions.map((action) => [action.id, action]));
  const ordered: Action[] = [];
  const done = new Set<string>();

  function visit(action: Action, path: readonly string[]): void {
    if (done.has(action.id)) return;
    const start = path.indexOf(action.id);
    if (start !== -1) {
      const circle = [...path.slice(start), action.id].join(" -> ");
      throw projectInvalid([`${action.fileName}: depends on itself: ${circle}`]);
    }
    for (const id of action.dependsOn) {
      const dependency = byId.get(id);
      if (dependency !== undefined) visit(dependency, [...path, action.id]);
    }
    done.add(action.id);
    ordered.push(action);
  }

  for (const action of [...actions].sort(byKindAndId)) visit(action, []);
  return ordered;
}

/** Checks last, so that adding one does not move the models. */
function byKindAndId(a: Action, b: Action): number {
  const [aLast, bLast] = [a.kind === "assertion", b.kind === "assertion"];
  if (aLast !== bLast) return aLast ? 1 : -1;
  return a.id < b.id ? -1 : 1;
}
