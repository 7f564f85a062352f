import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { failureLines } from "../diff/diff-text.js";
import { createDuckdbWarehouse } from "../duckdb/warehouse.js";
import type { Warehouse } from "../port.js";
import { compileProject } from "../project/compile.js";
import { createFixtureProject, type FixtureProject } from "../project/testing.js";
import { createModelTester, type ModelTester } from "./model-test.js";
import { runStockTest } from "./stock-test.js";
import { type ModelTest, readModelTests } from "./test-file.js";

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
  fixture.write(
    "definitions/silver/fails.sqlx",
    `config { type: "incremental", schema: "silver" }
SELECT event_id, ERROR("broken on purpose") AS reason
FROM \${ref("bronze", "website_events")} AS b WHERE \${window.arrived("b.ingested_at", incremental())}`,
  );
  fixture.write(
    "definitions/silver/misnamed.sqlx",
    `config { type: "table", schema: "silver" }\n\nSELECT b.nothing FROM \${ref("bronze", "website_events")} AS b\n`,
  );
  fixture.write(
    "definitions/silver/purchases_test.sqlx",
    `config { type: "test", name: "only purchases", dataset: { schema: "silver", name: "purchases" } }
input "silver", "events" {
  SELECT "e1" AS event_id, "u1" AS node_id, 2.5 AS value, "purchase" AS event_name
  UNION ALL SELECT "e2", "u1", 1.0, "visit"
}
SELECT "e1" AS event_id, "u1" AS node_id, 2.5 AS value`,
  );
  warehouse = await createDuckdbWarehouse({ file: ":memory:" });
  tester = createModelTester(
    { project: compileProject({ root: fixture.root, vars: { runner: "rollcall" } }) },
    { warehouse },
  );
});
afterAll(async () => {
  await warehouse.close();
  fixture.dispose();
});

function testOf(yaml: string): ModelTest {
  fixture.write("case.test.yaml", yaml);
  const [test] = readModelTests(fixture.root, "case.test.yaml");
  if (test === undefined) throw new Error("no test");
  return test;
}

async function failuresOf(yaml: string): Promise<string[]> {
  return failureLines(await tester.run(testOf(yaml)));
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
    const passed = { ways: ["arrivals", "one arrival, twice", "full refresh"], failures: [] };
    expect(await tester.run(testOf(EVENTS))).toEqual(passed);
    expect(await tester.run(testOf(EVENTS))).toEqual(passed);
  });

  it("say in which ways, row and cell is wrong", async () => {
    expect(await failuresOf(EVENTS.replace("value: 2.5", "value: 2.6"))).toEqual([
      "in all 3 ways: silver.events differs",
      "  event_id  column  type     expected  got",
      '  "e1"      value   FLOAT64  2.6       2.5',
    ]);
  });

  it("find a model that is not the same when a window comes twice", async () => {
    const repeats = `
tests:
  - name: repeats
    story: One event, its window run twice.
    model: silver.repeats
    given: { bronze.website_events: [{ event_id: e1 }] }
    expect: [{ event_id: e1 }]
`;
    expect(await failuresOf(repeats)).toEqual([
      "one arrival, twice: silver.repeats differs",
      "1 row not expected:",
      "  event_id",
      '  "e1"',
    ]);
  });

  it("tell of a statement that fails, and go on with the next test", async () => {
    const fails = EVENTS.replace("model: silver.events", "model: silver.fails").replace(
      / {4}expect:[\s\S]*/,
      "    expect: []\n",
    );
    const { failures } = await tester.run(testOf(fails));
    expect(failures).toHaveLength(1);
    expect(failures[0]).toMatchObject({ ways: ["arrivals", "one arrival, twice", "full refresh"] });
    expect(failures[0]).toHaveProperty(
      "error",
      "definitions/silver/fails.sqlx: Invalid Input Error: broken on purpose",
    );
    expect(await failuresOf(EVENTS)).toEqual([]);
  });

  it("say where to look when the SQL of a model, or of what it reads, does not hold", async () => {
    const reads = EVENTS.replace("model: silver.events", "model: silver.misnamed").replace(
      / {4}expect:[\s\S]*/,
      "    expect: []\n",
    );
    const told = "definitions/silver/misnamed.sqlx: Name nothing not found inside b; rollcall check says where";
    await expect(tester.run(testOf(reads))).rejects.toThrow(told);
  });

  it("test views over given tables, and views as inputs", async () => {
    const view = `
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
`;
    expect(await failuresOf(view)).toEqual([]);
  });

  it("take rows as queries, given and expected", async () => {
    const sql = (given: string, expected: string): string => `
tests:
  - name: a query
    story: Only purchases are seen.
    model: silver.purchases
    given:
      silver.events: ${given}
    expect: { sql: ${expected} }
`;
    const events = `SELECT "e1" AS event_id, "purchase" AS event_name, 3 AS value UNION ALL SELECT "e2", "visit", NULL`;
    const good = `'SELECT "e1" AS event_id, 3.0 AS value, NULL AS node_id'`;
    expect(await failuresOf(sql(`'${events}'`, good))).toEqual([]);
    expect(await failuresOf(sql(`{ sql: '${events}' }`, `'SELECT "e1" AS event_id, 4 AS value'`))).toEqual([
      "arrivals: silver.purchases differs",
      "  event_id  node_id  column  type     expected  got",
      '  "e1"      NULL     value   FLOAT64  4         3',
    ]);
    await expect(failuresOf(sql(`'SELECT 1 AS event_id, "x" AS nam'`, good))).rejects.toThrow(
      [
        "case.test.yaml:7: silver.events.event_id is STRING, and INT64 in the query: CAST it",
        "case.test.yaml:7: silver.events has no column nam",
      ].join("\n"),
    );
    await expect(failuresOf(sql("'SELECT emial FROM UNNEST([STRUCT(1 AS email)])'", good))).rejects.toThrow(
      /case\.test\.yaml:7: silver\.events: .*emial/,
    );
  });

  it("run several models in order, arrival by arrival, and compare several tables", async () => {
    const identity = `
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
`;
    expect(await failuresOf(identity)).toEqual([]);
  });

  it("run several models in every order where the test says that any gives the same", async () => {
    const outcome = await tester.run(
      testOf(`
tests:
  - name: the register
    story: u1 comes, then u2; who comes first is registered all the same.
    run: [identity.nodes, identity.grow]
    order: any
    arrivals:
      - { at: 2026-01-02T00:00:00Z, given: { silver.events: [{ node_id: u1 }] } }
      - { at: 2026-01-03T00:00:00Z, given: { silver.events: [{ node_id: u2 }] } }
    columns: { identity.nodes: [node_id] }
    expect: { identity.nodes: [{ node_id: u1 }, { node_id: u2 }] }
`),
    );
    expect(outcome).toEqual({
      ways: ["arrivals", "arrivals in the order 2, 1", "row by row, backwards"],
      failures: [],
    });
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
    expect(await failuresOf(yaml("Europe/London", "2026-01-01"))).toEqual([]);
    expect(await failuresOf(yaml("Asia/Tokyo", "2026-01-02"))).toEqual([]);
  });

  it.each([
    [
      "an input that is not given",
      EVENTS.replaceAll("bronze.website_events", "silver.purchases"),
      "case.test.yaml:3: silver.events reads bronze.website_events: give its rows, or [] for none",
    ],
    [
      "a column the table has not",
      EVENTS.replace("payload:", "pay_load:"),
      "case.test.yaml:11: bronze.website_events has no column pay_load. Did you mean payload?",
    ],
    [
      "a value of another type",
      EVENTS.replace("event_id: e2,", "event_id: 2,"),
      "case.test.yaml:19: bronze.website_events.event_id is STRING, not 2: write it in quotes",
    ],
    [
      "a time that is none",
      EVENTS.replace("ingested_at: 2026-01-01T10:00:01.000002Z", "ingested_at: yesterday"),
      'case.test.yaml:10: bronze.website_events.ingested_at is TIMESTAMP, not "yesterday"',
    ],
    [
      "an expected column the table has not",
      EVENTS.replace("value: 2.5", "valeu: 2.5"),
      "case.test.yaml:25: silver.events has no column valeu. Did you mean value?",
    ],
    [
      "a column to compare that the table has not",
      `${EVENTS}    columns: [event_idd]\n`,
      "case.test.yaml:3: columns: silver.events has no column event_idd. Did you mean event_id?",
    ],
    [
      "a field the struct has not",
      EVENTS.replace("hmac: u1", "hmacc: u1"),
      "case.test.yaml:12: bronze.website_events.identifiers[0] has no field hmacc. Did you mean hmac?",
    ],
    [
      "a model that is none",
      EVENTS.replace("model: silver.events", "model: silver.event"),
      "case.test.yaml:3: silver.event is no model of the project. Did you mean silver.events?",
    ],
    [
      "an input that is none",
      EVENTS.replaceAll("bronze.website_events", "bronze.website_event")
        .replace("silver.events", "silver.purchases")
        .replace("given:", "given:\n      silver.events: []"),
      "case.test.yaml:8: bronze.website_event is no table of the project. Did you mean bronze.website_events?",
    ],
    [
      "a row that names a time outside of its arrival",
      EVENTS.replace("event_id: e2, ingested_at: 2026-01-02", "event_id: e2, ingested_at: 2026-01-01"),
      "case.test.yaml:19: bronze.website_events.ingested_at is not in the window of its arrival, from 2026-01-02T00:00:00Z to before 2026-01-03T00:00:00Z: leave it out",
    ],
    [
      "any order of rows that name their time",
      `${EVENTS}    order: any\n`,
      "case.test.yaml:18: with order: any every row must be free to arrive at another time; leave ingested_at to the arrival",
    ],
  ])("refuse %s", async (_, yaml, message) => {
    await expect(tester.run(testOf(yaml))).rejects.toThrow(message);
  });

  it("write into datasets of their own, and take them away", async () => {
    const project = compileProject({ root: fixture.root, vars: { runner: "rollcall" } });
    const other = createModelTester({ project, prefix: "other_" }, { warehouse });
    await other.run(testOf(EVENTS));
    const datasets = async (): Promise<string[]> => [
      ...new Set((await warehouse.tables()).map(({ dataset }) => dataset).filter((name) => name.startsWith("other_"))),
    ];
    expect((await datasets()).sort()).toEqual(["other_bronze", "other_silver"]);
    await other.close();
    expect(await datasets()).toEqual([]);
  });
});

describe("test files", () => {
  it.each([
    ["an unknown word", EVENTS.replace("story:", "history:"), "case.test.yaml:4: Unrecognized key"],
    ["neither model nor run", EVENTS.replace("model: silver.events", ""), "case.test.yaml:3: name either model or run"],
    ["no YAML", "tests:\n  - name: [", "case.test.yaml:2: "],
    [
      "a table without its dataset",
      EVENTS.replace("bronze.website_events", "website_events"),
      "case.test.yaml:7: a table is written dataset.name",
    ],
    ["a fixed order without a reason", `${EVENTS}    order: fixed\n`, "order: fixed and reason go together"],
    [
      "arrivals that do not rise",
      EVENTS.replace("at: 2026-01-03", "at: 2026-01-01"),
      "case.test.yaml:15: arrivals come one after another",
    ],
    ["two tests of one name", `${EVENTS}${EVENTS.replace("\ntests:", "")}`, "two tests have one name"],
  ])("refuse %s, with file and line", (_, yaml, message) => {
    expect(() => testOf(yaml)).toThrow(message);
  });
});

describe("stock Dataform tests", () => {
  it("run from the compiled graph, and fail by cell or by column", async () => {
    const { tests } = compileProject({ root: fixture.root, vars: { runner: "rollcall" } });
    expect(tests.map(({ name, fileName }) => [name, fileName])).toEqual([
      ["only purchases", "definitions/silver/purchases_test.sqlx"],
    ]);
    const [stock] = tests;
    if (stock === undefined) throw new Error("no test");
    expect((await runStockTest(stock, warehouse)).failures).toEqual([]);
    const lines = async (expectedOutputQuery: string): Promise<string[]> =>
      failureLines(await runStockTest({ ...stock, expectedOutputQuery }, warehouse));
    expect(await lines('SELECT "e1" AS event_id, "u1" AS node_id, 2.6 AS value')).toEqual([
      "as written: only purchases differs",
      "  event_id  node_id  column  type     expected  got",
      '  "e1"      "u1"     value   FLOAT64  2.6       2.5',
    ]);
    expect(await lines('SELECT "e1" AS event_id, "u1" AS node_id, "2.5" AS value')).toEqual([
      "as written:",
      "  the column value is expected as STRING; the model gives FLOAT64",
    ]);
    expect(await lines('SELECT "e1" AS event_id, "u1" AS node_id')).toEqual([
      "as written:",
      "  the model also gives value, which the test does not expect",
    ]);
  });
});
