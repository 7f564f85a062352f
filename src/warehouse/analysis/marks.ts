import { scanScript, scanSqlx } from "./sqlx-scan.js";

/**
 * Source text with invisible characters in it, each of which says where it stood. They pass through Dataform's compiler and
 * through includes unseen, so that in the compiled text they tell what came from where.
 */
export interface MarkedSource {
  readonly text: string;
  readonly marks: readonly Mark[];
}

export interface Mark {
  /**
   * What follows the mark: `text` that stands so in the file from `offset` on, what the `expression` at `offset` gives, or text
   * made `elsewhere`.
   */
  readonly kind: "text" | "expression" | "elsewhere";
  readonly offset: number;
  /** Where the expression ends; for text the same as `offset`. */
  readonly end: number;
}

/**
 * `sql` marks all that may become SQL, template literals inside of expressions too; `outer` leaves those out, for files whose macros
 * look at what they are given; `code` marks everything, for text that is never run.
 */
export type MarkLevel = "sql" | "outer" | "code";

/** Two private-use planes: nobody writes these, and there are 131,000 of them, each one code point. */
const FIRST = 0xf0000;
const LAST = 0x10fffd;
const ALL_MARKS = /[\u{F0000}-\u{10FFFD}]/gu;
/** Two code units, as every character beyond the first plane. */
export const MARK_LENGTH = 2;

export function withoutMarks(text: string): string {
  return text.replace(ALL_MARKS, "");
}

/** The number of the mark at `index` of `text`, null where there is none. */
export function markAt(text: string, index: number): number | null {
  const point = text.codePointAt(index) ?? 0;
  return point >= FIRST && point <= LAST ? point - FIRST : null;
}

/** Behind text of a file: what follows was made elsewhere. */
export const END_MARK = String.fromCodePoint(LAST);

/** `from`: the number of the first mark. Null for a text that has such characters itself, and where there are too many marks. */
export function markSource(file: string, text: string, level: MarkLevel, from = 0): MarkedSource | null {
  const marks = marksOf(file, text, level);
  if (withoutMarks(text) !== text || FIRST + from + marks.length >= LAST) return null;
  const chunks: string[] = [];
  let at = 0;
  marks.forEach(({ insertAt }, index) => {
    chunks.push(text.slice(at, insertAt), String.fromCodePoint(FIRST + from + index));
    at = insertAt;
  });
  chunks.push(text.slice(at));
  return { text: chunks.join(""), marks: marks.map(({ mark }) => mark) };
}

interface PlacedMark {
  readonly insertAt: number;
  readonly mark: Mark;
}

function marksOf(file: string, text: string, level: MarkLevel): PlacedMark[] {
  const { pieces } = file.endsWith(".sqlx") ? scanSqlx(text) : scanScript(text);
  const expressions = new Map(
    pieces.flatMap((piece) => (piece.kind === "expression" ? [[piece.start, piece] as const] : [])),
  );
  const isSql = new Set(
    pieces.flatMap((piece) =>
      piece.kind === "literal" && level !== "outer" && /\s/.test(text.slice(piece.start, piece.end))
        ? [piece.start]
        : [],
    ),
  );
  const placed: PlacedMark[] = [];
  const add = (insertAt: number, kind: Mark["kind"], offset: number, end = offset): void => {
    placed.push({ insertAt, mark: { kind, offset, end } });
  };
  for (const piece of pieces) {
    switch (piece.kind) {
      case "sql":
        for (const at of lineStarts(text, piece.start, piece.end)) add(at, "text", at);
        break;
      case "template":
        if (isSql.has(piece.literal)) for (const at of lineStarts(text, piece.start, piece.end)) add(at, "text", at);
        break;
      case "code":
        if (level === "code") for (const at of lineStarts(text, piece.start, piece.end)) add(at, "text", at);
        break;
      case "expression":
        if (piece.literal === null || isSql.has(piece.literal)) add(piece.start, "expression", piece.start, piece.end);
        break;
      case "literal": {
        if (!isSql.has(piece.start)) break;
        const around = piece.inside === null ? undefined : expressions.get(piece.inside);
        if (around === undefined) add(piece.end - 1, "elsewhere", piece.start);
        else add(piece.end - 1, "expression", around.start, around.end);
      }
    }
  }
  return placed.sort((a, b) => a.insertAt - b.insertAt);
}

/**
 * The first character of each line that is no blank, so that what trims a text trims a marked one alike. A line that only separates
 * statements stays as it is: the compiler knows it by its look.
 */
function lineStarts(text: string, start: number, end: number): number[] {
  const starts: number[] = [];
  let at = start;
  for (const line of text.slice(start, end).split("\n")) {
    const indent = line.length - line.trimStart().length;
    if (line.trim() !== "" && line.trim() !== "---") starts.push(at + indent);
    at += line.length + 1;
  }
  return starts;
}
