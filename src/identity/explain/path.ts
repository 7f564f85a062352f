import type { Link, Step } from "./link.js";

/**
 * The path whose weakest step is as strong as that of any path can be (a max-bottleneck path); among those the one with
 * the fewest steps; among those the first by node id. Null when nothing leads from one side to the other. A node on both
 * sides is a path without steps.
 *
 * The bottleneck is found by bisection over the strengths that occur: what is reached over links of at least one strength
 * only grows when the strength falls. Each look is linear in the links' nodes.
 */
export function strongestPath(
  links: readonly Link[],
  from: readonly string[],
  to: readonly string[],
): readonly Step[] | null {
  const strengths = [...new Set(links.map(({ strength }) => strength))].sort((a, b) => b - a);
  let [low, high] = [0, strengths.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (shortestPath(atLeast(links, strengths[middle] as number), from, to) === null) low = middle + 1;
    else high = middle;
  }
  const bottleneck = strengths[low];
  return shortestPath(bottleneck === undefined ? links : atLeast(links, bottleneck), from, to);
}

/** The first of the weakest steps. Null for a path without steps. */
export function weakestStep(path: readonly Step[]): Step | null {
  return path.reduce<Step | null>(
    (weakest, step) => (weakest === null || step.strength < weakest.strength ? step : weakest),
    null,
  );
}

function atLeast(links: readonly Link[], strength: number): readonly Link[] {
  return links.filter((link) => link.strength >= strength);
}

/** A link as seen from one of its sides. */
interface Way {
  readonly link: Link;
  readonly ends: readonly string[];
}

/** Breadth first. Who comes first to one side of a link reaches all of its other side, so each side is looked at once. */
function shortestPath(links: readonly Link[], from: readonly string[], to: readonly string[]): readonly Step[] | null {
  const waysOf = indexWays(links);
  const goals = new Set(to);
  const cameBy = new Map<string, Step | null>([...from].sort().map((node) => [node, null]));
  const used = new Set<Way>();
  for (let edge = [...cameBy.keys()]; edge.length > 0; ) {
    const arrived = edge.filter((node) => goals.has(node)).sort()[0];
    if (arrived !== undefined) return stepsTo(arrived, cameBy);
    const next: string[] = [];
    for (const node of edge) {
      for (const way of waysOf.get(node) ?? []) {
        if (used.has(way)) continue;
        used.add(way);
        const { evidence, strength } = way.link;
        for (const end of way.ends) {
          if (cameBy.has(end)) continue;
          cameBy.set(end, { from: node, to: end, evidence, strength });
          next.push(end);
        }
      }
    }
    edge = next.sort();
  }
  return null;
}

/** The strongest way first, so that of two that lead to the same node in one step the better is told. */
function indexWays(links: readonly Link[]): ReadonlyMap<string, readonly Way[]> {
  const waysOf = new Map<string, Way[]>();
  const add = (starts: readonly string[], way: Way): void => {
    for (const node of starts) {
      const ways = waysOf.get(node);
      if (ways === undefined) waysOf.set(node, [way]);
      else ways.push(way);
    }
  };
  for (const link of [...links].sort((a, b) => b.strength - a.strength)) {
    add(link.left, { link, ends: link.right });
    if (link.right !== link.left) add(link.right, { link, ends: link.left });
  }
  return waysOf;
}

function stepsTo(node: string, cameBy: ReadonlyMap<string, Step | null>): readonly Step[] {
  const steps: Step[] = [];
  for (let step = cameBy.get(node); step; step = cameBy.get(step.from)) steps.unshift(step);
  return steps;
}
