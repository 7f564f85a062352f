import type { Action, CompiledProject } from "./action.js";

/**
 * The columns that name one row of a model: its `uniqueKey` where it is merged by one, else the first its `assertions: { uniqueKey }`
 * promises. Dataform keeps that promise only as the query it generates, so the columns are read from its GROUP BY. Empty when the
 * model promises none.
 */
export function grainOf(project: CompiledProject, model: Action): readonly string[] {
  if (model.uniqueKey.length > 0) return model.uniqueKey;
  const promise = project.actions.find(
    ({ kind, parent, target }) => kind === "assertion" && parent === model.id && target.name.endsWith("_uniqueKey_0"),
  );
  const grouped = /^\s*GROUP BY (.+)$/m.exec(promise?.sql ?? "")?.[1] ?? "";
  return grouped.split(",").flatMap((column) => column.replaceAll("`", "").trim() || []);
}
