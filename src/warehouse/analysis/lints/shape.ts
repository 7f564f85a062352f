import type { Problem } from "../problem.js";
import { inConfig, type LintContext, modelsOf } from "./lint.js";

const WITH_GRAIN = new Set(["silver", "gold"]);

/** Tables of silver and gold say what a row is, by an assertion that nothing else is one. */
export function grainProblems(context: LintContext): Problem[] {
  const asserted = new Set(
    context.analysis.project.actions.flatMap(({ parent, target }) =>
      parent !== null && /_assertions_uniqueKey_\d+$/.test(target.name) ? [parent] : [],
    ),
  );
  return modelsOf(context).flatMap(({ action }) => {
    const isStored = action.kind === "table" || action.kind === "incremental";
    if (!isStored || !WITH_GRAIN.has(action.target.dataset) || asserted.has(action.id)) return [];
    const message = `${action.id} asserts no grain: add assertions: { uniqueKey: [...] } to its config`;
    return [inConfig(context, action, "no-grain", message, { after: "assertions" })];
  });
}

/** An incremental model without a window reads everything in every cycle. */
export function windowProblems(context: LintContext): Problem[] {
  return modelsOf(context).flatMap(({ action }) => {
    if (action.kind !== "incremental") return [];
    const texts = [action.incrementalSql, ...action.incrementalPreOps];
    if (texts.some((text) => /@window_(from|to)\b/.test(text))) return [];
    const inputs = action.dependsOn.map((id) => context.analysis.actions.get(id)?.action);
    // What reads only tables that are made anew for each window has its window from them.
    if (inputs.some((input) => input?.tags.includes("window"))) return [];
    const message = `${action.id} is incremental and reads everything each time: bound what it reads with \${window.arrived(...)}`;
    return [inConfig(context, action, "no-window", message, { word: "incremental" })];
  });
}
