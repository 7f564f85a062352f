import { type Token, tokenize } from "../../src/warehouse/googlesql/lexer.js";
import { parseType } from "../../src/warehouse/googlesql/types.js";

/** What a statement does to the tables, with the queries in it: an evaluator of queries can do the rest. */
export type TableStatement =
  | { readonly kind: "begin" | "commit" | "schema" }
  | { readonly kind: "query"; readonly sql: string }
  /** `isKept`: one that is there stays. */
  | { readonly kind: "create"; readonly table: string; readonly isKept: boolean; readonly shape: Shape }
  | { readonly kind: "drop"; readonly table: string }
  | { readonly kind: "dropDataset"; readonly dataset: string }
  | { readonly kind: "insert"; readonly table: string; readonly columns: readonly string[]; readonly sql: string }
  | { readonly kind: "delete"; readonly table: string; readonly alias: string | null; readonly condition: string }
  | MergeStatement;

/** A new table's columns: as they are written, or those of a query, whose rows it has. */
export type Shape =
  | { readonly query: string }
  | { readonly columns: readonly { readonly name: string; readonly type: string }[] };

export interface MergeStatement {
  readonly kind: "merge";
  readonly table: string;
  readonly alias: string;
  /** A path, or a query in parentheses. */
  readonly source: string;
  readonly sourceAlias: string;
  readonly on: string;
  readonly clauses: readonly MergeClause[];
}

/** Conditions are texts; TRUE where there is none. */
export type MergeClause =
  | { readonly kind: "update"; readonly condition: string; readonly set: Readonly<Record<string, string>> }
  | { readonly kind: "remove"; readonly condition: string }
  | { readonly kind: "add"; readonly condition: string; readonly columns: readonly string[]; readonly values: string };

/** Throws for what no model of ours does. */
export function readStatement(text: string): TableStatement {
  return new Reader(text).statement();
}

const QUERIES = new Set(["SELECT", "WITH", "("]);

class Reader {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokenize(text);
    this.#pass(0);
  }

  statement(): TableStatement {
    const first = this.#word();
    if (QUERIES.has(first)) return { kind: "query", sql: this.#text };
    this.#pass();
    switch (first) {
      case "BEGIN":
        return { kind: "begin" };
      case "COMMIT":
        return { kind: "commit" };
      case "CREATE":
        return this.#create();
      case "DROP":
        return this.#drop();
      case "INSERT":
        return this.#insert();
      case "DELETE":
        return this.#delete();
      case "MERGE":
        return this.#merge();
      default:
        return this.#refuse();
    }
  }

  #create(): TableStatement {
    if (this.#accept("SCHEMA")) return { kind: "schema" };
    this.#accept("OR", "REPLACE");
    this.#accept("TEMP");
    if (!this.#accept("TABLE")) return this.#refuse();
    const isKept = this.#accept("IF", "NOT", "EXISTS");
    const table = this.#path();
    const columns = this.#word() === "(" ? this.#columnTypes() : null;
    while (this.#at < this.#tokens.length && this.#word() !== "AS") this.#skip();
    if (this.#accept("AS")) return { kind: "create", table, isKept, shape: { query: this.#rest() } };
    return columns === null ? this.#refuse() : { kind: "create", table, isKept, shape: { columns } };
  }

  #columnTypes(): readonly { readonly name: string; readonly type: string }[] {
    return this.#list().map((text) => {
      const [, name = "", type = ""] = /^`?(\w+)`?\s+([\s\S]+?)(?:\s+NOT\s+NULL)?$/i.exec(text) ?? [];
      parseType(type);
      return { name, type };
    });
  }

  #drop(): TableStatement {
    if (this.#accept("TABLE")) {
      this.#accept("IF", "EXISTS");
      return { kind: "drop", table: this.#path() };
    }
    if (!this.#accept("SCHEMA")) return this.#refuse();
    this.#accept("IF", "EXISTS");
    return { kind: "dropDataset", dataset: this.#path() };
  }

  #insert(): TableStatement {
    this.#accept("INTO");
    const table = this.#path();
    const columns = this.#list().map(bare);
    return QUERIES.has(this.#word()) ? { kind: "insert", table, columns, sql: this.#rest() } : this.#refuse();
  }

  #delete(): TableStatement {
    this.#accept("FROM");
    const table = this.#path();
    const alias = this.#alias();
    return this.#accept("WHERE") ? { kind: "delete", table, alias, condition: this.#rest() } : this.#refuse();
  }

  #merge(): TableStatement {
    this.#accept("INTO");
    const table = this.#path();
    const alias = this.#alias() ?? table.split(".").at(-1) ?? table;
    if (!this.#accept("USING")) return this.#refuse();
    const source = this.#word() === "(" ? this.#skip() : this.#path();
    const sourceAlias = this.#alias();
    if (sourceAlias === null || !this.#accept("ON")) return this.#refuse();
    const on = this.#until("WHEN");
    const clauses: MergeClause[] = [];
    while (this.#accept("WHEN")) clauses.push(this.#mergeClause());
    return this.#at < this.#tokens.length
      ? this.#refuse()
      : { kind: "merge", table, alias, source, sourceAlias, on, clauses };
  }

  #mergeClause(): MergeClause {
    const isMatched = !this.#accept("NOT");
    if (!this.#accept("MATCHED")) return this.#refuse();
    const condition = this.#accept("AND") ? this.#until("THEN") : "TRUE";
    if (!this.#accept("THEN")) return this.#refuse();
    if (isMatched && this.#accept("DELETE")) return { kind: "remove", condition };
    if (isMatched && this.#accept("UPDATE", "SET")) {
      const set: Record<string, string> = {};
      do {
        const name = this.#name();
        if (!this.#accept("=")) return this.#refuse();
        set[name] = this.#until(",", "WHEN");
      } while (this.#accept(","));
      return { kind: "update", condition, set };
    }
    if (isMatched || !this.#accept("INSERT")) return this.#refuse();
    const columns = this.#list().map(bare);
    return this.#accept("VALUES") ? { kind: "add", condition, columns, values: this.#skip() } : this.#refuse();
  }

  #alias(): string | null {
    if (!this.#accept("AS")) return null;
    return this.#name();
  }

  /** "identity.edges", without the project and in small letters. */
  #path(): string {
    let path = this.#name();
    while (this.#accept(".")) path += `.${this.#name()}`;
    return tableOf(path);
  }

  /** The entries of a list in parentheses. */
  #list(): readonly string[] {
    if (!this.#accept("(")) return this.#refuse();
    const entries: string[] = [];
    do entries.push(this.#until(",", ")"));
    while (this.#accept(","));
    this.#accept(")");
    return entries;
  }

  /** As far as one of these words that stands in no parentheses and in no CASE, which stays. */
  #until(...ends: readonly string[]): string {
    const start = this.#at;
    while (this.#at < this.#tokens.length && !ends.includes(this.#word())) this.#skip();
    return this.#slice(start, this.#at);
  }

  /** A token, or all of what it opens. */
  #skip(): string {
    const start = this.#at;
    const closes = { "(": ")", "[": "]", CASE: "END" }[this.#word()];
    this.#pass();
    if (closes !== undefined) {
      this.#until(closes);
      this.#pass();
    }
    return this.#slice(start, this.#at);
  }

  #rest(): string {
    const start = this.#at;
    this.#at = this.#tokens.length;
    return this.#slice(start, this.#at);
  }

  /** As it is written. It may end in a comment: what follows it begins on a line of its own. */
  #slice(from: number, to: number): string {
    return this.#tokens
      .slice(from, to)
      .map(({ text }) => text)
      .join("")
      .trim();
  }

  #token(): Token | undefined {
    return this.#tokens[this.#at];
  }

  #word(): string {
    return (this.#token()?.text ?? "").trim().toUpperCase();
  }

  /** Moves so many tokens on, and over the blanks after them. */
  #pass(count = 1): void {
    this.#at += count;
    while (this.#token()?.kind === "blank") this.#at += 1;
  }

  /** Passes the words when they come next, all of them. */
  #accept(...words: readonly string[]): boolean {
    const start = this.#at;
    for (const word of words) {
      if (this.#word() !== word) {
        this.#at = start;
        return false;
      }
      this.#pass();
    }
    return true;
  }

  #name(): string {
    const name = bare(this.#token()?.text ?? "");
    this.#pass();
    return name;
  }

  #refuse(): never {
    throw new Error(`The reference interpreter has no such statement: ${this.#text.slice(0, 200)}`);
  }
}

function bare(name: string): string {
  return name.trim().replaceAll("`", "");
}

const PROJECT = "rollcall.";

/** The key of a table that a path names. */
export function tableOf(path: string): string {
  const key = path.trim().replaceAll("`", "").toLowerCase();
  return key.startsWith(PROJECT) ? key.slice(PROJECT.length) : key;
}

/** The text with every path to one of these tables as one name in backticks: the evaluator knows no datasets. */
export function withFlatNames(text: string, isTable: (key: string) => boolean): string {
  const tokens = tokenize(text);
  let written = "";
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at];
    if (token === undefined) break;
    let end = at;
    while (tokens[end]?.kind === "word" && tokens[end + 1]?.text === "." && tokens[end + 2]?.kind === "word") end += 2;
    const isStart = token.kind === "word" && tokens[at - 1]?.text !== ".";
    const key = isStart
      ? tableOf(
          tokens
            .slice(at, end + 1)
            .map(({ text: part }) => part)
            .join(""),
        )
      : "";
    if (key.includes(".") && isTable(key)) {
      written += `\`${key}\``;
      at = end;
    } else {
      written += token.text;
    }
  }
  return written;
}
