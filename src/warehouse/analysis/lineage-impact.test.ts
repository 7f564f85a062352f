import { beforeAll, describe, expect, test } from "vitest";
import type { Fixtures } from "../model-tests/fixture.js";
import type { ModelTest } from "../model-tests/test-file.js";
import type { ProjectAnalysis } from "./analyse.js";
import { type LineageGraph, lineageGraph } from "./lineage.js";
import { type Impact, impactOf, isHarmless } from "./lineage-impact.js";
import { findPart } from "./lineage-names.js";
import { analyseMade } from "./lineage-testing.js";

let analysis: ProjectAnalysis;
let graph: LineageGraph;
beforeAll(async () => {
  analysis = await analyseMade({
    bronze: {
      events: { id: "STRING", name: "STRING", unused: "STRING", payload: "JSON", tags: "ARRAY<STRUCT<k STRING>>" },
    },
    models: {
      "silver.people": "SELECT id, name, unused FROM bronze.events",
      "silver.cities": 'SELECT id, JSON_VALUE(payload, "$.address.city") AS city FROM bronze.events',
      "gold.people": "SELECT id, UPPER(name) AS title FROM silver.people",
      "gold.named": "SELECT id FROM silver.people WHERE name IS NOT NULL",
      "activation.act_store__people": "SELECT id, title, TO_HEX(MD5(title)) AS row_hash FROM gold.people",
      "quality.names": { kind: "assertion", sql: "SELECT id FROM silver.people WHERE name IS NULL" },
    },
  });
  graph = lineageGraph(analysis);
});

function modelTest(name: string, given: Fixtures, columns: ModelTest["columns"] = {}): ModelTest {
  const place = `definitions/x.test.yaml:${name.length}`;
  const fixed = { story: "", file: "definitions/x.test.yaml", models: [], vars: {}, arrivals: [], at: "", order: null };
  return { ...fixed, name, place, given, columns, expect: {} };
}

const rows = (values: Record<string, unknown>, table = "silver.people"): Fixtures => ({
  [table]: { kind: "rows", place: "", rows: [{ values, place: "", cellPlaces: {} }] },
});

const TESTS = [
  modelTest("gives it", rows({ id: "1", name: "Ada" })),
  modelTest("gives another", rows({ id: "1" })),
  modelTest("asks", { "silver.people": { kind: "sql", place: "", sql: "SELECT name FROM x" } }),
  modelTest("compares", {}, { "silver.people": ["name"] }),
  modelTest(
    "lives in",
    rows({ id: "1", payload: { address: { city: "Leeds" } }, tags: [{ k: "a" }] }, "bronze.events"),
  ),
  modelTest("lives nowhere", rows({ id: "1", payload: { address: null }, tags: [] }, "bronze.events")),
];

function impact(name: string): Impact {
  const { part } = findPart(graph, name);
  if (part === null) throw new Error(name);
  const needs = { id: "the key", row_hash: "what changed" };
  const deliveries = [{ name: "store.people", table: "activation.act_store__people", needs }];
  return impactOf({ graph, catalog: analysis.catalog, part, tests: TESTS, deliveries });
}

describe("the impact of a column", () => {
  test("is on models, assertions, tests and syncs", () => {
    expect(impact("silver.people.name")).toEqual({
      part: "silver.people.name",
      isInJson: false,
      madeIn: ["definitions/silver/people.sqlx"],
      readers: [
        { id: "gold.named", file: "definitions/gold/named.sqlx", columns: [] },
        { id: "gold.people", file: "definitions/gold/people.sqlx", columns: [{ column: "title", flow: "derive" }] },
      ],
      further: [
        {
          id: "activation.act_store__people",
          file: "definitions/activation/act_store__people.sqlx",
          columns: [
            { column: "title", flow: "derive" },
            { column: "row_hash", flow: "digest" },
          ],
        },
      ],
      assertions: [{ id: "quality.names", file: "definitions/quality/names.sqlx", columns: [] }],
      tests: [
        { place: "definitions/x.test.yaml:8", name: "gives it" },
        { place: "definitions/x.test.yaml:4", name: "asks" },
        { place: "definitions/x.test.yaml:8", name: "compares" },
      ],
      deliveries: [
        {
          name: "store.people",
          table: "activation.act_store__people",
          columns: [
            { column: "title", flow: "derive" },
            { column: "row_hash", flow: "digest" },
          ],
          needs: [],
        },
      ],
    });
  });

  test("names what a sync goes by", () => {
    expect(impact("bronze.events.id").deliveries[0]?.needs).toEqual(["id (the key)"]);
    expect(impact("activation.act_store__people.row_hash").deliveries[0]?.needs).toEqual(["row_hash (what changed)"]);
  });

  test("of a member of JSON is on what reads it and on tests that give it", () => {
    const city = impact("bronze.events.payload.address.city");
    expect(city.isInJson).toBe(true);
    expect(city.readers.map(({ id }) => id)).toEqual(["silver.cities"]);
    expect(city.tests.map(({ name }) => name)).toEqual(["lives in"]);
    expect(impact("bronze.events.payload.address").tests.map(({ name }) => name)).toEqual([
      "lives in",
      "lives nowhere",
    ]);
    expect(isHarmless(impact("bronze.events.payload.nonsense.thing"))).toBe(true);
  });

  test("of a member of a struct is on tests whose elements have it, and is in no JSON", () => {
    const { isInJson, tests } = impact("bronze.events.tags[].k");
    expect({ isInJson, tests: tests.map(({ name }) => name) }).toEqual({ isInJson: false, tests: ["lives in"] });
  });

  test("is none where nothing reads it", () => {
    expect(isHarmless(impact("silver.people.unused"))).toBe(true);
    expect(isHarmless(impact("silver.people.name"))).toBe(false);
  });
});
