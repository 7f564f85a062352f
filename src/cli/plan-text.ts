import type pc from "picocolors";
import type { PlanReport, PlanReportScript } from "../warehouse/run/plan-report.js";
import { formatBytes, formatCount } from "./print.js";

const SHOWN_TABLES = 5;

type Colors = ReturnType<typeof pc.createColors>;

/** A run's plan for a person: what runs over which window, why, what it reads; and what does not run. */
export function formatPlan(plan: PlanReport, colors: Colors): string {
  if (plan.scripts.length + plan.held.length === 0) {
    return `${["Nothing to do: no new rows since the last run.", ...orphanLines(plan, colors)].join("\n")}\n`;
  }
  const lines = plan.scripts.flatMap((script) => scriptLines(script, colors));
  const landed = plan.landed.filter(({ rows }) => rows > 0);
  if (landed.length > 0) {
    lines.push("", `${colors.bold("Landed since the last run")}`);
    lines.push(...landed.map(({ table, rows }) => `  ${table}: ${formatCount(rows)} rows`));
  }
  if (plan.changed.length > 0) {
    lines.push("", colors.bold("Changed since they last ran"));
    lines.push(...plan.changed.map(({ id, parts }) => `  ${id}: ${parts.join(", ")}`));
  }
  if (plan.held.length > 0) {
    lines.push("", colors.bold("Held"));
    lines.push(...[...byReason(plan.held)].map(([why, ids]) => `  ${why}: ${ids.join(", ")}`));
  }
  if (plan.skipped.length > 0) {
    lines.push("", colors.bold("Left out"));
    lines.push(...[...byReason(plan.skipped)].map(([why, ids]) => `  ${why}: ${ids.join(", ")}`));
  }
  lines.push(...orphanLines(plan, colors));
  if (plan.bytesRead !== null) lines.push("", `Reads about ${formatBytes(plan.bytesRead)}.`);
  return `${lines.join("\n")}\n`;
}

function scriptLines(script: PlanReportScript, colors: Colors): string[] {
  const { layer, reason, windowFrom, windowTo, models, checks } = script;
  const isFromBeginning = windowFrom.startsWith("1970-01-01T00:00:00.000000");
  const from = isFromBeginning ? "everything" : `arrivals from ${shortInstant(windowFrom)}`;
  const width = Math.max(0, ...models.map(({ id }) => id.length));
  return [
    `${colors.bold(layer)} (${reason.replace("_", " ")}): ${from} up to ${shortInstant(windowTo)}`,
    ...models.flatMap(({ id, mode, why, reads, bytesRead }) => [
      `  ${id.padEnd(width)}  ${mode}: ${why}${bytesRead === null ? "" : `; about ${formatBytes(bytesRead)}`}`,
      ...(reads.length === 0 ? [] : [colors.dim(`  ${"".padEnd(width)}  reads ${someOf(reads)}`)]),
    ]),
    ...(checks.length === 0 ? [] : [`  before the commit: ${checks.join(", ")}`]),
  ];
}

function orphanLines({ orphans }: PlanReport, colors: Colors): string[] {
  if (orphans.length === 0) return [];
  return [
    "",
    `${colors.bold("No model makes these any more")}; they stay until somebody drops them, in the warehouse itself`,
    ...orphans.map(({ id, drop }) => `  ${id}: ${drop}`),
  ];
}

/** All of them are in the JSON. */
function someOf(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN_TABLES).join(", ");
  return names.length > SHOWN_TABLES ? `${shown} and ${names.length - SHOWN_TABLES} more` : shown;
}

function byReason(skipped: PlanReport["skipped"]): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const { id, why } of skipped) groups.set(why, [...(groups.get(why) ?? []), id]);
  return groups;
}

/** To the second where nothing is lost by it. */
function shortInstant(iso: string): string {
  return iso.replace(/\.000000Z$/, "Z");
}
