/** Where a piece of SQL stands in its file. Lines and columns count from 1, as editors do. */
export interface SourcePosition {
  readonly line: number;
  readonly column: number;
}

export interface SourceStatement {
  /** Without the semicolon; comments kept; every character where it was, so that positions map back. */
  readonly text: string;
  readonly position: SourcePosition;
  /** Lower-cased words outside of strings and comments: which tables a statement may speak of. */
  readonly words: ReadonlySet<string>;
}

const PLAIN_PATH = /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)+$/;
const WORD = /[A-Za-z_]\w*/y;

/** The index just after the string that opens at `start`. In raw strings too a backslash keeps the quote from closing. */
function endOfString(sql: string, start: number): number {
  const quote = sql[start] as string;
  const delimiter = sql.startsWith(quote.repeat(3), start) ? quote.repeat(3) : quote;
  let at = start + delimiter.length;
  while (at < sql.length && !sql.startsWith(delimiter, at)) at += sql[at] === "\\" ? 2 : 1;
  return Math.min(at + delimiter.length, sql.length);
}

/** The index just after the comment that opens at `start`, or `start` when none does. */
function endOfComment(sql: string, start: number): number {
  if (sql[start] === "#" || sql.startsWith("--", start)) {
    const end = sql.indexOf("\n", start);
    return end === -1 ? sql.length : end;
  }
  if (sql.startsWith("/*", start)) {
    const end = sql.indexOf("*/", start + 2);
    return end === -1 ? sql.length : end + 2;
  }
  return start;
}

/**
 * BigQuery reads `a.b.c` in one pair of backticks as a path, the analyzer as one name. A plain path keeps its length
 * (blanks for the backticks), so columns of error messages stay right; others get a pair of backticks per part.
 */
function backtickPath(quoted: string): string {
  const inner = quoted.slice(1, -1);
  if (!inner.includes(".")) return quoted;
  if (PLAIN_PATH.test(inner)) return ` ${inner} `;
  return inner
    .split(".")
    .map((part) => `\`${part}\``)
    .join(".");
}

interface Piece {
  readonly kind: "code" | "word" | "semicolon" | "blank";
  readonly text: string;
}

function* pieces(sql: string): Generator<Piece> {
  let at = 0;
  while (at < sql.length) {
    const start = at;
    const char = sql[at] as string;
    WORD.lastIndex = at;
    const word = WORD.exec(sql)?.[0];
    if (word !== undefined) {
      at += word.length;
      yield { kind: "word", text: word };
    } else if (char === "'" || char === '"') {
      at = endOfString(sql, at);
      yield { kind: "code", text: sql.slice(start, at) };
    } else if (char === "`") {
      const end = sql.indexOf("`", at + 1);
      at = end === -1 ? sql.length : end + 1;
      yield { kind: "word", text: backtickPath(sql.slice(start, at)) };
    } else if (endOfComment(sql, at) > at) {
      at = endOfComment(sql, at);
      yield { kind: "blank", text: sql.slice(start, at) };
    } else {
      at += 1;
      yield { kind: char === ";" ? "semicolon" : /\s/.test(char) ? "blank" : "code", text: char };
    }
  }
}

/** Splits a script at its semicolons. Strings of every form, backticks and comments are read over; empty statements go. */
export function splitStatements(sql: string): SourceStatement[] {
  const statements: SourceStatement[] = [];
  let line = 1;
  let column = 1;
  let text = "";
  let words = new Set<string>();
  let start: SourcePosition | null = null;
  const finish = (): void => {
    if (start !== null) statements.push({ text: text.trimEnd(), position: start, words });
    text = "";
    words = new Set();
    start = null;
  };
  for (const piece of pieces(sql)) {
    if (piece.kind === "semicolon") finish();
    else if (start !== null || piece.kind !== "blank") {
      start ??= { line, column };
      text += piece.text;
      if (piece.kind === "word") for (const word of piece.text.match(/\w+/g) ?? []) words.add(word.toLowerCase());
    }
    const lines = piece.text.split("\n");
    line += lines.length - 1;
    column = lines.length === 1 ? column + piece.text.length : (lines.at(-1)?.length ?? 0) + 1;
  }
  finish();
  return statements;
}

/** The place of a character of `text`, which itself begins at `origin`. */
export function positionAt(text: string, index: number, origin: SourcePosition): SourcePosition {
  const lines = text.slice(0, index).split("\n");
  const last = lines.at(-1)?.length ?? 0;
  return {
    line: origin.line + lines.length - 1,
    column: lines.length === 1 ? origin.column + last : last + 1,
  };
}
