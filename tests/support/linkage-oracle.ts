import { createHash } from "node:crypto";

/** The rules of `includes/linkage.js` one merge at a time, in memory. */

export interface Edge {
  readonly a: number;
  readonly b: number;
  /** The sum over the pairs. */
  readonly weight: number;
  readonly pairs: number;
}

export interface Claim {
  readonly group: number;
  readonly key: string;
  readonly value: string;
}

export interface Graph {
  readonly edges: readonly Edge[];
  readonly claims: readonly Claim[];
}

/** Group and the smallest group merged with it, in order of groups. */
export type Roots = readonly (readonly [number, number])[];

/** Groups with their members and claims. */
class Partition {
  readonly #rootOf = new Map<number, number>();
  readonly #claims = new Map<number, Map<string, Set<string>>>();

  constructor({ edges, claims }: Graph) {
    for (const { a, b } of edges) for (const group of [a, b]) this.#rootOf.set(group, group);
    for (const { group, key, value } of claims) {
      const own = this.#claims.get(group) ?? new Map<string, Set<string>>();
      own.set(key, new Set([...(own.get(key) ?? []), value]));
      this.#claims.set(group, own);
    }
  }

  root(group: number): number {
    const found = this.#rootOf.get(group);
    if (found === undefined) throw new Error(`no group ${group}`);
    return found;
  }

  /** Whether a key has different values on either side. */
  clash(a: number, b: number): boolean {
    const other = this.#claims.get(this.root(b));
    return [...(this.#claims.get(this.root(a)) ?? [])].some(([key, values]) =>
      [...(other?.get(key) ?? [])].some((value) => [...values].some((own) => own !== value)),
    );
  }

  /** The smaller root stays. */
  merge(a: number, b: number): void {
    const [kept, gone] = [this.root(a), this.root(b)].sort((x, y) => x - y) as [number, number];
    for (const [group, root] of this.#rootOf) if (root === gone) this.#rootOf.set(group, kept);
    const claims = this.#claims.get(kept) ?? new Map<string, Set<string>>();
    for (const [key, values] of this.#claims.get(gone) ?? []) {
      claims.set(key, new Set([...(claims.get(key) ?? []), ...values]));
    }
    this.#claims.set(kept, claims);
  }

  roots(): Roots {
    return [...this.#rootOf].sort(([a], [b]) => a - b);
  }
}

/** The strongest edge first, smaller labels first among equals; an edge between clashing groups is refused. */
export function mergedByStrength(graph: Graph): Roots {
  const partition = new Partition(graph);
  for (const { a, b } of [...graph.edges].sort((x, y) => y.weight - x.weight || x.a - y.a || x.b - y.b)) {
    if (partition.root(a) !== partition.root(b) && !partition.clash(a, b)) partition.merge(a, b);
  }
  return partition.roots();
}

/** The edges between groups that may merge, contracted, the best average first. */
function best(edges: readonly Edge[], partition: Partition): readonly Edge[] {
  const sums = new Map<string, Edge>();
  for (const edge of edges) {
    const [a, b] = [partition.root(edge.a), partition.root(edge.b)].sort((x, y) => x - y) as [number, number];
    if (a === b || partition.clash(a, b)) continue;
    const known = sums.get(`${a}-${b}`) ?? { weight: 0, pairs: 0 };
    const weight = known.weight + Math.round(edge.weight * 1e6);
    sums.set(`${a}-${b}`, { a, b, weight, pairs: known.pairs + edge.pairs });
  }
  return [...sums.values()].sort((x, y) => y.weight / y.pairs - x.weight / x.pairs || x.a - y.a || x.b - y.b);
}

/** The best average first, one merge at a time, down to the threshold. */
export function mergedByAverage(graph: Graph, threshold: number): Roots {
  const partition = new Partition(graph);
  for (;;) {
    const first = best(graph.edges, partition)[0];
    if (first === undefined || first.weight / first.pairs < threshold * 1e6) return partition.roots();
    partition.merge(first.a, first.b);
  }
}

/**
 * In each round all groups that tie with the same others, and of the rest those pairs that draw each other's lot. One merge at a time: throws when one of them joins two groups that are not each other's best just then.
 */
export function mergedByRounds(graph: Graph, threshold: number): Roots {
  const partition = new Partition(graph);
  for (;;) {
    const edges = best(graph.edges, partition).filter((edge) => averageOf(edge) >= threshold * 1e6);
    if (edges.length === 0) return partition.roots();
    const picks = new Map<number, Edge>();
    for (const edge of edges) for (const group of [edge.a, edge.b]) if (!picks.has(group)) picks.set(group, edge);
    const tied = edges.filter((edge) => [edge.a, edge.b].every((group) => isBestOf(group, edge, picks)));
    const merges = twinsOf(tied);
    const twins = new Set(merges.flat());
    const drawn = new Map<number, Edge>();
    const others = tied.filter(({ a, b }) => !twins.has(a) && !twins.has(b));
    for (const edge of [...others].sort((x, y) => (lotOf(x) < lotOf(y) ? -1 : 1))) {
      for (const group of [edge.a, edge.b]) if (!drawn.has(group)) drawn.set(group, edge);
    }
    for (const edge of others) {
      if (drawn.get(edge.a) === edge && drawn.get(edge.b) === edge) merges.push([edge.a, edge.b]);
    }
    for (const [first, ...others] of merges) {
      for (const other of others) {
        if (first === undefined || !areEachOthersBest(first, other, best(graph.edges, partition), partition)) {
          throw new Error(`${first} and ${other} are not each other's best`);
        }
        partition.merge(first, other);
      }
    }
  }
}

const averageOf = ({ weight, pairs }: Edge): number => weight / pairs;

/** A group's name is its label here. */
const lotOf = ({ a, b }: Edge): string =>
  createHash("md5")
    .update([String(a), String(b)].sort().join("|"))
    .digest("hex");

function isBestOf(group: number, edge: Edge, picks: ReadonlyMap<number, Edge>): boolean {
  const pick = picks.get(group);
  return pick !== undefined && averageOf(pick) === averageOf(edge);
}

/** Sets of groups that tie with the same others and with each other. */
function twinsOf(tied: readonly Edge[]): number[][] {
  const circles = new Map<number, number[]>();
  for (const edge of tied) {
    circles.set(edge.a, [...(circles.get(edge.a) ?? [edge.a]), edge.b]);
    circles.set(edge.b, [...(circles.get(edge.b) ?? [edge.b]), edge.a]);
  }
  const sets = new Map<string, number[]>();
  for (const [group, circle] of circles) {
    const name = circle.sort((a, b) => a - b).join();
    sets.set(name, [...(sets.get(name) ?? []), group]);
  }
  return [...sets.values()].filter((set) => set.length > 1);
}

function areEachOthersBest(a: number, b: number, edges: readonly Edge[], partition: Partition): boolean {
  const ends = [partition.root(a), partition.root(b)];
  const theirs = edges.filter((edge) => ends.includes(edge.a) || ends.includes(edge.b));
  const own = theirs.find((edge) => ends.includes(edge.a) && ends.includes(edge.b));
  return own !== undefined && theirs.every((edge) => averageOf(edge) <= averageOf(own) + 1e-3);
}
