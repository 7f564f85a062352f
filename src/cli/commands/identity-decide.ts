import { userInfo } from "node:os";
import pc from "picocolors";
import type { Decided } from "../../identity/explain/decide.js";
import { reviewText } from "../../identity/explain/review-text.js";
import { shortNode } from "../../identity/explain/subject.js";
import type { Withdrawn } from "../../identity/explain/withdraw.js";
import { withControl } from "../engine-access.js";

export interface DecideCommand {
  readonly home: string;
  readonly reason?: string;
  readonly by?: string;
  readonly json: boolean;
}

/** Records that two are one person. */
export function link(a: string, b: string, options: DecideCommand): Promise<void> {
  return decide("link", a, b, options);
}

/** Records that two are two people. */
export function unlink(a: string, b: string, options: DecideCommand): Promise<void> {
  return decide("unlink", a, b, options);
}

async function decide(kind: "link" | "unlink", a: string, b: string, options: DecideCommand): Promise<void> {
  const request = { kind, a, b, ...whoAndWhy(options) };
  say(await withControl(options, (control) => control.decideIdentity(request)), options);
}

/** Decides about a pair that waits for a review. */
export async function reviewDecide(isAccepted: boolean, a: string, b: string, options: DecideCommand): Promise<void> {
  const request = { isAccepted, a, b, ...whoAndWhy(options) };
  say(await withControl(options, (control) => control.decideReview(request)), options);
}

/** Takes decisions back. */
export async function withdraw(decisionIds: readonly string[], options: DecideCommand): Promise<void> {
  const request = { decisionIds, ...whoAndWhy(options) };
  const taken = await withControl(options, (control) => control.withdrawDecisions(request));
  process.stdout.write(options.json ? `${JSON.stringify(taken, null, 2)}\n` : `${withdrawnText(taken)}\n`);
}

function whoAndWhy({ reason, by }: DecideCommand): { readonly reason: string | null; readonly by: string } {
  return { reason: reason ?? null, by: by ?? userInfo().username };
}

/** Pairs that are nearly one person by what describes them. */
export async function reviewList(options: { home: string; limit: number; json: boolean }): Promise<void> {
  const list = await withControl(options, (control) => control.reviewList({ limit: options.limit }));
  process.stdout.write(options.json ? `${JSON.stringify(list, null, 2)}\n` : `${reviewText(list, pc)}\n`);
}

function say(decided: Decided, { json }: DecideCommand): void {
  process.stdout.write(json ? `${JSON.stringify(decided, null, 2)}\n` : `${decidedText(decided)}\n`);
}

const APPLIED = "The next cycle applies it: an engine that is up within two minutes, else  rollcall run";

function decidedText({ kind, decisionIds, alreadyDecided }: Decided): string {
  const what = kind === "link" ? "one person" : "two people";
  if (decisionIds.length === 0) return `That they are ${what} is decided already: nothing to add.`;
  const before = alreadyDecided === 0 ? "" : ` ${alreadyDecided} pairs of source identities were decided so before.`;
  return (
    `Decided that they are ${what}.${before}\n${APPLIED}\n` +
    `To take it back:  rollcall identity withdraw ${decisionIds.join(" ")}`
  );
}

function withdrawnText({ withdrawn }: Withdrawn): string {
  const lines = withdrawn.map(
    ({ decisionId, kind, nodeA, nodeB }) =>
      `${decisionId}: ${kind} of source identities ${shortNode(nodeA)} and ${shortNode(nodeB)}`,
  );
  return ["Withdrawn, as if nobody had decided about them:", ...lines.map((line) => `  ${line}`), APPLIED].join("\n");
}
