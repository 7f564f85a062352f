import type { SourceFlow } from "./lineage.js";
import { ANY_ROW, both, type Conditions, intersect, isAnyRow, isEmpty, type KeySet } from "./lineage-keys.js";
import { CONSTANT, collected, type Entry, type Origin, sortedEntries, type Value, withRows } from "./lineage-values.js";

/**
 * What is known of rows follows their columns. A **symbol** names a column of the row a value stands in, or a struct's field in it:
 * "3", "3\nfield". "\nfield" is a field of the value itself, beside the part an entry goes to; every step is after a line end.
 *
 * An entry says: where the value came this way, `given` holds of its row, and `where` of the row it came from. Both only ever leave
 * ways out that are proven to be none.
 */

/** Conditions by symbols; null where they can never hold. */
export type Facts = Conditions | null;

/** The value where the facts hold of its row: without the ways that contradict them, the others knowing them. */
export function restrict(value: Value, facts: Facts): Value {
  if (facts === null) return CONSTANT;
  if (value.length === 0 || isAnyRow(facts)) return value;
  return collected(
    value.flatMap((entry) => {
      const given = both(entry.given ?? ANY_ROW, facts);
      const where = both(entry.where ?? ANY_ROW, originFacts(entry.origin, facts));
      return given === null || where === null ? [] : [withRows(entry, where, given)];
    }),
  );
}

/** What facts about a row say of the row that it comes from, by that one's columns. */
function originFacts(origin: Origin | undefined, facts: Conditions): Conditions {
  let known: Conditions = ANY_ROW;
  if (origin === undefined) return known;
  for (const [symbol, set] of Object.entries(facts)) {
    const column = origin.keys.get(symbol);
    // Two symbols of one column that disagree: no such row, and leaving out one of them is on the safe side.
    if (column !== undefined) known = both(known, { [column]: set }) ?? known;
  }
  return known;
}

/** Nothing is known of the row the value stands in now; what is known inside the value, beside its parts, stays. */
export function forget(value: Value): Value {
  return new Passage("", []).carry(value);
}

/** A column that has the value of another one in the row that is made of that one's row. */
export interface Carried {
  readonly from: string | null;
  readonly to: string;
  /** What is known of it in all rows that are passed on. */
  readonly domain?: KeySet | undefined;
}

/** Carries values from rows to rows that are made of them, one of one: what is known follows the columns that are carried along. */
export class Passage {
  readonly #name: string;
  /** Where the value of a symbol goes. */
  readonly #targets = new Map<string, string[]>();
  readonly #domains: readonly (readonly [symbol: string, set: KeySet])[];
  readonly #origins = new Map<Origin, Origin | undefined>();

  /** The name tells these rows from others that are made of the same ones. */
  constructor(name: string, columns: readonly Carried[]) {
    this.#name = name;
    for (const { from, to } of columns) {
      const targets = from === null ? undefined : this.#targets.get(from);
      if (targets !== undefined) targets.push(to);
      else if (from !== null) this.#targets.set(from, [to]);
    }
    this.#domains = columns.flatMap(({ to, domain }) => (domain === undefined ? [] : [[to, domain] as const]));
  }

  carry(value: Value): Value {
    const isPlain = (entry: Entry): boolean => entry.given === undefined && entry.origin === undefined;
    if (this.#domains.length === 0 && value.every(isPlain)) return value;
    return collected(
      value.flatMap((entry) => {
        const given = this.#given(entry.given);
        return given === null ? [] : [withOrigin(entry, given, this.#origin(entry.origin))];
      }),
    );
  }

  #given(known: Conditions | undefined): Facts {
    if (known === undefined && this.#domains.length === 0) return ANY_ROW;
    const given: Record<string, KeySet> = Object.fromEntries(this.#domains);
    for (const symbol in known) {
      const set = known[symbol] as KeySet;
      for (const to of this.#targetsOf(symbol)) {
        const other = given[to];
        const met = other === undefined ? set : intersect(other, set);
        if (isEmpty(met)) return null;
        given[to] = met;
      }
    }
    return given;
  }

  /** A symbol goes where its column goes, and a field's also where the struct does. */
  #targetsOf(symbol: string): readonly string[] {
    if (symbol.startsWith("\n")) return [symbol];
    const whole = this.#targets.get(symbol) ?? [];
    if (!symbol.includes("\n")) return whole;
    const found = [...whole];
    for (let at = symbol.indexOf("\n"); at > 0; at = symbol.indexOf("\n", at + 1))
      for (const to of this.#targets.get(symbol.slice(0, at)) ?? []) found.push(to + symbol.slice(at));
    return found;
  }

  #origin(origin: Origin | undefined): Origin | undefined {
    if (origin === undefined) return undefined;
    if (this.#origins.has(origin)) return this.#origins.get(origin);
    const keys = new Map<string, string>();
    for (const [symbol, column] of origin.keys) for (const to of this.#targets.get(symbol) ?? []) keys.set(to, column);
    const carried = keys.size === 0 ? undefined : { id: `${origin.id}/${this.#name}`, keys };
    this.#origins.set(origin, carried);
    return carried;
  }
}

/** The entry with another origin, or none. */
function withOrigin(entry: Entry, given: Conditions, origin: Origin | undefined): Entry {
  const { table, column, path, flow, into, where = ANY_ROW } = entry;
  return withRows({ table, column, path, flow, into }, where, given, origin);
}

/** The rows of a statement's sources, each once. */
export type Rows = readonly Readonly<Record<string, string>>[];

/** Writes values whose symbols are names of outputs as plain sources; `rows` grows by the rows they come from. */
export function plainSources(value: Value, rows: Record<string, string>[]): readonly SourceFlow[] {
  const plain = value.map((entry): Entry => {
    const outer = Object.entries(entry.given ?? ANY_ROW).filter(([symbol]) => !symbol.includes("\n"));
    const { origin } = entry;
    const number = origin === undefined ? null : rowNumber(rows, origin);
    const kept = origin === undefined || number === null ? undefined : { id: String(number), keys: origin.keys };
    return withOrigin(entry, Object.fromEntries(outer), kept);
  });
  return sortedEntries(collected(plain)).map(({ given, origin, ...source }) => ({
    ...source,
    ...(given === undefined ? {} : { with: given }),
    ...(origin === undefined ? {} : { row: Number(origin.id) }),
  }));
}

function rowNumber(rows: Record<string, string>[], { keys }: Origin): number {
  const row = Object.fromEntries([...keys].sort(([a], [b]) => (a < b ? -1 : 1)));
  const text = JSON.stringify(row);
  const found = rows.findIndex((one) => JSON.stringify(one) === text);
  return found >= 0 ? found : rows.push(row) - 1;
}

/** The other way round: sources as a value whose symbols are the names of the statement's outputs. */
export function entriesOf(sources: readonly SourceFlow[], rows: Rows = []): Value {
  return sources.map(({ with: given, row, ...source }) => {
    const keys = row === undefined ? undefined : rows[row];
    return {
      ...source,
      ...(given === undefined ? {} : { given }),
      ...(keys === undefined ? {} : { origin: { id: JSON.stringify(keys), keys: new Map(Object.entries(keys)) } }),
    };
  });
}
