import { readFile, stat, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "../clock.js";
import { describeEventLog } from "./contract.js";
import { LIMITS, numbered, readEverything, record, TOPIC, take } from "./contract-support.js";
import { createLocalEventLog } from "./local.js";
import { createLocalSubject, type LocalEventLogSubject } from "./local.testing.js";
import type { EventLog } from "./port.js";

describeEventLog("local", createLocalSubject, { hasSizeCap: true });

describe("the file of the local log", () => {
  let subject: LocalEventLogSubject;
  let log: EventLog;

  beforeEach(async () => {
    subject = await createLocalSubject({ ...LIMITS, maxBytes: 50 * 1024 * 1024 });
    log = await subject.open();
  });
  afterEach(async () => {
    await log.close();
    await subject.dispose();
  });

  test("after a prune it holds nothing of what went, and is smaller", async () => {
    await log.ensureTopics([TOPIC]);
    const needle = "amina.diallo@example.org";
    const value = Buffer.from(needle.repeat(400));
    await log.append(
      TOPIC,
      numbered(500).map(({ key }) => ({ key, value })),
    );
    await take(log, 500, { group: "landing" });
    subject.advance(LIMITS.retentionMs + 1_000);
    expect(await log.prune()).toBe(500);

    const [file, journal] = [await readFile(subject.file), await readFile(`${subject.file}-wal`)];
    expect(file.includes(needle)).toBe(false);
    expect(journal.includes(needle)).toBe(false);
    expect(file.length).toBeLessThan(200_000);
  });

  test("is readable by its owner only", async () => {
    await log.ensureTopics([TOPIC]);
    expect((await stat(subject.file)).mode & 0o777).toBe(0o600);
    expect((await stat(`${subject.file}-wal`)).mode & 0o777).toBe(0o600);
  });

  test("two connections may make a new log and its topics at the same moment", async () => {
    const logs = [log, await subject.open(), await subject.open()];
    await Promise.all(logs.map((one) => one.ensureTopics([TOPIC, "second"])));
    await Promise.all(logs.map((one, index) => one.append(TOPIC, [record("one", String(index))])));
    expect((await readEverything(log)).flat()).toHaveLength(3);
    await Promise.all(logs.map((one) => one.close()));
  });

  test("a topic keeps the partitions it was made with", async () => {
    await log.ensureTopics([TOPIC]);
    await log.close();
    log = createLocalEventLog({ file: subject.file, partitions: 9 }, { clock: systemClock });
    await log.ensureTopics([TOPIC, "new"]);
    expect(await log.partitions(TOPIC)).toHaveLength(4);
    expect(await log.partitions("new")).toHaveLength(9);
  });

  test("refuses what it could not keep as it is", async () => {
    await log.ensureTopics([TOPIC]);
    const refused = { code: "INPUT_INVALID", isRetriable: false };
    await expect(log.append(TOPIC, [record("cut\0here", "one")])).rejects.toMatchObject(refused);
    await expect(log.ensureTopics(["no/slash"])).rejects.toMatchObject(refused);
    await expect(log.commit("landing", [{ topic: TOPIC, partition: 0, offset: 1 }])).rejects.toMatchObject(refused);
    await expect(log.readRange(TOPIC, 99, 0, 0)).rejects.toMatchObject(refused);
    expect((await readEverything(log)).flat()).toEqual([]);
  });

  test("after close it says so", async () => {
    await log.ensureTopics([TOPIC]);
    await log.close();
    await log.close();
    const closed = { code: "LOG_FAILED", isRetriable: false };
    await expect(log.append(TOPIC, [record("one", "late")])).rejects.toMatchObject(closed);
    await expect(log.partitions(TOPIC)).rejects.toMatchObject(closed);
  });

  test("that is no SQLite file is named in the error", async () => {
    const file = `${subject.file}.txt`;
    await writeFile(file, "Not a database. ".repeat(100));
    expect(() => createLocalEventLog({ file }, { clock: systemClock })).toThrow(
      expect.objectContaining({
        code: "LOG_FAILED",
        message: `${file} is not a SQLite file; move it away or name another file`,
      }),
    );
  });
});
