import type { Action } from "../../project/action.js";
import { didYouMean } from "../../project/suggest.js";
import type { Problem } from "../problem.js";
import { inConfig, type LintContext, modelsOf } from "./lint.js";

/** The config describes every column there is, and none that is not. */
export function columnProblems(context: LintContext): Problem[] {
  return modelsOf(context).flatMap(({ action, columns }) => {
    if (isList(action)) {
      const message = `the columns of ${action.id} are to be described by name, as in { event_id: "What it is." }, not as a list or a text`;
      return [inConfig(context, action, "no-such-column", message, { word: "columns" })];
    }
    const described = action.columns.flatMap(({ path }) => (path.length === 1 ? (path[0] ?? []) : []));
    const worded = new Set(
      action.columns.flatMap(({ path, description }) => (description.trim() === "" ? [] : (path[0] ?? []))),
    );
    const wordless = described.filter((name) => isIn(columns, name) && !worded.has(name));
    const missing = columns.filter((name) => !isIn(described, name));
    const unknown = described.filter((name) => !isIn(columns, name));
    return [
      ...unknown.map((name) =>
        inConfig(context, action, "no-such-column", `${action.id} has no column ${name}${didYouMean(name, missing)}`, {
          word: name,
          after: "columns",
        }),
      ),
      ...wordless.map((name) =>
        inConfig(
          context,
          action,
          "undescribed-column",
          `${action.id} names the column ${name} without saying what it is: write ${name}: "..."`,
          { word: name, after: "columns" },
        ),
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

function isIn(names: readonly string[], name: string): boolean {
  return names.some((each) => each.toLowerCase() === name.toLowerCase());
}

/** Dataform takes the places in a list, and those of letters in a text, for the columns' names: no column begins with a digit. */
function isList({ columns }: Action): boolean {
  return columns.length > 0 && columns.every(({ path }) => /^\d/.test(path[0] ?? ""));
}
