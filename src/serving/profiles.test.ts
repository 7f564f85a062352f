import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EVENTS, expectProblem, IDENTIFIERS, json, PROFILES, profileId, startApi, type TestApi } from "./testing.js";

const ADA = profileId("ada");
const GRACE = profileId("grace");

const ada = {
  _id: ADA,
  profile_id: ADA,
  first_name: "Ada",
  last_name: "Lovelace",
  email: "ada@example.org",
  phone: null,
  country: "GB",
  enrolment_stage: "active",
  merged_into: null,
  node_ids: ["n1", "n2"],
  a_new_column: "not decided yet",
};

let api: TestApi;

beforeEach(async () => {
  api = await startApi();
});
afterEach(() => api.close());

describe("GET /profiles/{id}", () => {
  beforeEach(() => api.store(PROFILES, [ada]));

  it("shows what is not personal to a key without the personal scope, and no field nobody decided about", async () => {
    const response = await api.get(`/profiles/${ADA}`, await api.key("profiles:read"));
    expect(response.status).toBe(200);
    expect(await json(response)).toEqual({ profile_id: ADA, country: "GB", enrolment_stage: "active" });
  });

  it("shows personal fields to a key that may see them", async () => {
    const response = await api.get(`/profiles/${ADA}`, await api.key("profiles:read", "profiles:read:personal"));
    expect(await json(response)).toEqual({
      profile_id: ADA,
      first_name: "Ada",
      last_name: "Lovelace",
      email: "ada@example.org",
      phone: null,
      country: "GB",
      enrolment_stage: "active",
    });
  });

  it("shows a grant as expired from the moment it runs out, and answers anew then", async () => {
    const granted = { purpose: "marketing", channel: "email", status: "granted" };
    const endless = { ...granted, channel: "push", expires_at: null };
    const denied = { ...granted, channel: "sms", status: "denied", expires_at: "2026-01-01T00:00:00.000000Z" };
    const ending = { ...granted, expires_at: "2026-01-05T12:00:00.001000Z" };
    await api.store(PROFILES, [{ ...ada, consents: [ending, endless, denied] }]);
    const key = await api.key("profiles:read");
    const before = await api.get(`/profiles/${ADA}`, key);
    const etag = before.headers.get("etag") ?? "";
    expect((await json(before)).consents).toEqual([ending, endless, denied]);
    api.clock.advance(1);
    const after = await api.get(`/profiles/${ADA}`, key, { "if-none-match": etag });
    expect((await json(after)).consents).toEqual([{ ...ending, status: "expired" }, endless, denied]);
  });

  it("answers 304 to the caller's own copy only", async () => {
    const open = await api.key("profiles:read");
    const personal = await api.key("profiles:read", "profiles:read:personal");
    const etag = (await api.get(`/profiles/${ADA}`, open)).headers.get("etag") ?? "";
    expect(etag).toMatch(/^"[\w-]+"$/);
    expect((await api.get(`/profiles/${ADA}`, open)).headers.get("vary")).toBe("Authorization");
    const again = await api.get(`/profiles/${ADA}`, open, { "if-none-match": `"other", W/${etag}` });
    expect(again.status).toBe(304);
    expect(await again.text()).toBe("");
    expect((await api.get(`/profiles/${ADA}`, personal, { "if-none-match": etag })).status).toBe(200);
    await api.store(PROFILES, [{ ...ada, enrolment_stage: "alumni" }]);
    expect((await api.get(`/profiles/${ADA}`, open, { "if-none-match": etag })).status).toBe(200);
  });

  it("redirects from a merged id to the living one, however many merges lie between", async () => {
    const [older, old] = [profileId("older"), profileId("old")];
    await api.store(PROFILES, [
      { _id: older, profile_id: older, merged_into: old },
      { _id: old, profile_id: old, merged_into: ADA },
    ]);
    const key = await api.key("profiles:read");
    const response = await api.get(`/profiles/${older}`, key);
    expect(response.status).toBe(308);
    expect(response.headers.get("location")).toBe(`/profiles/${ADA}`);
    const events = await api.get(`/profiles/${older}/events?limit=3`, key);
    expect(events.headers.get("location")).toBe(`/profiles/${ADA}/events?limit=3`);
  });

  it("does not follow a merge into nothing or in a circle", async () => {
    const [left, right, lost] = [profileId("left"), profileId("right"), profileId("lost")];
    await api.store(PROFILES, [
      { _id: left, merged_into: right },
      { _id: right, merged_into: left },
      { _id: lost, merged_into: profileId("gone") },
    ]);
    const key = await api.key("profiles:read");
    await expectProblem(await api.get(`/profiles/${left}`, key), 404, "NOT_FOUND");
    await expectProblem(await api.get(`/profiles/${lost}`, key), 404, "NOT_FOUND");
  });

  it.each([profileId("nobody"), "p_short", "%E0%A4%A", "..%2f"])("has no profile %s", async (id) => {
    const response = await api.get(`/profiles/${id}`, await api.key("profiles:read"));
    expect([400, 404]).toContain(response.status);
    await expectProblem(response, response.status, response.status === 404 ? "NOT_FOUND" : "BAD_REQUEST");
  });

  it("answers HEAD without a body", async () => {
    const key = await api.key("profiles:read");
    const response = await fetch(`${api.url}/profiles/${ADA}`, {
      method: "HEAD",
      headers: { authorization: `Bearer ${key}` },
    });
    expect(response.status).toBe(200);
    expect(response.headers.get("etag")).not.toBeNull();
    expect(await response.text()).toBe("");
  });
});

describe("POST /profiles/lookup", () => {
  beforeEach(async () => {
    await api.store(PROFILES, [
      ada,
      { _id: GRACE, profile_id: GRACE, country: "US" },
      { _id: profileId("old"), merged_into: ADA },
    ]);
    await api.store(IDENTIFIERS, [
      { _id: "a|email|ada@example.org", profile_id: ADA },
      { _id: "b|email|ada@example.org", profile_id: profileId("old") },
      { _id: "a|student_number|7", profile_id: ADA },
      { _id: "b|student_number|7", profile_id: GRACE },
    ]);
  });
  const ids = async (response: Response): Promise<unknown[]> =>
    ((await json(response)).profiles as { profile_id: string }[]).map((profile) => profile.profile_id).sort();

  it("finds a profile once, whichever identifiers and merges lead to it", async () => {
    const key = await api.key("profiles:read");
    const response = await api.post("/profiles/lookup", key, { type: "email", value: "ada@example.org" });
    expect(response.status).toBe(200);
    expect(await json(response)).toEqual({ profiles: [{ profile_id: ADA, country: "GB", enrolment_stage: "active" }] });
  });

  it("shows everybody a value may name, or the one of a namespace", async () => {
    const key = await api.key("profiles:read");
    const value = { type: "student_number", value: "7" };
    expect(await ids(await api.post("/profiles/lookup", key, value))).toEqual([ADA, GRACE]);
    expect(await ids(await api.post("/profiles/lookup", key, { ...value, namespace: "b" }))).toEqual([GRACE]);
  });

  it("finds nobody without saying why", async () => {
    const key = await api.key("profiles:read");
    expect(await ids(await api.post("/profiles/lookup", key, { type: "email", value: "no@example.org" }))).toEqual([]);
  });

  it.each<[string, unknown, RegExp]>([
    ["an unknown type", { type: "shoe_size", value: "7" }, /^type: one of email, student_number$/],
    ["a missing value", { type: "email" }, /^value: /],
    ["a field too many", { type: "email", value: "secret@example.org", also: 1 }, /also/],
    ["a list", ["secret@example.org"], /^body: /],
    ["broken JSON", '{"type": "secret@example.org', /^The request cannot be read/],
  ])("refuses %s, quoting no value", async (_name, body, detail) => {
    const problem = await expectProblem(
      await api.post("/profiles/lookup", await api.key("profiles:read"), body),
      400,
      "BAD_REQUEST",
    );
    expect(problem.detail).toMatch(detail);
    expect(JSON.stringify(problem)).not.toContain("secret");
  });

  it("refuses another media type and a large body", async () => {
    const key = await api.key("profiles:read");
    const text = await api.post("/profiles/lookup", key, "email=ada", { "content-type": "text/plain" });
    await expectProblem(text, 415, "UNSUPPORTED_MEDIA_TYPE");
    const large = await api.post("/profiles/lookup", key, { type: "email", value: "x".repeat(5000) });
    await expectProblem(large, 413, "TOO_LARGE");
  });
});

describe("GET /profiles/{id}/events", () => {
  const second = (n: number): string => `2026-01-05T10:00:${String(n).padStart(2, "0")}.000000Z`;
  const event = (key: string, node: string, at: number) => ({
    _id: key,
    event_key: key,
    node_id: node,
    occurred_at: second(at),
    source: "mobile",
    hidden: "x",
  });

  beforeEach(async () => {
    await api.store(PROFILES, [ada]);
    // Two of three at the same instant on both sides of every page border.
    await api.store(EVENTS, [
      event("e1", "n1", 1),
      event("e2", "n2", 2),
      event("e3", "n1", 2),
      event("e4", "n2", 2),
      event("e5", "n1", 3),
      event("e6", "n1", 3),
      event("other", "n9", 3),
    ]);
  });

  async function pages(limit: number, between: () => Promise<void> = async () => {}): Promise<string[][]> {
    const key = await api.key("profiles:read");
    const found: string[][] = [];
    let before = "";
    do {
      const response = await api.get(`/profiles/${ADA}/events?limit=${limit}${before && `&before=${before}`}`, key);
      const page = (await response.json()) as { events: { event_key: string }[]; next_cursor: string | null };
      found.push(page.events.map((found) => found.event_key));
      before = page.next_cursor ?? "";
      await between();
    } while (before !== "");
    return found;
  }

  it("shows the events of all the profile's source identities, newest first", async () => {
    const response = await api.get(`/profiles/${ADA}/events`, await api.key("profiles:read"));
    const body = (await response.json()) as { events: object[]; next_cursor: null };
    expect(body.events[0]).toEqual({
      event_key: "e6",
      source: "mobile",
      event_type: null,
      event_name: null,
      category: null,
      programme: null,
      value: null,
      properties: null,
      occurred_at: second(3),
      received_at: null,
    });
    expect(await pages(200)).toEqual([["e6", "e5", "e4", "e3", "e2", "e1"]]);
  });

  it.each([1, 2, 3, 4, 5, 6])("pages by %i without losing or repeating one", async (limit) => {
    const found = await pages(limit);
    expect(found.flat()).toEqual(["e6", "e5", "e4", "e3", "e2", "e1"]);
    expect(found).toHaveLength(Math.ceil(6 / limit));
  });

  it("keeps its place when newer events arrive", async () => {
    let arrived = 10;
    const found = await pages(2, () => api.store(EVENTS, [event(`new${arrived}`, "n1", arrived++)]));
    expect(found.flat()).toEqual(["e6", "e5", "e4", "e3", "e2", "e1"]);
  });

  it.each([
    "limit=0",
    "limit=201",
    "limit=x",
    "before=nonsense",
    `before=${Buffer.from("[1,2]").toString("base64url")}`,
  ])("refuses %s", async (query) => {
    await expectProblem(
      await api.get(`/profiles/${ADA}/events?${query}`, await api.key("profiles:read")),
      400,
      "BAD_REQUEST",
    );
  });

  it("has no events of nobody", async () => {
    await expectProblem(await api.get(`/profiles/${GRACE}/events`, await api.key("profiles:read")), 404, "NOT_FOUND");
  });
});
