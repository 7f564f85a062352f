import { z } from "zod";
import { isoToMicros, type Micros } from "../platform/clock.js";
import type { Scope } from "./api-keys.js";

/**
 * What of a stored profile leaves through the API, and to whom. A column that is not named here is not served to
 * anybody: a new field of the warehouse stays inside until somebody decides who may read it.
 */
interface Field {
  readonly schema: z.ZodType;
  readonly isPersonal: boolean;
  /** Of a list: what of each entry is served. */
  readonly members?: readonly string[];
  /** Of a list: what an entry is at the moment it is read; rows hold no clock. */
  readonly entryAt?: (entry: Entry, now: Micros) => Entry;
}

type Entry = Readonly<Record<string, unknown>>;

const timestamp = z.iso.datetime({ precision: 6 });

function open(schema: z.ZodType, description: string): Field {
  return { schema: schema.nullable().describe(description), isPersonal: false };
}

function personal(schema: z.ZodType, description: string): Field {
  const text = `${description} Only with the scope profiles:read:personal.`;
  return { schema: schema.nullable().describe(text), isPersonal: true };
}

/** The same rule inside a list: an entry shows the members named here and no others. */
function listOf(
  field: (schema: z.ZodType, description: string) => Field,
  members: readonly string[],
  description: string,
): Field {
  const entry = z.object(Object.fromEntries(members.map((member) => [member, z.unknown().optional()])));
  return { ...field(z.array(entry), description), members };
}

/** A grant that ran out permits nothing any more. The store has it as it was given: nothing writes there when time passes. */
function consentAt(consent: Entry, now: Micros): Entry {
  const { status, expires_at: end } = consent;
  const endsAt = typeof end === "string" ? isoToMicros(end) : null;
  return status === "granted" && endsAt !== null && endsAt <= now ? { ...consent, status: "expired" } : consent;
}

const FIELDS: Readonly<Record<string, Field>> = {
  first_name: personal(z.string(), "Given name."),
  last_name: personal(z.string(), "Family name."),
  email: personal(z.string(), "Email address."),
  phone: personal(z.string(), "Phone number in E.164."),
  birth_date: personal(z.iso.date(), "Date of birth."),
  country: open(z.string(), "Country, ISO 3166-1 alpha-2."),
  programme: open(z.string(), "The programme of study, by its code."),
  enrolment_stage: open(z.string(), "anonymous, inquiry, application, enrolment, active, alumni or churned."),
  sources: open(z.array(z.string()), "The sources that know the profile."),
  first_ingested_at: open(timestamp, "When the profile was first seen."),
  event_count: open(z.number(), "Number of facts."),
  active_days_28: open(z.number(), "Days with activity in the 28 days up to the last."),
  engagement_score: open(z.number(), "0 to 1."),
  first_at: open(timestamp, "When the first fact happened."),
  last_at: open(timestamp, "When the last fact happened."),
  last_intent_at: open(timestamp, "When the last sign of intent happened."),
  last_learning_at: open(timestamp, "When the last lesson or assessment happened."),
  programmes: listOf(open, ["programme", "interest_count", "last_at"], "Programmes it showed interest in."),
  segments: listOf(open, ["segment", "member_from", "member_until", "reason"], "Segments it qualifies for, and when."),
  consents: {
    ...listOf(
      open,
      ["purpose", "channel", "status", "decided_at", "expires_at", "decision_id"],
      "The decisions that count: granted, denied, revoked, or expired once a grant's expires_at has passed. What is not " +
        "granted, or not listed, is denied.",
    ),
    entryAt: consentAt,
  },
  identifiers: listOf(personal, ["namespace", "type", "value", "status"], "What the profile is known by."),
  provenance: listOf(open, ["field", "source", "observed_at"], "Where the value of each field comes from."),
};

export const profileSchema = z
  .object({
    profile_id: z.string().describe("The person: p_ and 22 characters."),
    ...Object.fromEntries(Object.entries(FIELDS).map(([name, field]) => [name, field.schema.optional()])),
  })
  .strict()
  .describe("One student. A field is absent when the key may not see it or the profile store does not have it.");

export type Profile = Readonly<Record<string, unknown>> & { readonly profile_id: string };

const OPEN_NAMES = Object.keys(FIELDS).filter((name) => !FIELDS[name]?.isPersonal);
const ALL_NAMES = Object.keys(FIELDS);

/** The stored profile as this caller may see it, at this moment. */
export function visibleProfile(
  stored: { readonly [column: string]: unknown },
  scopes: ReadonlySet<Scope>,
  now: Micros,
): Profile {
  const profile: Record<string, unknown> & { profile_id: string } = { profile_id: String(stored._id) };
  for (const name of scopes.has("profiles:read:personal") ? ALL_NAMES : OPEN_NAMES) {
    const value = stored[name];
    const field = FIELDS[name];
    if (value !== undefined && field !== undefined) profile[name] = visibleEntries(value, field, now);
  }
  return profile;
}

function visibleEntries(value: unknown, { members, entryAt }: Field, now: Micros): unknown {
  if (members === undefined || !Array.isArray(value)) return value;
  return value.map((stored: Entry) => {
    const entry = entryAt?.(stored, now) ?? stored;
    return Object.fromEntries(
      members.filter((member) => entry[member] !== undefined).map((member) => [member, entry[member]]),
    );
  });
}
