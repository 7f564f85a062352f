import { didYouMean } from "../../project/suggest.js";
import type { Problem } from "../problem.js";
import { inConfig, type LintContext, modelsOf } from "./lint.js";

/** The config describes every column there is, and none that is not. */
export function columnProblems(context: LintContext): Problem[] {
  return modelsOf(context).flatMap(({ action, columns }) => {
    const described = action.columns.flatMap(({ path }) => (path.length === 1 ? (path[0] ?? []) : []));
    const isIn = (names: readonly string[], name: string): boolean =>
      names.some((each) => each.toLowerCase() === name.toLowerCase());
    const missing = columns.filter((name) => !isIn(described, name));
    const unknown = described.filter((name) => !isIn(columns, name));
    return [
      ...unknown.map((name) =>
        inConfig(context, action, "no-such-column", `${action.id} has no column ${name}${didYouMean(name, missing)}`, {
          word: name,
          after: "columns",
        }),
      ),
      ...(missing.length === 0
        ? []
        : [
            inConfig(
              context,
              action,
              "undescribed-column",
              `${action.id} has columns that its config does not describe: ${missing.join(", ")}`,
              { after: "columns" },
            ),
          ]),
    ];
  });
}
