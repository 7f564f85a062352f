import type { DiffView } from "./data-diff.js";
import { formatCount } from "./print.js";

/** How parts of the text are told apart; picocolors fits. */
export interface DiffColours {
  green(text: string): string;
  red(text: string): string;
  yellow(text: string): string;
  dim(text: string): string;
}

const WIDEST_VALUE = 60;

/** A data diff for people: counts, then the columns that differ, then the first rows of each kind. */
export function diffText(view: DiffView, colours: DiffColours): string {
  return `${[...head(view, colours), ...columnLines(view, colours), ...rowLines(view, colours)].join("\n")}\n`;
}

function head(view: DiffView, { green, red, yellow, dim }: DiffColours): string[] {
  const { added, removed, changed } = view;
  const counts = [
    green(`+${formatCount(added)} added`),
    red(`-${formatCount(removed)} removed`),
    yellow(`~${formatCount(changed)} changed`),
  ];
  return [
    `${dim("before")}  ${view.before}  ${dim(`${formatCount(view.rowsBefore)} rows`)}`,
    `${dim("after")}   ${view.after}  ${dim(`${formatCount(view.rowsAfter)} rows`)}`,
    `${dim("key")}     ${view.key.join(", ")}`,
    "",
    added + removed + changed === 0 ? "No row differs." : counts.join("   "),
  ];
}

function columnLines({ columns }: DiffView, { green, red, yellow, dim }: DiffColours): string[] {
  const lines = columns.flatMap(({ name, typeBefore, typeAfter, changed }) => {
    if (typeBefore === null) return [green(`  + ${name} ${typeAfter ?? ""}`)];
    if (typeAfter === null) return [red(`  - ${name} ${typeBefore}`)];
    const retyped = typeBefore === typeAfter ? [] : [yellow(`  ~ ${name} ${typeBefore} -> ${typeAfter}`)];
    return changed === 0 ? retyped : [...retyped, `  ${name}  ${yellow(`${formatCount(changed)} changed`)}`];
  });
  return lines.length === 0 ? [] : ["", dim("columns"), ...lines];
}

function rowLines({ rows }: DiffView, { green, red, yellow, dim }: DiffColours): string[] {
  const lines = rows.flatMap(({ kind, key, cells }) => {
    const name = Object.values(key).map(String).join(", ");
    if (kind === "added") return [green(`  + ${name}`)];
    if (kind === "removed") return [red(`  - ${name}`)];
    return [
      yellow(`  ~ ${name}`),
      ...cells.map(({ column, before, after }) => `      ${column}: ${red(cut(before))} -> ${green(cut(after))}`),
    ];
  });
  return lines.length === 0 ? [] : ["", dim("rows, the first of each kind"), ...lines];
}

function cut(value: string | null): string {
  const text = value ?? "NULL";
  return text.length > WIDEST_VALUE ? `${text.slice(0, WIDEST_VALUE - 1)}…` : text;
}
