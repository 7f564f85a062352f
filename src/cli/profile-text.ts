import type pc from "picocolors";
import type { StoredProfile } from "../serving/profile-store.js";
import type { ProfileEvent } from "../serving/schemas.js";

type Colors = typeof pc;

/** Shown with where they come from, in this order. */
const FIELDS = ["first_name", "last_name", "email", "phone", "birth_date", "country", "programme", "enrolment_stage"];

interface Provenance {
  readonly field?: unknown;
  readonly source?: unknown;
  readonly observed_at?: unknown;
}

/** A profile qualifies; from when until when it is a member is said beside it. */
interface Membership {
  readonly segment?: unknown;
  readonly reason?: unknown;
  readonly member_from?: unknown;
  readonly member_until?: unknown;
}

function listOf<T>(value: unknown): readonly T[] {
  return Array.isArray(value) ? (value as T[]) : [];
}

function day(value: unknown): string {
  return typeof value === "string" ? value.slice(0, 10) : "";
}

/** A profile as a person reads it: each field with its source, then what was seen last. */
export function formatProfile(profile: StoredProfile, events: readonly ProfileEvent[], colors: Colors): string {
  const provenance = new Map(listOf<Provenance>(profile.provenance).map((entry) => [entry.field, entry]));
  const lines = [`${colors.cyan(profile._id)}`];
  const line = (label: string, text: string): void => {
    lines.push(`  ${colors.dim(label.padEnd(16))} ${text}`);
  };
  for (const field of FIELDS) {
    const value = profile[field];
    if (value === null || value === undefined) continue;
    const from = provenance.get(field);
    const origin = from === undefined ? "" : colors.dim(`  ${String(from.source)}, ${day(from.observed_at)}`);
    line(field, `${String(value).padEnd(36)}${origin}`);
  }
  const identifiers = listOf<{ type?: unknown; value?: unknown }>(profile.identifiers);
  for (const { type, value } of identifiers) line(`known as`, `${String(type)} ${String(value)}`);
  const sources = listOf<string>(profile.sources);
  if (sources.length > 0) line("sources", sources.join(", "));
  if (typeof profile.engagement_score === "number") line("engagement", profile.engagement_score.toFixed(2));
  for (const { segment, reason, member_from: from, member_until: until } of listOf<Membership>(profile.segments)) {
    const end = day(until) === "" ? "" : ` until ${day(until)}`;
    line("segment", `${String(segment)} from ${day(from)}${end}: ${String(reason)}`);
  }
  for (const consent of listOf<{ purpose?: unknown; channel?: unknown; status?: unknown }>(profile.consents)) {
    line("consent", `${String(consent.purpose)} by ${String(consent.channel)}: ${String(consent.status)}`);
  }
  if (events.length > 0) {
    lines.push("", `  ${colors.dim("Last events, newest first")}`);
    for (const event of events) {
      const what = event.event_name ?? event.event_type ?? "";
      lines.push(
        `  ${colors.dim(event.occurred_at.slice(0, 16).replace("T", " "))}  ${String(event.source).padEnd(11)} ${what}`,
      );
    }
  }
  return lines.join("\n");
}
