/**
 * Documents: profiles, manifests, runs, ledgers, keys. Written with MongoDB in mind; embedded it is one SQLite file
 * that several processes open at once.
 *
 * Guarantee: a write that resolved survives a crash; one call of `put`, `insert` or `remove` is atomic.
 */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

/** Every document has a string `_id` of its own. */
export interface Document {
  readonly _id: string;
}

/** A comparable value of an indexed field. */
export type Scalar = string | number | boolean | null;

export type Condition =
  | Scalar
  | { readonly in: readonly Scalar[] }
  | { readonly gt?: Scalar; readonly gte?: Scalar; readonly lt?: Scalar; readonly lte?: Scalar };

export interface Query {
  /** Conditions on declared index fields or `_id`, all of which must hold. An undeclared field is an error. */
  readonly where?: Readonly<Record<string, Condition>>;
  /** Index fields or `_id`, in order; `_id` is always the last tie-break, so that pages are stable. */
  readonly sort?: readonly { readonly field: string; readonly descending?: boolean }[];
  readonly limit?: number;
}

export interface CollectionSpec {
  readonly name: string;
  /** Each index is a list of dotted paths, e.g. ["segment", "member_until"]. */
  readonly indexes?: readonly (readonly string[])[];
}

export interface Collection<T extends Document> {
  get(id: string): Promise<T | null>;
  /** Found documents only, in no promised order. */
  getMany(ids: readonly string[]): Promise<T[]>;
  find(query: Query): Promise<T[]>;
  count(query?: Pick<Query, "where">): Promise<number>;
  /** Inserts or replaces, all or nothing. */
  put(documents: readonly T[]): Promise<void>;
  /** Inserts if absent. False when the id was taken: nothing changed. */
  insert(document: T): Promise<boolean>;
  /** Replaces only while the stored document's `field` still equals `expected` (optimistic lock). */
  replaceIf(document: T, field: string, expected: Scalar): Promise<boolean>;
  /** Removes by id; ids that are absent are fine. Returns how many were there. */
  remove(ids: readonly string[]): Promise<number>;
}

export interface Documents {
  collection<T extends Document>(spec: CollectionSpec): Promise<Collection<T>>;
  close(): Promise<void>;
}
