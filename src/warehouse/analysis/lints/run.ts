import type { Problem } from "../problem.js";
import { columnProblems } from "./columns.js";
import { layerProblems } from "./layers.js";
import type { LintContext } from "./lint.js";
import { personalProblems } from "./personal.js";
import { grainProblems, windowProblems } from "./shape.js";
import { textProblems } from "./texts.js";

/** All rules, over what could be analysed. */
export function lintProblems(context: LintContext): Problem[] {
  return [layerProblems, columnProblems, grainProblems, windowProblems, textProblems, personalProblems].flatMap(
    (rule) => rule(context),
  );
}
