import { beforeAll, describe, expect, test } from "vitest";
import { type LineageGraph, lineageGraph, partText } from "./lineage.js";
import { findPart } from "./lineage-names.js";
import { analyseMade } from "./lineage-testing.js";
import { type Direction, reach } from "./lineage-walk.js";

let graph: LineageGraph;
beforeAll(async () => {
  const analysis = await analyseMade({
    bronze: { events: { id: "STRING", payload: "JSON", people: "ARRAY<STRUCT<name STRING, hmac STRING>>" } },
    models: {
      "silver.facts": {
        kind: "incremental",
        sql: 'SELECT id, JSON_QUERY(payload, "$.properties") AS properties, people FROM bronze.events',
        incrementalSql:
          'SELECT id, JSON_QUERY(payload, "$.more") AS properties, people FROM bronze.events AS e WHERE NOT EXISTS (SELECT 1 FROM silver.facts AS f WHERE f.id = e.id)',
      },
      "silver.lists": {
        kind: "view",
        sql: "SELECT id, ARRAY(SELECT AS STRUCT p.name AS n, p.hmac AS h FROM UNNEST(people) AS p) AS list FROM silver.facts",
      },
      "identity.register": {
        kind: "operations",
        statements: ["CREATE TABLE identity.register (node STRING, day STRING)"],
      },
      "identity.resolve": {
        kind: "operations",
        statements: [
          `DECLARE latest STRING DEFAULT (SELECT MAX(id) FROM silver.facts);
           CREATE TEMP TABLE step_1 AS SELECT UPPER(id) AS node FROM silver.facts WHERE JSON_VALUE(properties, "$.kind") = "x";
           CREATE TEMP TABLE step_2 AS SELECT node, LOWER(latest) AS day FROM step_1;
           INSERT INTO identity.register (node, day) SELECT node, day FROM step_2`,
        ],
      },
      "gold.scores": `SELECT r.node, SAFE_CAST(JSON_VALUE(f.properties, "$.score") AS FLOAT64) AS score, "v1" AS version
        FROM silver.facts AS f JOIN identity.register AS r ON r.node = UPPER(f.id)`,
      "gold.names": "SELECT l.list[SAFE_OFFSET(0)].n AS name, l.list[SAFE_OFFSET(0)].h AS hmac FROM silver.lists AS l",
      "quality.scores_exist": { kind: "assertion", sql: "SELECT * FROM gold.scores WHERE score IS NULL" },
    },
  });
  graph = lineageGraph(analysis);
});

const MARKS = { copy: "=", derive: "~", digest: "#", decide: "?" } as const;

function direct(name: string, direction: Direction = "up"): string[] {
  const { part } = findPart(graph, name);
  if (part === null) throw new Error(`${name} is a table`);
  const steps = direction === "up" ? graph.sourcesOf(part) : graph.targetsOf(part);
  return steps.map((step) => `${MARKS[step.flow]}${partText(step.part)}`);
}

function all(name: string, direction: Direction = "up"): string[] {
  const { part } = findPart(graph, name);
  if (part === null) throw new Error(`${name} is a table`);
  return reach(graph, part, direction)
    .map((one) => `${MARKS[one.flow]}${partText(one.part)}${one.isEnd ? "." : ""}`)
    .sort();
}

describe("the lineage of a project", () => {
  test("has no source that no table has", () => {
    expect(graph.dangling).toEqual([]);
  });

  test("joins the full build and the cycle of a table", () => {
    expect(direct("silver.facts.properties")).toEqual([
      "=bronze.events.payload.more",
      "=bronze.events.payload.properties",
    ]);
  });

  test("composes paths, up and down", () => {
    expect(direct("silver.facts.properties.score")).toEqual([
      "=bronze.events.payload.more.score",
      "=bronze.events.payload.properties.score",
    ]);
    expect(direct("silver.facts.properties.score", "down")).toEqual(["=gold.scores.score"]);
    expect(direct("silver.facts.properties.other", "down")).toEqual([]);
    expect(all("gold.scores.score")).toEqual([
      "=bronze.events.payload.more.score.",
      "=bronze.events.payload.properties.score.",
      "=silver.facts.properties.score",
    ]);
    expect(all("bronze.events.payload.properties.score", "down")).toEqual([
      "=gold.scores.score.",
      "=silver.facts.properties.score",
    ]);
  });

  test("keeps members of arrays of structs apart", () => {
    expect(all("gold.names.name")).toEqual([
      "=bronze.events.people[].name.",
      "=silver.facts.people[].name",
      "=silver.lists.list[].n",
      "?bronze.events.people.",
      "?silver.facts.people",
    ]);
    expect(all("bronze.events.people[].hmac", "down")).toEqual([
      "=gold.names.hmac.",
      "=silver.facts.people[].hmac",
      "=silver.lists.list[].h",
      // How long the list is, is decided by all of it.
      "?gold.names.name.",
      "?silver.lists.list",
    ]);
  });

  test("looks through temporary tables and variables of a script", () => {
    expect(direct("identity.register.node")).toEqual(["~silver.facts.id"]);
    expect(direct("identity.register.day")).toEqual(["~silver.facts.id"]);
    expect(graph.sourcesOf({ table: "identity.register", column: "node", path: [] })[0]?.action.id).toBe(
      "identity.resolve",
    );
    const decisions = graph.decisions.filter(({ action }) => action.id === "identity.resolve");
    expect(decisions.map(({ writes, columns }) => [writes, columns.map(partText)])).toContainEqual([
      null,
      ["silver.facts.properties.kind"],
    ]);
  });

  test("tells what decides about the rows, of checks too", () => {
    const of = (id: string) =>
      graph.decisions.filter(({ action }) => action.id === id).flatMap(({ columns }) => columns.map(partText));
    expect(of("gold.scores")).toEqual(["identity.register.node", "silver.facts.id"]);
    expect(of("quality.scores_exist")).toEqual(["gold.scores.score"]);
  });

  test("ends at a constant with nothing", () => {
    expect(direct("gold.scores.version")).toEqual([]);
  });

  test("takes the strongest of several ways, and each part once", () => {
    const reached = reach(graph, { table: "identity.register", column: "node", path: [] }, "up");
    expect(reached.map(({ part, flow, via }) => [partText(part), flow, via.length])).toEqual([
      ["silver.facts.id", "derive", 1],
      ["bronze.events.id", "derive", 2],
    ]);
  });
});

describe("a name", () => {
  test("is that of a table, a column or a part, in any case", () => {
    expect(findPart(graph, "Silver.Facts").part).toBeNull();
    expect(findPart(graph, "silver.facts.PROPERTIES.Score").part).toEqual({
      table: "silver.facts",
      column: "properties",
      path: ["Score"],
    });
    expect(findPart(graph, "silver.lists.list[].n").part?.path).toEqual(["[]", "n"]);
    expect(() => findPart(graph, "Silver")).toThrow(/^Silver is a dataset: name one of its tables, .*silver\.facts/);
    expect(() => findPart(graph, "nobody")).toThrow(
      '"nobody" is no table: write dataset.table or dataset.table.column',
    );
  });

  test("that is unknown brings the nearest", () => {
    expect(() => findPart(graph, "silver.fact.id")).toThrow(
      "there is no table silver.fact. Did you mean silver.facts?",
    );
    expect(() => findPart(graph, "gold.scores.scor")).toThrow("gold.scores has no column scor. Did you mean score?");
  });
});
