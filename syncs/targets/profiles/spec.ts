import type { CollectionSpec } from "../../../src/platform/documents/port.js";
import { PROFILE_COLLECTIONS } from "../../../src/platform/documents/profile-collections.js";
import type { ObjectSpec, TargetSpec } from "../../engine/target.js";

/** The collection each object is kept in, and the columns a row must have to be found again there. */
export interface ProfileStoreObject {
  readonly collection: CollectionSpec;
  readonly required: readonly string[];
}

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
      personal: ["first_name", "last_name", "email", "phone", "birth_date", "identifiers"],
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
  profiles: { collection: PROFILE_COLLECTIONS.profiles, required: ["profile_id"] },
  identifiers: { collection: PROFILE_COLLECTIONS.identifiers, required: ["hmac", "profile_id"] },
  segment_members: {
    collection: PROFILE_COLLECTIONS.segmentMembers,
    required: ["segment", "profile_id", "member_from"],
  },
  events: { collection: PROFILE_COLLECTIONS.events, required: ["event_key", "node_id", "occurred_at"] },
} as const satisfies Readonly<Record<string, ProfileStoreObject>>;
