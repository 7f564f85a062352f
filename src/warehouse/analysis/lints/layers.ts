import { placeOfWord } from "../config-place.js";
import type { Problem } from "../problem.js";
import { LINTS, type LintContext } from "./lint.js";

/** What models of each dataset may read, besides their own. docs/architecture.md: never backwards. */
const MAY_READ: Readonly<Record<string, readonly string[]>> = {
  bronze: [],
  silver: ["bronze"],
  identity: ["silver"],
  gold: ["silver", "identity"],
  activation: ["silver", "identity", "gold"],
};

/** `quality` looks at every layer; a dataset of somebody's own has no rule. */
export function layerProblems(context: LintContext): Problem[] {
  return [...context.analysis.actions.values()].flatMap(({ action }) => {
    const { dataset } = action.target;
    const allowed = MAY_READ[dataset];
    if (allowed === undefined || action.kind === "assertion") return [];
    return action.dependsOn.flatMap((id) => {
      const read = id.split(".")[0] ?? "";
      const isKnown = read in MAY_READ || read === "quality";
      if (!isKnown || read === dataset || allowed.includes(read)) return [];
      const source = context.files.read(action.fileName) ?? "";
      const place = placeOfWord(source, id.split(".")[1] ?? id) ?? { line: 1, column: 1 };
      const list = [dataset, ...allowed].join(" and ");
      const message = `a model of ${dataset} reads ${id}: ${dataset} reads ${list} only`;
      return [{ code: "layer", severity: LINTS.layer, file: action.fileName, ...place, message }];
    });
  });
}
