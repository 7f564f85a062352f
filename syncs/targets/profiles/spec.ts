import type { CollectionSpec } from "../../../src/platform/documents/port.js";
import type { ObjectSpec, TargetSpec } from "../../engine/target.js";

/** The collection each object is kept in, and the columns a row must have to be found again there. */
export interface ProfileStoreObject {
  readonly collection: CollectionSpec;
  readonly required: readonly string[];
}

/** Stands for "until further notice": a missing end would be smaller than every moment. */
export const OPEN_END = "9999-12-31T23:59:59.999999Z";

function activation(table: string): ObjectSpec["table"] {
  return { dataset: "activation", table: `act_profiles__${table}` };
}

/**
 * The store is ours, serves what the warehouse says and can be filled anew from it: changing many rows is what loading
 * a new source does, not an accident. What the breaker still holds is profiles and identifiers that vanish.
 */
const ANY_SHARE = { changeShare: Number.POSITIVE_INFINITY };

/** Profiles before what points at them, so that a reader never finds an identifier of a profile that is not there. */
export const PROFILE_STORE: TargetSpec = {
  name: "profiles",
  objects: [
    {
      object: "profiles",
      table: activation("profiles"),
      key: "profile_id",
      mode: "state",
      successor: "merged_into",
      breaker: ANY_SHARE,
    },
    {
      object: "identifiers",
      table: activation("identifiers"),
      key: "hmac",
      mode: "state",
      breaker: { ...ANY_SHARE, removalShare: 0.2 },
    },
    {
      object: "segment_members",
      table: activation("segment_members"),
      key: "member_id",
      mode: "state",
      breaker: { ...ANY_SHARE, removalShare: 1 },
    },
    { object: "events", table: activation("events"), key: "event_key", mode: "append" },
  ],
};

export const PROFILE_STORE_OBJECTS = {
  profiles: { collection: { name: "profiles" }, required: ["profile_id"] },
  identifiers: {
    collection: { name: "profile_identifiers", indexes: [["profile_id"]] },
    required: ["hmac", "profile_id"],
  },
  segment_members: {
    collection: {
      name: "segment_members",
      indexes: [["segment", "profile_id", "member_from", "member_until"], ["profile_id"]],
    },
    required: ["segment", "profile_id", "member_from"],
  },
  events: {
    collection: { name: "profile_events", indexes: [["node_id", "occurred_at"]] },
    required: ["event_key", "node_id", "occurred_at"],
  },
} as const satisfies Readonly<Record<string, ProfileStoreObject>>;
