import { mkdtemp, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { describeObjects } from "./contract.js";
import { createFolderObjects } from "./folder.js";

describeObjects("folder", async () => {
  const folder = await mkdtemp(join(tmpdir(), "rollcall-objects-"));
  return {
    open: async () => createFolderObjects({ folder: join(folder, "objects") }),
    dispose: () => rm(folder, { recursive: true }),
  };
});

describe("the folder of objects", () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "rollcall-objects-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  test("files and folders are for their owner only", async () => {
    await createFolderObjects({ folder }).put("exports/one", Buffer.from("x"));
    expect((await stat(join(folder, "exports"))).mode & 0o777).toBe(0o700);
    expect((await stat(join(folder, "exports", "one"))).mode & 0o777).toBe(0o600);
  });

  test("what a killed process left unfinished goes after a day", async () => {
    await createFolderObjects({ folder }).put("one", Buffer.from("x"));
    const unfinished = join(folder, ".unfinished");
    const [abandoned, recent] = [join(unfinished, "abandoned"), join(unfinished, "recent")];
    await writeFile(abandoned, "half");
    await writeFile(recent, "half");
    const twoDaysAgo = (await stat(recent)).mtimeMs / 1000 - 2 * 24 * 60 * 60;
    await utimes(abandoned, twoDaysAgo, twoDaysAgo);
    await createFolderObjects({ folder }).put("two", Buffer.from("x"));
    expect(await readdir(unfinished)).toEqual(["recent"]);
  });

  test("a name cannot be an object and a folder of objects at once", async () => {
    const objects = createFolderObjects({ folder });
    await objects.put("a", Buffer.from("x"));
    await objects.put("b/c", Buffer.from("x"));
    const refused = { code: "OBJECTS_FAILED", isRetriable: false };
    await expect(objects.put("a/b", Buffer.from("x"))).rejects.toMatchObject(refused);
    await expect(objects.put("b", Buffer.from("x"))).rejects.toMatchObject(refused);
    expect(await readdir(join(folder, ".unfinished"))).toEqual([]);
    expect((await objects.get("a"))?.toString()).toBe("x");
    expect(await objects.remove("b")).toBe(false);
  });
});
