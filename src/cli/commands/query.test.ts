import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { query, scratchNote } from "./query.js";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-query-"));
  writeFileSync(join(folder, "notes.sql"), "-- to be written\n");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(["SELECT 1; SELECT 2", "DELETE FROM gold.profiles WHERE TRUE"])(
  "what is no query is refused before any warehouse is opened: %j",
  async (sql) => {
    const asked = query(sql, { home: "/dev/null/nowhere", format: "table", unmask: false, scratch: false });
    await expect(asked).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringContaining("--scratch runs a whole script"),
    });
  },
);

const asked = { home: "/dev/null/nowhere", format: "table", unmask: false } as const;

test.each([true, false])("a text without a statement is refused, with scratch %s", async (scratch) => {
  const message = (what: string) => `${what} holds no statement. Give one, as in "SELECT 1".`;
  const file = join(folder, "notes.sql");
  for (const text of ["", " ;\n", "-- only this\n/* and this */"]) {
    await expect(query(text, { ...asked, scratch })).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: message("The text"),
    });
  }
  await expect(query(undefined, { ...asked, scratch, file })).rejects.toThrow(message(file));
});

test("a folder is no file with SQL", async () => {
  await expect(query(undefined, { ...asked, scratch: false, file: folder })).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    message: `${folder} is a folder: give --file one file with SQL in it.`,
  });
  const absent = join(folder, "absent.sql");
  await expect(query(undefined, { ...asked, scratch: false, file: absent })).rejects.toThrow(
    `${absent} cannot be read: ENOENT`,
  );
});

test.each([
  [{ query: "SELECT 1", unseen: 0 }, ""],
  [{ query: "SELECT 1", unseen: 2 }, "3 results; only that of the last query is shown.\n"],
  [{ query: null, unseen: 0 }, "Done. The last statement is no query, so there are no rows to show.\n"],
  [
    { query: null, unseen: 1 },
    "Done. The last statement is no query, so there are no rows to show; put the query whose rows you want at the end.\n",
  ],
])("says which results of a script are not shown: %j", (parts, note) =>
  expect(scratchNote({ script: null, ...parts })).toBe(note),
);
