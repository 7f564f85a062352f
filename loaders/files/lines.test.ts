import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Line, readLines } from "./lines.js";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lines-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function read(content: string | Buffer, maxLineBytes = 100): Promise<Line[]> {
  const path = join(folder, "file");
  writeFileSync(path, content);
  const lines: Line[] = [];
  for await (const chunk of readLines(path, maxLineBytes)) lines.push(...chunk);
  return lines;
}

function textOf(line: Line): string {
  return line.kind === "line" ? line.bytes.toString() : `${line.length} bytes`;
}

describe("readLines", () => {
  it.each([
    ["a line end at the end", "a\nb\n", ["a", "b"]],
    ["none at the end", "a\nb", ["a", "b"]],
    ["Windows line ends", "a\r\nb\r\n", ["a", "b"]],
    ["empty lines", "a\n\n\nb", ["a", "", "", "b"]],
    ["nothing", "", []],
    ["only a line end", "\n", [""]],
  ])("with %s", async (_, content, expected) => {
    const lines = await read(content);
    expect(lines.map(textOf)).toEqual(expected);
    expect(lines.map(({ number }) => number)).toEqual(expected.map((_text, n) => n + 1));
    expect(lines.at(-1)?.end ?? 0).toBe(content.length);
  });

  it("puts a line together that spans chunks", async () => {
    const long = "x".repeat(700_000);
    expect((await read(`a\n${long}\nb\n`, 1_000_000)).map(textOf)).toEqual(["a", long, "b"]);
  });

  it("reports a line that is too long by its place and hash, and reads on", async () => {
    const long = "y".repeat(600_000);
    const lines = await read(`ab\n${long}\nc`, 100);
    expect(lines).toEqual([
      expect.objectContaining({ kind: "line", number: 1, end: 3 }),
      {
        kind: "oversized",
        number: 2,
        start: 3,
        length: 600_000,
        end: 600_004,
        sha256: createHash("sha256").update(long).digest("hex"),
      },
      expect.objectContaining({ kind: "line", number: 3, end: 600_005 }),
    ]);
  });

  it("takes a line of exactly the longest length", async () => {
    expect((await read(`${"x".repeat(100)}\n${"x".repeat(101)}`)).map(({ kind }) => kind)).toEqual([
      "line",
      "oversized",
    ]);
  });
});
