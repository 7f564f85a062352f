import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createManualClock, type ManualClock } from "../platform/clock.js";
import type { Documents } from "../platform/documents/port.js";
import { createSqliteDocuments } from "../platform/documents/sqlite.js";
import { type ApiKeys, createApiKeys } from "./api-keys.js";

let folder: string;
let documents: Documents;
let clock: ManualClock;
let apiKeys: ApiKeys;

/** Different bytes at every call, the same in every run. */
function countingBytes(): (size: number) => Buffer {
  let calls = 0;
  return (size) => createHash("shake256", { outputLength: size }).update(`call ${calls++}`).digest();
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-keys-"));
  documents = createSqliteDocuments({ file: join(folder, "documents.db") });
  clock = createManualClock(Date.UTC(2026, 0, 5));
  apiKeys = createApiKeys({ documents, random: countingBytes(), clock });
});

afterEach(async () => {
  await documents.close();
  rmSync(folder, { recursive: true });
});

describe("API keys", () => {
  it("prove who calls and what for", async () => {
    const { key, apiKey } = await apiKeys.create({ name: "console", scopes: ["profiles:read", "segments:read"] });
    expect(await apiKeys.verify(key)).toEqual({
      keyId: apiKey.id,
      scopes: new Set(["profiles:read", "segments:read"]),
    });
  });

  it("are kept as a hash only", async () => {
    const { key } = await apiKeys.create({ name: "console", scopes: ["profiles:read"] });
    const secret = key.split("_").slice(2).join("_");
    expect(Buffer.from(secret, "base64url")).toHaveLength(32);
    const stored = await (await documents.collection({ name: "api_keys" })).find({});
    expect(JSON.stringify(stored)).not.toContain(secret);
    expect(JSON.stringify(stored)).toContain(createHash("sha256").update(secret).digest("hex"));
    expect(JSON.stringify(await apiKeys.list())).not.toContain("hash");
  });

  it.each([
    ["a changed secret", (key: string) => `${key.slice(0, -1)}${key.endsWith("A") ? "B" : "A"}`],
    ["another key's secret", (key: string) => key.replace(/^rk_[0-9a-f]{12}/, "rk_000000000000")],
    ["a missing secret", (key: string) => key.slice(0, 15)],
    ["more text", (key: string) => `${key}A`],
    ["nothing", () => ""],
  ])("do not verify with %s", async (_name, change) => {
    const { key } = await apiKeys.create({ name: "console", scopes: ["profiles:read"] });
    expect(await apiKeys.verify(change(key))).toBeNull();
    expect(await apiKeys.verify(key)).not.toBeNull();
  });

  it("stop working at once where they are revoked, and within 15 seconds elsewhere", async () => {
    const { key, apiKey } = await apiKeys.create({ name: "console", scopes: ["profiles:read"] });
    const elsewhere = createApiKeys({ documents, random: countingBytes(), clock });
    expect(await elsewhere.verify(key)).not.toBeNull();
    expect(await apiKeys.verify(key)).not.toBeNull();
    expect(await apiKeys.revoke(apiKey.id)).toBe(true);
    expect(await apiKeys.verify(key)).toBeNull();
    clock.advance(15_000);
    expect(await elsewhere.verify(key)).toBeNull();
    expect(await apiKeys.list()).toMatchObject([{ id: apiKey.id, revokedAt: "2026-01-05T00:00:00.000Z" }]);
  });

  it("that do not exist cannot be revoked", async () => {
    expect(await apiKeys.revoke("rk_000000000000")).toBe(false);
  });

  it("need a name and at least one scope", async () => {
    await expect(apiKeys.create({ name: " ", scopes: ["profiles:read"] })).rejects.toMatchObject({
      code: "INPUT_INVALID",
    });
    await expect(apiKeys.create({ name: "a", scopes: [] })).rejects.toMatchObject({ code: "INPUT_INVALID" });
    await expect(apiKeys.create({ name: "a", scopes: ["all" as never] })).rejects.toMatchObject({
      code: "INPUT_INVALID",
    });
  });
});
