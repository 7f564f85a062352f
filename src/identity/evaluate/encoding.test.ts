import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { guessEncoding, likelyEncoding, noText } from "./encoding.js";

const folder = mkdtempSync(join(tmpdir(), "rollcall-encoding-"));
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(bytes: Uint8Array): string {
  const file = join(folder, "f.csv");
  writeFileSync(file, bytes);
  return file;
}

const TEXT = "id,city\n1,Köln\n";
const swapped = (text: string): Buffer => Buffer.from(text, "utf16le").swap16();

describe("how a file is written about which nothing is said", () => {
  it.each([
    ["utf-8", Buffer.from(TEXT)],
    ["utf-8", Buffer.from(`\ufeff${TEXT}`)],
    ["utf-8", Buffer.alloc(0)],
    ["windows-1252", Buffer.from(TEXT, "latin1")],
    ["utf-16le", Buffer.from(`\ufeff${TEXT}`, "utf16le")],
    ["utf-16le", Buffer.from(TEXT, "utf16le")],
    ["utf-16be", swapped(`\ufeff${TEXT}`)],
    ["utf-16be", swapped(TEXT)],
    // Longer than what is read at once, with a letter of two bytes across the border.
    ["utf-8", Buffer.from(`id${"ö".repeat(50_000)}`)],
    ["utf-8", Buffer.from(`i${"ö".repeat(50_000)}`)],
    ["windows-1252", Buffer.concat([Buffer.alloc(100_000, "a"), Buffer.from("ö", "latin1")])],
    // Ends within a letter.
    ["windows-1252", Buffer.from("ö").subarray(0, 1)],
  ])("is %s", async (encoding, bytes) => {
    expect(await guessEncoding(fileOf(bytes))).toBe(encoding);
  });

  it("is nothing of what cannot be read", async () => {
    expect(await guessEncoding(folder)).toBe("utf-8");
    expect(await guessEncoding(join(folder, "missing.csv"))).toBe("utf-8");
  });
});

it("takes bytes that say nothing for the most common of the old encodings", () => {
  expect(likelyEncoding(new Uint8Array())).toBe("windows-1252");
});

it.each([
  [[0x1f, 0x8b, 8], /gzip: unpack/],
  [[0x50, 0x4b, 3, 4], /spreadsheet: unpack it, or save the sheet as CSV/],
  [[0xd0, 0xcf, 0x11, 0xe0], /save the sheet as CSV/],
])("knows %j for no text", (bytes, problem) => {
  expect(noText(Uint8Array.from(bytes))).toMatch(problem);
});

it("takes a word that begins as they do for text", () => {
  expect(noText(Buffer.from("PK,name"))).toBeNull();
});
