import type { Action } from "../../project/action.js";
import { ERASE_IDS, eraseTagsOf, isEraseId } from "../../project/erase-tags.js";
import { didYouMean } from "../../project/suggest.js";
import { partText } from "../lineage.js";
import { type PersonalColumn, personalColumns } from "../personal.js";
import type { Problem } from "../problem.js";
import { inConfig, type LintContext, modelsOf } from "./lint.js";

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

/** Views hold nothing; a table with personal values says by which columns a person's rows are erased. */
function eraseProblems(
  context: LintContext,
  action: Action,
  columns: readonly string[],
  own: readonly PersonalColumn[],
): Problem[] {
  if (action.kind === "view") return [];
  const tags = eraseTagsOf(action.tags);
  const problems = tags.flatMap(({ tag, id, columns: named }) => {
    const wrong = named.filter((column) => !columns.includes(column));
    const says = wrong.map((column) => {
      const what = tag === `erase_by:${column}` ? `the tag ${tag} names` : `${column} of the tag ${tag} is`;
      return `${what} no column of ${action.id}${didYouMean(column, columns)}`;
    });
    if (wrong.length === 0 && !isEraseId(id)) {
      says.push(`the tag ${tag} is by an id that erasures do not know${didYouMean(id, ERASE_IDS)}`);
    }
    return says.map((message) => inConfig(context, action, "erase-by", message, { word: tag }));
  });
  if (own.length === 0 || tags.length > 0) return problems;
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
