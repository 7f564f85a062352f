import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { RollcallError } from "../../platform/errors.js";
import type { Warehouse } from "../port.js";
import type { SeenRequest } from "./testing/server.js";
import { createRig, createWaitingClock, NEVER_MS, type Rig, testAuth } from "./testing/support.js";
import { createBigQueryWarehouse } from "./warehouse.js";

let rig: Rig;
let warehouse: Warehouse;
let waitsBefore = 0;

beforeAll(async () => {
  rig = await createRig();
  warehouse = await rig.open();
});

afterAll(async () => {
  await rig.fake.close();
});

beforeEach(() => {
  waitsBefore = rig.clock.waits.length;
});

const waits = (): readonly number[] => rig.clock.waits.slice(waitsBefore);
const isInsert = ({ method, url }: SeenRequest): boolean => method === "POST" && url.startsWith("/jobs");
const isResults = ({ url }: SeenRequest): boolean => url.startsWith("/queries/");
const one = async (): Promise<unknown> => (await warehouse.query("SELECT 1 AS one")).rows;

test("requests are signed, and name where the job runs", async () => {
  await one();
  const insert = rig.fake.requests.findLast(isInsert);
  expect(insert?.headers.authorization).toBe("Bearer test");
  expect(insert?.body.jobReference).toMatchObject({ projectId: "rollcall", location: "EU" });
  expect(rig.fake.requests.findLast(isResults)?.url).toMatch(/location=EU.*useInt64Timestamp=true/);
});

test.each([
  ["backendError", 503],
  ["internalError", 500],
  ["rateLimitExceeded", 403],
  ["quotaExceeded", 403],
  ["", 429],
])("%s is asked again, under the same job id, after waits that grow", async (reason, status) => {
  rig.fake.failRequests({ on: isInsert, times: 3, status, reason });
  const before = rig.fake.requests.length;
  expect(await one()).toEqual([{ one: 1 }]);
  const inserts = rig.fake.requests.slice(before).filter(isInsert);
  expect(inserts).toHaveLength(4);
  expect(new Set(inserts.map(({ body }) => body.jobReference?.jobId)).size).toBe(1);
  expect(waits()).toEqual([250, 500, 1000]);
});

test("BigQuery says how long to wait", async () => {
  const headers = { "Retry-After": "7" };
  rig.fake.failRequests({ on: isInsert, times: 1, status: 429, reason: "rateLimitExceeded", headers });
  await one();
  expect(waits()).toEqual([7000]);
});

test.each([
  ["accessDenied", 403, "FORBIDDEN"],
  ["authError", 401, "UNAUTHORIZED"],
  ["billingNotEnabled", 403, "FORBIDDEN"],
])("%s is not asked again", async (reason, status, code) => {
  rig.fake.failRequests({ on: isInsert, times: 1, status, reason });
  await expect(one()).rejects.toMatchObject({ code, isRetriable: false });
  expect(waits()).toEqual([]);
});

test("an answer that got lost is found again: the query runs once", async () => {
  rig.fake.failRequests({ on: isInsert, times: 1, isAnswerLost: true });
  const before = rig.fake.requests.length;
  expect(await one()).toEqual([{ one: 1 }]);
  const [first, again, look] = rig.fake.requests.slice(before);
  expect(again?.body.jobReference).toEqual(first?.body.jobReference);
  expect(look).toMatchObject({
    method: "GET",
    url: `/jobs/${first?.body.jobReference?.jobId}?location=EU&prettyPrint=false`,
  });
});

test("results that cannot be had at once are asked for again", async () => {
  rig.fake.failRequests({ on: isResults, times: 2, status: 503, reason: "backendError" });
  expect(await one()).toEqual([{ one: 1 }]);
});

test("who gets no answer in time asks again, and gives up in the end", async () => {
  const impatient = await rig
    .open({ requestTimeoutMs: NEVER_MS - 1, retry: { attempts: 2, baseMs: 10, maxMs: 10 } })
    .catch((error: unknown) => error);
  // The clock's shorter waits are over at once: no answer can be quick enough.
  expect(impatient).toMatchObject({
    code: "WAREHOUSE_FAILED",
    isRetriable: true,
    message: expect.stringMatching(/^BigQuery did not answer tables\.get|datasets\.get within 59999 ms/),
  });
});

test("a server that is not there is an outage, and no secret is in the error", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const opening = createBigQueryWarehouse(
    {
      project: "rollcall",
      location: "EU",
      apiEndpoint: `http://127.0.0.1:${port}`,
      retry: { attempts: 2, baseMs: 1, maxMs: 1 },
    },
    { clock: createWaitingClock(), authClient: testAuth },
  );
  const error = await opening.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(RollcallError);
  expect(error).toMatchObject({
    code: "WAREHOUSE_FAILED",
    isRetriable: true,
    message: expect.stringMatching(/ECONNREFUSED/),
  });
  expect(JSON.stringify({ ...(error as RollcallError), cause: (error as RollcallError).cause })).not.toMatch(/Bearer/);
});

test("a key file that is not there is named as what to set", async () => {
  const opening = createBigQueryWarehouse(
    { project: "rollcall", location: "EU", apiEndpoint: rig.fake.url, keyFile: "/nowhere/key.json" },
    { clock: createWaitingClock() },
  );
  await expect(opening).rejects.toMatchObject({ code: "UNAUTHORIZED", isRetriable: false });
});
