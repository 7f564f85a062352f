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

/** In each round all pairs that are each other's best. */
export function mergedByRounds(graph: Graph, threshold: number): Roots {
  const partition = new Partition(graph);
  for (;;) {
    const edges = best(graph.edges, partition).filter((edge) => edge.weight / edge.pairs >= threshold * 1e6);
    if (edges.length === 0) return partition.roots();
    const pick = new Map<number, Edge>();
    for (const edge of edges) for (const group of [edge.a, edge.b]) if (!pick.has(group)) pick.set(group, edge);
    for (const edge of edges)
      if (pick.get(edge.a) === edge && pick.get(edge.b) === edge) partition.merge(edge.a, edge.b);
  }
}
