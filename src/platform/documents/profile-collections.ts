import type { CollectionSpec } from "./port.js";

/** The collections of the profile store, declared once for the two sides that may not know each other: the sync writes, the API reads. */
export const PROFILE_COLLECTIONS = {
  profiles: { name: "profiles" },
  identifiers: { name: "profile_identifiers", indexes: [["profile_id"]] },
  segmentMembers: {
    name: "segment_members",
    indexes: [["segment", "profile_id", "member_from", "member_until"], ["profile_id"]],
  },
  events: { name: "profile_events", indexes: [["node_id", "occurred_at"]] },
} as const satisfies Readonly<Record<string, CollectionSpec>>;

/** Stands for "until further notice" in `member_until`: a missing end would be smaller than every moment. */
export const OPEN_END = "9999-12-31T23:59:59.999999Z";
