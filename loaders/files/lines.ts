import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";

/** One line of a file, without its line end. `end` is the offset behind the line end. */
export type Line =
  | { readonly kind: "line"; readonly number: number; readonly end: number; readonly bytes: Buffer }
  | {
      readonly kind: "oversized";
      readonly number: number;
      readonly end: number;
      /** Where the line lies in the file: `[start, start + length)`. */
      readonly start: number;
      readonly length: number;
      /** Hex, of the line's bytes. */
      readonly sha256: string;
    };

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** What is known of a line whose end has not come yet. */
interface OpenLine {
  readonly start: number;
  parts: Buffer[];
  length: number;
  /** Set once the line is longer than allowed: from then on it is hashed and forgotten. */
  hash: Hash | null;
}

/**
 * The lines of a file, those of one chunk together. Holds at most one chunk and one line of the longest allowed length;
 * a longer one is reported by its place and hash.
 */
export async function* readLines(path: string, maxLineBytes: number): AsyncGenerator<readonly Line[]> {
  let offset = 0;
  let number = 1;
  let open = openLine(0);
  const close = (end: number): Line => {
    const line = finish(open, number, end);
    number += 1;
    open = openLine(end);
    return line;
  };
  for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 })) {
    const bytes = chunk as Buffer;
    const lines: Line[] = [];
    let from = 0;
    for (let at = bytes.indexOf(LINE_FEED); at !== -1; at = bytes.indexOf(LINE_FEED, from)) {
      extend(open, bytes.subarray(from, at), maxLineBytes);
      from = at + 1;
      lines.push(close(offset + from));
    }
    extend(open, bytes.subarray(from), maxLineBytes);
    offset += bytes.length;
    if (lines.length > 0) yield lines;
  }
  if (open.length > 0) yield [close(offset)];
}

function openLine(start: number): OpenLine {
  return { start, parts: [], length: 0, hash: null };
}

function extend(line: OpenLine, bytes: Buffer, maxLineBytes: number): void {
  if (bytes.length === 0) return;
  line.length += bytes.length;
  if (line.hash === null && line.length <= maxLineBytes) {
    line.parts.push(bytes);
    return;
  }
  if (line.hash === null) {
    line.hash = createHash("sha256");
    for (const part of line.parts) line.hash.update(part);
    line.parts = [];
  }
  line.hash.update(bytes);
}

function finish(line: OpenLine, number: number, end: number): Line {
  if (line.hash !== null) {
    return { kind: "oversized", number, end, start: line.start, length: line.length, sha256: line.hash.digest("hex") };
  }
  const [first] = line.parts;
  const bytes = line.parts.length === 1 && first !== undefined ? first : Buffer.concat(line.parts);
  return { kind: "line", number, end, bytes: withoutReturn(bytes) };
}

function withoutReturn(bytes: Buffer): Buffer {
  return bytes.at(-1) === CARRIAGE_RETURN ? bytes.subarray(0, -1) : bytes;
}
