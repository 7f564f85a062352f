import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Documents } from "../../../src/platform/documents/port.js";
import { createSqliteDocuments } from "../../../src/platform/documents/sqlite.js";
import type { Operation, Target } from "../../engine/target.js";
import { PROFILE_STORE_OBJECTS } from "./spec.js";
import { createProfileStoreTarget, type StoredRow } from "./target.js";

let folder: string;
let documents: Documents;
let target: Target;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-target-"));
  documents = createSqliteDocuments({ file: join(folder, "documents.db") });
  target = await createProfileStoreTarget({ documents });
});
afterEach(async () => {
  await documents.close();
  rmSync(folder, { recursive: true });
});

function upsert(key: string, row: Record<string, unknown>): Operation {
  return { jobId: `job of ${key}`, kind: "upsert", key, row };
}

function remove(key: string, row: Record<string, unknown> | null = null): Operation {
  return { jobId: `job of ${key}`, kind: "remove", key, row };
}

async function stored(object: keyof typeof PROFILE_STORE_OBJECTS): Promise<StoredRow[]> {
  const collection = await documents.collection<StoredRow>(PROFILE_STORE_OBJECTS[object].collection);
  return collection.find({ sort: [{ field: "_id" }] });
}

describe("the profile store", () => {
  it("keeps a row under its key, in JSON", async () => {
    const row = {
      profile_id: "p_1",
      country: "GB",
      node_ids: ["n1"],
      big: 2n ** 60n,
      bytes: Buffer.from("ab"),
      none: null,
    };
    expect(await target.apply("profiles", [upsert("p_1", row)])).toEqual([{ key: "p_1", status: "synced" }]);
    const kept = { ...row, _id: "p_1", big: "1152921504606846976", bytes: "YWI=" };
    expect(await stored("profiles")).toEqual([kept]);
  });

  it("replaces and removes, and may be told twice", async () => {
    const first = [upsert("p_1", { profile_id: "p_1", country: "GB" }), upsert("p_2", { profile_id: "p_2" })];
    const second = [remove("p_2"), remove("p_9"), upsert("p_1", { profile_id: "p_1", country: "FR" })];
    await target.apply("profiles", first);
    for (let repeat = 0; repeat < 2; repeat++) {
      const outcomes = await target.apply("profiles", second);
      expect(outcomes.map((outcome) => outcome.status)).toEqual(["synced", "synced", "synced"]);
      expect(await stored("profiles")).toEqual([{ _id: "p_1", profile_id: "p_1", country: "FR" }]);
    }
  });

  it("leaves a signpost, and nothing personal, where a profile was merged", async () => {
    await target.apply("profiles", [upsert("p_2", { profile_id: "p_2", email: "ada@example.org" })]);
    await target.apply("profiles", [
      upsert("p_2", { profile_id: "p_2", merged_into: "p_1", email: "ada@example.org" }),
    ]);
    expect(await stored("profiles")).toEqual([{ _id: "p_2", profile_id: "p_2", merged_into: "p_1" }]);
  });

  it("writes an open end as the end of time, so that it can be compared", async () => {
    const member = { segment: "at_risk", profile_id: "p_1", member_from: "2026-01-01T00:00:00.000000Z" };
    await target.apply("segment_members", [
      upsert("at_risk:p_1", { ...member, member_until: null }),
      upsert("at_risk:p_2", { ...member, profile_id: "p_2", member_until: "2026-02-01T00:00:00.000000Z" }),
    ]);
    expect((await stored("segment_members")).map((row) => row.member_until)).toEqual([
      "9999-12-31T23:59:59.999999Z",
      "2026-02-01T00:00:00.000000Z",
    ]);
  });

  it("refuses a row that could not be found again, and takes the others", async () => {
    const event = { event_key: "e1", node_id: "n1", occurred_at: "2026-01-01T00:00:00.000000Z" };
    const outcomes = await target.apply("events", [
      upsert("e1", event),
      upsert("e2", { ...event, event_key: "e2", node_id: null, occurred_at: undefined }),
    ]);
    expect(outcomes).toEqual([
      { key: "e1", status: "synced" },
      { key: "e2", status: "rejected", reason: "node_id, occurred_at missing" },
    ]);
    expect((await stored("events")).map((row) => row._id)).toEqual(["e1"]);
  });

  it("says that the store is away, and that trying again can help", async () => {
    const put = () => Promise.reject(new Error("disk full"));
    const broken = await createProfileStoreTarget({
      documents: { ...documents, collection: async () => ({ put }) as never },
    });
    await expect(broken.apply("profiles", [upsert("p_1", { profile_id: "p_1" })])).rejects.toMatchObject({
      code: "TARGET_FAILED",
      isRetriable: true,
      message: "the profile store cannot write profiles: disk full",
    });
  });
});
