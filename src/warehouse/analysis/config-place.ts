import { positionAt, type SourcePosition } from "../googlesql/lexer.js";

const START: SourcePosition = { line: 1, column: 1 };

/**
 * Where the config of a definition says `word`, behind `after` when that is there too; else where `after` is; else where the file
 * begins. For what Dataform makes of a config: nothing of it tells the place it came from.
 */
export function placeInConfig(source: string, word: string | null, after: string | null = null): SourcePosition {
  const end = endOfConfig(source);
  const from = after === null ? -1 : indexOfWord(source, after, 0, end);
  const at = word === null ? -1 : indexOfWord(source, word, Math.max(from, 0), end);
  if (at !== -1) return positionAt(source, at, START);
  return from === -1 ? START : positionAt(source, from, START);
}

/** Where the whole file says `word` first; null where it does not. */
export function placeOfWord(source: string, word: string, from = 0): SourcePosition | null {
  const at = indexOfWord(source, word, from, source.length);
  return at === -1 ? null : positionAt(source, at, START);
}

function indexOfWord(source: string, word: string, from: number, end: number): number {
  const pattern = new RegExp(`(?<!\\w)${word.replace(/[^\w]/g, "\\$&")}(?!\\w)`, "g");
  pattern.lastIndex = from;
  const at = pattern.exec(source)?.index ?? -1;
  return at < end ? at : -1;
}

/** Of a SQLX file the config block alone; in JavaScript a config can be anywhere. */
function endOfConfig(source: string): number {
  if (!/^\s*config \{/.test(source)) return source.length;
  const end = /^\}/m.exec(source)?.index;
  return end ?? source.length;
}
