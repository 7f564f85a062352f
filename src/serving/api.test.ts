import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RollcallError } from "../platform/errors.js";
import { expectProblem, json, MEMBERS, PROFILES, profileId, startApi, type TestApi } from "./testing.js";

const ADA = profileId("ada");

let api: TestApi;

async function restart(...options: Parameters<typeof startApi>): Promise<void> {
  await api.close();
  api = await startApi(...options);
}

beforeEach(async () => {
  api = await startApi();
});
afterEach(() => api.close());

describe("keys and scopes", () => {
  it("a call without a key or with a wrong one is told how to authenticate", async () => {
    for (const key of [undefined, "rk_000000000000_wrong", `rk_000000000000_${"A".repeat(43)}`]) {
      const response = await api.get(`/profiles/${ADA}`, key);
      await expectProblem(response, 401, "UNAUTHORIZED");
      expect(response.headers.get("www-authenticate")).toBe('Bearer realm="rollcall"');
    }
  });

  it.each([
    ["/profiles/p_x", "profiles:read"],
    ["/profiles/p_x/events", "profiles:read"],
    ["/segments", "segments:read"],
    ["/segments/at_risk/profiles", "segments:read"],
    ["/metrics", "metrics:read"],
  ] as const)("%s needs %s", async (path, scope) => {
    const others = (["profiles:read", "profiles:read:personal", "segments:read", "metrics:read"] as const).filter(
      (other) => other !== scope,
    );
    const problem = await expectProblem(await api.get(path, await api.key(...others)), 403, "FORBIDDEN");
    expect(problem.detail).toContain(scope);
    expect((await api.get(path, await api.key(scope))).status).not.toBe(403);
  });

  it("a look-up without the scope does not get as far as its body", async () => {
    await expectProblem(await api.post("/profiles/lookup", await api.key("segments:read"), "{"), 403, "FORBIDDEN");
  });

  it("health, readiness and the document are open", async () => {
    for (const path of ["/health", "/ready", "/openapi.json"]) expect((await api.get(path)).status).toBe(200);
  });
});

describe("segments", () => {
  const member = (name: string, from: string, until = "9999-12-31T23:59:59.999999Z", segment = "at_risk") => ({
    _id: `${segment}:${profileId(name)}`,
    segment,
    profile_id: profileId(name),
    member_from: from,
    member_until: until,
    reason: "quiet",
  });
  const noon = "2026-01-05T12:00:00.000000Z";

  beforeEach(() =>
    api.store(MEMBERS, [
      member("a", "2026-01-01T00:00:00.000000Z"),
      member("b", noon),
      member("c", "2026-01-05T12:00:01.000000Z"),
      member("d", "2026-01-01T00:00:00.000000Z", noon),
      member("e", "2026-01-01T00:00:00.000000Z", "2026-01-05T12:00:01.000000Z"),
      member("f", "2026-01-01T00:00:00.000000Z", undefined, "other"),
    ]),
  );

  async function names(key: string, limit = 100): Promise<string[]> {
    const found: string[] = [];
    let cursor = "";
    do {
      const response = await api.get(`/segments/at_risk/profiles?limit=${limit}${cursor && `&cursor=${cursor}`}`, key);
      const page = (await response.json()) as { profiles: { profile_id: string }[]; next_cursor: string | null };
      found.push(...page.profiles.map((profile) => profile.profile_id.slice(2, 3)));
      cursor = page.next_cursor ?? "";
    } while (cursor !== "");
    return found;
  }

  it("hold those whose time has come and not run out", async () => {
    const key = await api.key("segments:read");
    expect(await names(key)).toEqual(["a", "b", "e"]);
    expect(await names(key, 1)).toEqual(["a", "b", "e"]);
    api.clock.advance(1000);
    expect(await names(key)).toEqual(["a", "b", "c"]);
  });

  it("are counted at this moment", async () => {
    const key = await api.key("segments:read");
    expect(await json(await api.get("/segments", key))).toEqual({
      segments: [{ name: "at_risk", description: "Was active, is quiet.", member_count: 3 }],
    });
  });

  it("say since when, until when and why", async () => {
    const response = await api.get("/segments/at_risk/profiles?limit=1", await api.key("segments:read"));
    expect((await json(response)).profiles).toEqual([
      { profile_id: profileId("a"), member_from: "2026-01-01T00:00:00.000000Z", member_until: null, reason: "quiet" },
    ]);
  });

  it("that are not defined do not exist", async () => {
    const response = await api.get("/segments/other/profiles", await api.key("segments:read"));
    const { detail } = await expectProblem(response, 404, "NOT_FOUND");
    expect(detail).toBe("There is no such segment. GET /segments lists them.");
  });
});

describe("the rest of HTTP", () => {
  it("names what a path takes", async () => {
    const response = await api.post("/segments", await api.key("segments:read"), {});
    await expectProblem(response, 405, "METHOD_NOT_ALLOWED");
    expect(response.headers.get("allow")).toBe("GET, HEAD");
    const lookup = await api.get("/profiles/lookup");
    await expectProblem(lookup, 405, "METHOD_NOT_ALLOWED");
    expect(lookup.headers.get("allow")).toBe("POST");
  });

  it("has nothing at other paths", async () => {
    const { detail } = await expectProblem(await api.get("/nothing"), 404, "NOT_FOUND");
    expect(detail).toBe("There is nothing at this path. GET /openapi.json says what there is.");
    await expectProblem(await api.get("/segments/"), 404, "NOT_FOUND");
  });

  it("keeps a harmless request id and makes one otherwise", async () => {
    expect((await api.get("/health", undefined, { "x-request-id": "caller-12345" })).headers.get("x-request-id")).toBe(
      "caller-12345",
    );
    expect((await api.get("/health", undefined, { "x-request-id": "a b" })).headers.get("x-request-id")).toMatch(
      /^[0-9a-f]{24}$/,
    );
  });

  it("limits each key by itself and says how much is left", async () => {
    await restart({ requestsPerMinute: 2 });
    const [busy, idle] = [await api.key("segments:read"), await api.key("segments:read")];
    const first = await api.get("/segments", busy);
    expect(first.headers.get("ratelimit")).toMatch(/r=1; t=60/);
    expect(first.headers.get("ratelimit-policy")).toMatch(/q=2; w=60/);
    await api.get("/segments", busy);
    const third = await api.get("/segments", busy);
    await expectProblem(third, 429, "TOO_MANY_REQUESTS");
    expect(Number(third.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await api.get("/segments", idle)).status).toBe(200);
    expect((await api.get("/health")).status).toBe(200);
  });

  it("slows down who guesses keys", async () => {
    await restart({ failuresPerMinute: 2 });
    const key = await api.key("segments:read");
    for (let call = 0; call < 4; call++) expect((await api.get("/segments", key)).status).toBe(200);
    expect((await api.get("/segments", "rk_1")).status).toBe(401);
    expect((await api.get("/segments", "rk_2")).status).toBe(401);
    await expectProblem(await api.get("/segments", "rk_3"), 429, "TOO_MANY_REQUESTS");
    // Nobody who has a key waits for it.
    expect((await api.get("/segments", key)).status).toBe(200);
  });

  it("says when it is not ready", async () => {
    await restart({}, { ready: () => Promise.reject(new Error("the profile store is being opened")) });
    const response = await api.get("/ready");
    expect(response.status).toBe(503);
    expect(await json(response)).toEqual({ status: "unavailable", detail: "the profile store is being opened" });
    expect((await api.get("/health")).status).toBe(200);
  });

  it("keeps an unforeseen error to itself and logs it under the request id", async () => {
    await restart(
      {},
      {
        identify: () => {
          throw new Error("pepper is 0xdeadbeef");
        },
      },
    );
    const response = await api.post("/profiles/lookup", await api.key("profiles:read"), {
      type: "email",
      value: "ada@example.org",
    });
    const problem = await expectProblem(response, 500, "INTERNAL");
    expect(JSON.stringify(problem)).not.toContain("pepper");
    expect(api.logged).toContainEqual(
      expect.objectContaining({ request_id: problem.request_id, route: "/profiles/lookup", error: "Error" }),
    );
  });

  it("says that a part is away when trying again can help", async () => {
    await restart(
      {},
      {
        identify: () => {
          throw new RollcallError("KEYS_FAILED", "kms.internal timed out", { isRetriable: true });
        },
      },
    );
    const response = await api.post("/profiles/lookup", await api.key("profiles:read"), {
      type: "email",
      value: "a@example.org",
    });
    const problem = await expectProblem(response, 503, "UNAVAILABLE");
    expect(JSON.stringify(problem)).not.toContain("kms");
    expect(response.headers.get("retry-after")).toBe("1");
  });

  it("logs and measures routes, never ids, values or keys", async () => {
    await api.store(PROFILES, [{ _id: ADA, profile_id: ADA, last_name: "Lovelace" }]);
    const key = await api.key("profiles:read", "metrics:read");
    await api.get(`/profiles/${ADA}?email=ada@example.org`, key);
    await api.post("/profiles/lookup", key, { type: "email", value: "ada@example.org" });
    await api.get("/ada@example.org");
    await (await api.get("/metrics", key)).text();
    const told = JSON.stringify([api.logged, api.measured]);
    for (const secret of [ADA, "ada@", "Lovelace", key, key.slice(16)]) expect(told).not.toContain(secret);
    expect(api.measured).toMatchObject([
      { method: "GET", route: "/profiles/:id", status: 200 },
      { method: "POST", route: "/profiles/lookup", status: 200 },
      { method: "GET", route: "none", status: 404 },
      { method: "GET", route: "/metrics", status: 200 },
    ]);
  });
});
