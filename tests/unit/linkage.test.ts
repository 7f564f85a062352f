import { createRequire } from "node:module";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
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
    },
  ) => string;
}
const { merge } = createRequire(import.meta.url)("../../includes/linkage.js") as Linkage;

let warehouse: Warehouse;
beforeAll(async () => {
  warehouse = await createDuckdbWarehouse({ file: ":memory:", threads: 1 });
  await warehouse.execute("CREATE SCHEMA s");
});
afterAll(() => warehouse.close());

/** Rounds and roots by group, in order of groups. */
async function merged(graph: Graph, mode: Mode, threshold?: number): Promise<{ rounds: number; roots: Roots }> {
  const script = `
    CREATE TEMP TABLE links AS SELECT a, b, weight AS weight_sum, pairs AS pair_count FROM UNNEST(@edges);
    CREATE TEMP TABLE said AS SELECT grp, claim_key, claim_value FROM UNNEST(@claims);
    ${merge({ edges: "links", claims: "said", into: "merged", mode, ...(threshold === undefined ? {} : { threshold }) })}
    CREATE OR REPLACE TABLE s.result AS SELECT grp, root FROM merged;`;
  const { statements } = await warehouse.execute(script, {
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

/** Many small graphs side by side: one script for all. */
const sideBySide = (weight: fc.Arbitrary<number>, claimCount = 12): fc.Arbitrary<Graph> =>
  fc.array(graphs(weight, claimCount), { minLength: 1, maxLength: 60, size: "max" }).map((parts) => ({
    edges: parts.flatMap(({ edges }, n) => edges.map((e) => ({ ...e, a: e.a + n * GROUPS, b: e.b + n * GROUPS }))),
    claims: parts.flatMap(({ claims }, n) => claims.map((c) => ({ ...c, group: c.group + n * GROUPS }))),
  }));

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
  test("merges pairs that pick each other, round by round, where many averages tie", async () => {
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

  test("needs a threshold", () => {
    const linkage = { edges: "e", claims: "c", into: "m", mode: "average" } as const;
    expect(() => merge(linkage)).toThrow(/threshold/);
    expect(() => merge({ ...linkage, threshold: Number.NaN })).toThrow(/threshold/);
  });
});

test("no edges, no groups", async () => {
  expect(await merged({ edges: [], claims: [] }, "strongest")).toEqual({ rounds: 0, roots: [] });
  expect(await merged({ edges: [], claims: [] }, "average", 1)).toEqual({ rounds: 0, roots: [] });
});
