import { readFile, stat } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openSqlite } from "../sqlite/driver.js";
import { describeDocuments } from "./contract.js";
import { createSqliteDocuments, type SqliteDocuments } from "./sqlite.js";
import { createSqliteSubject, type SqliteDocumentsSubject } from "./sqlite.testing.js";

describeDocuments("SQLite", createSqliteSubject);

interface Profile {
  readonly _id: string;
  readonly segment?: string;
  readonly email?: string;
}

describe("the file of the documents", () => {
  let subject: SqliteDocumentsSubject;
  let documents: SqliteDocuments;

  beforeEach(async () => {
    subject = await createSqliteSubject();
    documents = createSqliteDocuments({ file: subject.file });
  });
  afterEach(async () => {
    await documents.close();
    await subject.dispose();
  });

  test.each([["removed"], ["replaced"]])("after a scrub holds nothing of what was %s", async (how) => {
    const profiles = await documents.collection<Profile>({ name: "profiles", indexes: [["email"]] });
    const needle = "amina.diallo@example.org";
    const many = Array.from({ length: 200 }, (_, at) => ({ _id: `p${at}`, email: needle, segment: needle.repeat(at) }));
    await profiles.put(many);
    if (how === "removed") await profiles.remove(many.map(({ _id }) => _id));
    else await profiles.put(many.map(({ _id }) => ({ _id })));
    await documents.scrub();
    expect((await readFile(subject.file)).includes(needle)).toBe(false);
    expect((await readFile(`${subject.file}-wal`)).includes(needle)).toBe(false);
  });

  test("is readable by its owner only", async () => {
    expect((await stat(subject.file)).mode & 0o777).toBe(0o600);
  });

  test("every kind of condition is answered from the index", async () => {
    await documents.collection<Profile>({ name: "profiles", indexes: [["segment", "email"]] });
    const sqlite = openSqlite({ file: subject.file, codes: { failed: "INTERNAL", full: "INTERNAL" } });
    const plan = (condition: string): string =>
      sqlite
        .all(
          `EXPLAIN QUERY PLAN SELECT doc FROM "docs:profiles" WHERE ${condition} ORDER BY "field:email", _id LIMIT 5`,
        )
        .map((row) => row.detail)
        .join("; ");
    const segment = `"field:segment"`;
    expect(plan(`${segment} = 'a'`)).toMatch(/^SEARCH \S+ USING INDEX [^;]*$/); // sorted by the index too
    expect(plan(`(${segment} IN (SELECT value FROM json_each('["a","b"]')))`)).toMatch(/^SEARCH \S+ USING INDEX/);
    expect(plan(`${segment} >= 'a' AND ${segment} < x''`)).toMatch(/^SEARCH \S+ USING INDEX .*>.*<\?/);
    expect(plan(`${segment} IS NULL`)).toMatch(/^SEARCH \S+ USING INDEX [^;]*$/);
    await sqlite.close();
  });

  test("after close it says so", async () => {
    const profiles = await documents.collection<Profile>({ name: "profiles" });
    await documents.close();
    const closed = { code: "DOCUMENTS_FAILED", isRetriable: false };
    await expect(profiles.get("one")).rejects.toMatchObject(closed);
    await expect(profiles.put([{ _id: "one" }])).rejects.toMatchObject(closed);
  });
});
