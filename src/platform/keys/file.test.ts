import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { describeKeys } from "./contract.js";
import { createFileKeys } from "./file.js";

describeKeys("file", async () => {
  const folder = await mkdtemp(join(tmpdir(), "rollcall-keys-"));
  return {
    open: async () => createFileKeys({ file: join(folder, "own", "keys.json") }),
    openOther: async () => createFileKeys({ file: join(folder, "other", "keys.json") }),
    dispose: () => rm(folder, { recursive: true }),
  };
});

describe("the key file", () => {
  let folder: string;
  let file: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "rollcall-keys-"));
    file = join(folder, "keys.json");
  });
  afterEach(() => rm(folder, { recursive: true }));

  test("is made on first use, for its owner only, with nothing beside it", async () => {
    const keys = createFileKeys({ file });
    expect(await readdir(folder)).toEqual([]);
    await keys.pepper();
    expect(await readdir(folder)).toEqual(["keys.json"]);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  test("when many make it at once, all get the keys of one", async () => {
    const peppers = await Promise.all(Array.from({ length: 10 }, () => createFileKeys({ file }).pepper()));
    expect(new Set(peppers.map((pepper) => pepper.toString("hex"))).size).toBe(1);
    expect(await readdir(folder)).toEqual(["keys.json"]);
  });

  test.each([0o640, 0o604, 0o666])(
    "is refused with mode %o, saying what to do, and read once that is done",
    async (mode) => {
      await createFileKeys({ file }).pepper();
      await chmod(file, mode);
      const keys = createFileKeys({ file });
      await expect(keys.pepper()).rejects.toMatchObject({
        code: "KEYS_FAILED",
        isRetriable: false,
        message: expect.stringContaining(`chmod 600 ${file}`),
      });
      await chmod(file, 0o600);
      expect(await keys.pepper()).toHaveLength(32);
    },
  );

  test.each([
    ["no JSON", "pepper=secret"],
    ["null", "null"],
    ["a short key", JSON.stringify({ version: 1, pepper: "c2VjcmV0", kek: "c2VjcmV0" })],
    ["no key", JSON.stringify({ version: 1 })],
  ])("with %s in it is refused and left as it is, without its content in the error", async (_, content) => {
    await writeFile(file, content, { mode: 0o600 });
    const failure = await createFileKeys({ file })
      .pepper()
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: "KEYS_FAILED",
      message: expect.stringContaining("restore it from its backup"),
    });
    expect(JSON.stringify([String(failure), failure])).not.toMatch(/secret|c2VjcmV0/);
    expect(await readFile(file, "utf8")).toBe(content);
  });

  test("that cannot be made is named in the error", async () => {
    await writeFile(join(folder, "file"), "");
    const impossible = join(folder, "file", "keys.json");
    await expect(createFileKeys({ file: impossible }).pepper()).rejects.toMatchObject({
      code: "KEYS_FAILED",
      message: expect.stringContaining(impossible),
    });
  });
});
