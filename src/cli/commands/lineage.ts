import pc from "picocolors";
import { type LineageGraph, lineageGraph, partText } from "../../warehouse/analysis/lineage.js";
import { findPart } from "../../warehouse/analysis/lineage-names.js";
import { type Direction, reach } from "../../warehouse/analysis/lineage-walk.js";
import type { ColumnSource } from "../../warehouse/googlesql/lineage.js";
import { openAnalysis, warnOfFailures } from "../analysis.js";
import { LEGEND, lineageTree } from "../lineage-text.js";

export interface LineageCommand {
  readonly home: string;
  readonly project: string;
  readonly up: boolean;
  readonly down: boolean;
  /** Absent: all steps for a column, one for a table. */
  readonly depth?: number;
  readonly all: boolean;
  readonly json: boolean;
}

/** Prints where a column comes from, or with `down` where it goes; of a table each of its columns. */
export async function lineage(name: string, options: LineageCommand): Promise<void> {
  const { analysis, close } = await openAnalysis(options);
  await close();
  warnOfFailures(analysis);
  const graph = lineageGraph(analysis);
  const { table, part } = findPart(graph, name);
  const parts = part === null ? table.columns.map((column) => ({ table: table.key, column, path: [] })) : [part];
  const directions: Direction[] = [
    ...(options.up || !options.down ? ["up" as const] : []),
    ...(options.down ? ["down" as const] : []),
  ];
  if (options.json) {
    const found = parts.flatMap((one) => directions.map((direction) => asJson(graph, one, direction)));
    process.stdout.write(`${JSON.stringify(part === null || directions.length > 1 ? found : found[0], null, 2)}\n`);
    return;
  }
  const depth = options.depth ?? (part === null ? 1 : Number.POSITIVE_INFINITY);
  const trees = directions.flatMap((direction) =>
    parts.map((one) => lineageTree(graph, one, { direction, depth, all: options.all }, pc)),
  );
  process.stdout.write(`${trees.join("\n\n")}\n\n${pc.dim(LEGEND)}\n`);
}

/** Everything up or down, each part once with its strongest flow and the number of steps to it. */
function asJson(graph: LineageGraph, part: ColumnSource, direction: Direction): unknown {
  return {
    part: partText(part),
    direction,
    reached: reach(graph, part, direction).map((one) => ({
      part: partText(one.part),
      ...one.part,
      flow: one.flow,
      steps: one.via.length,
      file: one.via.at(-1)?.action.fileName ?? null,
      isEnd: one.isEnd,
    })),
  };
}
