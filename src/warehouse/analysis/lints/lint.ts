import type { Action } from "../../project/action.js";
import type { AnalysedAction, ProjectAnalysis } from "../analyse.js";
import { placeInConfig } from "../config-place.js";
import type { Problem, Severity } from "../problem.js";
import type { ProjectFiles } from "../project-files.js";
import type { SourceMap } from "../source-map.js";

/** Rules beyond what the analyzer asks for; docs/check.md has a paragraph for each. A warning fails a check under --strict only. */
export const LINTS = {
  layer: "error",
  "undescribed-column": "error",
  "no-such-column": "error",
  "no-grain": "error",
  "select-star": "warn",
  "json-path": "error",
  "no-window": "error",
  "erase-by": "error",
  "undeclared-personal": "error",
  "personal-to-target": "error",
} as const satisfies Readonly<Record<string, Severity>>;

export type LintCode = keyof typeof LINTS;

/** Which columns of an activation table may hold personal values on their way to a target: what the target's spec says. */
export interface TargetAllowance {
  readonly target: string;
  /** "activation.act_profiles__profiles". */
  readonly table: string;
  readonly personal: readonly string[];
}

export interface LintContext {
  readonly analysis: ProjectAnalysis;
  readonly files: ProjectFiles;
  readonly map: SourceMap;
  readonly allowances: readonly TargetAllowance[];
}

/** A finding at what a model's config says of `word`, or at the config. */
export function inConfig(
  context: LintContext,
  action: Action,
  code: LintCode,
  message: string,
  words: { readonly word?: string; readonly after?: string } = {},
): Problem {
  const source = context.files.read(action.fileName) ?? "";
  const place = placeInConfig(source, words.word ?? null, words.after ?? null);
  return { code, severity: LINTS[code], file: action.fileName, ...place, message };
}

/** Models that were looked at and have a table or a view of their own, with the columns it has. */
export function modelsOf(
  context: LintContext,
): { readonly analysed: AnalysedAction; readonly action: Action; readonly columns: readonly string[] }[] {
  return [...context.analysis.actions.values()].flatMap((analysed) => {
    const { action, failures } = analysed;
    const columns = context.analysis.catalog.get(action.id.toLowerCase())?.columns.map(({ name }) => name);
    if (action.kind === "declaration" || action.kind === "assertion" || columns === undefined || failures.length > 0)
      return [];
    return [{ analysed, action, columns }];
  });
}
