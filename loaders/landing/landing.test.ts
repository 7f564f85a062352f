import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import bronze from "../../includes/bronze.json" with { type: "json" };
import { createManualClock, EARLIEST_MICROS, LATEST_MICROS } from "../../src/platform/clock.js";
import { RollcallError } from "../../src/platform/errors.js";
import { encodeRecord } from "../codec.js";
import type { EventRecord } from "../record.js";
import type { LandingCheckpoint } from "./lander.js";
import { LANDING_GROUP, type Landing } from "./landing.js";
import type { Manifest } from "./manifests.js";
import { appendEvents, createTestLanding, openStores, type Stores, testEvent } from "./testing.js";

let folder: string;
let stores: Stores;
const running: Landing[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-landing-"));
  stores = openStores(folder);
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((landing) => landing.stop()));
  await stores.log.close();
  await stores.documents.close();
  rmSync(folder, { recursive: true });
});

async function run(...args: Parameters<typeof createTestLanding> extends [Stores, ...infer Rest] ? Rest : never) {
  const test = createTestLanding(stores, ...args);
  running.push(test.landing);
  await test.landing.start();
  return test;
}

const ids = (count: number, prefix = "e"): string[] => Array.from({ length: count }, (_, i) => `${prefix}${i}`);
const landedIds = (table = "website_events"): unknown[] => stores.warehouse.rows(table).map((row) => row.event_id);
const manifests = async (): Promise<Manifest[]> =>
  (
    await stores.documents.collection<Manifest>({
      name: "manifests",
      indexes: [["status", "ingested_at"], ["ingested_at"]],
    })
  ).find({});

describe("landing", () => {
  it("lands every record of every topic once, and what comes while it runs", async () => {
    await appendEvents(stores.log, "website", ids(55));
    const { landing } = await run();
    await landing.idle();
    expect(landedIds().sort()).toEqual(ids(55).sort());
    await appendEvents(stores.log, "email", ids(5, "mail"));
    await landing.idle();
    expect(landedIds()).toHaveLength(60);
    expect(await landing.lag()).toBe(0);
  });

  it("stamps each batch higher than the one before, even when the clock goes back", async () => {
    await appendEvents(stores.log, "website", ids(100));
    const { landing } = await run({}, { clock: { ...createManualClock(1_000), sleep: async () => undefined } });
    await landing.idle();
    const stamps = stores.warehouse.batches.map(({ ingestedAt }) => ingestedAt);
    expect(stamps.length).toBeGreaterThan(9);
    expect(stamps).toEqual(stamps.map((_, index) => 1_000_000 + index));
    expect(landing.closedUpTo()).toBe(1_000_000 + stamps.length);
    await landing.stop();

    await appendEvents(stores.log, "website", ["late"]);
    const second = await run({}, { clock: { ...createManualClock(5), sleep: async () => undefined } });
    expect(second.landing.closedUpTo()).toBeGreaterThan(1_000_000);
    await second.landing.idle();
    expect(stores.warehouse.batches.at(-1)?.ingestedAt).toBe(1_000_000 + stamps.length);
  });

  it("writes a batch of one partition, of consecutive offsets, of at most the size it was told", async () => {
    await appendEvents(stores.log, "website", ids(200));
    const { landing } = await run({ maxRecords: 7 });
    await landing.idle();
    for (const { tables, firstOffset, lastOffset, batchId, topic, partition } of stores.warehouse.batches) {
      const offsets = (tables.website_events ?? []).map((row) => row.log_offset);
      expect(offsets).toEqual(Array.from({ length: lastOffset - firstOffset + 1 }, (_, i) => firstOffset + i));
      expect(offsets.length).toBeLessThanOrEqual(7);
      expect(batchId).toBe(`${topic}-${partition}-${firstOffset}-1`);
    }
    expect((await manifests()).map(({ status }) => status)).toEqual(stores.warehouse.batches.map(() => "landed"));
  });

  it("starts from what the warehouse has landed, not from the group's offset", async () => {
    await appendEvents(stores.log, "website", ids(30));
    const first = await run();
    await first.landing.idle();
    await first.landing.stop();
    stores.warehouse.clear();
    const second = await run();
    await second.landing.idle();
    expect(landedIds().sort()).toEqual(ids(30).sort());
    expect(stores.warehouse.batches[0]?.batchId).toMatch(/-2$/);
  });

  it("refuses a log that does not hold what was landed", async () => {
    await appendEvents(stores.log, "website", ids(30));
    const first = await run();
    await first.landing.idle();
    await first.landing.stop();
    const other = openStores(mkdtempSync(join(folder, "other-")));
    const second = createTestLanding({ ...stores, log: other.log });
    await expect(second.landing.start()).rejects.toThrow(/which the event log does not hold\. Restore/);
    await other.log.close();
    await other.documents.close();
  });

  it("commits the group's offset behind what landed", async () => {
    await appendEvents(stores.log, "website", ids(30));
    const { landing } = await run();
    await landing.idle();
    await landing.stop();
    const ends = (await stores.log.partitions("website")).map(({ partition, end }) => [partition, end]);
    expect([...(await stores.log.committed(LANDING_GROUP, "website"))]).toEqual(ends);
  });

  it("has closed nothing before anything landed", async () => {
    const { landing } = await run();
    await landing.idle();
    expect(landing.closedUpTo()).toBe(0);
  });
});

describe("a row", () => {
  it("has every column of its table, and no other", async () => {
    const [email, own] = ["ada@example.org", "own"] as const;
    const identifiers = [
      { namespace: "global", type: "email", hmac: "h".repeat(22), value: email, role: own },
    ] as const;
    await appendEvents(stores.log, "website", []);
    const features = [{ field: "city", value: "york" }] as const;
    const event = testEvent("e", { sentAt: 1, personal: { traits: { email } }, identifiers, features });
    await stores.log.append("website", [encodeRecord(event), { key: "k", value: Buffer.from("junk") }]);
    const { landing } = await run(
      { maxRecords: 100 },
      { clock: { ...createManualClock(2_000), sleep: async () => undefined } },
    );
    await landing.idle();

    const [row] = stores.warehouse.rows("website_events");
    expect(Object.keys(row ?? {})).toEqual(bronze.columns.event.map(({ name }) => name));
    expect(row).toMatchObject({
      event_id: "e",
      occurred_at: "2026-01-01T00:00:00.000001Z",
      sent_at: "1970-01-01T00:00:00.000001Z",
      received_at: "2026-01-01T00:00:00.000002Z",
      log_topic: "website",
      payload: { event: "x" },
      personal: { traits: { email } },
      identifiers,
      features,
      erased_at: null,
    });
    const [letter] = stores.warehouse.rows("dead_letters");
    expect(Object.keys(letter ?? {})).toEqual(bronze.columns.dead_letter.map(({ name }) => name));
  });

  it("that cannot be read becomes a dead letter and delays nothing", async () => {
    await appendEvents(stores.log, "email", ids(3));
    await stores.log.append("email", [{ key: "k", value: Buffer.from("junk") }]);
    await appendEvents(stores.log, "email", ids(3, "f"));
    const { landing } = await run();
    await landing.idle();
    expect(landedIds()).toHaveLength(6);
    const letters = stores.warehouse.rows("dead_letters");
    expect(letters.map((row) => [row.reason, row.stage, row.source_object, row.source])).toEqual([
      ["broken_row", "land", "email_events", "email"],
    ]);
    const [junk] = letters;
    expect(junk?.original).toEqual(Buffer.concat([Buffer.from([0, 0]), Buffer.from("junk")]));
    expect(junk?.dead_letter_id).toBe(`email-${junk?.log_partition}-${junk?.log_offset}`);
    const days = (Date.parse(String(junk?.expires_at)) - Date.parse(String(junk?.received_at))) / 86_400_000;
    expect(days).toBe(30);
  });

  it("with a time no TIMESTAMP can hold lands all the same, and notes what was reported", async () => {
    const notes = { _rollcall: { reported_at: "said" } };
    const times: readonly Partial<EventRecord>[] = [
      { occurredAt: 2 ** 60, sentAt: 2 ** 60 },
      { occurredAt: -(2 ** 60), sentAt: -(2 ** 60), payload: notes },
      { occurredAt: EARLIEST_MICROS, sentAt: LATEST_MICROS },
      { occurredAt: Number.NaN, receivedAt: 2 ** 60 },
    ];
    await appendEvents(stores.log, "website", []);
    await stores.log.append(
      "website",
      times.map((time, n) => encodeRecord(testEvent(`t${n}`, time))),
    );
    const { landing } = await run({ maxRecords: 100 });
    await landing.idle();
    expect(stores.warehouse.rows("dead_letters")).toEqual([]);
    const rows = Object.fromEntries(stores.warehouse.rows("website_events").map((row) => [row.event_id, row]));
    const received = "2026-01-01T00:00:00.000002Z";
    expect(rows.t0).toMatchObject({ occurred_at: received, sent_at: null, received_at: received });
    expect(rows.t0?.payload).toEqual({ event: "x", _rollcall: { reported_micros: 2 ** 60 } });
    expect(rows.t1).toMatchObject({ occurred_at: "0001-01-01T00:00:00.000000Z", sent_at: null });
    expect(rows.t1?.payload).toEqual({ _rollcall: { reported_at: "said", reported_micros: -(2 ** 60) } });
    expect(rows.t2).toMatchObject({
      occurred_at: "0001-01-01T00:00:00.000000Z",
      sent_at: "9999-12-31T23:59:59.000000Z",
      payload: { event: "x" },
    });
    expect(rows.t3?.occurred_at).toBe(rows.t3?.received_at);
  });

  it("of an erased person lands without its personal part; of another's, without the erased one's identifier", async () => {
    const identifier = (hmac: string, role: "own" | "mentioned") =>
      ({ namespace: "global", type: "email", hmac, value: `${hmac}@example.org`, role }) as const;
    const personal = { traits: { name: "Ada" } };
    const features = [{ field: "given_name", value: "ada" }] as const;
    await appendEvents(stores.log, "website", []);
    await stores.log.append(
      "website",
      [
        testEvent("erased", {
          personal,
          features,
          identifiers: [identifier("gone", "own"), identifier("kept", "own")],
        }),
        testEvent("other", {
          personal,
          features,
          identifiers: [identifier("kept", "own"), identifier("gone", "mentioned")],
        }),
      ].map(encodeRecord),
    );
    const asked: string[][] = [];
    const suppressed = async (hmacs: readonly string[]) => {
      asked.push([...hmacs].sort());
      return new Set(["gone"]);
    };
    const { landing } = await run({ maxRecords: 100 }, { suppressed });
    await landing.idle();
    const rows = Object.fromEntries(stores.warehouse.rows("website_events").map((row) => [row.event_id, row]));
    expect(rows.erased).toMatchObject({ personal: null, identifiers: [], features: [], payload: { event: "x" } });
    expect(rows.erased?.erased_at).toBe(rows.erased?.ingested_at);
    expect(rows.other).toMatchObject({ personal, features, identifiers: [{ hmac: "kept" }], erased_at: null });
    expect(asked.flat()).toContain("gone");
  });
});

describe("a crash", () => {
  const die = (point: LandingCheckpoint, after: number) => {
    let passed = 0;
    return {
      checkpoint: (name: LandingCheckpoint): void => {
        if (name !== point) return;
        passed += 1;
        if (passed > after) throw new Error(`died at ${name}`);
      },
    };
  };

  it.each([
    ["manifest", 0],
    ["manifest", 3],
    ["rows", 0],
    ["rows", 3],
    ["offsets", 0],
    ["offsets", 3],
  ] as const)(
    "at %s, after %i batches: the next start lands each record once, whatever its batch size",
    async (point, after) => {
      await appendEvents(stores.log, "website", ids(60));
      const first = createTestLanding(stores, { maxRecords: 5 }, die(point, after));
      await first.landing.start();
      await expect(first.landing.idle()).rejects.toThrow(`died at ${point}`);
      await first.landing.stop();
      const before = await manifests();
      expect(before.filter(({ status }) => status === "open")).toHaveLength(point === "offsets" ? 0 : 1);

      await appendEvents(stores.log, "website", ids(7, "more"));
      const second = await run({ maxRecords: 11 });
      await second.landing.idle();
      expect(landedIds().sort()).toEqual([...ids(60), ...ids(7, "more")].sort());
      expect((await manifests()).every(({ status }) => status === "landed")).toBe(true);
      for (const manifest of before) {
        const batch = stores.warehouse.batches.find(({ batchId }) => batchId === manifest._id);
        expect(batch).toMatchObject({
          firstOffset: manifest.first,
          lastOffset: manifest.last,
          ingestedAt: manifest.ingested_at,
        });
      }
      const stamps = stores.warehouse.batches.map(({ ingestedAt }) => ingestedAt);
      expect(new Set(stamps).size).toBe(stamps.length);
      expect(stamps).toEqual([...stamps].sort((a, b) => a - b));
    },
  );

  it("closes no window beyond a batch that was left open", async () => {
    await appendEvents(stores.log, "website", ids(60));
    // Its pause after the failure lasts until it is stopped: meanwhile nothing moves.
    const clock = createManualClock(Date.now());
    const first = createTestLanding(stores, { maxRecords: 5, flushMs: 0 }, { ...die("manifest", 3), clock });
    await first.landing.start();
    await expect(first.landing.idle()).rejects.toThrow();
    const [open] = (await manifests()).filter(({ status }) => status === "open");
    const latest = Math.max(...stores.warehouse.batches.map(({ ingestedAt }) => ingestedAt));
    expect(first.landing.closedUpTo()).toBeLessThanOrEqual(open?.ingested_at ?? 0);
    expect(first.landing.closedUpTo()).toBeGreaterThan(latest);
    await first.landing.stop();
  });

  it("is not repaired from a log that holds other records there", async () => {
    await appendEvents(stores.log, "website", ids(8));
    const first = createTestLanding(stores, {}, die("manifest", 0));
    await first.landing.start();
    await expect(first.landing.idle()).rejects.toThrow();
    await first.landing.stop();
    const other = openStores(mkdtempSync(join(folder, "other-")));
    await other.log.ensureTopics(["website"]);
    const changed = ids(8).map((id) => encodeRecord(testEvent(id, { payload: { event: "y" } })));
    await other.log.append("website", changed);
    const second = createTestLanding({ ...stores, log: other.log });
    await expect(second.landing.start()).rejects.toThrow(/no longer holds what batch website-\d-0-1 was cut from/);
    expect(stores.warehouse.batches).toEqual([]);
    await other.log.close();
    await other.documents.close();
  });
});

describe("a warehouse that fails", () => {
  it("pauses landing, which then goes on with the same batch", async () => {
    await appendEvents(stores.log, "website", ids(20));
    const busy = () => new RollcallError("WAREHOUSE_BUSY", "busy", { isRetriable: true });
    stores.warehouse.failures.push(busy(), busy(), busy());
    const { landing, metrics } = await run({ maxRecords: 5 });
    await landing.idle();
    expect(landedIds().sort()).toEqual(ids(20).sort());
    expect(stores.warehouse.batches.every(({ batchId }) => batchId.endsWith("-1"))).toBe(true);
    await landing.stop();
    const { text } = await metrics.render();
    expect(text).toContain('rollcall_landing_pauses_total{code="WAREHOUSE_BUSY"} 3');
    expect(text).toContain('rollcall_landed_rows_total{table="website_events"} 20');
    expect(text).toContain('rollcall_landing_lag_records{topic="website"} 0');
  });

  it("tells whoever waits when trying again cannot help, drops nothing, and goes on once it is repaired", async () => {
    await appendEvents(stores.log, "website", ids(20));
    stores.warehouse.failures.push(new RollcallError("WAREHOUSE_FAILED", "no such table", { isRetriable: false }));
    const { landing } = await run();
    await expect(landing.idle()).rejects.toThrow("no such table");
    await landing.idle();
    expect(landedIds().sort()).toEqual(ids(20).sort());
    expect(stores.warehouse.rows("dead_letters")).toEqual([]);
  });
});

describe("stopping", () => {
  it("tells whoever waits, and whoever asks afterwards, that what is left will not land", async () => {
    await appendEvents(stores.log, "website", ids(3));
    const land = async () => Promise.reject(new RollcallError("WAREHOUSE_BUSY", "busy", { isRetriable: true }));
    const { landing } = await run({}, { warehouse: { ...stores.warehouse, land } });
    const waiting = landing.idle();
    const settled = expect(waiting).rejects.toMatchObject({
      code: "CANCELLED",
      message: expect.stringContaining("stopped"),
    });
    await landing.stop();
    await settled;
    await expect(landing.idle()).rejects.toMatchObject({ code: "CANCELLED" });
  });
});

describe("batches of a trickle", () => {
  it("come flushMs apart, unless they are full", async () => {
    const clock = createManualClock(1_000_000);
    const slept: number[] = [];
    const sleep = async (ms: number) => {
      slept.push(ms);
      if (ms > 1) clock.advance(ms);
    };
    const { landing } = await run({ maxRecords: 3, flushMs: 200 }, { clock: { now: clock.now, sleep } });
    const append = (count: number) =>
      stores.log.append(
        "website",
        ids(count).map((id) => ({ ...encodeRecord(testEvent(id)), key: "one-partition" })),
      );
    await append(1);
    await landing.idle();
    expect(slept).toEqual([]);
    clock.advance(50);
    await append(1);
    await landing.idle();
    expect(slept).toEqual([150]);
    await append(6);
    await landing.idle();
    expect(slept).toEqual([150]);
  });
});
