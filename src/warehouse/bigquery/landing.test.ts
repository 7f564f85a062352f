import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { LandBatch, Row, Warehouse } from "../port.js";
import type { SeenRequest } from "./testing/server.js";
import { createRig, type Rig } from "./testing/support.js";

let rig: Rig;
let warehouse: Warehouse;
/** Of the test that runs: BigQuery remembers the jobs of those before it. */
let topic = "";
let testCount = 0;
let requestsBefore = 0;

const COLUMNS = [
  { name: "event_id", type: "STRING" },
  { name: "ingested_at", type: "TIMESTAMP" },
  { name: "n", type: "INT64" },
  { name: "tags", type: "ARRAY<STRUCT<name STRING, secret BYTES>>" },
];
const AT = "2026-01-31T09:30:00.000001Z";

const row = (id: number, more: Row = {}): Row => ({ event_id: `e${id}`, ingested_at: AT, n: id, tags: null, ...more });
const batch = (first: number, last: number, more: Partial<LandBatch> = {}): LandBatch => ({
  batchId: `${topic}-0-${first}-1`,
  topic,
  partition: 0,
  firstOffset: first,
  lastOffset: last,
  ingestedAt: 1_769_851_800_000_001,
  tables: {
    website_events: Array.from({ length: last - first + 1 }, (_, i) => row(first + i)),
    dead_letters: [{ reason: "contract" }],
  },
  ...more,
});

beforeAll(async () => {
  rig = await createRig();
  warehouse = await rig.open();
  await warehouse.ensureTables([
    { dataset: "bronze", table: "website_events", columns: COLUMNS },
    { dataset: "bronze", table: "dead_letters", columns: [{ name: "reason", type: "STRING" }] },
  ]);
});

afterAll(async () => {
  await rig.fake.close();
});

const CLEAR = ["bronze.website_events", "ops.landed_batches", "ops.landed_offsets"]
  .map((table) => `DELETE FROM ${table} WHERE TRUE`)
  .join(";\n");

beforeEach(async () => {
  await warehouse.execute(CLEAR);
  testCount += 1;
  topic = `topic${testCount}`;
  requestsBefore = rig.fake.requests.length;
});

const requests = (): readonly SeenRequest[] => rig.fake.requests.slice(requestsBefore);
const landed = async (): Promise<unknown> =>
  (await warehouse.query("SELECT n FROM bronze.website_events ORDER BY n")).rows.map(({ n }) => n);
const batches = async (): Promise<unknown> =>
  (await warehouse.query("SELECT batch_id, row_count FROM ops.landed_batches ORDER BY 1")).rows;
const jobIds = (): (string | undefined)[] =>
  requests()
    .filter(isJob)
    .map(({ body }) => body.jobReference?.jobId);

const isJob = ({ method, url }: SeenRequest): boolean => method === "POST" && url.startsWith("/jobs");
const isLoad = (request: SeenRequest): boolean => isJob(request) && request.body.configuration?.load !== undefined;
const isCommit = (request: SeenRequest): boolean =>
  isJob(request) && request.body.configuration?.query?.query.startsWith("BEGIN TRANSACTION") === true;
const stagedTables = async (): Promise<string[]> => {
  const response = await fetch(`${rig.fake.url}/bigquery/v2/projects/rollcall/datasets/landing/tables`);
  const { tables = [] } = (await response.json()) as { tables?: { tableReference: { tableId: string } }[] };
  return tables.map(({ tableReference }) => tableReference.tableId);
};

test("rows are staged by load jobs and published by one transaction, under ids of the batch", async () => {
  expect(await warehouse.land(batch(0, 2))).toEqual({ isNew: true, rows: 4 });
  expect(await landed()).toEqual([0, 1, 2]);
  const loads = requests().filter(isLoad);
  expect(loads.map(({ url }) => url)).toEqual(Array(2).fill(expect.stringMatching(/^\/jobs\?uploadType=multipart/)));
  expect(loads[0]?.body).toMatchObject({
    jobReference: { jobId: expect.stringMatching(/^rollcall_load_[0-9a-f]{32}_1$/), location: "EU" },
    configuration: {
      load: {
        sourceFormat: "NEWLINE_DELIMITED_JSON",
        destinationTable: { datasetId: "landing", tableId: expect.stringMatching(/^website_events_[0-9a-f]{32}_1$/) },
        createDisposition: "CREATE_IF_NEEDED",
        writeDisposition: "WRITE_TRUNCATE",
      },
    },
  });
  expect(
    requests()
      .filter(isCommit)
      .map(({ body }) => body.jobReference?.jobId),
  ).toEqual([expect.stringMatching(/^rollcall_land_[0-9a-f]{32}_1$/)]);
  expect(await stagedTables()).toEqual([]);
});

test("integers beyond 2^53, bytes in structs and lists that are NULL land as they are", async () => {
  const rows = [
    row(0, { n: 9_223_372_036_854_775_807n, tags: [{ name: null, secret: Buffer.from([0, 255]) }] }),
    row(1, { n: null, tags: [] }),
  ];
  await warehouse.land(batch(0, 1, { tables: { website_events: rows } }));
  expect((await warehouse.query("SELECT n, tags FROM bronze.website_events ORDER BY event_id")).rows).toEqual([
    { n: 9_223_372_036_854_775_807n, tags: [{ name: null, secret: Buffer.from([0, 255]) }] },
    { n: null, tags: [] },
  ]);
});

describe("after a crash", () => {
  const crashAt = async (point: string): Promise<void> => {
    const dying = await rig.open(
      {},
      {
        checkpoint: (name) => {
          if (name === point) throw new Error("the process ends here");
        },
      },
    );
    await expect(dying.land(batch(0, 2))).rejects.toThrow("the process ends here");
  };

  test("between load job and script, a repeat uses what was loaded and lands once", async () => {
    await crashAt("landing_staged");
    expect(await landed()).toEqual([]);
    const before = jobIds();
    expect(await warehouse.land(batch(0, 2))).toEqual({ isNew: true, rows: 4 });
    expect(await landed()).toEqual([0, 1, 2]);
    expect(await batches()).toEqual([{ batch_id: `${topic}-0-0-1`, row_count: 4 }]);
    // The same two load jobs were asked for, and no third ran.
    const loads = (ids: readonly (string | undefined)[]) => ids.filter((id) => id?.startsWith("rollcall_load_")).sort();
    expect(loads(jobIds().slice(before.length))).toEqual(loads(before));
    expect(await warehouse.land(batch(0, 2))).toEqual({ isNew: false, rows: 0 });
  });

  test("a batch of other rows under the same id never takes what was staged for the first", async () => {
    await crashAt("landing_staged");
    const other = batch(0, 2, { tables: { website_events: [row(7)] } });
    expect(await warehouse.land(other)).toEqual({ isNew: true, rows: 1 });
    expect(await landed()).toEqual([7]);
  });

  test("behind the commit, a repeat changes nothing", async () => {
    await crashAt("landing_committed");
    expect(await landed()).toEqual([0, 1, 2]);
    expect(await warehouse.land(batch(0, 2))).toEqual({ isNew: false, rows: 0 });
    expect(await landed()).toEqual([0, 1, 2]);
  });

  test("a day later, when what was staged is gone, a repeat loads anew", async () => {
    await crashAt("landing_staged");
    for (const table of await stagedTables()) await warehouse.execute(`DROP TABLE landing.\`${table}\``);
    expect(await warehouse.land(batch(0, 2))).toMatchObject({ isNew: true });
    expect(await landed()).toEqual([0, 1, 2]);
    expect(jobIds()).toContainEqual(expect.stringMatching(/^rollcall_land_[0-9a-f]{32}_2$/));
  });
});

test("a lost answer to the commit does not land twice", async () => {
  rig.fake.failRequests({ on: isCommit, times: 1, isAnswerLost: true });
  expect(await warehouse.land(batch(0, 2))).toEqual({ isNew: true, rows: 4 });
  expect(await landed()).toEqual([0, 1, 2]);
  expect(await batches()).toEqual([{ batch_id: `${topic}-0-0-1`, row_count: 4 }]);
});

test("two processes that land the same batch at once land it once", async () => {
  const other = await rig.open();
  const results = await Promise.all([warehouse.land(batch(0, 2)), other.land(batch(0, 2))]);
  expect(results.some(({ isNew }) => isNew)).toBe(true);
  expect(await landed()).toEqual([0, 1, 2]);
  expect(await batches()).toHaveLength(1);
});

test("two processes that land the same offsets under two names land them once", async () => {
  const other = await rig.open();
  const results = await Promise.all([
    warehouse.land(batch(0, 2)),
    other.land(batch(0, 2, { batchId: `${topic}-other` })),
  ]);
  expect(results.filter(({ isNew }) => isNew)).toHaveLength(1);
  expect(await landed()).toEqual([0, 1, 2]);
  expect(await batches()).toHaveLength(1);
});

test("a warehouse made anew lands a batch whose jobs BigQuery still remembers", async () => {
  await warehouse.land(batch(0, 2));
  await warehouse.execute(CLEAR);
  expect(await warehouse.land(batch(0, 2))).toEqual({ isNew: true, rows: 4 });
  expect(await landed()).toEqual([0, 1, 2]);
});

describe("a job that fails", () => {
  const commits = (): number => requests().filter(isCommit).length;

  test.each([
    ["backendError", "An internal error occurred"],
    [
      "invalidQuery",
      "Query error: Transaction is aborted due to concurrent update against table rollcall:ops.landed_offsets. Transaction ID: 7 at [6:1]",
    ],
  ])("by %s is followed by another attempt under the next id", async (reason, message) => {
    const on = ({ query }: { query?: { query: string } }): boolean => query?.query.startsWith("BEGIN") === true;
    rig.fake.failJobs({ on, times: 2, error: { reason, message } });
    expect(await warehouse.land(batch(0, 2))).toMatchObject({ isNew: true });
    expect(await landed()).toEqual([0, 1, 2]);
    expect(
      jobIds()
        .filter((id) => id?.startsWith("rollcall_land_"))
        .map((id) => id?.slice(-1)),
    ).toEqual(["1", "2", "3"]);
  });

  test("in its load is followed by another, and bronze never sees half of it", async () => {
    const error = { reason: "internalError", message: "try again" };
    rig.fake.failJobs({
      on: ({ load }) => load?.destinationTable.tableId.startsWith("dead_letters") === true,
      times: 1,
      error,
    });
    expect(await warehouse.land(batch(0, 2))).toEqual({ isNew: true, rows: 4 });
    expect(await landed()).toEqual([0, 1, 2]);
    expect(commits()).toBe(1);
  });

  test("for its rows fails for good, in words that quote none of them", async () => {
    const wrong = batch(0, 0, { tables: { website_events: [row(0, { n: "Ada Lovelace 07911123456" })] } });
    const landing = warehouse.land(wrong);
    await expect(landing).rejects.toMatchObject({ code: "WAREHOUSE_FAILED", isRetriable: false });
    await expect(landing).rejects.toThrow(
      /^Batch topic\d+-0-0-1 could not land: website_events: Error while reading data/,
    );
    await expect(landing).rejects.not.toThrow(/Ada|Lovelace|0791/);
    expect(commits()).toBe(0);
    // The next attempt has an id of its own, so that it lands once the rows are right.
    expect(await warehouse.land(batch(0, 0))).toMatchObject({ isNew: true });
  });

  test("in another process is known for failed, and not waited for again", async () => {
    const error = { reason: "invalid", message: "Provided Schema does not match" };
    rig.fake.failJobs({ on: ({ load }) => load !== undefined, times: 2, error });
    await expect(warehouse.land(batch(0, 2))).rejects.toMatchObject({ isRetriable: false });
    const restarted = await rig.open();
    expect(await restarted.land(batch(0, 2))).toMatchObject({ isNew: true });
    expect(await landed()).toEqual([0, 1, 2]);
  });
});

test("there is no table to land in", async () => {
  await expect(warehouse.land(batch(0, 0, { tables: { mobile_events: [{}] } }))).rejects.toMatchObject({
    code: "NOT_FOUND",
    message: expect.stringMatching(/bronze\.mobile_events.*ensureTables/),
  });
});

test("a batch without rows moves the offset", async () => {
  expect(await warehouse.land(batch(0, 4, { tables: {} }))).toEqual({ isNew: true, rows: 0 });
  expect(await warehouse.landedOffsets()).toMatchObject([{ nextOffset: 5 }]);
});
