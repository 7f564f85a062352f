import { writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createManualClock } from "../../platform/clock.js";
import { createDuckdbWarehouse } from "../duckdb/warehouse.js";
import type { Warehouse } from "../port.js";
import { createModelTester, type ModelTester } from "./model-test.js";
import { type ModelTest, readModelTests } from "./test-file.js";
import { createFixtureProject, type FixtureProject } from "./testing.js";

let fixture: FixtureProject;
let warehouse: Warehouse;
let tester: ModelTester;

beforeAll(async () => {
  fixture = createFixtureProject();
  // Forgets to look whether a fact is there already.
  fixture.write(
    "definitions/silver/repeats.sqlx",
    `config { type: "incremental", schema: "silver" }
SELECT event_id FROM \${ref("bronze", "website_events")} AS b WHERE \${window.arrived("b.ingested_at", incremental())}`,
  );
  warehouse = await createDuckdbWarehouse({ file: ":memory:" });
  tester = await createModelTester({ root: fixture.root }, { warehouse, clock: createManualClock(0) });
});
afterAll(async () => {
  await warehouse.close();
  fixture.dispose();
});

function testOf(yaml: string): ModelTest {
  const file = path.join(fixture.root, "case.test.yaml");
  writeFileSync(file, yaml);
  const [test] = readModelTests(file);
  if (test === undefined) throw new Error("no test");
  return test;
}

const EVENTS = `
tests:
  - name: facts
    story: An event is sent, sent again a day later, and another follows.
    model: silver.events
    given:
      bronze.website_events:
        - event_id: e1
          occurred_at: 2026-01-01T10:00:00Z
          ingested_at: 2026-01-01T10:00:01.000002Z
          payload: { userId: u1, event: visit, value: "2.5" }
          identifiers: [{ type: user_id, hmac: u1 }]
    arrivals:
      - at: 2026-01-02T00:00:00Z
      - at: 2026-01-03T00:00:00Z
        given:
          bronze.website_events:
            - { event_id: e1, ingested_at: 2026-01-02T10:00:00Z, payload: { userId: u1, event: again } }
            - { event_id: e2, ingested_at: 2026-01-02T10:00:00Z, payload: { userId: u2, event: visit } }
    expect:
      - { event_id: e2, node_id: u2, event_name: visit, ingested_at: 2026-01-02T10:00:00Z }
      - event_id: e1
        node_id: u1
        event_name: visit
        value: 2.5
        occurred_at: 2026-01-01T10:00:00Z
        ingested_at: 2026-01-01T10:00:01.000002Z
`;

describe("model tests", () => {
  it("pass when an incremental gives the rows by arrivals, as one arrival and as a full refresh", async () => {
    expect(await tester.run(testOf(EVENTS))).toEqual([]);
    expect(await tester.run(testOf(EVENTS))).toEqual([]);
  });

  it("say which way, row and cell is wrong", async () => {
    const problems = await tester.run(testOf(EVENTS.replace("value: 2.5", "value: 2.6")));
    expect(problems).toEqual(
      ["arrivals", "one arrival, twice", "full refresh"].map(
        (way) => `${way}: silver.events: row { event_id: "e1", node_id: "u1" }: value should be 2.6, is 2.5`,
      ),
    );
  });

  it("find a model that is not the same when a window comes twice", async () => {
    const problems = await tester.run(
      testOf(`
tests:
  - name: repeats
    story: One event, its window run twice.
    model: silver.repeats
    given: { bronze.website_events: [{ event_id: e1, ingested_at: 2026-01-01T00:00:00Z }] }
    expect: [{ event_id: e1 }]
`),
    );
    expect(problems).toEqual(['one arrival, twice: silver.repeats: unexpected row: { event_id: "e1" }']);
  });

  it("test views over given tables, and views as inputs", async () => {
    const test = testOf(`
tests:
  - name: a view
    story: Only purchases are seen.
    model: silver.purchases
    given:
      silver.events:
        - { event_id: e1, event_name: purchase, value: 3 }
        - { event_id: e2, event_name: visit }
    columns: [event_id, value]
    expect: [{ event_id: e1, value: 3 }]
`);
    expect(await tester.run(test)).toEqual([]);
  });

  it("run several models in order, arrival by arrival, and compare several tables", async () => {
    const test = testOf(`
tests:
  - name: identity
    story: u1 comes back on the second day, u2 is new.
    run: [identity.nodes, identity.grow, identity.graph_events]
    given:
      silver.events: [{ node_id: u1, ingested_at: 2026-01-01T10:00:00Z }]
    arrivals:
      - at: 2026-01-02T00:00:00Z
      - at: 2026-01-03T00:00:00Z
        given:
          silver.events:
            - { node_id: u1, ingested_at: 2026-01-02T10:00:00Z }
            - { node_id: u2, ingested_at: 2026-01-02T10:00:00Z }
    columns: { identity.nodes: [node_id] }
    expect:
      identity.nodes: [{ node_id: u1 }, { node_id: u2 }]
      identity.graph_events:
        - { node_id: u1, happened_at: 2026-01-01T23:59:59.999999Z }
        - { node_id: u2, happened_at: 2026-01-02T23:59:59.999999Z }
`);
    expect(await tester.run(test)).toEqual([]);
  });

  it("take variables", async () => {
    const yaml = (zone: string, day: string): string => `
tests:
  - name: days
    story: Half an hour before midnight in London.
    model: silver.identity_days
    vars: { reporting_time_zone: ${zone} }
    given: { silver.events: [{ node_id: u1, occurred_at: 2026-01-01T23:30:00Z, ingested_at: 2026-01-02T00:00:00Z }] }
    expect: [{ node_id: u1, day: ${day}, event_count: 1 }]
`;
    expect(await tester.run(testOf(yaml("Europe/London", "2026-01-01")))).toEqual([]);
    expect(await tester.run(testOf(yaml("Asia/Tokyo", "2026-01-02")))).toEqual([]);
  });

  it.each([
    [
      "an input that is not given",
      EVENTS.replaceAll("bronze.website_events", "silver.purchases"),
      "silver.events reads bronze.website_events: give its rows, or [] for none",
    ],
    [
      "a column the table has not",
      EVENTS.replace("payload:", "pay_load:"),
      "bronze.website_events has no column pay_load; it has event_id",
    ],
    [
      "an expected column the table has not",
      EVENTS.replace("value: 2.5", "score: 2.5"),
      "silver.events has no column score",
    ],
    ["a field the struct has not", EVENTS.replace("hmac: u1", "hash: u1"), "not a STRUCT without hash"],
    [
      "a model that is none",
      EVENTS.replace("model: silver.events", "model: silver.nobody"),
      "silver.nobody is no model of the project",
    ],
  ])("refuse %s", async (_, yaml, message) => {
    await expect(tester.run(testOf(yaml))).rejects.toThrow(message);
  });

  it("say what is wrong with a file", () => {
    expect(() => testOf(EVENTS.replace("story:", "history:"))).toThrow(/case\.test\.yaml: [\s\S]*history/);
    expect(() => testOf(EVENTS.replace("model: silver.events", ""))).toThrow("name either model or run");
  });
});
