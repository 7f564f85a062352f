import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { demo } from "./commands/demo.js";
import { openHome } from "./home.js";

let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-home-"));
  file = join(folder, "file");
  writeFileSync(file, "");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a state folder cannot lie where a file is", async () => {
  expect(() => openHome(file)).toThrow(/^The state folder .*file cannot be made: /);
  await expect(demo({ home: file, people: 1, seed: 1 })).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    message: expect.stringMatching(/^The state folder .*demo cannot be made: ENOTDIR/),
  });
});
