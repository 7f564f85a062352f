import { createRequire } from "node:module";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDuckdbWarehouse } from "../../src/warehouse/duckdb/warehouse.js";
import type { Warehouse } from "../../src/warehouse/port.js";

/** `includes/connected.js`, run on graphs and compared with following the links one by one. */

interface Connected {
  readonly components: (graph: Readonly<Record<"nodes" | "links" | "into", string>>) => string;
}
const { components } = createRequire(import.meta.url)("../../includes/connected.js") as Connected;

type Link = readonly [u: number, v: number];

let warehouse: Warehouse;
beforeAll(async () => {
  warehouse = await createDuckdbWarehouse({ file: ":memory:", threads: 1 });
  await warehouse.execute("CREATE SCHEMA s");
});
afterAll(() => warehouse.close());

/** Root by node, in order of nodes; and how many links no round joined. */
async function connected(nodeCount: number, links: readonly Link[]): Promise<{ roots: number[]; left: number }> {
  await warehouse.execute(
    `CREATE TEMP TABLE nodes AS SELECT node FROM UNNEST(GENERATE_ARRAY(0, ${nodeCount - 1})) AS node;
     CREATE TEMP TABLE links AS SELECT u, v FROM UNNEST(@links);
     ${components({ nodes: "nodes", links: "links", into: "found" })}
     CREATE OR REPLACE TABLE s.roots AS SELECT node, root FROM found;
     CREATE OR REPLACE TABLE s.left AS SELECT u, v FROM found_links;`,
    { links: { type: "ARRAY<STRUCT<u INT64, v INT64>>", value: links.map(([u, v]) => ({ u, v })) } },
  );
  const { rows } = await warehouse.query("SELECT root FROM s.roots ORDER BY node");
  const left = await warehouse.query("SELECT COUNT(*) AS link_count FROM s.left");
  return { roots: rows.map(({ root }) => Number(root)), left: Number(left.rows[0]?.link_count) };
}

/** The smallest node of each node's component. */
function smallest(nodeCount: number, links: readonly Link[]): number[] {
  const labels = Array.from({ length: nodeCount }, (_, node) => node);
  for (let hasMoved = true; hasMoved; ) {
    hasMoved = false;
    for (const [u, v] of links) {
      const least = Math.min(labels[u] as number, labels[v] as number);
      hasMoved ||= labels[u] !== least || labels[v] !== least;
      labels[u] = least;
      labels[v] = least;
    }
  }
  return labels;
}

/** The same, from roots: a root is one of its component's nodes, whichever. */
function partition(roots: readonly number[]): number[] {
  return roots.map((root) => roots.indexOf(root));
}

const NODES = 12;
const LINKS = fc.array(fc.tuple(fc.nat(NODES - 1), fc.nat(NODES - 1)), { maxLength: 16 });

describe("components", () => {
  test("are those of the links, in any direction, twice, and to a node itself", async () => {
    await fc.assert(
      fc.asyncProperty(LINKS, async (links) => {
        const { roots, left } = await connected(NODES, links);
        expect(partition(roots)).toEqual(smallest(NODES, links));
        expect(roots.every((root) => roots[root] === root)).toBe(true);
        expect(left).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  test.each<[string, (node: number) => number]>([
    ["a chain in order", (node) => node],
    ["a chain in an order of its own", (node) => (node * 389) % 1000],
    ["a chain of which every second node is far away", (node) => (node % 2 === 0 ? node : 999 - node + 1)],
  ])("find %s of a thousand nodes to be one", async (_, at) => {
    const links = Array.from({ length: 999 }, (_, node): Link => [at(node), at(node + 1)]);
    const { roots, left } = await connected(1000, links);
    expect(new Set(roots).size).toBe(1);
    expect(left).toBe(0);
  });

  test("of a graph without links are its nodes", async () => {
    expect(await connected(3, [])).toEqual({ roots: [0, 1, 2], left: 0 });
  });
});
