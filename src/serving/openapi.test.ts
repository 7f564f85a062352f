import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { visibleProfile } from "./fields.js";
import { openApiDocument } from "./openapi.js";
import { EVENTS, IDENTIFIERS, MEMBERS, PROFILES, profileId, startApi, type TestApi } from "./testing.js";

interface Answer {
  readonly content?: Readonly<Record<string, { readonly schema: { readonly $ref: string } }>>;
}
interface Document {
  readonly openapi: string;
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly responses: Readonly<Record<string, Answer>> }>>>
  >;
}

const ADA = profileId("ada");
const at = "2026-01-05T10:00:00.123456Z";

let api: TestApi;
let key: string;
let document: Document;
let ajv: Ajv2020;

beforeAll(async () => {
  api = await startApi();
  key = await api.key("profiles:read", "profiles:read:personal", "segments:read", "metrics:read");
  await api.store(PROFILES, [
    {
      _id: ADA,
      first_name: "Ada",
      last_name: null,
      email: "ada@example.org",
      birth_date: "1990-12-10",
      engagement_score: 0.5,
      last_at: at,
      node_ids: ["n1"],
      sources: ["mobile"],
      identifiers: [{ namespace: "campus", type: "email", value: "ada@example.org", hmac: "h" }],
      consents: [{ purpose: "marketing", channel: "email", status: "granted", decided_at: at, expires_at: null }],
    },
    { _id: profileId("old"), merged_into: ADA },
  ]);
  await api.store(IDENTIFIERS, [{ _id: "a|email|ada@example.org", profile_id: ADA }]);
  await api.store(EVENTS, [
    {
      _id: "e1",
      node_id: "n1",
      occurred_at: at,
      received_at: at,
      source: "mobile",
      value: 7.5,
      properties: { score: 7.5 },
    },
    { _id: "e2", node_id: "n1", occurred_at: at },
  ]);
  await api.store(MEMBERS, [
    {
      _id: `at_risk:${ADA}`,
      segment: "at_risk",
      profile_id: ADA,
      member_from: at,
      member_until: "9999-12-31T23:59:59.999999Z",
    },
  ]);
  document = (await (await api.get("/openapi.json")).json()) as Document;
  ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  ajv.addSchema(document, "api");
});
afterAll(() => api.close());

/** What is wrong with the answer, by the document; empty when it is as promised. */
async function violations(path: string, method: string, response: Response): Promise<unknown> {
  const operation = document.paths[path]?.[method];
  const answer = operation?.responses[response.status] ?? operation?.responses.default;
  if (!answer) return "not in the document";
  const type = response.headers.get("content-type")?.split(";")[0];
  const schema = type === undefined ? undefined : answer.content?.[type]?.schema;
  if (!schema) return answer.content === undefined ? [] : `no ${type} for ${response.status}`;
  ajv.validate(`api${schema.$ref}`, await response.json());
  return ajv.errors ?? [];
}

describe("the OpenAPI document", () => {
  it("is OpenAPI 3.1, the same every time", () => {
    expect(document.openapi).toBe("3.1.0");
    expect(openApiDocument("0.1.0")).toEqual(document);
  });

  it.each([
    ["/profiles/{id}", "get", `/profiles/${ADA}`, 200],
    ["/profiles/{id}", "get", `/profiles/${profileId("old")}`, 308],
    ["/profiles/{id}", "get", `/profiles/${profileId("nobody")}`, 404],
    ["/profiles/{id}/events", "get", `/profiles/${ADA}/events?limit=1`, 200],
    ["/profiles/{id}/events", "get", `/profiles/${ADA}/events?limit=0`, 400],
    ["/segments", "get", "/segments", 200],
    ["/segments/{name}/profiles", "get", "/segments/at_risk/profiles", 200],
    ["/segments/{name}/profiles", "get", "/segments/unknown/profiles", 404],
    ["/health", "get", "/health", 200],
    ["/ready", "get", "/ready", 200],
    ["/metrics", "get", "/metrics", 200],
    ["/openapi.json", "get", "/openapi.json", 200],
  ])("promises what %s (%s %s) answers: %i", async (path, method, url, status) => {
    const response = await api.get(url, key);
    expect(response.status).toBe(status);
    expect(await violations(path, method, response)).toEqual([]);
  });

  it("promises what a look-up answers", async () => {
    const found = await api.post("/profiles/lookup", key, { type: "email", value: "ada@example.org" });
    expect(found.status).toBe(200);
    expect(await violations("/profiles/lookup", "post", found)).toEqual([]);
    const refused = await api.post("/profiles/lookup", undefined, {});
    expect(refused.status).toBe(401);
    expect(await violations("/profiles/lookup", "post", refused)).toEqual([]);
  });

  it("would notice a field that is not in it", () => {
    ajv.validate("api#/components/schemas/Profile", { profile_id: ADA, shoe_size: 7 });
    expect(ajv.errors).not.toEqual(null);
  });
});

describe("personal fields", () => {
  const personal = Object.entries(
    JSON.parse(readFileSync(new URL("../../includes/columns.json", import.meta.url), "utf8")) as Record<
      string,
      { personal?: boolean }
    >,
  ).filter(([, column]) => column.personal === true);

  it("of the warehouse are never open here", () => {
    // "identifiers:profile" is a meaning of the column `identifiers`.
    const stored = Object.fromEntries(personal.map(([name]) => [name.split(":")[0], "x"]));
    expect(visibleProfile({ ...stored, _id: ADA }, new Set(["profiles:read"]), 0)).toEqual({ profile_id: ADA });
  });

  it("inside a list are served by name too", () => {
    const stored = {
      _id: ADA,
      segments: [{ segment: "at_risk", reason: "quiet", note: "x" }],
      identifiers: [{ value: "x" }],
    };
    expect(visibleProfile(stored, new Set(["profiles:read"]), 0)).toEqual({
      profile_id: ADA,
      segments: [{ segment: "at_risk", reason: "quiet" }],
    });
  });
});
