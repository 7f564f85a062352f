/**
 * Where SQL text, JavaScript and expressions stand in a definition, by the rules of `@dataform/core`'s own reader: in SQL, comments
 * and quoted texts are passed over, `${` opens an expression and `}` closes a block; in JavaScript, braces, strings, template
 * literals and comments count. It knows nothing of regular expressions, as core does not.
 */
export interface Scan {
  readonly pieces: readonly Piece[];
  /** What the end of the file found still open, innermost; null when all is closed. */
  readonly unclosed: Opening | null;
  /** The first quoted text of SQL that goes on behind its line, which GoogleSQL does not allow: its end is missing. */
  readonly overlong: Opening | null;
}

export type Piece =
  /** Text that becomes SQL as it stands. */
  | { readonly kind: "sql"; readonly start: number; readonly end: number }
  /** Text of a template literal in JavaScript: SQL when what it is given to makes it so. */
  | { readonly kind: "template"; readonly start: number; readonly end: number; readonly literal: number }
  | { readonly kind: "code"; readonly start: number; readonly end: number }
  /** `${...}`, braces included. `literal` is the template literal it stands in, null for one in SQL text. */
  | { readonly kind: "expression"; readonly start: number; readonly end: number; readonly literal: number | null }
  /** A whole template literal, backticks included, and the expression it is inside of. */
  | { readonly kind: "literal"; readonly start: number; readonly end: number; readonly inside: number | null };

export interface Opening {
  readonly what: string;
  readonly offset: number;
}

const BLOCK =
  /(config|js|incremental_where|pre_operations|post_operations|input "[a-zA-Z0-9_-]+"(?:,\s*"[a-zA-Z0-9_-]+")*) \{/y;
const SCRIPT_STRING = /'(?:\\['\\]|[^\n'\\]|\\.)*'|"(?:\\["\\]|[^\n"\\]|\\.)*"/y;

export function scanSqlx(text: string): Scan {
  const scanner = new Scanner(text);
  scanner.sql(null);
  return scanner.result();
}

export function scanScript(text: string): Scan {
  const scanner = new Scanner(text);
  scanner.code(null, null);
  return scanner.result();
}

class Scanner {
  readonly #text: string;
  readonly #pieces: Piece[] = [];
  #at = 0;
  #unclosed: Opening | null = null;
  #overlong: Opening | null = null;

  constructor(text: string) {
    this.#text = text;
  }

  result(): Scan {
    const pieces = [...this.#pieces].sort((a, b) => a.start - b.start || b.end - a.end);
    return { pieces, unclosed: this.#unclosed, overlong: this.#overlong };
  }

  /** SQL text up to the end of the file, or of the block that opened at `block`. */
  sql(block: Opening | null): void {
    let start = this.#at;
    const flush = (end: number): void => {
      if (end > start) this.#pieces.push({ kind: "sql", start, end });
    };
    while (this.#at < this.#text.length) {
      const at = this.#at;
      if (block !== null && this.#sees("}")) {
        flush(at);
        this.#at += 1;
        return;
      }
      const opened = block === null ? this.#block() : null;
      if (opened !== null) {
        flush(at);
        if (/^(config|js) /.test(opened.what)) this.code(opened, null);
        else this.sql(opened);
        start = this.#at;
      } else if (this.#sees("$" + "{")) {
        flush(at);
        this.#expression(null);
        start = this.#at;
      } else if (this.#sees("--")) this.#skipTo("\n");
      else if (this.#sees("/*")) this.#skipPast("*/", 2);
      else if (this.#sees("'") || this.#sees('"')) {
        flush(at);
        start = this.#quoted();
      } else this.#at += 1;
    }
    flush(this.#at);
    if (block !== null) this.#leaveOpen(block);
  }

  /** JavaScript up to the brace that closes it, or the end of the file. `inside`: the expression it belongs to. */
  code(opened: Opening | null, inside: number | null): void {
    let start = this.#at;
    const braces: Opening[] = opened === null ? [] : [opened];
    const flush = (): void => {
      if (this.#at > start) this.#pieces.push({ kind: "code", start, end: this.#at });
    };
    while (this.#at < this.#text.length) {
      SCRIPT_STRING.lastIndex = this.#at;
      const string = SCRIPT_STRING.exec(this.#text)?.[0];
      if (string !== undefined) this.#at += string.length;
      else if (this.#sees("//")) this.#skipTo("\n");
      else if (this.#sees("/*")) this.#skipPast("*/", 2);
      else if (this.#sees("`")) {
        flush();
        this.#template(inside);
        start = this.#at;
      } else if (this.#sees("{")) braces.push({ what: "{", offset: this.#at++ });
      else if (this.#sees("}")) {
        braces.pop();
        if (opened !== null && braces.length === 0) {
          flush();
          this.#at += 1;
          return;
        }
        this.#at += 1;
      } else this.#at += 1;
    }
    flush();
    const open = braces[0];
    if (open !== undefined) this.#leaveOpen(open);
  }

  #expression(literal: number | null): void {
    const start = this.#at;
    this.#at += 2;
    this.code({ what: "$" + "{", offset: start }, start);
    this.#pieces.push({ kind: "expression", start, end: this.#at, literal });
  }

  #template(inside: number | null): void {
    const literal = this.#at;
    this.#at += 1;
    let start = this.#at;
    const flush = (): void => {
      if (this.#at > start) this.#pieces.push({ kind: "template", start, end: this.#at, literal });
    };
    while (this.#at < this.#text.length) {
      if (this.#sees("`")) {
        flush();
        this.#at += 1;
        this.#pieces.push({ kind: "literal", start: literal, end: this.#at, inside });
        return;
      }
      if (this.#sees("\\")) {
        // An escape is shorter in the text than in the file: what follows it is a piece of its own.
        this.#at += 2;
        flush();
        start = this.#at;
      } else if (this.#sees("$" + "{")) {
        flush();
        this.#expression(literal);
        start = this.#at;
      } else this.#at += 1;
    }
    this.#leaveOpen({ what: "`", offset: literal });
  }

  /** A quoted text of SQL; expressions inside it count. Returns where the piece that ends with it begins. */
  #quoted(): number {
    const quote = this.#text[this.#at] as string;
    const delimiter = this.#sees(quote.repeat(3)) ? quote.repeat(3) : quote;
    let start = this.#at;
    const opened = { what: delimiter, offset: start };
    this.#at += delimiter.length;
    while (this.#at < this.#text.length) {
      if (delimiter === quote && this.#sees("\n")) this.#overlong ??= opened;
      if (this.#sees(delimiter)) {
        this.#at += delimiter.length;
        return start;
      }
      if (this.#sees("\\")) this.#at += 2;
      else if (this.#sees("$" + "{")) {
        this.#pieces.push({ kind: "sql", start, end: this.#at });
        this.#expression(null);
        start = this.#at;
      } else this.#at += 1;
    }
    return start;
  }

  #block(): Opening | null {
    BLOCK.lastIndex = this.#at;
    const match = BLOCK.exec(this.#text);
    if (match === null) return null;
    const opened = { what: match[0], offset: this.#at };
    this.#at += match[0].length;
    return opened;
  }

  #sees(what: string): boolean {
    return this.#text.startsWith(what, this.#at);
  }

  #skipTo(what: string): void {
    const end = this.#text.indexOf(what, this.#at);
    this.#at = end === -1 ? this.#text.length : end;
  }

  #skipPast(what: string, from: number): void {
    const end = this.#text.indexOf(what, this.#at + from);
    this.#at = end === -1 ? this.#text.length : end + what.length;
  }

  /** The innermost is reached first; what is around it then has no end either. */
  #leaveOpen(opening: Opening): void {
    this.#unclosed ??= opening;
  }
}
