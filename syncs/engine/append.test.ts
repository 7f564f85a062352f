import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ManualClock } from "../../src/platform/clock.js";
import type { Warehouse } from "../../src/warehouse/port.js";
import { windowsOf } from "./append.js";
import { addFacts, FACTS, type MemoryTarget, openScene, rejecting, type Scene, startEngine } from "./testing.js";

const arrivals = fc
  .uniqueArray(fc.record({ ingestedAt: fc.integer({ min: 1, max: 1000 }), rows: fc.integer({ min: 1, max: 50 }) }), {
    selector: (arrival) => arrival.ingestedAt,
    maxLength: 30,
  })
  .map((list) => list.sort((a, b) => a.ingestedAt - b.ingestedAt));

describe("windows of arrivals", () => {
  it("cover every arrival once, in order, without a gap", () => {
    fc.assert(
      fc.property(arrivals, fc.integer({ min: 1, max: 100 }), (list, rows) => {
        const windows = windowsOf(list, 0, rows);
        expect(windows.map((window) => window.from)).toEqual(
          [0, ...windows.slice(0, -1).map((window) => window.to)].slice(0, windows.length),
        );
        const covered = windows.flatMap((window) =>
          list.filter((a) => a.ingestedAt > window.from && a.ingestedAt <= window.to),
        );
        expect(covered).toEqual(list);
      }),
    );
  });

  it("hold as many rows as asked for, unless one arrival alone is larger", () => {
    fc.assert(
      fc.property(arrivals, fc.integer({ min: 1, max: 100 }), (list, rows) => {
        for (const { from, to } of windowsOf(list, 0, rows)) {
          const inside = list.filter((a) => a.ingestedAt > from && a.ingestedAt <= to);
          const sum = inside.reduce((total, arrival) => total + arrival.rows, 0);
          expect(inside.length === 1 || sum <= rows).toBe(true);
        }
      }),
    );
  });

  it("start at the watermark", () => {
    expect(windowsOf([{ ingestedAt: 9, rows: 1 }], 5, 10)).toEqual([{ from: 5, to: 9 }]);
    expect(windowsOf([], 5, 10)).toEqual([]);
  });
});

describe("an append object", () => {
  let scene: Scene;
  let warehouse: Warehouse;
  let clock: ManualClock;
  let target: MemoryTarget;
  const sync: Scene["sync"] = (...args) => scene.sync(...args);
  const rows: Scene["rows"] = (...args) => scene.rows(...args);
  const at = (second: number): number => second * 1_000_000;

  beforeAll(async () => {
    scene = await openScene(FACTS);
  });
  afterAll(() => scene.close());
  beforeEach(async () => {
    await scene.forget();
    ({ warehouse, clock, target } = scene);
  });

  it("delivers each arrival once", async () => {
    await addFacts(warehouse, at(1), ["a", "b"]);
    await addFacts(warehouse, at(2), ["c", "d"]);
    expect(await sync()).toMatchObject({ status: "synced", upserted: 4 });
    expect(await sync()).toMatchObject({ status: "unchanged" });
    await addFacts(warehouse, at(3), ["e"]);
    expect(await sync()).toMatchObject({ status: "synced", upserted: 1 });
    expect(target.sent.map((operation) => operation.key).sort()).toEqual(["a", "b", "c", "d", "e"]);
    expect(await rows("SELECT key FROM ops.sync_snapshots")).toEqual([]);
  });

  it.each(["plan", "push", "acknowledge"])("repeats at most one window after a crash at %s", async (point) => {
    for (let second = 1; second <= 4; second++) await addFacts(warehouse, at(second), [`a${second}`, `b${second}`]);
    let visits = 0;
    const crash = sync({
      checkpoint: (name) => {
        if (name === point && ++visits === 2) throw new Error("crash");
      },
    });
    await expect(crash).rejects.toThrow("crash");
    await sync();
    expect([...target.held.keys()].sort()).toEqual(["a1", "a2", "a3", "a4", "b1", "b2", "b3", "b4"]);
    expect(target.sent.length).toBe(point === "push" ? 10 : 8);
    expect(await sync()).toMatchObject({ status: "unchanged" });
  });

  it("goes on where it was stopped, under the same marker too", async () => {
    for (let second = 1; second <= 3; second++) await addFacts(warehouse, at(second), [`a${second}`, `b${second}`]);
    const stop = new AbortController();
    const checkpoint = (): void => stop.abort();
    const stopped = startEngine({ warehouse, target, clock, checkpoint });
    expect(await scene.run(stopped, { marker: "w1", signal: stop.signal })).toMatchObject({
      status: "cancelled",
      upserted: 2,
    });
    expect(await sync({}, "w1")).toMatchObject({ status: "synced", upserted: 4 });
  });

  it("delivers everything again once told to forget, also what changed behind the watermark", async () => {
    await addFacts(warehouse, at(1), ["a", "b"]);
    await addFacts(warehouse, at(2), ["c"]);
    await sync({}, "w1");
    await warehouse.execute("UPDATE activation.act_memory_facts__facts SET content = 'rebuilt' WHERE fact_id = 'a'");
    expect(await sync({}, "w1")).toMatchObject({ status: "unchanged" });
    await startEngine({ warehouse, target, clock }).forget();
    expect(await sync({}, "w1")).toMatchObject({ status: "synced", upserted: 3 });
    expect(target.held).toEqual(
      new Map([
        ["a", "rebuilt"],
        ["b", "content of b"],
        ["c", "content of c"],
      ]),
    );
    expect(await sync({}, "w1")).toMatchObject({ status: "unchanged" });
  });

  it("forgets after a run in progress, not under it", async () => {
    await addFacts(warehouse, at(1), ["a"]);
    const engine = startEngine({ warehouse, target, clock });
    const [report] = await Promise.all([scene.run(engine, { marker: "w1" }), engine.forget()]);
    expect(report).toMatchObject({ upserted: 1 });
    expect(await rows("SELECT object FROM ops.sync_watermarks")).toEqual([]);
  });

  it("keeps rejected facts out and tries the others again", async () => {
    await addFacts(warehouse, at(1), ["a", "b", "c"]);
    target.answer = (operation) => {
      if (operation.key === "a") return { key: "a", status: "rejected", reason: "no" };
      if (operation.key === "b") return { key: "b", status: "retry_later", reason: "busy" };
      return { key: operation.key, status: "synced" };
    };
    expect(await sync()).toMatchObject({ upserted: 1, rejected: 1, retryLater: 1 });
    target.answer = null;
    expect(await sync()).toMatchObject({ status: "unchanged" });
    clock.advance(30_000);
    expect(await sync()).toMatchObject({ status: "synced", upserted: 1 });
    clock.advance(600_000);
    expect(await sync()).toMatchObject({ status: "unchanged" });
    expect([...target.held.keys()].sort()).toEqual(["b", "c"]);
    expect(await rows("SELECT key, status FROM ops.sync_jobs")).toEqual([{ key: "a", status: "rejected" }]);
  });

  it("forgets a retry whose fact is gone", async () => {
    await addFacts(warehouse, at(1), ["a"]);
    target.answer = rejecting("a", "retry_later");
    await sync();
    await warehouse.execute("DELETE FROM activation.act_memory_facts__facts WHERE TRUE");
    clock.advance(30_000);
    await sync();
    expect(await rows("SELECT key FROM ops.sync_jobs")).toEqual([]);
    expect(target.sent).toHaveLength(1);
  });

  it("takes a fact back that was erased", async () => {
    await addFacts(warehouse, at(1), ["a", "b"]);
    await sync();
    await warehouse.execute(`
      DELETE FROM activation.act_memory_facts__facts WHERE fact_id = "a";
      INSERT INTO ops.sync_jobs (job_id, target, object, key, operation, status, attempts, next_attempt_at)
      SELECT "erase a", w.target, w.object, "a", "remove", "retry", 0, TIMESTAMP "2020-01-01 00:00:00+00"
      FROM ops.sync_watermarks AS w`);
    expect(await sync()).toMatchObject({ status: "synced", removed: 1 });
    expect([...target.held.keys()]).toEqual(["b"]);
    expect(await rows("SELECT key FROM ops.sync_jobs")).toEqual([]);
  });
});
