import type { ColumnSource, Flow } from "../googlesql/lineage.js";
import { ANY_ROW, type Conditions, either, implies, isAnyRow } from "../googlesql/lineage-keys.js";
import { weaker } from "../googlesql/lineage-values.js";
import { type LineageGraph, partKey, type Step } from "./lineage.js";

export type Direction = "up" | "down";

/** A part of a column that another one reaches or comes from, over any number of steps. */
export interface Reached {
  /** With the rows that any of the ways is about. */
  readonly part: ColumnSource;
  /** The strongest of all ways; of one way the weakest step counts. */
  readonly flow: Flow;
  /** The steps of that way, from the part asked about on. */
  readonly via: readonly Step[];
  /** Whether nothing goes on from here. */
  readonly isEnd: boolean;
}

export interface WalkOptions {
  /** Flows that are followed; all when absent. */
  readonly flows?: readonly Flow[];
}

const FLOWS: readonly Flow[] = ["copy", "derive", "digest", "decide"];

/**
 * Everything up or down from a part, without the part itself, nearest first among equal flows. Each part once, by its strongest flow,
 * whatever rows of it the ways are about.
 */
export function reach(
  graph: LineageGraph,
  from: ColumnSource,
  direction: Direction,
  options: WalkOptions = {},
): readonly Reached[] {
  const next = direction === "up" ? graph.sourcesOf : graph.targetsOf;
  const followed = new Set(options.flows ?? FLOWS);
  const reached = new Map<string, Reached>();
  const visits = new Map<string, Conditions[]>();
  // Strongest flows first: the first way found to a part is then the one that counts.
  const waiting: Record<Flow, { part: ColumnSource; via: readonly Step[] }[]> = {
    copy: [{ part: from, via: [] }],
    derive: [],
    digest: [],
    decide: [],
  };
  for (const flow of FLOWS) {
    const queue = waiting[flow];
    for (let at = 0; at < queue.length; at += 1) {
      const { part, via } = queue[at] as (typeof queue)[number];
      const key = wholeKey(part);
      const rows = part.where ?? ANY_ROW;
      const visited = visits.get(key) ?? [];
      // Of rows that were looked at already nothing new is to be found; of other rows of the same part there may be.
      if (visited.some((known) => implies(known, rows))) continue;
      visits.set(key, [...visited, rows]);
      const steps = next(part).filter((step) => followed.has(step.flow));
      const isEnd = steps.every((step) => wholeKey(step.part) === key);
      const known = reached.get(key);
      if (known === undefined) reached.set(key, { part, flow, via, isEnd });
      else reached.set(key, { ...known, part: inEither(known.part, rows), isEnd: known.isEnd && isEnd });
      for (const step of steps) waiting[weaker(flow, step.flow)].push({ part: step.part, via: [...via, step] });
    }
  }
  reached.delete(wholeKey(from));
  return [...reached.values()];
}

function inEither({ table, column, path, where = ANY_ROW }: ColumnSource, rows: Conditions): ColumnSource {
  const all = either(where, rows);
  return isAnyRow(all) ? { table, column, path } : { table, column, path, where: all };
}

/** The same for all rows of a part. */
function wholeKey({ table, column, path }: ColumnSource): string {
  return partKey({ table, column, path });
}
