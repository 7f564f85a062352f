import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import express from "express";
import { expect } from "vitest";
import { createManualClock, type ManualClock } from "../platform/clock.js";
import type { CollectionSpec, Document, Documents, Json } from "../platform/documents/port.js";
import { PROFILE_COLLECTIONS } from "../platform/documents/profile-collections.js";
import { createSqliteDocuments } from "../platform/documents/sqlite.js";
import { createProfileApi, type ProfileApiConfig, type ProfileApiDeps } from "./api.js";
import { createApiKeys, type Scope } from "./api-keys.js";
import { openProfileStore } from "./profile-store.js";

/** A Profile API on a free port over a profile store in a temporary folder. For tests. */
export interface TestApi {
  readonly url: string;
  readonly clock: ManualClock;
  readonly logged: object[];
  readonly measured: object[];
  store(collection: CollectionSpec, documents: readonly StoredJson[]): Promise<void>;
  key(...scopes: Scope[]): Promise<string>;
  get(path: string, key?: string, headers?: Record<string, string>): Promise<Response>;
  post(path: string, key: string | undefined, body: unknown, headers?: Record<string, string>): Promise<Response>;
  close(): Promise<void>;
}

type StoredJson = Document & { readonly [field: string]: Json };

export const NOW = Date.UTC(2026, 0, 5, 12);

export const {
  profiles: PROFILES,
  identifiers: IDENTIFIERS,
  events: EVENTS,
  segmentMembers: MEMBERS,
} = PROFILE_COLLECTIONS;

/** p_ and 22 characters, from a short name. */
export function profileId(name: string): string {
  return `p_${name.padEnd(22, "0")}`;
}

function countingBytes(): (size: number) => Buffer {
  let calls = 0;
  return (size) => createHash("shake256", { outputLength: size }).update(`call ${calls++}`).digest();
}

export async function startApi(
  config: Partial<ProfileApiConfig> = {},
  overrides: Partial<ProfileApiDeps> = {},
): Promise<TestApi> {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-api-"));
  const documents: Documents = createSqliteDocuments({ file: join(folder, "documents.db") });
  const clock = createManualClock(NOW);
  const random = countingBytes();
  const apiKeys = createApiKeys({ documents, random, clock });
  const logged: object[] = [];
  const measured: object[] = [];
  const router = createProfileApi(
    {
      version: "0.1.0",
      segments: [{ name: "at_risk", description: "Was active, is quiet." }],
      identifierTypes: ["email", "student_number"],
      requestsPerMinute: 10_000,
      failuresPerMinute: 10_000,
      ...config,
    },
    {
      store: await openProfileStore({ documents }),
      apiKeys,
      identify: (type, value, namespace) =>
        (namespace === undefined ? ["a", "b"] : [namespace]).map((space) => `${space}|${type}|${value}`),
      ready: async () => {},
      clock,
      random,
      metrics: {
        answered: (request) => measured.push(request),
        expose: async () => ({ contentType: "text/plain; version=0.0.4; charset=utf-8", text: "up 1\n" }),
      },
      logger: {
        debug: (fields, message) => logged.push({ ...fields, message }),
        error: (fields, message) => logged.push({ ...fields, message }),
      },
      ...overrides,
    },
  );
  const server: Server = createServer(express().disable("x-powered-by").use(router));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const auth = (key: string | undefined): Record<string, string> => (key ? { authorization: `Bearer ${key}` } : {});
  return {
    url,
    clock,
    logged,
    measured,
    store: async (spec, rows) => (await documents.collection<StoredJson>(spec)).put(rows),
    key: async (...scopes) => (await apiKeys.create({ name: "test", scopes })).key,
    get: (path, key, headers = {}) => fetch(url + path, { redirect: "manual", headers: { ...auth(key), ...headers } }),
    post: (path, key, body, headers = {}) =>
      fetch(url + path, {
        method: "POST",
        headers: { "content-type": "application/json", ...auth(key), ...headers },
        body: typeof body === "string" ? body : JSON.stringify(body),
      }),
    close: async () => {
      await new Promise((resolve) => server.close(resolve));
      await documents.close();
      rmSync(folder, { recursive: true });
    },
  };
}

export async function json(response: Response): Promise<Record<string, unknown>> {
  return (await response.json()) as Record<string, unknown>;
}

export async function expectProblem(
  response: Response,
  status: number,
  code: string,
): Promise<Record<string, unknown>> {
  expect(response.status).toBe(status);
  expect(response.headers.get("content-type")).toBe("application/problem+json; charset=utf-8");
  const problem = await json(response);
  expect(problem).toMatchObject({
    type: "about:blank",
    status,
    code,
    request_id: response.headers.get("x-request-id"),
  });
  expect(Object.keys(problem).sort()).toEqual(["code", "detail", "request_id", "status", "title", "type"]);
  return problem;
}
