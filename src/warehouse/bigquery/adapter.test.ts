import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Param, Warehouse } from "../port.js";
import { BYTES_PER_JOB } from "./testing/engine.js";
import type { SeenRequest } from "./testing/server.js";
import { createRig, type Rig } from "./testing/support.js";

/** What BigQuery has beyond the contract: pages, jobs and what they cost, its own ways to fail. */

let rig: Rig;
let warehouse: Warehouse;
let requestsBefore = 0;

const CONFIG = {
  labels: { deployment: "test", managed_by: "rollcall" },
  maximumBytesBilled: 10 ** 12,
  jobTimeoutMs: 3_600_000,
  pageRows: 4,
};

beforeAll(async () => {
  rig = await createRig();
  warehouse = await rig.open(CONFIG);
  const columns = [
    { name: "id", type: "INT64" },
    { name: "name", type: "STRING" },
  ];
  await warehouse.ensureTables([{ dataset: "silver", table: "things", columns }]);
});

afterAll(async () => {
  await rig.fake.close();
});

beforeEach(() => {
  requestsBefore = rig.fake.requests.length;
});

const requests = (): readonly SeenRequest[] => rig.fake.requests.slice(requestsBefore);
const pages = (): readonly SeenRequest[] => requests().filter(({ url }) => url.startsWith("/queries/"));
const inserts = (): readonly SeenRequest[] =>
  requests().filter(({ method, url }) => method === "POST" && /^\/jobs/.test(url));
const NUMBERS = "SELECT id FROM UNNEST(GENERATE_ARRAY(1, @n)) AS id ORDER BY id";
const count = (value: number): Record<string, Param> => ({ n: { type: "INT64", value } });
const isQuery = (part: string) => (configuration: { query?: { query: string } }) =>
  configuration.query?.query.includes(part) === true;

describe("pages", () => {
  test("all of them are read, each once, in order", async () => {
    const { rows } = await warehouse.query(NUMBERS, count(10));
    expect(rows).toEqual(Array.from({ length: 10 }, (_, i) => ({ id: i + 1 })));
    expect(pages()).toHaveLength(3);
    expect(pages().map(({ url }) => /pageToken=(\d+)/.exec(url)?.[1])).toEqual([undefined, "4", "8"]);
  });

  test("a reader who stops asks for no further page", async () => {
    for await (const batch of warehouse.stream(NUMBERS, count(10))) {
      expect(batch).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }, { id: 4 }]);
      break;
    }
    expect(pages()).toHaveLength(1);
  });

  test("a page is asked for only when the one before it was taken", async () => {
    const rows = warehouse.stream(NUMBERS, count(10))[Symbol.asyncIterator]();
    await rows.next();
    await rows.next();
    expect(pages()).toHaveLength(2);
    await rows.return?.();
  });

  test("a page that fails on its way is asked for again", async () => {
    rig.fake.failRequests({
      on: ({ url }) => url.includes("pageToken=4"),
      times: 1,
      status: 503,
      reason: "backendError",
    });
    expect((await warehouse.query(NUMBERS, count(10))).rows).toHaveLength(10);
  });

  test("no rows still have columns", async () => {
    expect(await warehouse.query(NUMBERS, count(0))).toEqual({ columns: [{ name: "id", type: "INT64" }], rows: [] });
  });
});

describe("jobs", () => {
  test("carry labels, the limit on bytes and the time they may take", async () => {
    await warehouse.query(NUMBERS, count(1));
    expect(inserts().map(({ body }) => body.configuration)).toMatchObject([
      {
        labels: CONFIG.labels,
        jobTimeoutMs: "3600000",
        query: { useLegacySql: false, parameterMode: "NAMED", maximumBytesBilled: "1000000000000" },
      },
    ]);
  });

  test("a script is one job, and its statements are told by their own", async () => {
    const script = `BEGIN TRANSACTION;
INSERT INTO silver.things (id, name) VALUES (1, 'a'), (2, 'b');
UPDATE silver.things SET name = 'c' WHERE id = 2;
COMMIT TRANSACTION`;
    const { statements } = await warehouse.execute(script);
    const cost = { ms: 250, rowsRead: 40, bytesRead: Number(BYTES_PER_JOB) };
    expect(statements).toEqual([
      { kind: "BEGIN_TRANSACTION", line: 1, rows: 0, ...cost },
      { kind: "INSERT", line: 2, rows: 2, ...cost },
      { kind: "UPDATE", line: 3, rows: 1, ...cost },
      { kind: "COMMIT_TRANSACTION", line: 4, rows: 0, ...cost },
    ]);
    expect(inserts()).toHaveLength(1);
    expect(requests().filter(({ url }) => url.includes("parentJobId=")).length).toBe(2);
  });

  test("a script that has committed has not failed because its figures may not be read", async () => {
    rig.fake.failRequests({
      on: ({ url }) => url.includes("parentJobId="),
      times: 1,
      status: 403,
      reason: "accessDenied",
    });
    const { statements } = await warehouse.execute("BEGIN TRANSACTION; SELECT 1; COMMIT TRANSACTION");
    expect(statements.map(({ kind, bytesRead }) => [kind, bytesRead])).toEqual([
      ["BEGIN", null],
      ["SELECT", null],
      ["COMMIT", null],
    ]);
  });

  test("a query with variables that meets bad data fails without the data", async () => {
    const error = { reason: "invalidQuery", message: "Query error: Bad int64 value: Ada at [1:30]" };
    rig.fake.failJobs({ on: isQuery("DECLARE"), times: 1, error });
    await expect(
      warehouse.query("DECLARE a INT64 DEFAULT 1;\nSELECT CAST(name AS INT64) + a FROM silver.things"),
    ).rejects.toMatchObject({
      code: "WAREHOUSE_FAILED",
      message: "SQL:1:30: Bad int64 value: ...",
    });
  });

  test("a mistake late in a script without a transaction is found by a dry run, and no job starts", async () => {
    const script = "INSERT INTO silver.things (id) VALUES (4);\nSELECT nonsense";
    await expect(warehouse.execute(script, {}, { origin: "x.sqlx" })).rejects.toMatchObject({
      code: "SQL_INVALID",
      message: expect.stringMatching(/^x\.sqlx:2:8: /),
    });
    expect(inserts().map(({ body }) => body.configuration?.dryRun)).toEqual([true]);
  });

  test("a dry run that BigQuery cannot do does not keep a script from running", async () => {
    const on = ({ body }: SeenRequest): boolean => body.configuration?.dryRun === true;
    rig.fake.failRequests({ on, times: 1, status: 400, reason: "invalid", message: "This cannot be dry run" });
    const script = "DELETE FROM silver.things WHERE id = 98; DELETE FROM silver.things WHERE id = 99";
    expect((await warehouse.execute(script)).statements.map(({ kind }) => kind)).toEqual(["DELETE", "DELETE"]);
  });

  test("one statement is one job without children", async () => {
    const { statements } = await warehouse.execute("INSERT INTO silver.things (id, name) VALUES (3, 'x')");
    expect(statements).toMatchObject([{ kind: "INSERT", rows: 1, bytesRead: Number(BYTES_PER_JOB) }]);
    expect(requests().some(({ url }) => url.includes("parentJobId="))).toBe(false);
  });

  test("a statement's estimate runs nothing", async () => {
    expect(await warehouse.estimate?.("SELECT * FROM silver.things WHERE id = @n", count(1))).toEqual({
      bytesRead: 123_456,
    });
    expect(inserts().map(({ body }) => body.configuration?.dryRun)).toEqual([true]);
    await expect(
      warehouse.estimate?.("SELECT nonsense FROM silver.things", {}, { origin: "x.sqlx" }),
    ).rejects.toMatchObject({
      code: "SQL_INVALID",
      message: expect.stringMatching(/^x\.sqlx:1:8: /),
    });
  });

  test("a query whose job fails for no fault of its own runs again as another job", async () => {
    const error = { reason: "backendError", message: "Please try again" };
    rig.fake.failJobs({ on: isQuery("GENERATE_ARRAY"), times: 2, error });
    expect((await warehouse.query(NUMBERS, count(2))).rows).toHaveLength(2);
    expect(new Set(inserts().map(({ body }) => body.jobReference?.jobId)).size).toBe(3);
  });

  test("a script whose job fails so does not: its caller knows whether it may run twice", async () => {
    const message =
      "Query error: Transaction is aborted due to concurrent update against table rollcall:silver.things. Transaction ID: 6 at [2:1]";
    rig.fake.failJobs({ on: isQuery("DELETE"), times: 1, error: { reason: "invalidQuery", message } });
    const script = "BEGIN TRANSACTION; DELETE FROM silver.things WHERE id = 99; COMMIT TRANSACTION";
    await expect(warehouse.execute(script, {}, { origin: "x" })).rejects.toMatchObject({
      code: "WAREHOUSE_FAILED",
      isRetriable: true,
      message: "x:2:1: Another transaction changed the same table",
    });
    expect(inserts()).toHaveLength(1);
  });

  test("a script that nobody knows the end of is not said to be worth another try", async () => {
    const on = ({ method, url }: SeenRequest): boolean => method === "GET" && /^\/(?:queries|jobs)\//.test(url);
    rig.fake.failRequests({ on, times: 6, status: 503, reason: "backendError" });
    await expect(warehouse.execute("UPDATE silver.things SET id = id + 100 WHERE id = 1")).rejects.toMatchObject({
      code: "WAREHOUSE_FAILED",
      isRetriable: false,
      message: expect.stringMatching(/What became of job rollcall_[0-9a-f-]+ is not known: look it up/),
    });
    expect(inserts()).toHaveLength(1);
  });

  test("a script that the rate limit kept from starting is", async () => {
    const on = ({ method, url }: SeenRequest): boolean => method === "POST" && url.startsWith("/jobs");
    rig.fake.failRequests({ on, times: 5, status: 403, reason: "rateLimitExceeded" });
    await expect(warehouse.execute("UPDATE silver.things SET id = 1 WHERE id = 1")).rejects.toMatchObject({
      code: "WAREHOUSE_FAILED",
      isRetriable: true,
    });
  });

  test.each(["stopped", "timeout"])("a job that was %s is cancelled, not broken", async (reason) => {
    const error = { reason, message: "Job execution was cancelled: Job timed out after 1h" };
    rig.fake.failJobs({ on: isQuery("GENERATE_ARRAY"), times: 1, error });
    await expect(warehouse.query(NUMBERS, count(2))).rejects.toMatchObject({ code: "CANCELLED", isRetriable: false });
    expect(inserts()).toHaveLength(1);
  });

  test("a query above the limit on bytes says so", async () => {
    const message = "Query exceeded limit for bytes billed: 1000000000000. 2000000000000 or higher required.";
    rig.fake.failJobs({
      on: isQuery("GENERATE_ARRAY"),
      times: 1,
      error: { reason: "bytesBilledLimitExceeded", message },
    });
    await expect(warehouse.query(NUMBERS, count(2))).rejects.toMatchObject({ code: "TOO_LARGE" });
  });
});

describe("checks", () => {
  test("a check that counts the rows it failed on is an assertion", async () => {
    const message = "Query error: check quality.things_keys failed on 3 rows at [9:1]";
    rig.fake.failJobs({ on: isQuery("ASSERT"), times: 1, error: { reason: "invalidQuery", message } });
    await expect(warehouse.execute("ASSERT TRUE; ASSERT TRUE", {}, { origin: "silver layer" })).rejects.toMatchObject({
      code: "ASSERTION_FAILED",
      message: "silver layer:9:1: check quality.things_keys failed on 3 rows",
    });
  });

  test("the place of a failed statement comes from its own job when the message has none", async () => {
    const error = { reason: "invalidQuery", message: "Assertion failed: never" };
    rig.fake.failJobs({ on: isQuery("ASSERT"), times: 1, error, failedAt: { startLine: 3, startColumn: 3 } });
    await expect(warehouse.execute("SELECT 1;\n\n  ASSERT FALSE AS 'never'")).rejects.toMatchObject({
      code: "ASSERTION_FAILED",
      details: { line: 3, column: 3, description: "never" },
    });
  });
});

describe("datasets and tables", () => {
  test("bronze is partitioned by the day of arrival; what exists is left alone", async () => {
    const table = {
      dataset: "bronze",
      table: "website_events",
      columns: [
        { name: "ingested_at", type: "TIMESTAMP" },
        { name: "identifiers", type: "ARRAY<STRUCT<hmac STRING>>" },
      ],
    };
    await warehouse.ensureTables([table, { ...table, dataset: "gold" }]);
    await warehouse.ensureTables([table, { ...table, columns: [{ name: "other", type: "STRING" }] }]);
    const made = requests().filter(({ method, url }) => method === "POST" && url.startsWith("/datasets/"));
    expect(made.map(({ url, body }) => [url.split("?")[0], body.timePartitioning])).toEqual([
      ["/datasets/bronze/tables", { type: "DAY", field: "ingested_at" }],
      ["/datasets/gold/tables", undefined],
    ]);
    const datasets = requests().filter(({ method, url }) => method === "POST" && url.startsWith("/datasets?"));
    expect(datasets.map(({ body }) => body)).toMatchObject([
      { datasetReference: { projectId: "rollcall", datasetId: "bronze" }, location: "EU", labels: CONFIG.labels },
      { datasetReference: { datasetId: "gold" } },
    ]);
    expect(await warehouse.schema(table)).toEqual(table.columns);
  });

  test("what is staged goes by itself after a day, and is not listed", async () => {
    const staging = rig.fake.requests.find(({ method, body }) => {
      return (
        method === "POST" && (body.datasetReference as { datasetId?: string } | undefined)?.datasetId === "landing"
      );
    });
    expect(staging?.body.defaultTableExpirationMs).toBe("86400000");
    const columns = [{ name: "a", type: "INT64" }];
    await warehouse.ensureTables([{ dataset: "landing", table: "left_behind", columns }]);
    expect((await warehouse.tables()).some(({ dataset }) => dataset === "landing")).toBe(false);
  });

  test("only the datasets that are ours are listed, those not made yet as empty", async () => {
    const narrow = await rig.open({ datasets: ["ops", "nowhere"] });
    expect(await narrow.tables()).toEqual([
      { dataset: "ops", table: "landed_offsets", kind: "table" },
      { dataset: "ops", table: "landed_batches", kind: "table" },
    ]);
  });

  test("without the permission, the account is told which", async () => {
    const message = "Access Denied: Dataset rollcall:secret: Permission bigquery.tables.get denied";
    rig.fake.failRequests({
      on: ({ url }) => url.startsWith("/datasets/secret"),
      times: 1,
      status: 403,
      reason: "accessDenied",
      message,
    });
    await expect(warehouse.schema({ dataset: "secret", table: "t" })).rejects.toMatchObject({
      code: "FORBIDDEN",
      message: expect.stringMatching(/bigquery\.tables\.get denied.*roles\/bigquery/),
    });
  });
});

test("scripts that are independent go at once, others one after the other", async () => {
  const script = (id: number): string => `INSERT INTO silver.things (id, name) VALUES (${id}, "at once")`;
  // From the insert of a job to the next, what is asked about the first one: nothing when they go at once.
  const askedBetween = async (isIndependent: boolean): Promise<number> => {
    const start = rig.fake.requests.length;
    await Promise.all([101, 102].map((id) => warehouse.execute(script(id), {}, { isIndependent })));
    const seen = rig.fake.requests.slice(start);
    const real = seen.flatMap(({ method, url, body }, at) =>
      method === "POST" && url.startsWith("/jobs") && body.configuration?.dryRun !== true ? [at] : [],
    );
    const [first = 0, second = 0] = real;
    return seen.slice(first, second).filter(({ method }) => method === "GET").length;
  };
  expect(await askedBetween(false)).toBeGreaterThan(0);
  expect(await askedBetween(true)).toBe(0);
});
