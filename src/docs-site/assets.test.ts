import { readFileSync } from "node:fs";
import path from "node:path";
import vm from "node:vm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

/** The scripts run as in a page: one after the other in one realm, without modules. */
const realm: { RollcallSearch?: typeof RollcallSearch; RollcallLayout?: typeof RollcallLayout } = {};
vm.createContext(realm);
for (const name of ["search.js", "layout.js"]) {
  vm.runInContext(readFileSync(path.join(import.meta.dirname, "assets", name), "utf8"), realm);
}
const { RollcallSearch: search, RollcallLayout: layout } = realm as Required<typeof realm>;

function model(id: string, description: string, columns: readonly string[]): SiteModel {
  const [dataset = "", name = ""] = id.split(".");
  const facts = { kind: "table", file: "", tags: [], grain: [], partitionBy: "", clusterBy: [], inputs: [] };
  return {
    ...facts,
    id,
    dataset,
    name,
    description,
    columns: columns.map((column) => ({
      name: column,
      type: "STRING",
      description: `The ${column}.`,
      isPersonal: false,
      sources: [],
      origins: [],
    })),
    source: "",
    compiled: [],
    tests: [],
    checks: [],
  };
}

describe("search", () => {
  const index = search.createIndex([
    model("silver.email_engagements", "Opens and clicks.", ["url", "email"]),
    model("gold.profiles", "The golden record: name, email, phone.", ["profile_id", "email", "phone"]),
    model("gold.engagement", "How active somebody is.", ["email_engaged_count"]),
  ]);
  const found = (query: string): string[] =>
    search.find(index, query).map(({ model: id, column }) => (column === null ? id : `${id}.${column}`));

  test("whole names come before parts of names, and those before descriptions", () => {
    expect(found("email")).toEqual([
      "gold.profiles.email",
      "silver.email_engagements.email",
      "silver.email_engagements",
      "gold.engagement.email_engaged_count",
      "silver.email_engagements.url",
      "gold.profiles",
    ]);
  });

  test("every word has to occur, in whatever case; a full name is found", () => {
    expect(found("GOLD profiles phone")[0]).toBe("gold.profiles.phone");
    expect(found("gold.profiles")[0]).toBe("gold.profiles");
    expect(found("email nowhere")).toEqual([]);
    expect(found("  ")).toEqual([]);
  });
});

describe("layout", () => {
  /** Edges lead from lower to higher numbers, but for those in `back`, which close circles. */
  const graphs = fc
    .integer({ min: 1, max: 25 })
    .chain((size) =>
      fc.tuple(fc.constant(size), fc.array(fc.tuple(fc.nat(size - 1), fc.nat(size - 1)), { maxLength: 60 })),
    );

  test("every node has a place of its own, and edges lead to the right where there is no circle", () => {
    fc.assert(
      fc.property(graphs, ([size, pairs]) => {
        const ids = Array.from({ length: size }, (_, n) => `n${n}`);
        const inputs = new Map<string, string[]>();
        for (const [a, b] of pairs) {
          if (a !== b)
            inputs.set(`n${Math.max(a, b)}`, [...(inputs.get(`n${Math.max(a, b)}`) ?? []), `n${Math.min(a, b)}`]);
        }
        const drawn = layout.layOut(ids, (id) => inputs.get(id) ?? []);
        const at = new Map(drawn.nodes.map((node) => [node.id, node]));
        expect(new Set(drawn.nodes.map(({ x, y }) => `${x} ${y}`)).size).toBe(size);
        for (const { x, y, width, height } of drawn.nodes) {
          expect(x >= 0 && y >= 0 && x + width <= drawn.width && y + height <= drawn.height).toBe(true);
        }
        for (const { from, to } of drawn.edges) expect(at.get(from)?.x).toBeLessThan(at.get(to)?.x ?? 0);
      }),
    );
  });

  test("a circle is drawn all the same", () => {
    const drawn = layout.layOut(["a", "b"], (id) => [id === "a" ? "b" : "a"]);
    expect(drawn.nodes.map(({ id }) => id).sort()).toEqual(["a", "b"]);
    expect(drawn.edges).toHaveLength(2);
  });
});
