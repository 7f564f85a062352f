import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { checkWritable, writeWhole } from "./whole-file.js";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-whole-"));
  file = join(folder, "out.csv");
  writeFileSync(file, "before");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function* failingAfter(text: string): AsyncGenerator<string> {
  yield text;
  expect(readFileSync(file, "utf8")).toBe("before");
  throw new Error("no more");
}

it("puts a file in place when it is whole", async () => {
  await writeWhole(file, ["a", "b".repeat(100_000)]);
  expect(readFileSync(file, "utf8")).toBe(`a${"b".repeat(100_000)}`);
  expect(readdirSync(folder)).toEqual(["out.csv"]);
});

it("leaves what was there, and nothing else, when it cannot be finished", async () => {
  await expect(writeWhole(file, failingAfter("half"))).rejects.toThrow("no more");
  expect(readFileSync(file, "utf8")).toBe("before");
  expect(readdirSync(folder)).toEqual(["out.csv"]);
});

it("says beforehand where nothing can be written, and touches nothing where it can", async () => {
  await checkWritable(file);
  expect(readFileSync(file, "utf8")).toBe("before");
  expect(readdirSync(folder)).toEqual(["out.csv"]);
  await expect(checkWritable(join(folder, "nowhere", "out.csv"))).rejects.toThrow("ENOENT");
});
