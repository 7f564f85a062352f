import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, it } from "vitest";
import { csvRows } from "./csv-rows.js";

const folder = mkdtempSync(join(tmpdir(), "rollcall-csv-"));
afterAll(() => rmSync(folder, { recursive: true }));

const warnings: Error[] = [];
const note = (warning: Error): number => warnings.push(warning);
process.on("warning", note);
afterAll(() => process.off("warning", note));
afterEach(() => warnings.splice(0));

const ROWS = 60_000;
/** Larger than what a stream holds at once, many times over. */
function longFile(): string {
  const file = join(folder, "long.csv");
  const rows = Array.from({ length: ROWS }, (_, n) => `${n},${"x".repeat(60)}`);
  writeFileSync(file, ["id,text", ...rows].join("\n"));
  return file;
}

const FORMAT = { delimiter: null, encoding: "utf-8" };

it("reads a long file to its end, and holds nothing of it back", async () => {
  let count = 0;
  let last: readonly string[] = [];
  for await (const { cells } of csvRows(longFile(), FORMAT)) {
    count += 1;
    last = cells;
  }
  expect({ count, last: last[0] }).toEqual({ count: ROWS + 1, last: String(ROWS - 1) });
  await new Promise(setImmediate);
  expect(warnings).toEqual([]);
});

it("lets go of a file that is not read to its end", async () => {
  for await (const { cells } of csvRows(longFile(), FORMAT)) {
    expect(cells).toEqual(["id", "text"]);
    break;
  }
  await new Promise(setImmediate);
  expect(warnings).toEqual([]);
});
