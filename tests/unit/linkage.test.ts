import { createRequire } from "node:module";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createSeededRandom } from "../../src/platform/random.js";
import { createDuckdbWarehouse } from "../../src/warehouse/duckdb/warehouse.js";
import type { Warehouse } from "../../src/warehouse/port.js";
import type { Claim, Edge, Graph, Roots } from "../support/linkage-oracle.js";
import { mergedByAverage, mergedByRounds, mergedByStrength } from "../support/linkage-oracle.js";

/** `includes/linkage.js`, run on graphs and compared with what the rules say one edge after another. */

type Mode = "strongest" | "average";
interface Linkage {
  readonly merge: (
    linkage: Readonly<Record<"edges" | "claims" | "into", string>> & {
      readonly mode: Mode;
      readonly threshold?: number;
      readonly names?: string;
    },
  ) => string;
}
const { merge } = createRequire(import.meta.url)("../../includes/linkage.js") as Linkage;

const ALIKE = 7;
let warehouse: Warehouse;
beforeAll(async () => {
  warehouse = await createDuckdbWarehouse({ file: ":memory:", threads: 1 });
  await warehouse.execute("CREATE SCHEMA s");
});
afterAll(() => warehouse.close());

/** Rounds and roots by group, in order of groups. Of the first `equalCount` groups, each is as like each. */
async function merged(
  graph: Graph,
  mode: Mode,
  threshold?: number,
  equalCount = 0,
): Promise<{ rounds: number; roots: Roots }> {
  const script = `
    CREATE TEMP TABLE links AS
    SELECT a, b, weight AS weight_sum, pairs AS pair_count FROM UNNEST(@edges)
    UNION ALL
    SELECT a, b, ${ALIKE}, 1
    FROM UNNEST(GENERATE_ARRAY(0, @equal_count - 1)) AS a, UNNEST(GENERATE_ARRAY(a + 1, @equal_count - 1)) AS b;
    CREATE TEMP TABLE said AS SELECT grp, claim_key, claim_value FROM UNNEST(@claims);
    CREATE TEMP TABLE names AS SELECT n AS grp, CAST(n AS STRING) AS name FROM (SELECT a AS n FROM links UNION DISTINCT SELECT b FROM links);
    ${merge({ edges: "links", claims: "said", into: "merged", mode, ...(threshold === undefined ? {} : { threshold, names: "names" }) })}
    CREATE OR REPLACE TABLE s.result AS SELECT grp, root FROM merged;`;
  const { statements } = await warehouse.execute(script, {
    equal_count: { type: "INT64", value: equalCount },
    edges: { type: "ARRAY<STRUCT<a INT64, b INT64, weight FLOAT64, pairs INT64>>", value: graph.edges },
    claims: {
      type: "ARRAY<STRUCT<grp INT64, claim_key STRING, claim_value STRING>>",
      value: graph.claims.map(({ group, key, value }) => ({ grp: group, claim_key: key, claim_value: value })),
    },
  });
  const { rows } = await warehouse.query("SELECT grp, root FROM s.result ORDER BY grp");
  return {
    rounds: statements.filter(({ kind }) => kind.startsWith("INSERT")).length,
    roots: rows.map(({ grp, root }) => [Number(grp), Number(root)]),
  };
}

const GROUPS = 14;
/** Few weights: many ties. */
const TIED = fc.integer({ min: -1, max: 2 }).map((weight) => weight / 2);
const DISTINCT = fc.noBias(fc.integer({ min: -5e6, max: 5e6 })).map((weight) => weight / 1e6);

function graphs(weight: fc.Arbitrary<number>, claimCount: number): fc.Arbitrary<Graph> {
  const group = fc.nat(GROUPS - 1);
  const edge: fc.Arbitrary<Edge> = fc
    .record({ a: group, b: group, weight, pairs: fc.integer({ min: 1, max: 3 }) })
    .filter(({ a, b }) => a < b);
  const claim: fc.Arbitrary<Claim> = fc.record({
    group,
    key: fc.constantFrom("user", "student", "decision"),
    value: fc.constantFrom("1", "2", "3"),
  });
  return fc.record({
    edges: fc.uniqueArray(edge, { minLength: 1, maxLength: 40, selector: ({ a, b }) => `${a}-${b}` }),
    claims: fc.array(claim, { maxLength: claimCount }),
  });
}

const shifted = ({ edges, claims }: Graph, by: number): Graph => ({
  edges: edges.map((e) => ({ ...e, a: e.a + by, b: e.b + by })),
  claims: claims.map((c) => ({ ...c, group: c.group + by })),
});
const together = (parts: readonly Graph[]): Graph => ({
  edges: parts.flatMap(({ edges }) => edges),
  claims: parts.flatMap(({ claims }) => claims),
});

/** Many small graphs side by side: one script for all. */
const sideBySide = (weight: fc.Arbitrary<number>, claimCount = 12): fc.Arbitrary<Graph> =>
  fc
    .array(graphs(weight, claimCount), { minLength: 1, maxLength: 60, size: "max" })
    .map((parts) => together(parts.map((part, n) => shifted(part, n * GROUPS))));

const RUNS = { numRuns: 5, seed: 20, endOnFailure: true };
const reversed = (graph: Graph): Graph => ({ edges: [...graph.edges].reverse(), claims: [...graph.claims].reverse() });

describe("strongest", () => {
  test.each([
    ["ties", TIED],
    ["weights of their own", DISTINCT],
  ])("takes edges from the strongest on and refuses clashes (%s)", async (_, weight) => {
    await fc.assert(
      fc.asyncProperty(sideBySide(weight), async (graph) => {
        const expected = mergedByStrength(graph);
        expect((await merged(graph, "strongest")).roots).toEqual(expected);
        expect((await merged(reversed(graph), "strongest")).roots).toEqual(expected);
      }),
      RUNS,
    );
  });

  test("among equal edges the one with the smaller lower label comes first", async () => {
    const edges = [
      { a: 2, b: 5, weight: 1, pairs: 1 },
      { a: 1, b: 9, weight: 1, pairs: 1 },
      { a: 1, b: 2, weight: 2, pairs: 1 },
    ];
    const claims = [
      { group: 5, key: "user", value: "x" },
      { group: 9, key: "user", value: "y" },
    ];
    const { roots } = await merged({ edges, claims }, "strongest");
    expect(roots.map(([, root]) => root)).toEqual([1, 1, 5, 1]);
  });

  /** A hub and leaves whose edges all differ, so that one at a time picks each other. */
  const star = (claims: readonly Claim[]): Graph => ({
    edges: Array.from({ length: 100 }, (_, n) => ({ a: 0, b: n + 1, weight: n, pairs: 1 })),
    claims,
  });
  const claimed = (value: (leaf: number) => string): Claim[] =>
    Array.from({ length: 100 }, (_, n) => ({ group: n + 1, key: "user", value: value(n) }));
  test.each([
    ["nobody claims anything", star([]), 1, 1],
    ["all leaves claim the same", star(claimed(() => "x")), 2, 1],
    ["all leaves claim another value", star(claimed(String)), 1, 100],
  ])("a star takes no round per leaf: %s", async (_, graph, rounds, groups) => {
    const result = await merged(graph, "strongest");
    expect(result.rounds).toBe(rounds);
    expect(new Set(result.roots.map(([, root]) => root)).size).toBe(groups);
    expect(result.roots).toEqual(mergedByStrength(graph));
  });

  test("a long chain of ever stronger edges merges in one round", async () => {
    const edges = Array.from({ length: 200 }, (_, n) => ({ a: n, b: n + 1, weight: n, pairs: 1 }));
    const { rounds, roots } = await merged({ edges, claims: [] }, "strongest");
    expect(rounds).toBe(1);
    expect(roots.every(([, root]) => root === 0)).toBe(true);
  });
});

describe("average", () => {
  test("merges twins, and pairs that pick each other, round by round, where many averages tie", async () => {
    await fc.assert(
      fc.asyncProperty(sideBySide(TIED), async (graph) => {
        const expected = mergedByRounds(graph, 0);
        expect((await merged(graph, "average", 0)).roots).toEqual(expected);
        expect((await merged(reversed(graph), "average", 0)).roots).toEqual(expected);
      }),
      RUNS,
    );
  });

  test("is the sequential rule, the best average first, where none tie", async () => {
    await fc.assert(
      fc.asyncProperty(sideBySide(DISTINCT, 5), async (graph) => {
        expect((await merged(graph, "average", -0.5)).roots).toEqual(mergedByAverage(graph, -0.5));
      }),
      RUNS,
    );
  });

  const LARGEST = 25;
  /** Sets of groups, equally alike within, each set better than the next, and less alike from set to set, never equally. */
  const sets = fc
    .record({ sizes: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 5 }), seed: fc.nat() })
    .map(({ sizes, seed }): Graph => {
      const random = createSeededRandom(seed);
      const setOf = sizes.flatMap((size, set) => Array.from({ length: size }, () => set));
      // Labels do not tell the sets.
      const labels = setOf.map((_, n) => ({ n, place: random() })).sort((x, y) => x.place - y.place);
      const label = (n: number): number => labels.findIndex((each) => each.n === n);
      const edges = setOf.flatMap((set, n) =>
        setOf.slice(0, n).map((other, m): Edge => {
          const weight = set === other ? 9 - set / 8 : Math.round((random() * 12 - 4) * 1e6) / 1e6;
          return { a: Math.min(label(n), label(m)), b: Math.max(label(n), label(m)), weight, pairs: 1 };
        }),
      );
      return { edges, claims: [] };
    });
  test("is the sequential rule where only sets of equally alike groups tie", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(sets, { minLength: 20, maxLength: 40 }), async (graphs) => {
        const all = together(graphs.map((each, n) => shifted(each, n * LARGEST)));
        expect((await merged(all, "average", 1)).roots).toEqual(mergedByAverage(all, 1));
      }),
      RUNS,
    );
  });

  test.each([10, 100, 1000])("%i that are equally alike merge in one round", async (size) => {
    const { rounds, roots } = await merged({ edges: [], claims: [] }, "average", ALIKE, size);
    expect(rounds).toBe(1);
    expect(new Set(roots.map(([, root]) => root))).toEqual(new Set([0]));
  });

  test("of a hundred that are equally alike those join first who clash with the same", async () => {
    const claims = [
      ...[40, 50, 60].map((group): Claim => ({ group, key: "user", value: "x" })),
      ...[70, 80].map((group): Claim => ({ group, key: "user", value: "y" })),
    ];
    const { rounds, roots } = await merged({ edges: [], claims }, "average", ALIKE, 100);
    expect(rounds).toBe(2);
    const apart = roots.filter(([, root]) => root !== 0).map(([group]) => group);
    expect([
      [40, 50, 60],
      [70, 80],
    ]).toContainEqual(apart);
  });

  test("many that tie with about half of the others, and not the same, take few rounds", async () => {
    const random = createSeededRandom(5);
    const edges = Array.from({ length: 200 }, (_, b) =>
      Array.from({ length: b }, (_unused, a): Edge => ({ a, b, weight: random() < 0.5 ? 9 : 7, pairs: 1 })),
    ).flat();
    const { rounds, roots } = await merged({ edges, claims: [] }, "average", 6);
    expect(new Set(roots.map(([, root]) => root))).toEqual(new Set([0]));
    expect(rounds).toBeLessThan(30);
  });

  test("a weak edge to a third lowers the average, so a chain does not run together", async () => {
    const edges = [
      { a: 1, b: 2, weight: 9, pairs: 1 },
      { a: 2, b: 3, weight: 5, pairs: 1 },
      { a: 1, b: 3, weight: -8, pairs: 1 },
    ];
    const { roots } = await merged({ edges, claims: [] }, "average", 0);
    expect(roots).toEqual([
      [1, 1],
      [2, 1],
      [3, 3],
    ]);
  });

  test("counts weights in whole millionths, whose sums do not depend on the order of rows", async () => {
    const edges = [
      { a: 1, b: 2, weight: -4e-7, pairs: 1 },
      { a: 3, b: 4, weight: -6e-7, pairs: 1 },
    ];
    const { roots } = await merged({ edges, claims: [] }, "average", 0);
    expect(roots.map(([, root]) => root)).toEqual([1, 1, 3, 4]);
  });

  test("needs a threshold and names", () => {
    const linkage = { edges: "e", claims: "c", into: "m", mode: "average", names: "n" } as const;
    expect(() => merge(linkage)).toThrow(/threshold/);
    expect(() => merge({ ...linkage, threshold: Number.NaN })).toThrow(/threshold/);
    expect(() => merge({ edges: "e", claims: "c", into: "m", mode: "average", threshold: 1 })).toThrow(/names/);
  });
});

test("no edges, no groups", async () => {
  expect(await merged({ edges: [], claims: [] }, "strongest")).toEqual({ rounds: 0, roots: [] });
  expect(await merged({ edges: [], claims: [] }, "average", 1)).toEqual({ rounds: 0, roots: [] });
});
