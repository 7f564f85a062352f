import type { EraseId } from "../../warehouse/project/erase-tags.js";

/** What an erasure goes by, taken from the compiled project: nothing of it is said a second time here. */
export interface ErasureRules {
  /** Tables with a tag `erase_by`. */
  readonly tables: readonly ErasableTable[];
  /** The models that make facts of bronze rows. */
  readonly facts: readonly FactTable[];
  /** Types of identifiers of which a person has one in a namespace. */
  readonly exclusiveTypes: readonly string[];
  readonly deviceTypes: readonly string[];
  /** Why `identity.cuts` refuses a link, where those who carry the identifier are told apart by what they say of themselves. */
  readonly sharingReasons: readonly string[];
  /** SQL: an array of structs with the `value`s of a row of identity.descriptions that are counted. */
  readonly countedValues: (row: string) => string;
  /** SQL: what identity.term_frequencies knows a value by. */
  readonly valueHash: (value: string) => string;
}

export interface ErasableTable {
  /** "silver.events" */
  readonly name: string;
  readonly by: readonly { readonly id: EraseId; readonly columns: readonly string[] }[];
}

export interface FactTable {
  /** "bronze.website_events" */
  readonly bronze: string;
  /** The name that `quality.quarantine` has for it: "website_events". */
  readonly source: string;
  /** With event_id, node_id and owner_hmac. */
  readonly silver: string;
}

/** What a sync appends to a target and never takes back by itself. */
export interface AppendedObject {
  readonly target: string;
  readonly object: string;
  readonly table: string;
  readonly key: string;
}
