import type pc from "picocolors";
import { formatCount, formatRows } from "./print.js";
import type { SourceStatus, Status } from "./status.js";

type Colors = typeof pc;

/** Gate 1: accepted = landed + dead-lettered. Gate 2: landed = silver + duplicate + quarantined. */
function balanceOf(source: SourceStatus): string {
  const waiting = source.accepted - source.landed - source.deadLettered;
  if (waiting !== 0) return `${formatCount(waiting)} to land`;
  const unbuilt = source.landed - source.silver - source.duplicate - source.quarantined;
  return unbuilt === 0 ? "balanced" : `${formatCount(unbuilt)} to build`;
}

function percent(part: number, whole: number): string {
  return whole === 0 ? "-" : `${((100 * part) / whole).toFixed(1)} %`;
}

/** Null where there is nothing to say. */
const STANDINGS: Readonly<Record<Status["identity"], string | null>> = {
  unpublished: null,
  published: null,
  held: "held, its rules changed: rollcall identity preview, then rollcall identity accept",
  accepted: "its changed rules are accepted: the next run publishes them",
};

export function formatStatus(status: Status, colors: Colors): string {
  const columns = ["source", "accepted", "landed", "dead letters", "silver", "duplicate", "quarantined", "balance"];
  const rows = status.sources.map((source) => ({
    source: source.source,
    accepted: source.accepted,
    landed: source.landed,
    "dead letters": source.deadLettered,
    silver: source.silver,
    duplicate: source.duplicate,
    quarantined: source.quarantined,
    balance: balanceOf(source),
  }));
  const lines = [
    colors.bold("Where every event is"),
    formatRows({ columns: columns.map((name) => ({ name })), rows }, "table"),
  ];
  if (status.deadLetters.length > 0) {
    const reasons = status.deadLetters.map(({ reason, count }) => `${reason} ${formatCount(count)}`);
    lines.push(colors.dim(`dead letters by reason: ${reasons.join(", ")}`));
  }
  lines.push("");
  if (status.profiles !== null) lines.push(`profiles     ${formatCount(status.profiles)}`);
  const standing = STANDINGS[status.identity];
  if (standing !== null) lines.push(`identity     ${colors.yellow(standing)}`);
  if (status.matchRate !== null) {
    const { records, eligible, matched } = status.matchRate;
    lines.push(
      `match rate   ${percent(matched, eligible)} of ${formatCount(eligible)} eligible records; ` +
        `${percent(records - eligible, records)} of ${formatCount(records)} are not eligible`,
    );
  }
  if (status.segments.length > 0) {
    lines.push(
      `segments     ${status.segments.map(({ segment, members }) => `${segment} ${formatCount(members)}`).join(", ")}`,
    );
  }
  for (const { severity, passed, failed } of status.checks) {
    const text = `${formatCount(passed)} passed, ${formatCount(failed)} failed`;
    lines.push(`checks       ${severity}: ${failed > 0 ? colors.yellow(text) : text}`);
  }
  if (status.lastRun !== null) {
    const { status: outcome, endedAt, error } = status.lastRun;
    lines.push(`last run     ${outcome} at ${endedAt}${error === null ? "" : `: ${error}`}`);
  }
  return lines.join("\n");
}
