import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeFolder } from "./folders.js";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-folders-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("folders are made with those above them, and stay when they are there", () => {
  const deep = join(folder, "a/b/c");
  makeFolder(deep, 0o700);
  writeFileSync(join(deep, "kept"), "");
  makeFolder(deep, 0o700);
  expect([deep, join(folder, "a")].map((each) => statSync(each).mode & 0o777)).toEqual([0o700, 0o700]);
  expect(existsSync(join(deep, "kept"))).toBe(true);
});

test("a file in the way is an error", () => {
  const file = join(folder, "file");
  writeFileSync(file, "");
  expect(() => makeFolder(file)).toThrow(/^EEXIST: /);
  expect(() => makeFolder(join(file, "below", "it"))).toThrow(/^ENOTDIR: /);
});

test.runIf(existsSync("/proc/self"))("a file system that takes no folders is an error, not a loop", () => {
  expect(() => makeFolder("/proc/rollcall/site")).toThrow(/^ENOENT: .*'\/proc\/rollcall'$/);
});
