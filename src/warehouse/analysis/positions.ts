import type { SourcePosition } from "../googlesql/lexer.js";

/** The index of a place in a text; a place behind the end of its line counts as that end. */
export function offsetAt(text: string, { line, column }: SourcePosition): number {
  let start = 0;
  for (let at = 1; at < line; at += 1) {
    const end = text.indexOf("\n", start);
    if (end === -1) return text.length;
    start = end + 1;
  }
  const end = text.indexOf("\n", start);
  return Math.min(start + column - 1, end === -1 ? text.length : end);
}

/** The word a place stands on or just behind, backticks left out; null where there is none. */
export function wordAt(text: string, index: number): string | null {
  const before = /`?\w*$/.exec(text.slice(0, index))?.[0] ?? "";
  const after = /^`?\w*/.exec(text.slice(index))?.[0] ?? "";
  const word = `${before}${after}`.replaceAll("`", "");
  return word === "" ? null : word;
}
