import { type LineageGraph, partKey, partText, rowsText, type Step } from "../warehouse/analysis/lineage.js";
import type { Direction } from "../warehouse/analysis/lineage-walk.js";
import type { ColumnSource, Flow } from "../warehouse/googlesql/lineage.js";

export interface TreeOptions {
  readonly direction: Direction;
  /** Steps from the part that are shown. */
  readonly depth: number;
  /** Show what only decides, too, and every branch of a wide node. */
  readonly all: boolean;
}

export interface TreeStyle {
  dim(text: string): string;
}

const MARKS: Readonly<Record<Flow, string>> = { copy: "=", derive: "~", digest: "#", decide: "?" };
export const LEGEND = "= copied   ~ derived   # digest   ? decides";

export function markOf(flow: Flow): string {
  return MARKS[flow];
}

/** A wide node, a pivot of fifty fields say, is cut here unless all is asked for. */
const MOST_BRANCHES = 10;

/** A tree of where a part comes from or goes to. What has been shown once is only named the next time. */
export function lineageTree(graph: LineageGraph, root: ColumnSource, options: TreeOptions, style: TreeStyle): string {
  const next = options.direction === "up" ? graph.sourcesOf : graph.targetsOf;
  const verb = options.direction === "up" ? "decided by" : "decides";
  const lines = [`${partText(root)}  ${style.dim(filesOf(graph, root))}`.trimEnd()];
  const shown = new Set([partKey(root)]);

  const branch = (part: ColumnSource, indent: string, depth: number): void => {
    const steps = next(part).filter((step) => partKey(step.part) !== partKey(part));
    // Of a column that is only decided, a count say, that is the answer.
    const isDecided = depth === 0 && steps.every((step) => step.flow === "decide");
    const isVisible = (step: Step): boolean => options.all || isDecided || step.flow !== "decide";
    const visible = onePerPart(steps.filter(isVisible));
    const hidden = onePerPart(steps).length - visible.length;
    const items = depth >= options.depth ? [] : visible.slice(0, options.all ? visible.length : MOST_BRANCHES);
    const left = visible.length - items.length;
    const remedy = depth < options.depth ? " (--all)" : "";
    const rest = [
      ...(left > 0 ? [style.dim(`… ${count(left)} more${remedy}`)] : []),
      ...(hidden > 0 && !options.all ? [style.dim(`? ${verb} ${count(hidden)} (--all)`)] : []),
    ];
    items.forEach((step, i) => {
      const isLast = i === items.length - 1 && rest.length === 0;
      const key = partKey(step.part);
      const isKnown = shown.has(key);
      shown.add(key);
      const note = isKnown ? "(above)" : filesOf(graph, step.part);
      lines.push(
        `${indent}${isLast ? "└─" : "├─"} ${MARKS[step.flow]} ${stepText(step)}  ${style.dim(note)}`.trimEnd(),
      );
      if (!isKnown) branch(step.part, `${indent}${isLast ? "   " : "│  "}`, depth + 1);
    });
    rest.forEach((text, i) => {
      lines.push(`${indent}${i === rest.length - 1 ? "└─" : "├─"} ${text}`);
    });
  };

  branch(root, "", 0);
  return lines.join("\n");
}

/** With the rows that are meant, where a key tells them apart. */
function stepText({ part }: Step): string {
  const rows = rowsText(part);
  return rows === "" ? partText(part) : `${partText(part)} where ${rows}`;
}

/** The same part by two actions is one line, by the stronger flow. */
function onePerPart(steps: readonly Step[]): readonly Step[] {
  const flows = Object.keys(MARKS);
  const sorted = [...steps].sort((a, b) => flows.indexOf(a.flow) - flows.indexOf(b.flow));
  return [...new Map(sorted.reverse().map((step) => [partKey(step.part), step])).values()].reverse();
}

/** Where the column is made: its model, or the scripts that write it. */
function filesOf(graph: LineageGraph, part: ColumnSource): string {
  const writers = graph.sourcesOf({ ...part, path: [] }).map(({ action }) => action.fileName);
  const own = graph.tables.get(part.table)?.action?.fileName;
  const files = writers.length > 0 ? [...new Set(writers)] : own === undefined ? [] : [own];
  return files.join(", ");
}

function count(parts: number): string {
  return parts === 1 ? "1 part" : `${parts} parts`;
}
