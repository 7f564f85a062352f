import { type Micros, microsToIso } from "../../platform/clock.js";
import type { IdentityVersion } from "../../warehouse/run/identity-versions.js";
import type { Accepted } from "./accept.js";
import type { IdentityPreview, PreviewSummary, ProfileMove } from "./report.js";

/** Colours of a terminal. */
export interface Ink {
  bold(text: string): string;
  dim(text: string): string;
}

/** A preview as a person reads it, with what to do next. */
export function previewText(preview: IdentityPreview, ink: Ink): string {
  const { moves, movedNodes } = preview;
  const listed =
    moves.length === 0 ? [] : ["", ink.bold("For example"), ...moves.flatMap((move) => moveLines(move, ink))];
  const next = movedNodes === 0 ? "Nobody's id would change. " : "";
  return [
    ...summaryLines(preview, ink),
    ...listed,
    "",
    `${next}Nothing is changed yet. To publish these rules: rollcall identity accept, then rollcall run`,
  ].join("\n");
}

export function acceptedText({ status, modelVersion, preview }: Accepted, ink: Ink): string {
  if (status === "nothing_to_accept") return "Nothing to accept: the project's rules are those that are published.";
  const seen =
    preview === null
      ? ["Accepted unseen: nobody looked what these rules change."]
      : [
          `As of ${preview.previewedAt.slice(0, 19).replace("T", " ")} they would change:`,
          "",
          ...summaryLines(preview.summary, ink),
        ];
  const model = modelVersion === null ? "" : `, match model ${modelVersion}`;
  return [
    ...(status === "already" ? [`These rules are accepted already${model}.`] : [`Accepted${model}.`]),
    ...seen,
    "",
    "The next run publishes them: rollcall run. An engine that is up keeps the rules it started with: start it again.",
  ].join("\n");
}

/** The rules that were published, oldest first, and those that wait to be. */
export function versionsText(versions: readonly IdentityVersion[]): string {
  if (versions.length === 0) return "No run has published who is whom yet.";
  return versions
    .map(({ fingerprint, modelVersion, accepted, publishedAt }) => {
      const since = publishedAt === null ? "accepted, to be published by the next run" : `since ${timeOf(publishedAt)}`;
      const model = modelVersion === null ? "" : `  match model ${modelVersion}`;
      const reason = accepted?.reason ? `: "${accepted.reason}"` : "";
      const by = accepted === null ? "the first" : `accepted by ${accepted.by} at ${timeOf(accepted.at)}${reason}`;
      return `${fingerprint}  ${since}${model}  ${by}`;
    })
    .join("\n");
}

const timeOf = (at: Micros): string => microsToIso(at).slice(0, 19).replace("T", " ");

function summaryLines(summary: PreviewSummary, { bold, dim }: Ink): string[] {
  const { fingerprint, modelVersion, changes, metrics, mergedBy, failingChecks, waitingNodes } = summary;
  const { before, after } = metrics;
  const row = (name: string, value: string): string => `  ${name.padEnd(35)} ${value}`;
  const both = (name: string, from: string, to: string): string =>
    row(name, from === to ? `${to} ${dim("(as now)")}` : `${from} -> ${to}`);
  const counts = (name: string, from: number, to: number): string => both(name, count(from), count(to));
  return [
    `${bold("Rules")}  ${fingerprint.published ?? "not told"} -> ${fingerprint.project}`,
    ...(modelVersion.published === modelVersion.project
      ? []
      : [row("match model", `${modelVersion.published ?? "not told"} -> ${modelVersion.project}`)]),
    ...changes.map(({ id, change, parts }) => row(id, parts.length === 0 ? change : `${change}: ${parts.join(", ")}`)),
    "",
    bold("Ids"),
    row("merged away", count(summary.goneProfiles)),
    row("split", count(summary.splitProfiles)),
    row("new", count(summary.newProfiles)),
    row("source identities that move", count(summary.movedNodes)),
    ...(waitingNodes === 0 ? [] : [row("waiting for any rules", `${count(waitingNodes)} source identities`)]),
    ...mergedBy.map(({ shared, merges }) => row(`merges by ${shared}`, count(merges))),
    "",
    bold("Measures"),
    counts("profiles", before.profiles, after.profiles),
    both("match rate", percent(before.matchRate), percent(after.matchRate)),
    counts("largest profile", before.largestProfile, after.largestProfile),
    counts("pairs to review", before.reviewPairs, after.reviewPairs),
    ...failingChecks.map(({ check, failingRows }) =>
      row("would not be published", `${check} fails${failingRows === null ? "" : ` on ${count(failingRows)} rows`}`),
    ),
  ];
}

function moveLines({ kind, profileId, otherId, nodeCount, nodes }: ProfileMove, { dim }: Ink): string[] {
  const [node, other] = nodes;
  const what =
    kind === "merge"
      ? `${profileId} would be merged into ${otherId}`
      : `${otherId} would be split off from ${profileId}`;
  const why =
    other === null
      ? []
      : [dim(`    rollcall identity ${kind === "merge" ? "explain-not" : "explain"} ${node} ${other}`)];
  return [`  ${what}: ${count(nodeCount)} source ${nodeCount === 1 ? "identity" : "identities"}`, ...why];
}

const count = (value: number): string => value.toLocaleString("en-US");
const percent = (rate: number | null): string => (rate === null ? "not measured" : `${(100 * rate).toFixed(2)} %`);
