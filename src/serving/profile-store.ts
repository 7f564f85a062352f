import type { Collection, Document, Documents, Json, Query } from "../platform/documents/port.js";
import { OPEN_END, PROFILE_COLLECTIONS } from "../platform/documents/profile-collections.js";
import type { ProfileEvent, SegmentMember } from "./schemas.js";

/** A row of the profile store, as the sync wrote it. */
interface StoredRow extends Document {
  readonly [column: string]: Json;
}
export type StoredProfile = StoredRow;

/** A place in a list of events, newest first. */
export interface EventCursor {
  readonly occurredAt: string;
  readonly eventKey: string;
}

export interface ProfileStore {
  /** The profile as stored, a signpost included. */
  profile(id: string): Promise<StoredProfile | null>;
  /** Follows signposts to the living profile; null when there is none. */
  living(id: string): Promise<StoredProfile | null>;
  /** The living profiles any of these identifiers belongs to, each once. */
  byIdentifiers(hmacs: readonly string[]): Promise<StoredProfile[]>;
  /** Events of all the profile's source identities, newest first, those after `after` only. */
  events(profile: StoredProfile, limit: number, after: EventCursor | null): Promise<ProfileEvent[]>;
  /** Members at `at`, by profile id, those after `after` only. */
  members(segment: string, at: string, limit: number, after: string | null): Promise<SegmentMember[]>;
  memberCount(segment: string, at: string): Promise<number>;
}

/** Longer than any chain of merges; ends a circle that bad data could make. */
const MAX_SIGNPOSTS = 32;

/** Reads what the profile sync writes. Nothing here writes. */
export async function openProfileStore(deps: { readonly documents: Documents }): Promise<ProfileStore> {
  const [profiles, identifiers, members, events] = await Promise.all([
    deps.documents.collection<StoredRow>(PROFILE_COLLECTIONS.profiles),
    deps.documents.collection<StoredRow>(PROFILE_COLLECTIONS.identifiers),
    deps.documents.collection<StoredRow>(PROFILE_COLLECTIONS.segmentMembers),
    deps.documents.collection<StoredRow>(PROFILE_COLLECTIONS.events),
  ]);

  async function living(id: string): Promise<StoredProfile | null> {
    let next: Json | undefined = id;
    for (let step = 0; step < MAX_SIGNPOSTS && typeof next === "string"; step++) {
      const stored: StoredProfile | null = await profiles.get(next);
      if (stored === null || typeof stored.merged_into !== "string") return stored;
      next = stored.merged_into;
    }
    return null;
  }

  return {
    profile: (id) => profiles.get(id),
    living,

    byIdentifiers: async (hmacs) => {
      const found = await identifiers.getMany(hmacs);
      const owners = new Set(found.map((row) => row.profile_id).filter((id) => typeof id === "string"));
      const byId = new Map<string, StoredProfile>();
      for (const owner of owners) {
        const profile = await living(owner);
        if (profile) byId.set(profile._id, profile);
      }
      return [...byId.values()];
    },

    events: async (profile, limit, after) => {
      const nodes = Array.isArray(profile.node_ids) ? (profile.node_ids as string[]) : [];
      const pages = await Promise.all(nodes.map((node) => eventsOfNode(events, node, limit, after)));
      return pages.flat().sort(newestFirst).slice(0, limit).map(eventOf);
    },

    members: async (segment, at, limit, after) => {
      const found = await members.find({
        where: { ...memberAt(segment, at), ...(after === null ? {} : { profile_id: { gt: after } }) },
        sort: [{ field: "profile_id" }],
        limit,
      });
      return found.map(memberOf);
    },

    memberCount: (segment, at) => members.count({ where: memberAt(segment, at) }),
  };
}

function memberAt(segment: string, at: string): NonNullable<Query["where"]> {
  return { segment, member_from: { lte: at }, member_until: { gt: at } };
}

/** One index range per node and call, so that a page costs what it shows and not what the profile has. */
async function eventsOfNode(
  events: Collection<StoredRow>,
  node: string,
  limit: number,
  after: EventCursor | null,
): Promise<StoredRow[]> {
  const sort = [
    { field: "occurred_at", descending: true },
    { field: "_id", descending: true },
  ];
  if (after === null) return events.find({ where: { node_id: node }, sort, limit });
  const sameInstant = await events.find({
    where: { node_id: node, occurred_at: after.occurredAt, _id: { lt: after.eventKey } },
    sort,
    limit,
  });
  if (sameInstant.length === limit) return sameInstant;
  const older = await events.find({
    where: { node_id: node, occurred_at: { lt: after.occurredAt } },
    sort,
    limit: limit - sameInstant.length,
  });
  return [...sameInstant, ...older];
}

function newestFirst(a: StoredRow, b: StoredRow): number {
  return compare(String(b.occurred_at), String(a.occurred_at)) || compare(b._id, a._id);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function eventOf(row: StoredRow): ProfileEvent {
  return {
    event_key: row._id,
    source: textOf(row.source),
    event_type: textOf(row.event_type),
    event_name: textOf(row.event_name),
    category: textOf(row.category),
    programme: textOf(row.programme),
    value: typeof row.value === "number" ? row.value : null,
    properties: row.properties ?? null,
    occurred_at: String(row.occurred_at),
    received_at: textOf(row.received_at),
  };
}

function memberOf(row: StoredRow): SegmentMember {
  return {
    profile_id: String(row.profile_id),
    member_from: String(row.member_from),
    member_until: row.member_until === OPEN_END ? null : String(row.member_until),
    reason: textOf(row.reason),
  };
}

function textOf(value: Json | undefined): string | null {
  return typeof value === "string" ? value : null;
}
