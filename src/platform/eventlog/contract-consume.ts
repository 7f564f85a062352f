import { expect, test } from "vitest";
import type { Fixture } from "./contract.js";
import { numbered, READ_ALL, record, TOPIC, take, takeBatches, texts } from "./contract-support.js";
import type { EventLog, StoredRecord } from "./port.js";

const byOffset = (a: StoredRecord, b: StoredRecord): number => a.partition - b.partition || a.offset - b.offset;

export function consumingTests(fixture: Fixture): void {
  const committedSum = async (log: EventLog, group: string): Promise<number> =>
    [...(await log.committed(group, TOPIC)).values()].reduce((sum, offset) => sum + offset, 0);

  test("a batch is of one partition, in order, without a gap, within its bounds", async () => {
    const log = await fixture.open();
    await log.append(
      TOPIC,
      numbered(100).map(({ key }) => ({ key, value: Buffer.alloc(10) })),
    );
    const batches = await takeBatches(log, 100, { group: "landing", maxRecords: 7, maxBytes: 45 });
    for (const batch of batches) {
      expect(batch.length).toBeLessThanOrEqual(4);
      expect(new Set(batch.map(({ partition }) => partition)).size).toBe(1);
      expect(batch.map(({ offset }) => offset)).toEqual(batch.map((_, index) => (batch[0]?.offset ?? -1) + index));
    }
    expect(batches.flat()).toHaveLength(100);

    const byCount = await takeBatches(log, 100, { group: "by-count", maxRecords: 3 });
    expect(Math.max(...byCount.map((batch) => batch.length))).toBe(3);
  });

  test("a record above maxBytes is delivered alone", async () => {
    const log = await fixture.open();
    const sizes = [10, 5_000, 10, 10];
    await log.append(
      TOPIC,
      sizes.map((size) => ({ key: "one", value: Buffer.alloc(size) })),
    );
    const batches = await takeBatches(log, 4, { group: "landing", maxBytes: 100 });
    expect(batches.map((batch) => batch.map(({ value }) => value.length))).toEqual([[10], [5_000], [10, 10]]);
  });

  test("a consumer receives what another connection appends later", async () => {
    const [reader, writer] = [await fixture.open(), await fixture.open()];
    const received = take(reader, 20, { group: "landing" });
    for (const one of numbered(20)) await writer.append(TOPIC, [one]);
    expect(
      texts(await received)
        .map(Number)
        .sort((a, b) => a - b),
    ).toEqual(numbered(20).map((_, number) => number));
  });

  test("a handler that throws ends the consumer; its records come again, and those behind them", async () => {
    const log = await fixture.open();
    await log.append(
      TOPIC,
      numbered(6, () => "one"),
    );
    const failure = new Error("the warehouse is down");
    const seen: string[][] = [];
    const consumer = await log.consume({ ...READ_ALL, group: "landing", maxRecords: 2 }, async (batch) => {
      seen.push(texts(batch));
      if (seen.length === 2) throw failure;
    });
    await expect(consumer.done).rejects.toBe(failure);
    expect(seen).toEqual([
      ["0", "1"],
      ["2", "3"],
    ]);
    expect(texts(await take(log, 4, { group: "landing" }))).toEqual(["2", "3", "4", "5"]);
  });

  test("a group goes on behind what it committed, also in another connection; groups do not disturb each other", async () => {
    const log = await fixture.open();
    await log.append(
      TOPIC,
      numbered(3, () => "one"),
    );
    expect(texts(await take(log, 3, { group: "landing" }))).toEqual(["0", "1", "2"]);
    const other = await fixture.open();
    await other.append(TOPIC, [record("one", "3")]);
    expect(texts(await take(other, 1, { group: "landing" }))).toEqual(["3"]);
    expect(texts(await take(log, 4, { group: "segments" }))).toEqual(["0", "1", "2", "3"]);
  });

  test("stop waits for the batch in hand and its commit, and nothing is delivered afterwards", async () => {
    const log = await fixture.open();
    await log.append(
      TOPIC,
      numbered(4, () => "one"),
    );
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const steps: string[] = [];
    let entered: () => void = () => undefined;
    const inHand = new Promise<void>((resolve) => {
      entered = resolve;
    });
    const consumer = await log.consume({ ...READ_ALL, group: "landing", maxRecords: 2 }, async (batch) => {
      steps.push(`began ${texts(batch).join()}`);
      entered();
      await held;
      steps.push("finished");
    });
    await inHand;
    const stopped = consumer.stop().then(() => steps.push("stopped"));
    release();
    await stopped;
    expect(steps).toEqual(["began 0,1", "finished", "stopped"]);
    expect(await committedSum(log, "landing")).toBe(2);
    await expect(consumer.done).resolves.toBeUndefined();
    expect(texts(await take(log, 2, { group: "landing" }))).toEqual(["2", "3"]);
  });

  test("closing the log stops its consumers", async () => {
    const log = await fixture.open();
    const consumer = await log.consume({ ...READ_ALL, group: "landing", idleMs: 600_000 }, async () => undefined);
    await log.close();
    await expect(consumer.done).resolves.toBeUndefined();
  });

  test("startAt decides per partition, is asked once, and leaves the rest to the committed offset", async () => {
    const log = await fixture.open();
    const stored = await log.append(TOPIC, numbered(40));
    await take(log, 40, { group: "landing" });
    const partitions = (await log.partitions(TOPIC)).filter(({ start, end }) => end - start > 1);
    const again = partitions[0]?.partition ?? -1;
    const asked: string[] = [];
    const startAt = async (topic: string, partition: number): Promise<number | undefined> => {
      asked.push(`${topic}/${partition}`);
      return partition === again ? 1 : undefined;
    };
    const expected = stored.filter(({ partition, offset }) => partition === again && offset >= 1);
    const received = await take(log, expected.length, { group: "landing", startAt });
    expect(received.map(({ partition, offset }) => ({ partition, offset }))).toEqual(
      expected.sort((a, b) => a.offset - b.offset).map(({ partition, offset }) => ({ partition, offset })),
    );
    const all = (await log.partitions(TOPIC)).map(({ partition }) => `${TOPIC}/${partition}`);
    expect(asked.sort()).toEqual(all.sort());
  });

  test("a start the log does not hold ends the consumer instead of skipping", async () => {
    const log = await fixture.open();
    await log.append(TOPIC, numbered(5));
    const consumer = await log.consume(
      { ...READ_ALL, group: "landing", startAt: async () => 1_000 },
      async () => undefined,
    );
    await expect(consumer.done).rejects.toMatchObject({ code: "LOG_FAILED", isRetriable: false });
  });

  test("offsets can be committed and asked for; partitions never committed are absent", async () => {
    const log = await fixture.open();
    const [first] = await log.append(
      TOPIC,
      numbered(3, () => "one"),
    );
    const partition = first?.partition ?? -1;
    expect(await log.committed("landing", TOPIC)).toEqual(new Map());
    await log.commit("landing", [{ topic: TOPIC, partition, offset: 2 }]);
    expect(await (await fixture.open()).committed("landing", TOPIC)).toEqual(new Map([[partition, 2]]));
    expect(await log.committed("segments", TOPIC)).toEqual(new Map());
    expect(texts(await take(log, 1, { group: "landing" }))).toEqual(["2"]);
  });

  test("one consumer reads several topics", async () => {
    const log = await fixture.open();
    await log.ensureTopics(["second"]);
    await log.append(TOPIC, [record("one", "first topic")]);
    await log.append("second", [record("one", "second topic")]);
    const received = await take(log, 2, { group: "landing", topics: [TOPIC, "second"] });
    expect(
      received
        .sort(byOffset)
        .map(({ topic, value }) => `${topic}: ${value}`)
        .sort(),
    ).toEqual(["events: first topic", "second: second topic"]);
  });
}
