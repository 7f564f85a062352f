import type { HistoryEntry, IdentityHistory } from "./history.js";
import type { Ink } from "./text.js";

/** A profile's history as a person reads it. */
export function historyText({ profileId, title, ids, entries }: IdentityHistory, { bold, dim }: Ink): string {
  const asked = title === profileId ? "" : `  ${dim(title)}`;
  const merged = ids.slice(1);
  return [
    `${bold(profileId)}${asked}`,
    ...(merged.length === 0 ? [] : [`  ${dim("merged in")}  ${merged.join(", ")}`]),
    "",
    ...(entries.length === 0
      ? ["  Nothing is recorded of it."]
      : entries.map((entry) => `  ${dim(time(entry.at))}  ${told(entry)}`)),
  ].join("\n");
}

function told({ kind, subject, other, decisionId, withdrawn, by, reason }: HistoryEntry): string {
  const said = reason === null ? "" : `: "${reason}"`;
  switch (kind) {
    case "create":
      return `${subject} came into being`;
    case "grow":
      return `${subject} got more source identities`;
    case "merge":
      return `${subject} was merged into ${other}`;
    case "split":
      return `${other} was split off from ${subject}`;
    case "cut":
      return other === null
        ? `a link inside ${subject} was refused`
        : `a link between ${subject} and ${other} was refused`;
    case "uncut":
      return other === null
        ? `a refused link inside ${subject} holds now`
        : `nothing is refused between ${subject} and ${other} any more`;
    case "erase":
      return `a part of ${subject} was erased`;
    case "link":
      return `${by} decided that source identities ${subject} and ${other} are one person (${decisionId})${said}`;
    case "unlink":
      return `${by} decided that source identities ${subject} and ${other} are two people (${decisionId})${said}`;
    case "withdraw":
      return `${by} withdrew what was decided about source identities ${subject} and ${other} (${withdrawn})${said}`;
    default:
      return `${kind} ${subject}${other === null ? "" : ` ${other}`}`;
  }
}

function time(at: string): string {
  return at.slice(0, 19).replace("T", " ");
}
