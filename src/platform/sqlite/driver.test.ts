import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openSqlite, type Sqlite, type SqliteConfig } from "./driver.js";

const CODES = { failed: "DOCUMENTS_FAILED", full: "LOG_FULL" } as const;

describe("the SQLite driver", () => {
  let folder: string;
  let file: string;
  let opened: Sqlite[];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "rollcall-sqlite-"));
    file = join(folder, "below", "file.db");
    opened = [];
  });
  afterEach(async () => {
    await Promise.all(opened.map((sqlite) => sqlite.close()));
    await rm(folder, { recursive: true });
  });

  const open = (config: Partial<SqliteConfig> = {}): Sqlite => {
    const sqlite = openSqlite({ file, codes: CODES, ...config });
    opened.push(sqlite);
    return sqlite;
  };
  const openWithTable = async (config: Partial<SqliteConfig> = {}): Promise<Sqlite> => {
    const sqlite = open(config);
    await sqlite.write(() => sqlite.run("CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY, text TEXT)"));
    return sqlite;
  };
  const insert = (sqlite: Sqlite, id: number): number => sqlite.run("INSERT INTO t VALUES (?, ?)", id, `text ${id}`);
  const ids = (sqlite: Sqlite): unknown[] => sqlite.all("SELECT id FROM t ORDER BY id").map((row) => row.id);

  test("a file is durable, overwrites what is deleted, and keeps a journal that readers do not wait for", () => {
    const sqlite = open({ incrementalVacuum: true });
    const settings = [
      "journal_mode",
      "synchronous",
      "secure_delete",
      "auto_vacuum",
      "cache_size",
      "wal_autocheckpoint",
    ];
    expect(settings.map((name) => sqlite.get(`PRAGMA ${name}`)?.[name])).toEqual(["wal", 2, 1, 2, -65536, 8000]);
  });

  test("a write gives what its work gives, and other connections see it", async () => {
    const [left, right] = [await openWithTable(), await openWithTable()];
    expect(await left.write(() => insert(left, 1))).toBe(1);
    expect(right.get("SELECT text FROM t WHERE id = ?", 1)).toMatchObject({ text: "text 1" });
    expect(right.get("SELECT text FROM t WHERE id = ?", 2)).toBeUndefined();
    expect([...right.each("SELECT id FROM t")]).toMatchObject([{ id: 1 }]);
  });

  test("writes of one turn share a transaction; what one throws undoes that one only", async () => {
    const sqlite = await openWithTable();
    const failure = new Error("refused");
    const outcomes = await Promise.allSettled([
      sqlite.write(() => insert(sqlite, 1)),
      sqlite.write(() => {
        insert(sqlite, 2);
        throw failure;
      }),
      sqlite.write(() => {
        insert(sqlite, 3);
        return insert(sqlite, 1);
      }),
      sqlite.write(() => insert(sqlite, 4)),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected", "fulfilled"]);
    expect(outcomes[1]).toMatchObject({ reason: failure });
    expect(outcomes[2]).toMatchObject({ reason: { code: "DOCUMENTS_FAILED", isRetriable: false } });
    expect(ids(sqlite)).toEqual([1, 4]);
  });

  test("more writes than fit one transaction are all done, in order", async () => {
    const sqlite = await openWithTable();
    const order: number[] = [];
    const writes = Array.from({ length: 1_200 }, (_, id) =>
      sqlite.write(() => {
        order.push(id);
        insert(sqlite, id);
      }),
    );
    await Promise.all(writes);
    expect(order).toEqual(writes.map((_, id) => id));
    expect(ids(sqlite)).toHaveLength(1_200);
  });

  test("a write waits for the lock of another without blocking this process", async () => {
    const [holder, waiter] = [await openWithTable(), await openWithTable()];
    holder.run("BEGIN IMMEDIATE");
    insert(holder, 1);
    let isDone = false;
    const writing = waiter
      .write(() => insert(waiter, 2))
      .then(() => {
        isDone = true;
      });
    for (let turn = 0; turn < 20; turn++) await nextTurn();
    expect(isDone).toBe(false);
    expect(ids(waiter)).toEqual([]); // reads go on
    holder.run("COMMIT");
    await writing;
    expect(ids(holder)).toEqual([1, 2]);
  });

  test("a lock that is never released is a retriable error that says so", async () => {
    const [holder, waiter] = [await openWithTable(), await openWithTable({ lockWaitMs: 20 })];
    holder.run("BEGIN IMMEDIATE");
    const writes = [1, 2].map((id) => waiter.write(() => insert(waiter, id)));
    for (const write of writes) {
      await expect(write).rejects.toMatchObject({
        code: "DOCUMENTS_FAILED",
        isRetriable: true,
        message: expect.stringContaining("locked by another process"),
      });
    }
    holder.run("ROLLBACK");
    await expect(waiter.write(() => insert(waiter, 3))).resolves.toBe(1);
  });

  test("a full disk has a code of its own, keeps nothing of the transaction, and passes", async () => {
    const sqlite = await openWithTable();
    const limit = Number(sqlite.get("PRAGMA page_count")?.page_count) + 5;
    sqlite.get(`PRAGMA max_page_count = ${limit}`);
    const outcomes = await Promise.allSettled([
      sqlite.write(() => insert(sqlite, 1)),
      sqlite.write(() => sqlite.run("INSERT INTO t VALUES (2, ?)", "x".repeat(100_000))),
    ]);
    expect(outcomes[1]).toMatchObject({ reason: { code: "LOG_FULL", isRetriable: true } });
    expect(ids(sqlite)).toEqual(outcomes[0]?.status === "fulfilled" ? [1] : []);
    sqlite.get("PRAGMA max_page_count = 100000");
    await sqlite.write(() => insert(sqlite, 3));
    expect(ids(sqlite)).toContain(3);
  });

  test("close finishes what waits, leaves nothing in the journal, and ends the connection", async () => {
    const sqlite = await openWithTable();
    const writing = sqlite.write(() => insert(sqlite, 1));
    await Promise.all([sqlite.close(), sqlite.close()]);
    expect(await writing).toBe(1);
    const journal = await readFile(`${file}-wal`).catch(() => Buffer.of()); // empty, where it is not removed
    expect(journal).toHaveLength(0);
    const closed = { code: "DOCUMENTS_FAILED", message: `${file} is closed` };
    expect(() => ids(sqlite)).toThrow(expect.objectContaining(closed));
    await expect(sqlite.write(() => 1)).rejects.toMatchObject(closed);
    await expect(sqlite.scrub()).rejects.toMatchObject(closed);
    expect(ids(open())).toEqual([1]);
  });

  test("a scrub waits for readers, or says that it could not be done", async () => {
    const [sqlite, reader] = [await openWithTable({ lockWaitMs: 20 }), await openWithTable()];
    await sqlite.write(() => insert(sqlite, 1));
    reader.run("BEGIN");
    ids(reader);
    await sqlite.write(() => insert(sqlite, 2));
    await expect(sqlite.scrub()).rejects.toMatchObject({ code: "DOCUMENTS_FAILED", isRetriable: true });
    reader.run("COMMIT");
    await sqlite.scrub();
    expect(await readFile(`${file}-wal`)).toHaveLength(0);
  });

  test("leaving a row-by-row read early ends it: it does not hold the journal", async () => {
    const [sqlite, reader] = [await openWithTable({ lockWaitMs: 20 }), await openWithTable()];
    for (const id of [1, 2, 3]) await sqlite.write(() => insert(sqlite, id));
    for (const row of reader.each("SELECT id FROM t ORDER BY id")) if (row.id === 1) break;
    await sqlite.write(() => insert(sqlite, 4));
    await sqlite.scrub();
    expect([...reader.each("SELECT id FROM t ORDER BY id")].map((row) => row.id)).toEqual([1, 2, 3, 4]);
  });

  test("many different statements are fine", async () => {
    const sqlite = await openWithTable();
    for (let round = 0; round < 2; round++) {
      for (let number = 0; number < 700; number++) expect(sqlite.get(`SELECT ${number} AS n`)?.n).toBe(number);
    }
  });

  test("files that cannot be used are named, with what to do", async () => {
    const text = join(folder, "notes.txt");
    await writeFile(text, "Not a database. ".repeat(100));
    expect(() => open({ file: text })).toThrow(
      expect.objectContaining({ message: expect.stringContaining("not a SQLite file") }),
    );
    expect(() => open({ file: join(text, "file.db") })).toThrow(
      expect.objectContaining({
        code: "DOCUMENTS_FAILED",
        isRetriable: false,
        message: expect.stringContaining("its folder"),
      }),
    );
    expect(() => open({ file: folder })).toThrow(
      expect.objectContaining({ code: "DOCUMENTS_FAILED", isRetriable: false }),
    );
  });
});
