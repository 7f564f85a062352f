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
const BLANKS = /\s+/y;

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

export interface Token {
  readonly kind: "code" | "word" | "semicolon" | "blank";
  /** As it goes to the analyzer. */
  readonly text: string;
  readonly position: SourcePosition;
}

function* pieces(sql: string): Generator<Omit<Token, "position">> {
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
      BLANKS.lastIndex = at;
      const text = BLANKS.exec(sql)?.[0] ?? char;
      at += text.length;
      yield { kind: char === ";" ? "semicolon" : /\s/.test(char) ? "blank" : "code", text };
    }
  }
}

/** The whole text, token by token: strings of every form, backticks and comments in one piece each. */
export function tokenize(sql: string): readonly Token[] {
  const tokens: Token[] = [];
  let line = 1;
  let column = 1;
  for (const piece of pieces(sql)) {
    tokens.push({ ...piece, position: { line, column } });
    const lastBreak = piece.text.lastIndexOf("\n");
    if (lastBreak === -1) column += piece.text.length;
    else {
      line += piece.text.split("\n").length - 1;
      column = piece.text.length - lastBreak;
    }
  }
  return tokens;
}

/** The statement, or the expression, that tokens make. It begins behind leading blanks; null when there is nothing else. */
export function statementOf(tokens: readonly Token[]): SourceStatement | null {
  const first = tokens.findIndex((token) => token.kind !== "blank");
  const start = tokens[first];
  if (start === undefined) return null;
  const words = new Set<string>();
  let text = "";
  for (const token of tokens.slice(first)) {
    text += token.text;
    if (token.kind === "word") for (const word of token.text.match(/\w+/g) ?? []) words.add(word.toLowerCase());
  }
  return { text: text.trimEnd(), position: start.position, words };
}

/** Splits a script at its semicolons; empty statements go. */
export function splitStatements(sql: string): SourceStatement[] {
  const tokens = tokenize(sql);
  const statements: SourceStatement[] = [];
  let start = 0;
  for (let at = 0; at <= tokens.length; at += 1) {
    if (at < tokens.length && tokens[at]?.kind !== "semicolon") continue;
    const statement = statementOf(tokens.slice(start, at));
    if (statement !== null) statements.push(statement);
    start = at + 1;
  }
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
