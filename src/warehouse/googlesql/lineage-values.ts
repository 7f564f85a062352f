import type { ColumnSource, Flow, SourceFlow } from "./lineage.js";
import { ANY_ROW, type Conditions, conditionsKey, either, implies, isAnyRow } from "./lineage-keys.js";

/** One way a part of a column reaches a value. */
export interface Entry extends Omit<SourceFlow, "with" | "row"> {
  /** What is proven of the row the value stands in, where the value came this way: by symbols (see lineage-given.ts). */
  readonly given?: Conditions;
  /** The row it comes from, where columns of that row stand beside the value. */
  readonly origin?: Origin;
}

/** A row of a table, seen from a row that is made of it. */
export interface Origin {
  /** The same for the same row only. */
  readonly id: string;
  /** Symbols whose value is that of a column of the row, and the column's name in lower case. */
  readonly keys: ReadonlyMap<string, string>;
}

/**
 * What is known of a value: which parts of columns reach which of its parts, how, and in which rows. A set, each (source, part) once
 * by its strongest flow, again by a weaker one only where that has rows of its own; the empty value is a constant.
 */
export type Value = readonly Entry[];

/** The step into an array's elements. */
export const ELEMENT = "[]";

export const CONSTANT: Value = [];

/** A recursive query over nested JSON has paths without end: from here on the part stands for all that is in it. */
const DEEPEST_PATH = 24;

const STRENGTH: Readonly<Record<Flow, number>> = { copy: 3, derive: 2, digest: 1, decide: 0 };

/** The flow through two steps is the weaker one. */
export function weaker(a: Flow, b: Flow): Flow {
  return STRENGTH[a] < STRENGTH[b] ? a : b;
}

export function columnValue(table: string, column: string, origin?: Origin): Value {
  return [{ table, column, path: [], flow: "copy", into: [], ...(origin === undefined ? {} : { origin }) }];
}

/** By the lists that all entries of one part share. */
const paths = new WeakMap<readonly string[], string>();

function pathKey(path: readonly string[]): string {
  if (path.length < 2) return path[0] ?? "";
  let key = paths.get(path);
  if (key === undefined) {
    key = path.join("\t");
    paths.set(path, key);
  }
  return key;
}

function keyOf({ table, column, path, into, origin }: Entry): string {
  return `${table}\n${column}\n${pathKey(path)}\n${pathKey(into)}\n${origin?.id ?? ""}`;
}

/** A value that is one of several, or made of all of them. */
export function merge(values: readonly Value[]): Value {
  const some = [...new Set(values)].filter((value) => value.length > 0);
  if (some.length < 2) return some[0] ?? CONSTANT;
  return collected(some.flat());
}

/** A value of entries that may say the same twice. */
export function collected(entries: readonly Entry[]): Value {
  if (entries.length < 2) return entries;
  const merged = new Map<string, Entry | readonly Entry[]>();
  for (const entry of entries) {
    const key = keyOf(entry);
    const known = merged.get(key);
    if (known === undefined) merged.set(key, entry);
    else if (known !== entry) merged.set(key, added("flow" in known ? [known] : known, entry));
  }
  return [...merged.values()].flat();
}

/** One entry per flow, and none of which a stronger one tells already. */
function added(known: readonly Entry[], entry: Entry): readonly Entry[] {
  if (known.some((one) => tells(one, entry))) return known;
  const same = known.find(({ flow }) => flow === entry.flow);
  const joined = same === undefined ? entry : joinRows(same, entry);
  return [...known.filter((one) => one !== same && !tells(joined, one)), joined];
}

function tells(one: Entry, other: Entry): boolean {
  return (
    STRENGTH[one.flow] >= STRENGTH[other.flow] &&
    implies(one.given ?? ANY_ROW, other.given ?? ANY_ROW) &&
    implies(one.where ?? ANY_ROW, other.where ?? ANY_ROW)
  );
}

function joinRows(a: Entry, b: Entry): Entry {
  return withRows(a, either(a.where ?? ANY_ROW, b.where ?? ANY_ROW), either(a.given ?? ANY_ROW, b.given ?? ANY_ROW));
}

/** The entry with other knowledge of its rows. */
export function withRows(entry: Entry, where: Conditions, given: Conditions, origin = entry.origin): Entry {
  const { table, column, path, flow, into } = entry;
  return entryOf({ table, column, path, flow, into }, where, given, origin);
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function entryOf(
  plain: Mutable<Entry>,
  where: Conditions | undefined,
  given: Conditions | undefined,
  origin: Origin | undefined,
): Entry {
  if (where !== undefined && !isAnyRow(where)) plain.where = where;
  if (given !== undefined && !isAnyRow(given)) plain.given = given;
  if (origin !== undefined) plain.origin = origin;
  return plain;
}

/** The entry for another part of the value. */
function moved(entry: Entry, path: readonly string[], into: readonly string[], given: Conditions | undefined): Entry {
  const { table, column, flow, where, origin } = entry;
  return entryOf({ table, column, path, flow, into }, where, given, origin);
}

/** What a function makes of a value. Only a copy keeps its parts apart, and only what shows a value its row. */
export function through(flow: Flow, value: Value): Value {
  const isAsItIs = (entry: Entry): boolean =>
    STRENGTH[entry.flow] <= STRENGTH[flow] &&
    entry.into.length === 0 &&
    (flow !== "decide" || entry.origin === undefined);
  if (flow === "copy" || value.every(isAsItIs)) return value;
  return collected(
    value.map((entry) => {
      if (isAsItIs(entry)) return entry;
      const given = mapSelf(entry.given, () => null);
      const next = moved(entry, entry.path, [], given);
      const { origin: _, ...rest } = next;
      return { ...(flow === "decide" ? rest : next), flow: weaker(flow, entry.flow) };
    }),
  );
}

/** One step further in. */
export function extendPath(path: readonly string[], name: string): readonly string[] {
  return path.length < DEEPEST_PATH ? [...path, name] : path;
}

/**
 * Symbols of the value's own parts begin with a line end: "\n[]\nfield" is the member of the same element. Gives the conditions with
 * these renamed, null leaving one out.
 */
function mapSelf(given: Conditions | undefined, rename: (symbol: string) => string | null): Conditions | undefined {
  if (given === undefined || !Object.keys(given).some((symbol) => symbol.startsWith("\n"))) return given;
  const renamed = Object.entries(given).map(([symbol, set]) => [
    symbol.startsWith("\n") ? rename(symbol) : symbol,
    set,
  ]);
  return Object.fromEntries(renamed.filter(([symbol]) => symbol !== null));
}

const knownParts = new WeakMap<Value, Map<string, Value>>();

/** A member of a struct or of JSON, or with ELEMENT an array's element. */
export function part(value: Value, name: string): Value {
  const parts = knownParts.get(value) ?? new Map<string, Value>();
  const found = parts.get(name) ?? findPart(value, name);
  knownParts.set(value, parts.set(name, found));
  return found;
}

function findPart(value: Value, name: string): Value {
  const found: Entry[] = [];
  const inside = `\n${name}\n`;
  for (const entry of value) {
    const [first, ...rest] = entry.into;
    if (first === name) {
      const given = mapSelf(entry.given, (symbol) =>
        symbol.startsWith(inside) ? symbol.slice(inside.length - 1) : null,
      );
      found.push(moved(entry, entry.path, rest, given));
    } else if (first === undefined) {
      const isCopy = entry.flow === "copy";
      found.push(isCopy ? moved(entry, extendPath(entry.path, name), [], entry.given) : entry);
    }
  }
  return collected(found);
}

export function partAt(value: Value, path: readonly string[]): Value {
  return path.reduce(part, value);
}

/** A struct, JSON or array that has the value as its part `name`. */
export function within(name: string, value: Value): Value {
  return value.map((entry) =>
    moved(
      entry,
      entry.path,
      [name, ...entry.into],
      mapSelf(entry.given, (symbol) => `\n${name}${symbol}`),
    ),
  );
}

/** A struct whose fields are named anew, by position. What is known beside a field is not carried over. */
export function renameParts(value: Value, from: readonly string[], to: readonly string[]): Value {
  return merge([...from.map((name, i) => within(to[i] ?? name, value.length === 0 ? CONSTANT : part(value, name)))]);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function sortKey(entry: Entry): string {
  const rows = [entry.where, entry.given].map((conditions) => conditionsKey(conditions ?? ANY_ROW));
  return [keyOf(entry), STRENGTH[entry.flow], ...rows].join("\n");
}

export function sortedEntries(value: Value): Value {
  return [...value].sort((a, b) => compare(sortKey(a), sortKey(b)));
}

/** The parts of columns themselves, sorted, each once. */
export function sortedColumns(value: Value): readonly ColumnSource[] {
  const columns = value.map(({ table, column, path }): Entry => ({ table, column, path, flow: "decide", into: [] }));
  return sortedEntries(collected(columns)).map(({ table, column, path }) => ({ table, column, path }));
}
