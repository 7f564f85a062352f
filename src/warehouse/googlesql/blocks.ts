import { RollcallError } from "../../platform/errors.js";
import { located } from "./analyzer.js";
import { positionAt, type SourcePosition, type SourceStatement, statementOf, type Token, tokenize } from "./lexer.js";
import type {
  Block,
  Conditional,
  Declare,
  ExecuteImmediate,
  ForLoop,
  Leave,
  Loop,
  ScriptNode,
  SetVariables,
} from "./script-nodes.js";

/** BigQuery's own limit on blocks in blocks. */
const DEEPEST = 50;

const SYNONYMS: Readonly<Record<string, "break" | "continue">> = {
  BREAK: "break",
  LEAVE: "break",
  CONTINUE: "continue",
  ITERATE: "continue",
};

/** What ends a list of statements, at the beginning of one. */
const LIST_ENDS = new Set(["END", "ELSE", "ELSEIF", "WHEN", "UNTIL", "EXCEPTION"]);

/** Reads a script. Throws SQL_INVALID where a block is not whole, SQL_UNSUPPORTED for procedures; both with their place. */
export function parseScript(sql: string, origin?: string): readonly ScriptNode[] {
  return new ScriptParser(tokenize(sql), origin).script();
}

class ScriptParser {
  readonly #tokens: readonly Token[];
  readonly #origin: string | undefined;
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], origin: string | undefined) {
    this.#tokens = tokens;
    this.#origin = origin;
  }

  script(): readonly ScriptNode[] {
    const nodes = this.#list();
    this.#skipBlanks();
    return this.#at < this.#tokens.length ? this.#fail(`${this.#keyword()} without what it belongs to`) : nodes;
  }

  /** Statements as far as a keyword that ends the list, which stays. DECLARE comes first, as BigQuery demands. */
  #list(): readonly ScriptNode[] {
    if (this.#depth > DEEPEST) this.#fail(`Blocks nested deeper than ${DEEPEST}`);
    this.#depth += 1;
    const nodes: ScriptNode[] = [];
    while (true) {
      this.#skipEmpty();
      if (this.#at >= this.#tokens.length || LIST_ENDS.has(this.#keyword())) break;
      const isLate = nodes.some(({ kind }) => kind !== "declare");
      if (isLate && this.#keyword() === "DECLARE") this.#fail("DECLARE stands before all else of a script or a block");
      nodes.push(this.#node());
    }
    this.#depth -= 1;
    return nodes;
  }

  #node(): ScriptNode {
    const position = this.#position();
    const label = this.#label();
    const word = this.#keyword();
    if (word === "BEGIN" && !this.#isTransaction()) return this.#block(label, position);
    if (word === "LOOP" || word === "WHILE" || word === "REPEAT") return this.#loop(word, label, position);
    if (word === "FOR") return this.#for(label, position);
    if (label !== null) return this.#fail("A label stands before BEGIN, LOOP, WHILE, REPEAT or FOR");
    if (word === "IF") return this.#if();
    if (word === "CASE") return this.#case();
    if (word === "DECLARE") return this.#declare(position);
    if (word === "SET") return this.#set(position);
    if (word === "RAISE") return this.#raise(position);
    if (word === "EXECUTE") return this.#execute(position);
    if (word === "CALL") return this.#refuse("CALL");
    const leave = SYNONYMS[word];
    if (leave !== undefined) return this.#leave(leave, position);
    if (word === "RETURN") {
      this.#take(word);
      this.#endOfStatement();
      return { kind: "return", position };
    }
    if (word === "CREATE" && this.#nextWords(6).includes("PROCEDURE")) return this.#refuse("CREATE PROCEDURE");
    const statement = this.#until();
    return { kind: "statement", statement };
  }

  #block(label: string | null, position: SourcePosition): Block {
    this.#take("BEGIN");
    const body = this.#list();
    let handler: readonly ScriptNode[] | null = null;
    if (this.#keyword() === "EXCEPTION") {
      for (const word of ["EXCEPTION", "WHEN", "ERROR", "THEN"]) this.#take(word);
      handler = this.#list();
    }
    this.#take("END");
    this.#endLabel(label);
    this.#endOfStatement();
    return { kind: "block", label, body, handler, position };
  }

  #loop(word: "LOOP" | "WHILE" | "REPEAT", label: string | null, position: SourcePosition): Loop {
    this.#take(word);
    let whilst: SourceStatement | null = null;
    if (word === "WHILE") {
      whilst = this.#until("DO");
      this.#take("DO");
    }
    const body = this.#list();
    let until: SourceStatement | null = null;
    if (word === "REPEAT") {
      this.#take("UNTIL");
      until = this.#until("END");
    }
    this.#take("END");
    this.#take(word);
    this.#endLabel(label);
    this.#endOfStatement();
    return { kind: "loop", label, body, whilst, until, position };
  }

  #for(label: string | null, position: SourcePosition): ForLoop {
    this.#take("FOR");
    const variable = this.#name();
    this.#take("IN");
    const query = this.#until("DO");
    if (!query.text.startsWith("(")) this.#fail("FOR ... IN wants its query in parentheses");
    this.#take("DO");
    const body = this.#list();
    this.#take("END");
    this.#take("FOR");
    this.#endLabel(label);
    this.#endOfStatement();
    return { kind: "for", label, variable, query, body, position };
  }

  #if(): Conditional {
    this.#take("IF");
    const branches = [this.#branch()];
    while (this.#keyword() === "ELSEIF") {
      this.#take("ELSEIF");
      branches.push(this.#branch());
    }
    return this.#conditional("IF", null, branches);
  }

  #case(): Conditional {
    this.#take("CASE");
    this.#skipBlanks();
    const operand = this.#keyword() === "WHEN" ? null : this.#until("WHEN");
    const branches: Conditional["branches"][number][] = [];
    while (this.#keyword() === "WHEN") {
      this.#take("WHEN");
      branches.push(this.#branch());
    }
    return this.#conditional("CASE", operand, branches);
  }

  #branch(): Conditional["branches"][number] {
    const condition = this.#until("THEN");
    this.#take("THEN");
    return { condition, body: this.#list() };
  }

  #conditional(word: string, operand: SourceStatement | null, branches: Conditional["branches"]): Conditional {
    let otherwise: readonly ScriptNode[] = [];
    if (this.#keyword() === "ELSE") {
      this.#take("ELSE");
      otherwise = this.#list();
    }
    this.#take("END");
    this.#take(word);
    this.#endOfStatement();
    return { kind: "if", operand, branches, otherwise };
  }

  #declare(position: SourcePosition): Declare {
    this.#take("DECLARE");
    const names = this.#names();
    this.#skipBlanks();
    const type = this.#keyword() === "DEFAULT" ? null : this.#until("DEFAULT").text;
    let value: SourceStatement | null = null;
    if (this.#keyword() === "DEFAULT") {
      this.#take("DEFAULT");
      value = this.#until();
    }
    this.#endOfStatement();
    if (type === null && value === null) this.#fail("DECLARE without a type wants a DEFAULT");
    return { kind: "declare", names, type, value, position };
  }

  #set(position: SourcePosition): SetVariables {
    this.#take("SET");
    const isTuple = this.#accept("(");
    if (this.#peek("@")) return this.#refuse("SET of a system variable");
    const names = isTuple ? this.#names() : [this.#name()];
    if (isTuple) this.#expect(")");
    this.#expect("=");
    const value = this.#until();
    this.#endOfStatement();
    return { kind: "set", names, isTuple, value, position };
  }

  #raise(position: SourcePosition): ScriptNode {
    this.#take("RAISE");
    this.#skipBlanks();
    if (this.#keyword() !== "USING") {
      this.#endOfStatement();
      return { kind: "raise", message: null, position };
    }
    this.#take("USING");
    this.#take("MESSAGE");
    this.#expect("=");
    const message = this.#until();
    this.#endOfStatement();
    return { kind: "raise", message, position };
  }

  #execute(position: SourcePosition): ExecuteImmediate {
    this.#take("EXECUTE");
    this.#take("IMMEDIATE");
    const sql = this.#until("INTO", "USING");
    let into: readonly string[] = [];
    if (this.#keyword() === "INTO") {
      this.#take("INTO");
      into = this.#names();
    }
    const using: ExecuteImmediate["using"][number][] = [];
    if (this.#keyword() === "USING") {
      this.#take("USING");
      do {
        const value = this.#until("AS", ",");
        let name: string | null = null;
        if (this.#keyword() === "AS") {
          this.#take("AS");
          name = this.#name();
        }
        using.push({ value, name });
      } while (this.#accept(","));
    }
    this.#endOfStatement();
    return { kind: "execute", sql, into, using, position };
  }

  #leave(kind: "break" | "continue", position: SourcePosition): Leave {
    this.#at += 1;
    this.#skipBlanks();
    const label = this.#token()?.kind === "word" ? this.#name() : null;
    this.#endOfStatement();
    return { kind, label, position };
  }

  /** "name:" before a block. */
  #label(): string | null {
    const start = this.#at;
    const token = this.#token();
    if (token?.kind !== "word") return null;
    this.#at += 1;
    this.#skipBlanks();
    if (this.#accept(":")) {
      this.#skipBlanks();
      return token.text;
    }
    this.#at = start;
    return null;
  }

  #endLabel(label: string | null): void {
    this.#skipBlanks();
    if (this.#token()?.kind !== "word") return;
    const given = this.#name();
    if (given.toLowerCase() !== label?.toLowerCase()) this.#fail(`END names ${given}, which is not the block it ends`);
  }

  /** BEGIN alone and BEGIN TRANSACTION begin a transaction, any other BEGIN a block. */
  #isTransaction(): boolean {
    const rest = this.#tokens.slice(this.#at + 1).find((token) => token.kind !== "blank");
    return rest === undefined || rest.kind === "semicolon" || rest.text.toUpperCase() === "TRANSACTION";
  }

  /**
   * The tokens as far as one of these keywords or signs, or the end of the statement, neither of which is taken. Parentheses,
   * and CASE ... END within an expression, are read over.
   */
  #until(...ends: readonly string[]): SourceStatement {
    const start = this.#at;
    let parentheses = 0;
    let cases = 0;
    for (; this.#at < this.#tokens.length; this.#at += 1) {
      const token = this.#tokens[this.#at] as Token;
      if (token.kind === "semicolon") break;
      const word = token.kind === "word" ? this.#keyword() : token.text;
      if (parentheses === 0 && cases === 0 && ends.includes(word)) break;
      if (word === "(" || word === "[") parentheses += 1;
      if (word === ")" || word === "]") parentheses -= 1;
      if (word === "CASE") cases += 1;
      if (word === "END" && cases > 0) cases -= 1;
    }
    const found = statementOf(this.#tokens.slice(start, this.#at));
    if (found === null) return this.#fail("Expected an expression");
    return found;
  }

  #names(): readonly string[] {
    const names = [this.#name()];
    while (this.#accept(",")) names.push(this.#name());
    return names;
  }

  #name(): string {
    this.#skipBlanks();
    const token = this.#token();
    if (token?.kind !== "word") return this.#fail("Expected a name");
    this.#at += 1;
    return token.text.replaceAll("`", "");
  }

  #take(word: string): void {
    this.#skipBlanks();
    if (this.#keyword() !== word) this.#fail(`Expected ${word}`);
    this.#at += 1;
    this.#skipBlanks();
  }

  #peek(sign: string): boolean {
    this.#skipBlanks();
    return this.#token()?.text === sign;
  }

  #accept(sign: string): boolean {
    if (!this.#peek(sign)) return false;
    this.#at += 1;
    return true;
  }

  #expect(sign: string): void {
    if (!this.#accept(sign)) this.#fail(`Expected "${sign}"`);
  }

  #endOfStatement(): void {
    this.#skipBlanks();
    if (this.#at < this.#tokens.length && this.#token()?.kind !== "semicolon") this.#fail('Expected ";"');
    this.#at += 1;
  }

  #token(): Token | undefined {
    return this.#tokens[this.#at];
  }

  /** The token as a keyword; empty for a name behind a dot or an @, and for what is no word. */
  #keyword(): string {
    const token = this.#token();
    if (token?.kind !== "word" || /[.@]$/.test(this.#tokens[this.#at - 1]?.text ?? "")) return "";
    return token.text.toUpperCase();
  }

  #nextWords(count: number): readonly string[] {
    const words = this.#tokens.slice(this.#at, this.#at + 20).filter((token) => token.kind === "word");
    return words.slice(0, count).map((token) => token.text.toUpperCase());
  }

  #skipBlanks(): void {
    while (this.#token()?.kind === "blank") this.#at += 1;
  }

  #skipEmpty(): void {
    while (this.#token()?.kind === "blank" || this.#token()?.kind === "semicolon") this.#at += 1;
  }

  #position(): SourcePosition {
    const last = this.#tokens.at(-1) ?? { text: "", position: { line: 1, column: 1 } };
    return this.#token()?.position ?? positionAt(last.text, last.text.length, last.position);
  }

  #fail(message: string): never {
    const found = this.#token()?.text.trim() || "the end of the statement";
    const position = this.#position();
    const text = `Syntax error: ${message}, found ${found.length > 40 ? "a longer text" : found}`;
    throw new RollcallError("SQL_INVALID", located(this.#origin, position, text), {
      isRetriable: false,
      details: { origin: this.#origin ?? null, ...position },
    });
  }

  #refuse(construct: string): never {
    const position = this.#position();
    const message = located(this.#origin, position, `${construct} has no form in the embedded warehouse`);
    throw new RollcallError("SQL_UNSUPPORTED", message, {
      isRetriable: false,
      details: { construct, origin: this.#origin ?? null, ...position },
    });
  }
}
