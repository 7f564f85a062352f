import { beforeAll, describe, expect, it } from "vitest";
import { type LineageGraph, lineageGraph } from "../warehouse/analysis/lineage.js";
import { analyseMade } from "../warehouse/analysis/lineage-testing.js";
import { impactText } from "./impact-text.js";
import { lineageTree, type TreeOptions } from "./lineage-text.js";

const PLAIN = { dim: (text: string) => text, bold: (text: string) => text };

const WIDE = Array.from({ length: 13 }, (_, n) => `field_${n + 10}`);

let graph: LineageGraph;
beforeAll(async () => {
  const analysis = await analyseMade({
    bronze: { events: { id: "STRING", payload: "JSON" } },
    models: {
      "silver.facts": 'SELECT id, JSON_VALUE(payload, "$.name") AS name, payload FROM bronze.events',
      "gold.people": `SELECT IF(id = "x", UPPER(name), JSON_VALUE(payload, "$.name")) AS title, TO_HEX(MD5(name)) AS token, COUNT(id) OVER () AS n
        FROM silver.facts`,
      "gold.wide": `SELECT COALESCE(${WIDE.map((name) => `JSON_VALUE(payload, "$.${name}")`).join(", ")}) AS one FROM bronze.events`,
    },
  });
  graph = lineageGraph(analysis);
});

function tree(name: string, options: Partial<TreeOptions> = {}): string[] {
  const [dataset, table, column = "", ...path] = name.split(".");
  const part = { table: `${dataset}.${table}`, column, path };
  return lineageTree(graph, part, { direction: "up", depth: 9, all: false, ...options }, PLAIN).split("\n");
}

describe("a lineage tree", () => {
  it("shows flows and files, what was shown only by name, and counts what only decides", () => {
    expect(tree("gold.people.title")).toEqual([
      "gold.people.title  definitions/gold/people.sqlx",
      "├─ = silver.facts.payload.name  definitions/silver/facts.sqlx",
      "│  └─ = bronze.events.payload.name  definitions/bronze/events.sqlx",
      "├─ ~ silver.facts.name  definitions/silver/facts.sqlx",
      "│  └─ = bronze.events.payload.name  (above)",
      "└─ ? decided by 1 part (--all)",
    ]);
  });

  it("shows what decides when it is asked to", () => {
    expect(tree("gold.people.title", { all: true }).slice(-2)).toEqual([
      "└─ ? silver.facts.id  definitions/silver/facts.sqlx",
      "   └─ = bronze.events.id  definitions/bronze/events.sqlx",
    ]);
  });

  it("shows what decides where nothing else is there", () => {
    expect(tree("gold.people.n", { depth: 1 })).toEqual([
      "gold.people.n  definitions/gold/people.sqlx",
      "└─ ? silver.facts.id  definitions/silver/facts.sqlx",
      "   └─ … 1 part more",
    ]);
  });

  it("stops at the depth and says how much follows", () => {
    expect(tree("gold.people.token", { depth: 1 })).toEqual([
      "gold.people.token  definitions/gold/people.sqlx",
      "└─ # silver.facts.name  definitions/silver/facts.sqlx",
      "   └─ … 1 part more",
    ]);
  });

  it("cuts a wide node and says how much is left", () => {
    const lines = tree("gold.wide.one");
    expect(lines).toHaveLength(12);
    expect(lines.at(-1)).toBe("└─ … 3 parts more (--all)");
    expect(tree("gold.wide.one", { all: true })).toHaveLength(14);
  });

  it("goes down as well", () => {
    expect(
      tree("bronze.events.payload.name", { direction: "down", depth: 9 }).filter((line) => !line.includes("wide")),
    ).toEqual([
      "bronze.events.payload.name  definitions/bronze/events.sqlx",
      "├─ = silver.facts.name  definitions/silver/facts.sqlx",
      "│  ├─ ~ gold.people.title  definitions/gold/people.sqlx",
      "│  └─ # gold.people.token  definitions/gold/people.sqlx",
      "└─ = silver.facts.payload.name  definitions/silver/facts.sqlx",
      "   └─ = gold.people.title  (above)",
    ]);
  });
});

describe("an impact", () => {
  const none = {
    part: "gold.x.y",
    isInJson: false,
    madeIn: [],
    readers: [],
    further: [],
    assertions: [],
    tests: [],
    deliveries: [],
  };

  it("is grouped by what breaks, and says what a sync goes by", () => {
    const columns = [{ column: "email", flow: "copy" as const }];
    const impact = {
      ...none,
      madeIn: ["definitions/gold/x.sqlx"],
      readers: [
        { id: "gold.z", file: "definitions/gold/z.sqlx", columns },
        { id: "gold.w", file: "definitions/gold/w.sqlx", columns: [] },
      ],
      tests: [{ place: "definitions/gold/x.test.yaml:3", name: "a story" }],
      deliveries: [{ name: "store.people", table: "activation.a", columns, needs: ["email (the key)"] }],
    };
    expect(impactText(impact, "drop", PLAIN).split("\n")).toEqual([
      "Without gold.x.y  made in definitions/gold/x.sqlx",
      "",
      "Models that fail: their SQL names it (2)",
      "  gold.z  = email  definitions/gold/z.sqlx",
      "  gold.w  ? which rows there are  definitions/gold/w.sqlx",
      "",
      "Tests that name it (1)",
      "  definitions/gold/x.test.yaml:3  a story",
      "",
      "Syncs that deliver it (1)",
      "  store.people  = email  activation.a  it goes by email (the key)",
      "",
      "= copied   ~ derived   # digest   ? decides",
    ]);
    expect(impactText(impact, "change", PLAIN)).toContain("Models that change (2)");
    expect(impactText({ ...impact, isInJson: true }, "drop", PLAIN)).toContain(
      "Models that get NULL: their SQL reads it (2)",
    );
  });

  it("of what nobody reads is told as such", () => {
    expect(impactText(none, "drop", PLAIN)).toBe("Without gold.x.y\n\nNothing reads it.");
  });
});
