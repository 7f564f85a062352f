/**
 * What is known of a column's value in a row: one of some values, or none of some. Texts stand for STRING, INT64 and BOOL alike; a
 * column has one type. Null counts as a value here.
 */
export type KeySet = { readonly in: readonly KeyValue[] } | { readonly notIn: readonly KeyValue[] };
export type KeyValue = string | null;

/** What holds of a row, by the names of columns. A column that is not named may have any value. */
export type Conditions = Readonly<Record<string, KeySet>>;

/** Nothing is known. */
export const ANY_ROW: Conditions = {};

export const NULL_KEY: KeySet = { in: [null] };

export function oneOf(values: readonly KeyValue[]): KeySet {
  return { in: sorted(values) };
}

function sorted(values: readonly KeyValue[]): readonly KeyValue[] {
  const texts = [...new Set(values)];
  return texts.sort((a, b) => (a === b ? 0 : a === null || (b !== null && a < b) ? -1 : 1));
}

function without(values: readonly KeyValue[], others: readonly KeyValue[]): readonly KeyValue[] {
  return values.filter((value) => !others.includes(value));
}

function common(values: readonly KeyValue[], others: readonly KeyValue[]): readonly KeyValue[] {
  return values.filter((value) => others.includes(value));
}

export function complement(set: KeySet): KeySet {
  return "in" in set ? { notIn: set.in } : { in: set.notIn };
}

export function intersect(a: KeySet, b: KeySet): KeySet {
  if ("in" in a) return { in: "in" in b ? common(a.in, b.in) : without(a.in, b.notIn) };
  return "in" in b ? { in: without(b.in, a.notIn) } : { notIn: sorted([...a.notIn, ...b.notIn]) };
}

export function unite(a: KeySet, b: KeySet): KeySet {
  return complement(intersect(complement(a), complement(b)));
}

export function isEmpty(set: KeySet): boolean {
  return "in" in set && set.in.length === 0;
}

/** Whether every value is in the set. */
function isAll(set: KeySet): boolean {
  return "notIn" in set && set.notIn.length === 0;
}

function covers(set: KeySet, other: KeySet): boolean {
  return isEmpty(intersect(other, complement(set)));
}

/** Both hold. Null where no row can be so. */
export function both(a: Conditions, b: Conditions): Conditions | null {
  const met: Record<string, KeySet> = { ...a };
  for (const [column, set] of Object.entries(b)) {
    const known = met[column];
    const next = known === undefined ? set : intersect(known, set);
    if (isEmpty(next)) return null;
    met[column] = next;
  }
  return met;
}

/** One of them holds: what both know, and no more than that. */
export function either(a: Conditions, b: Conditions): Conditions {
  const joined: Record<string, KeySet> = {};
  for (const [column, set] of Object.entries(a)) {
    const other = b[column];
    const union = other === undefined ? null : unite(set, other);
    if (union !== null && !isAll(union)) joined[column] = union;
  }
  return joined;
}

/** Whether every row of which the second holds is one of which the first does. */
export function implies(weaker: Conditions, stronger: Conditions): boolean {
  return Object.entries(weaker).every(([column, set]) => {
    const other = stronger[column];
    return other !== undefined && covers(set, other);
  });
}

export function isAnyRow(conditions: Conditions): boolean {
  for (const _ in conditions) return false;
  return true;
}

/** A text that is the same for the same conditions. */
export function conditionsKey(conditions: Conditions): string {
  const columns = Object.keys(conditions);
  return columns.length === 0 ? "" : JSON.stringify(columns.sort().map((column) => [column, conditions[column]]));
}
