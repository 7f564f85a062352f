import type { CatalogTable } from "./catalog.js";
import { literalsOf } from "./lineage-conditions.js";
import { traceExpression } from "./lineage-expressions.js";
import { type Facts, restrict } from "./lineage-given.js";
import { ANY_ROW, both, intersect, type KeySet, NULL_KEY, unite } from "./lineage-keys.js";
import { traceScan } from "./lineage-scans.js";
import { CONSTANT, merge, through, type Value, withRows } from "./lineage-values.js";
import type { ResolvedColumn, ResolvedNode } from "./resolved.js";
import type { GoogleType } from "./types.js";

/** A function of the script: a call of a SQL function is its body with the arguments in place; another language tells nothing. */
export type TracedFunction =
  | { readonly kind: "sql"; readonly argumentNames: readonly string[]; readonly body: ResolvedNode }
  | { readonly kind: "javascript" };

/** What a statement stands in. */
export interface LineageScope {
  /** By lower-case name. */
  readonly functions: ReadonlyMap<string, TracedFunction>;
  /** Every table the statement reads or writes. */
  readonly tables: readonly CatalogTable[];
  readonly defaultDataset?: string | undefined;
}

/** The statement has a part whose meaning is not known here. Never leaves `lineageOf`. */
export class UnknownPart extends Error {}

/** What is known of a column besides where it comes from. */
export interface ColumnKnowledge {
  /** The symbol that always has the same value in its rows. */
  readonly alias?: string | undefined;
  /** The values it has. */
  readonly domain?: KeySet | undefined;
}

/** Follows the columns of one resolved statement from scan to scan. */
export class Tracer {
  readonly scope: LineageScope;
  /** Columns of WITH queries, by name. */
  readonly withColumns = new Map<string, readonly ResolvedColumn[]>();
  /** Columns of the recursive WITH queries being traced, innermost last. */
  readonly recursions: (readonly ResolvedColumn[])[] = [];
  readonly #arguments: ReadonlyMap<string, Value>;
  readonly #columns = new Map<string, Value>();
  readonly #aliases = new Map<string, string>();
  readonly #domains = new Map<string, KeySet>();
  /** Columns of a function's body have numbers of their own. */
  readonly #prefix: string;
  #calls = 0;
  #conditions: Value[] = [];

  constructor(scope: LineageScope, args: ReadonlyMap<string, Value> = new Map(), prefix = "") {
    this.scope = scope;
    this.#arguments = args;
    this.#prefix = prefix;
  }

  expression(node: ResolvedNode): Value {
    return traceExpression(this, node);
  }

  scan(node: ResolvedNode): void {
    traceScan(this, node);
  }

  column(id: string): Value {
    return this.#columns.get(id) ?? this.unknown();
  }

  /** What was known of a column of this number is forgotten. */
  set(id: string, value: Value, { alias, domain }: ColumnKnowledge = {}): void {
    const name = this.nameOf(id);
    this.#columns.set(id, named(value, name));
    if (alias === undefined) this.#aliases.delete(id);
    else this.#aliases.set(id, alias);
    if (alias === undefined && domain !== undefined) this.#domains.set(name, domain);
    else this.#domains.delete(name);
  }

  /** A column that is computed in the rows its expression stands in. */
  bind(id: string, expression: ResolvedNode): void {
    const value = this.expression(expression);
    this.set(id, value, { alias: this.symbol(expression) ?? undefined, domain: literalsOf(this, expression) });
  }

  /** A column's own symbol. */
  nameOf(id: string): string {
    return this.#prefix + id;
  }

  /** The symbol of a column. */
  symbolOf(id: string): string {
    return this.#aliases.get(id) ?? this.nameOf(id);
  }

  /** The symbol of an expression that is a column or a struct's field in one; null of every other. */
  symbol(node: ResolvedNode): string | null {
    if (node.kind === "ColumnRef" || node.kind === "") return this.symbolOf(node.column("column").id);
    if (node.kind !== "GetStructField") return null;
    const struct = node.node("expr");
    const outer = this.symbol(struct);
    const field = outer === null ? null : ownName(struct.type, Number(node.text("fieldIdx")));
    return field === null ? null : `${outer}\n${field}`;
  }

  domain(symbol: string): KeySet | undefined {
    return this.#domains.get(symbol);
  }

  /** From here on the facts hold of all rows that these are columns of. */
  assume(columns: readonly ResolvedColumn[], facts: Facts): void {
    this.restrict(columns, facts);
    if (facts === null) return;
    const names = new Set(columns.flatMap(({ id }) => [this.nameOf(id), this.symbolOf(id)]));
    for (const [symbol, set] of Object.entries(facts)) {
      const known = this.#domains.get(symbol);
      if (names.has(symbol)) this.#domains.set(symbol, known === undefined ? set : intersect(known, set));
    }
  }

  /** The facts hold where one of these columns has its value from a row. */
  restrict(columns: readonly ResolvedColumn[], facts: Facts): void {
    for (const { id } of columns) this.#columns.set(id, restrict(this.column(id), facts));
  }

  /** Columns of rows that an outer join may have none of: all are NULL then. */
  makeOptional(columns: readonly ResolvedColumn[]): void {
    const symbols = new Set(columns.map(({ id }) => this.symbolOf(id)));
    const domains = [...symbols].flatMap((symbol) => {
      const domain = this.#domains.get(symbol);
      return domain === undefined ? [] : [[symbol, domain] as const];
    });
    this.restrict(
      columns,
      domains.reduce<Facts>((facts, [symbol, set]) => facts && both(facts, { [symbol]: set }), ANY_ROW),
    );
    for (const [symbol, domain] of domains) this.#domains.set(symbol, unite(domain, NULL_KEY));
  }

  /** What `work` finds out about columns outside of it holds only inside. */
  apart<T>(work: () => T): T {
    const domains = new Map(this.#domains);
    try {
      return work();
    } finally {
      this.#domains.clear();
      for (const [symbol, domain] of domains) this.#domains.set(symbol, domain);
    }
  }

  /** These columns have values of their own. */
  forgetAliases(columns: readonly ResolvedColumn[]): void {
    for (const { id } of columns) this.#aliases.delete(id);
  }

  argument(name: string): Value {
    return this.#arguments.get(name.toLowerCase()) ?? this.unknown();
  }

  /** A function's body has column ids of its own. */
  call(made: TracedFunction, args: readonly Value[]): Value {
    if (made.kind === "javascript") return through("derive", merge(args));
    const named = made.argumentNames.map((name, i) => [name.toLowerCase(), args[i] ?? CONSTANT] as const);
    this.#calls += 1;
    return new Tracer(this.scope, new Map(named), `${this.#prefix}f${this.#calls}.`).expression(made.body);
  }

  /** Something that decides which rows there are. */
  decide(...conditions: readonly Value[]): void {
    this.#conditions.push(...conditions);
  }

  /** What decides about rows inside `work`, which then decides about none outside. */
  collecting(work: () => void): readonly Value[] {
    const outer = this.#conditions;
    this.#conditions = [];
    try {
      work();
      return this.#conditions;
    } finally {
      this.#conditions = outer;
    }
  }

  unknown(): never {
    throw new UnknownPart();
  }
}

/** What is known beside a part of the value is known of the column's part. */
function named(value: Value, name: string): Value {
  return value.map((entry) => {
    if (entry.given === undefined) return entry;
    const own = Object.entries(entry.given).filter(([symbol]) => symbol.startsWith("\n"));
    if (own.length === 0) return entry;
    const given = { ...entry.given, ...Object.fromEntries(own.map(([symbol, set]) => [name + symbol, set])) };
    return withRows(entry, entry.where ?? ANY_ROW, given);
  });
}

/** A field's name, where no other field of the struct has it. */
export function ownName(type: GoogleType, index: number): string | null {
  if (type.kind !== "STRUCT") return null;
  const name = type.fields[index]?.name.toLowerCase() ?? "";
  const isOnly = type.fields.filter((field) => field.name.toLowerCase() === name).length === 1;
  return name !== "" && isOnly ? name : null;
}
