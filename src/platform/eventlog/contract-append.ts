import fc from "fast-check";
import { expect, test } from "vitest";
import { startChild } from "../testing/child.js";
import type { Fixture } from "./contract.js";
import { numbered, readEverything, record, TOPIC, texts } from "./contract-support.js";
import type { LogPosition } from "./port.js";

const CHILD = new URL("./contract.child.ts", import.meta.url);

export function appendingTests(fixture: Fixture): void {
  test("what is appended is read as it was, where append said", async () => {
    const log = await fixture.open();
    const records = [
      {
        key: "Grüße 学生 \u{1f393}",
        value: Buffer.from([0, 1, 254, 255]),
        headers: { source: "website", "content-type": "ü" },
      },
      { key: "", value: Buffer.alloc(0) },
      { key: "large", value: Buffer.alloc(300_000, 7), headers: {} },
    ];
    const positions = await log.append(TOPIC, records);

    const reopened = await fixture.open();
    for (const [index, { partition, offset }] of positions.entries()) {
      const [stored] = await reopened.readRange(TOPIC, partition, offset, offset);
      expect(stored).toMatchObject({ topic: TOPIC, partition, offset, key: records[index]?.key });
      expect(stored?.headers).toEqual(records[index]?.headers ?? {});
      expect(stored?.value.equals(records[index]?.value ?? Buffer.of())).toBe(true);
    }
  });

  test("a topic starts empty, and making it again changes nothing", async () => {
    const log = await fixture.open();
    const empty = await log.partitions(TOPIC);
    expect(empty.map(({ partition }) => partition)).toEqual(empty.map((_, index) => index));
    expect(empty.every(({ start, end }) => start === end)).toBe(true);

    const [position] = await log.append(TOPIC, [record("key", "one")]);
    await log.ensureTopics([TOPIC, "another"]);
    const [stored] = await log.readRange(
      TOPIC,
      position?.partition ?? -1,
      position?.offset ?? -1,
      position?.offset ?? -1,
    );
    expect(stored?.value.toString()).toBe("one");
    expect((await log.partitions("another")).every(({ start, end }) => start === end)).toBe(true);
  });

  test("no records are no work; a topic that was never made is an error", async () => {
    const log = await fixture.open();
    expect(await log.append(TOPIC, [])).toEqual([]);
    await expect(log.append("unknown", [record("key", "one")])).rejects.toMatchObject({
      code: "LOG_FAILED",
      isRetriable: false,
    });
  });

  test("records of one key share a partition and keep their order, over calls that overlap", async () => {
    const log = await fixture.open();
    const records = numbered(400);
    const calls = [];
    for (let at = 0; at < records.length; at += 10) calls.push(log.append(TOPIC, records.slice(at, at + 10)));
    const positions = (await Promise.all(calls)).flat();

    for (let key = 0; key < 8; key++) {
      const own = positions.filter((_, number) => number % 8 === key);
      expect(new Set(own.map(({ partition }) => partition)).size).toBe(1);
      expect(own.map(({ offset }) => offset)).toEqual(own.map(({ offset }) => offset).sort((a, b) => a - b));
    }
    const stored = (await readEverything(log)).flat();
    expect(
      texts(stored)
        .map(Number)
        .sort((a, b) => a - b),
    ).toEqual(records.map((_, number) => number));
  });

  test("two connections append at once: every record has a place of its own, partitions have no gaps", async () => {
    const [left, right] = [await fixture.open(), await fixture.open()];
    const calls = numbered(60).map((one, number) => (number % 2 === 0 ? left : right).append(TOPIC, [one, one]));
    const places = (await Promise.all(calls)).flat().map(({ partition, offset }) => `${partition}/${offset}`);
    expect(new Set(places).size).toBe(120);

    for (const records of await readEverything(left)) {
      expect(records.map(({ offset }) => offset)).toEqual(records.map((_, index) => (records[0]?.offset ?? 0) + index));
    }
    expect((await readEverything(right)).flat()).toHaveLength(120);
  });

  test("another process appends at the same time: nobody fails, nothing is lost, keys keep their order", async () => {
    const log = await fixture.open();
    const { module, config } = fixture.subject.child;
    const child = startChild(CHILD, [module, config, TOPIC, "300"]);
    const acknowledged: LogPosition[] = [];
    for await (const line of child.lines) {
      acknowledged.push(JSON.parse(line) as LogPosition);
      await log.append(TOPIC, [record(`parent-${acknowledged.length % 8}`, `parent ${acknowledged.length}`)]);
    }
    expect(await child.exited).toBe(0);
    expect(acknowledged).toHaveLength(300);

    const stored = (await readEverything(log)).flat();
    expect(stored).toHaveLength(600);
    for (const key of new Set(stored.map((one) => one.key))) {
      const numbers = stored
        .filter((one) => one.key === key)
        .map(({ value }) => Number(value.toString().split(" ")[1]));
      expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    }
  });

  test("what was acknowledged to a process that is then killed is there", async () => {
    const log = await fixture.open();
    const { module, config } = fixture.subject.child;
    const child = startChild(CHILD, [module, config, TOPIC, "1000000"]);
    const acknowledged: (LogPosition & { readonly value: string })[] = [];
    for await (const line of child.lines) {
      acknowledged.push(JSON.parse(line));
      if (acknowledged.length === 150) await child.kill();
    }
    expect(acknowledged.length).toBeGreaterThanOrEqual(150);
    for (const { partition, offset, value } of acknowledged) {
      const [stored] = await log.readRange(TOPIC, partition, offset, offset);
      expect(stored?.value.toString()).toBe(value);
    }
    // And the log goes on, right behind what the killed process had committed.
    const before = await log.partitions(TOPIC);
    const [next] = await log.append(TOPIC, [record("child-0", "after")]);
    expect(next?.offset).toBe(before[next?.partition ?? -1]?.end);
  });

  test("readRange gives exactly the range, or fails", async () => {
    const log = await fixture.open();
    const positions = await log.append(
      TOPIC,
      numbered(10, () => "one key"),
    );
    const [partition, first] = [positions[0]?.partition ?? -1, positions[0]?.offset ?? -1];

    expect(texts(await log.readRange(TOPIC, partition, first, first + 9))).toEqual(
      numbered(10).map((_, n) => String(n)),
    );
    expect(texts(await log.readRange(TOPIC, partition, first + 3, first + 5))).toEqual(["3", "4", "5"]);
    for (const [from, to] of [
      [first, first + 10],
      [first + 10, first + 11],
    ] as const) {
      await expect(log.readRange(TOPIC, partition, from, to)).rejects.toMatchObject({
        code: "LOG_FAILED",
        isRetriable: false,
      });
    }
  });

  test("for any sequence of calls, the log is what a list per key would be", async () => {
    const call = fc.array(fc.record({ key: fc.constantFrom("a", "b", "c", "d", "e"), size: fc.nat(2_000) }), {
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 8 }), async (calls) => {
        const log = await fixture.open();
        const before = new Map((await log.partitions(TOPIC)).map(({ partition, end }) => [partition, end]));
        const model = new Map<string, number[]>();
        for (const records of calls) {
          for (const { key, size } of records) model.set(key, [...(model.get(key) ?? []), size]);
          await log.append(
            TOPIC,
            records.map(({ key, size }) => ({ key, value: Buffer.alloc(size) })),
          );
        }
        const stored = (await readEverything(log))
          .flat()
          .filter((one) => one.offset >= (before.get(one.partition) ?? 0));
        const actual = new Map<string, number[]>();
        for (const { key, value } of stored) actual.set(key, [...(actual.get(key) ?? []), value.length]);
        expect(actual).toEqual(model);
      }),
      { numRuns: 15 },
    );
  });
}
