import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
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

async function refusal(bytes: string | Buffer, encoding = "utf-8"): Promise<string> {
  const file = join(folder, "wrong.csv");
  writeFileSync(file, bytes);
  try {
    for await (const _ of csvRows(file, { delimiter: null, encoding }));
  } catch (error) {
    return (error as Error).message.replaceAll(`${folder}/`, "");
  }
  throw new Error("nothing was refused");
}

it("tells where the row with a quote begins that is never closed, however long the file goes on", async () => {
  const rows = Array.from({ length: 5_000 }, (_, n) => `${n},x`).join("\n");
  expect(await refusal(`id,text\n${rows}\n7,"secret\n${rows}`)).toBe(
    "wrong.csv:5002: no CSV: quotes stand only around whole cells and are doubled inside (CSV_QUOTE_NOT_CLOSED, noticed in line 10002)",
  );
  expect(await refusal('id,text\n1,a "secret" b\n2,c')).toBe(
    "wrong.csv:2: no CSV: quotes stand only around whole cells and are doubled inside (INVALID_OPENING_QUOTE)",
  );
});

it("says of what is no text how to make a CSV of it", async () => {
  const packed = gzipSync("id,text\n1,x\n");
  expect(await refusal(packed)).toBe("wrong.csv is packed with gzip: unpack it first");
  expect(await refusal(packed, "windows-1252")).toBe("wrong.csv is packed with gzip: unpack it first");
});

it("says how UTF-16 is named, also where it has no byte order mark", async () => {
  const text = Buffer.from("id,text\n1,x\n", "utf16le");
  const wrong = (encoding: string, likely: string): string =>
    `wrong.csv: is not written in ${encoding}: say in the mapping how it is, as in  encoding: ${likely}`;
  expect(await refusal(text)).toBe(wrong("utf-8", "utf-16le"));
  expect(await refusal(text, "windows-1252")).toBe(wrong("windows-1252", "utf-16le"));
  expect(await refusal(Buffer.from(text).swap16())).toBe(wrong("utf-8", "utf-16be"));
});
