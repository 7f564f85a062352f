import { createReadStream } from "node:fs";

/** What begins files that are no text, and what to do about them. */
const NO_TEXT: readonly (readonly [bytes: readonly number[], what: string])[] = [
  [[0x1f, 0x8b], "is packed with gzip: unpack it first"],
  [[0x50, 0x4b, 0x03, 0x04], "is a zip archive or a spreadsheet: unpack it, or save the sheet as CSV"],
  [[0xd0, 0xcf, 0x11, 0xe0], "is a spreadsheet: save the sheet as CSV"],
];
/** Where a file that is no UTF-8 says nothing of itself. */
const OLD = "windows-1252";

/** What is wrong with a file that begins with these bytes, where it is one that people take for a CSV and is none. Null: it may be text. */
export function noText(bytes: Uint8Array): string | null {
  return NO_TEXT.find(([begin]) => begin.every((byte, at) => bytes[at] === byte))?.[1] ?? null;
}

/** By the byte order mark, or by the zeros that stand beside Latin letters and digits; null where neither is there. */
export function utf16Of([first, second, third, fourth]: Uint8Array): "utf-16le" | "utf-16be" | null {
  if (first === 0xff && second === 0xfe) return "utf-16le";
  if (first === 0xfe && second === 0xff) return "utf-16be";
  if (first !== 0 && second === 0 && third !== 0 && fourth === 0) return "utf-16le";
  return first === 0 && second !== 0 && third === 0 && fourth !== 0 ? "utf-16be" : null;
}

/** How a file that is not written as it is said to be most likely is. `begin` are its first bytes. */
export function likelyEncoding(begin: Uint8Array): string {
  return utf16Of(begin) ?? OLD;
}

/** How a file is written about which nothing is said: as UTF-8 where it is such to its end. What cannot be read counts as that. */
export async function guessEncoding(file: string): Promise<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let begin: Uint8Array | null = null;
  try {
    for await (const chunk of createReadStream(file)) {
      const bytes = chunk as Buffer;
      if (begin === null && utf16Of(bytes) !== null) return likelyEncoding(bytes);
      begin ??= bytes;
      decoder.decode(bytes, { stream: true });
    }
    decoder.decode();
  } catch (error) {
    // Node's TextDecoder throws a TypeError for what is not written so; all else is the file's.
    return error instanceof TypeError && begin !== null ? likelyEncoding(begin) : "utf-8";
  }
  return "utf-8";
}
