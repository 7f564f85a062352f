import type { Action } from "../../project/action.js";
import { didYouMean } from "../../project/suggest.js";
import { partText } from "../lineage.js";
import { type PersonalColumn, personalColumns } from "../personal.js";
import type { Problem } from "../problem.js";
import { inConfig, type LintContext, modelsOf } from "./lint.js";

const ERASE_TAG = /^erase_by:(.*)$/;

/** Where personal values lie, by declaration and by lineage, against what the project says of it. */
export function personalProblems(context: LintContext): Problem[] {
  const personal = [...personalColumns(context.analysis).values()];
  return modelsOf(context).flatMap(({ action, columns }) => {
    const own = personal.filter(({ table }) => table.toLowerCase() === action.id.toLowerCase());
    return [
      ...undeclared(context, action, own),
      ...eraseProblems(context, action, columns, own),
      ...targetProblems(context, action, own),
    ];
  });
}

function undeclared(context: LintContext, action: Action, own: readonly PersonalColumn[]): Problem[] {
  return own
    .filter(({ isDeclared }) => !isDeclared)
    .map((column) =>
      inConfig(
        context,
        action,
        "undeclared-personal",
        `${column.column} holds personal values${wayOf(column)}: declare it personal in includes/columns.json, or not_personal there`,
        { word: column.column, after: "columns" },
      ),
    );
}

function wayOf({ origin, via }: PersonalColumn): string {
  if (via.length === 0) return "";
  const steps = via.slice(0, -1).map(({ part }) => partText(part));
  return ` of ${partText(origin)}${steps.length === 0 ? "" : ` (through ${steps.join(", ")})`}`;
}

/** Views hold nothing; a table with personal values says by which column a person's rows are erased. */
function eraseProblems(
  context: LintContext,
  action: Action,
  columns: readonly string[],
  own: readonly PersonalColumn[],
): Problem[] {
  if (action.kind === "view") return [];
  const keys = action.tags.flatMap((tag) => ERASE_TAG.exec(tag)?.[1] ?? []);
  const wrong = keys.filter((key) => !columns.includes(key));
  const problems = wrong.map((key) =>
    inConfig(
      context,
      action,
      "erase-by",
      `the tag erase_by:${key} names no column of ${action.id}${didYouMean(key, columns)}`,
      { word: `erase_by:${key}` },
    ),
  );
  if (own.length === 0 || keys.length > 0) return problems;
  const names = own.map(({ column }) => column).join(", ");
  const message = `${action.id} holds personal values (${names}) and no tag says by which column they are erased: add "erase_by:<column>"`;
  return [...problems, inConfig(context, action, "erase-by", message, { after: "tags" })];
}

function targetProblems(context: LintContext, action: Action, own: readonly PersonalColumn[]): Problem[] {
  return context.allowances
    .filter(({ table }) => table.toLowerCase() === action.id.toLowerCase())
    .flatMap(({ target, personal }) =>
      own
        .filter(({ column }) => !personal.includes(column))
        .map((column) =>
          inConfig(
            context,
            action,
            "personal-to-target",
            `${column.column} holds personal values${wayOf(column)}, which the target ${target} does not allow`,
            { word: column.column, after: "columns" },
          ),
        ),
    );
}
