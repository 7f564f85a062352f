import type { Condition, Document, Query, Scalar } from "./port.js";

/** What `find` promises, said once more without an index or a database: the contract compares adapters with it. */
export function findInMemory<T extends Document>(documents: readonly T[], { where, sort, limit }: Query): T[] {
  const found = documents.filter((document) =>
    Object.entries(where ?? {}).every(([field, condition]) => matches(valueAt(document, field), condition)),
  );
  const keys = [...(sort ?? []), { field: "_id", descending: false }];
  found.sort((a, b) => {
    for (const { field, descending } of keys) {
      const order = compare(valueAt(a, field), valueAt(b, field));
      if (order !== 0) return descending ? -order : order;
    }
    return 0;
  });
  return found.slice(0, limit);
}

/** Absent is null. */
function valueAt(document: Document, field: string): Scalar {
  let value: unknown = document;
  for (const name of field.split(".")) value = (value as Record<string, unknown> | null | undefined)?.[name];
  return (value as Scalar | undefined) ?? null;
}

function matches(value: Scalar, condition: Condition): boolean {
  if (condition === null || typeof condition !== "object") return compare(value, condition) === 0;
  if ("in" in condition) return condition.in.some((choice) => compare(value, choice) === 0);
  const { gt, gte, lt, lte } = condition;
  // Only values of the bound's own kind are above or below it.
  const within = (bound: Scalar | undefined, holds: (order: number) => boolean): boolean =>
    bound === undefined || (kindOf(bound) === kindOf(value) && holds(compare(value, bound)));
  return (
    within(gt, (order) => order > 0) &&
    within(gte, (order) => order >= 0) &&
    within(lt, (order) => order < 0) &&
    within(lte, (order) => order <= 0)
  );
}

const KINDS = ["null", "number", "string", "boolean"];

function kindOf(value: Scalar): number {
  return KINDS.indexOf(value === null ? "null" : typeof value);
}

/** By kind, then by value; text by code point, which is the order of its UTF-8 bytes. */
function compare(a: Scalar, b: Scalar): number {
  if (kindOf(a) !== kindOf(b)) return kindOf(a) - kindOf(b);
  if (typeof a === "string" && typeof b === "string") return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return Number(a) - Number(b);
}
