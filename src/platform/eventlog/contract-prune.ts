import { expect, test } from "vitest";
import type { EventLogFeatures, Fixture } from "./contract.js";
import { LIMITS, numbered, READ_ALL, readEverything, record, TOPIC, take, texts } from "./contract-support.js";

export function pruningTests(fixture: Fixture, { hasSizeCap }: EventLogFeatures): void {
  test("prune takes what every group has passed and what is past its retention, and nothing else", async () => {
    const log = await fixture.open();
    await log.append(
      TOPIC,
      numbered(10, () => "one"),
    );
    await take(log, 10, { group: "landing" });
    const segments = await log.consume({ ...READ_ALL, group: "segments", maxRecords: 4 }, async (batch) => {
      if (batch[0]?.value.toString() === "4") throw new Error("stopped behind the first four");
    });
    await expect(segments.done).rejects.toThrow("stopped behind");

    expect(await log.prune()).toBe(0); // passed by all, but young
    fixture.subject.advance(LIMITS.retentionMs + 1_000);
    await log.append(TOPIC, [record("one", "young")]);
    expect(await log.prune()).toBe(4); // the rest is old, but "segments" has not read it
    expect(texts((await readEverything(log)).flat())).toEqual(["4", "5", "6", "7", "8", "9", "young"]);

    await take(log, 7, { group: "segments" });
    await take(log, 1, { group: "landing" });
    expect(await log.prune()).toBe(6);
    expect(texts((await readEverything(log)).flat())).toEqual(["young"]);
    expect(await log.prune()).toBe(0);
  });

  test("nothing goes that nobody has read: neither before the first group, nor before its first commit", async () => {
    const log = await fixture.open();
    await log.append(TOPIC, numbered(5));
    fixture.subject.advance(LIMITS.retentionMs + 1_000);
    expect(await log.prune()).toBe(0);

    await take(log, 5, { group: "landing" });
    const failing = await log.consume({ ...READ_ALL, group: "segments" }, async () => {
      throw new Error("not yet");
    });
    await expect(failing.done).rejects.toThrow("not yet");
    expect(await log.prune()).toBe(0);
    expect(await take(log, 5, { group: "segments" })).toHaveLength(5);
    expect(await log.prune()).toBe(5);
  });

  test("after a prune offsets go on rising, and what is gone is said to be gone", async () => {
    const log = await fixture.open();
    const positions = await log.append(
      TOPIC,
      numbered(3, () => "one"),
    );
    const partition = positions[0]?.partition ?? -1;
    await take(log, 3, { group: "landing" });
    fixture.subject.advance(LIMITS.retentionMs + 1_000);
    expect(await log.prune()).toBe(3);

    const reopened = await fixture.open();
    expect((await reopened.partitions(TOPIC))[partition]).toMatchObject({ start: 3, end: 3 });
    const behind = await log.consume({ ...READ_ALL, group: "late", startAt: async () => 0 }, async () => undefined);
    await expect(behind.done).rejects.toMatchObject({ code: "LOG_FAILED", isRetriable: false });
    const [next] = await reopened.append(TOPIC, [record("one", "next")]);
    expect(next).toEqual({ topic: TOPIC, partition, offset: 3 });
    await expect(log.readRange(TOPIC, partition, 2, 3)).rejects.toMatchObject({ code: "LOG_FAILED" });

    expect(texts(await take(log, 1, { group: "fresh" }))).toEqual(["next"]);
  });

  test.runIf(hasSizeCap)(
    "at the cap append says LOG_FULL and keeps nothing of that call; what is unread stays",
    async () => {
      const log = await fixture.open();
      const value = Buffer.alloc(20_000);
      const call = numbered(10).map(({ key }) => ({ key, value }));
      let kept = 0;
      const fill = async (): Promise<void> => {
        for (;;) {
          await log.append(TOPIC, call);
          kept += call.length;
        }
      };
      await expect(fill()).rejects.toMatchObject({ code: "LOG_FULL", isRetriable: true });
      expect(kept * value.length).toBeGreaterThan(LIMITS.maxBytes / 2);
      expect(kept * value.length).toBeLessThanOrEqual(LIMITS.maxBytes);
      expect((await readEverything(log)).flat()).toHaveLength(kept);

      // A full log drops nothing, however old, before it was read.
      fixture.subject.advance(LIMITS.retentionMs + 1_000);
      expect(await log.prune()).toBe(0);
      await expect(log.append(TOPIC, call)).rejects.toMatchObject({ code: "LOG_FULL" });
      expect(await take(log, kept, { group: "landing" })).toHaveLength(kept);
      expect(await log.prune()).toBe(kept);
      await expect(log.append(TOPIC, call)).resolves.toHaveLength(call.length);
    },
  );

  test.runIf(hasSizeCap)("a call that finds the log full does not harm one that shares its commit", async () => {
    const log = await fixture.open();
    const tooMuch = [{ key: "large", value: Buffer.alloc(LIMITS.maxBytes - 1) }];
    const outcomes = await Promise.allSettled([
      log.append(TOPIC, [record("one", "before")]),
      log.append(TOPIC, tooMuch),
      log.append(TOPIC, [record("one", "after")]),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(texts((await readEverything(log)).flat())).toEqual(["before", "after"]);
  });

  test.runIf(hasSizeCap)("a call that could never fit is refused for good", async () => {
    const log = await fixture.open();
    const outcome = log.append(TOPIC, [{ key: "one", value: Buffer.alloc(LIMITS.maxBytes + 1) }]);
    await expect(outcome).rejects.toMatchObject({ code: "TOO_LARGE", isRetriable: false });
  });
}
