import type {
  ExplainedComparison,
  ExplainedEvidence,
  ExplainedIdentifier,
  ExplainedNode,
  ExplainedPair,
  ExplainedReason,
  Explanation,
  NotKnownAnswer,
  OneProfile,
  TwoProfiles,
} from "./answer.js";
import type { BlockingRule } from "./blocking.js";
import type { Decision } from "./casefile.js";
import { shortNode } from "./subject.js";
import type { SharedWhy } from "./verdict.js";

/** How strongly words are shown; on a plain terminal they are the texts themselves. */
export interface Ink {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
}

const COMPARED = 24;

/** An explanation as a person reads it. */
export function explanationText(explanation: Explanation, ink: Ink): string {
  switch (explanation.answer) {
    case "not_known":
      return notKnownText(explanation, ink);
    case "one_profile":
      return oneProfileText(explanation, ink);
    case "two_profiles":
      return twoProfilesText(explanation, ink);
  }
}

const UNKNOWN = {
  nobody: "nobody is known by it. After landing events: rollcall run",
  mentioned: "messages of others mention it, but nobody gave it as their own, so it belongs to no profile",
  waiting: "it has landed, but no cycle has resolved it yet: rollcall run",
} as const;

function notKnownText({ unknown }: NotKnownAnswer, { bold }: Ink): string {
  const lines = unknown.map(({ title, why }) => `  ${title}: ${UNKNOWN[why]}.`);
  return [bold("Not known, so there is nothing to compare."), ...lines].join("\n");
}

function oneProfileText(told: OneProfile, ink: Ink): string {
  const { a, b, profileId, anchor, mergedIds, steps, weakest } = told;
  const ids = mergedIds.map(({ profileId: id, mergedAt }) => `${id} (${day(mergedAt)})`).join(", ");
  const born = [
    `  ${ink.dim("born as")}  ${nodeText(anchor)}`,
    `  ${ink.dim("made of")}  ${plural(a.nodeCount, "source identity", "source identities")}`,
    ...(ids === "" ? [] : [`  ${ink.dim("merged in")}  ${ids}`]),
  ];
  const path =
    steps.length === 0
      ? ["", `${a.title} and ${b.title} are one source identity: the same records carry both.`]
      : [
          "",
          `From ${a.title} to ${b.title}, by the strongest evidence:`,
          `     ${nodeText((steps[0] as OneProfile["steps"][number]).from)}`,
          ...steps.flatMap((step, place) => [
            ...evidenceLines(step.evidence, ink).map((line, n) =>
              n === 0 ? `  ${place + 1}. ${line}` : `     ${line}`,
            ),
            `     ${nodeText(step.to)}`,
          ]),
          ...(weakest === null || steps.length < 2 ? [] : ["", `The weakest step is ${weakest + 1}.`]),
        ];
  return [ink.bold(`One profile: ${profileId}`), ...born, ...path, ...waitingLines(told)].join("\n");
}

function twoProfilesText(told: TwoProfiles, ink: Ink): string {
  const { a, b, isOneComponent, reasons } = told;
  const [first, ...others] = reasons;
  const sides = [a, b].map(
    ({ title, profileId, nodeCount }) =>
      `  ${profileId}  ${ink.dim(`${title}, ${plural(nodeCount, "source identity", "source identities")}`)}`,
  );
  return [
    ink.bold(`Two profiles${isOneComponent ? ", of one component" : ", of components that nothing links"}`),
    ...sides,
    "",
    `Because ${first === undefined ? "nothing links them" : reasonText(first)}.`,
    ...others.map((reason) => `  Besides, ${reasonText(reason)}.`),
    ...nearestLines(told, ink),
    ...waitingLines(told),
  ].join("\n");
}

function waitingLines({ isWaiting }: OneProfile | TwoProfiles): readonly string[] {
  if (!isWaiting) return [];
  return ["", "This is what the next cycle will publish; until then the last one's answer stands: rollcall run"];
}

function evidenceLines(evidence: ExplainedEvidence, ink: Ink): readonly string[] {
  switch (evidence.kind) {
    case "identifier":
      return [`the same ${identifierText(evidence.identifier)}`];
    case "device":
      return [`on the device ${identifierText(evidence.identifier)}, ${daysText(evidence.days)}`];
    case "decision":
      return [decisionText(evidence.decision)];
    case "description": {
      const { pair, average } = evidence;
      const whole =
        average.pairCount > 1
          ? [`${average.pairCount} pairs between these parts average ${bits(average.average)}`]
          : [];
      return [
        `their descriptions weigh ${bits(pair.weight)}; from ${bits(average.threshold)} on average they are one person's`,
        ...whole,
        ...pairLines(pair, ink),
      ];
    }
  }
}

function reasonText(reason: ExplainedReason): string {
  switch (reason.kind) {
    case "decision":
      return decisionText(reason.decision);
    case "exclusive": {
      const [a, b] = reason.values;
      const where = reason.namespace === "" ? "" : ` of ${reason.namespace}`;
      return `they carry two different ${words(reason.type)}s${where} (${a.handle} ${a.value}, ${b.handle} ${b.value}), and a person has one`;
    }
    case "average": {
      const what =
        reason.pairCount === 1 ? "their descriptions weigh" : `${reason.pairCount} pairs of their descriptions average`;
      const missing = `${bits(reason.missing)} short of the ${bits(reason.threshold)} that makes one person`;
      const review = reason.isInReview ? ": near enough to ask a person (rollcall identity review list)" : "";
      return `${what} ${bits(reason.average)}, ${missing.replace("+", "")}${review}`;
    }
    case "shared":
      return `both carry the ${identifierText(reason.identifier)}, but ${sharedText(reason.why)}`;
    case "nothing_shared":
      return "they share no identifier";
  }
}

function sharedText(why: SharedWhy): string {
  switch (why.kind) {
    case "blocked":
      return "its value stands for nobody";
    case "generic":
      return `too many carry it${why.limit === null ? "" : ` (${why.limit})`}`;
    case "device":
      return "a device links only days on which it is plain who used it";
    case "several_owners":
      return `source identity ${shortNode(why.nodeId)} is named after an identifier that is several people's, so nothing it carries tells who`;
    case "two_people":
      return "those who carry it are evidently several people, by name, birth date or number, and these are two of them";
    case "ambiguous":
      return "several people carry it, and one of these could be any of them";
    case "refused":
      return "what keeps them apart weighs more";
  }
}

function nearestLines({ nearest, limits, blocking }: TwoProfiles, ink: Ink): readonly string[] {
  if (nearest === null) return ["", "One of them says nothing that descriptions could be compared by."];
  const missing = limits.candidate - nearest.weight;
  const verdict =
    missing > 0
      ? `${missing.toFixed(1)} short of the ${bits(limits.candidate)} that makes a candidate`
      : `enough for a candidate (${bits(limits.candidate)})`;
  return [
    "",
    `Their most alike descriptions weigh ${bits(nearest.weight)}: ${verdict}.`,
    ...pairLines(nearest, ink).map((line) => `  ${line}`),
    ...blockingLines(blocking),
  ];
}

function blockingLines(rules: readonly BlockingRule[]): readonly string[] {
  const named = (outcome: BlockingRule["outcome"]): string =>
    someOf(rules.flatMap((each) => (each.outcome === outcome ? each.rule : [])));
  const [met, crowded, differs] = [named("met"), named("crowded"), named("differs")];
  const nearly = [
    ...(crowded === "" ? [] : [`too many others share their key of ${crowded}`]),
    ...(differs === "" ? [] : [`both have a key, but not the same, of ${differs}`]),
  ];
  if (met !== "") return [`They were compared because they share the key of ${met}.`];
  if (nearly.length === 0) return ["No rule compares them: there is none that both have a key of."];
  return [`No rule compares them: ${nearly.join("; ")}.`];
}

function pairLines(
  { comparisons, prior, weight, isVetoed, modelVersion }: ExplainedPair,
  { dim }: Ink,
): readonly string[] {
  return [
    ...comparisons.flatMap((compared) => comparedLine(compared)),
    `${"before comparing".padEnd(COMPARED)} ${bits(prior)}`,
    `${"in all".padEnd(COMPARED)} ${bits(weight)}  ${dim(`model ${modelVersion}`)}`,
    ...(isVetoed
      ? ["but they contradict each other, in given names, birth dates or sex: that outweighs all the rest"]
      : []),
  ];
}

function comparedLine({ comparison, level, weight, frequencyPart, a, b }: ExplainedComparison): readonly string[] {
  if (level === null) return [];
  const rare = Math.abs(frequencyPart) < 0.05 ? "" : `, of it ${bits(frequencyPart)} for how common the value is`;
  return [
    `${words(comparison).padEnd(COMPARED)} ${bits(weight)}  ${level}${rare}: ${valuesText(a)} | ${valuesText(b)}`,
  ];
}

function valuesText(values: Readonly<Record<string, string | null>>): string {
  return Object.values(values)
    .map((value) => value ?? "-")
    .join(" ");
}

function identifierText({ type, handle, value }: ExplainedIdentifier): string {
  return `${words(type)} ${value} (${handle})`;
}

function nodeText({ nodeId, source, ownerType, firstSeenAt }: ExplainedNode): string {
  return `source identity ${shortNode(nodeId)} (${source}, named by ${words(ownerType)}, landed ${day(firstSeenAt)})`;
}

function decisionText({ decisionId, kind, decidedAt, decidedBy, reason }: Decision): string {
  const said = reason === null ? "" : `: "${reason}"`;
  const what = kind === "link" ? "one person" : "two people";
  return `${decidedBy} decided on ${day(decidedAt)} that they are ${what} (${decisionId})${said}`;
}

function daysText(days: readonly string[]): string {
  return days.length === 0 ? "on no day that is known" : `on ${someOf(days)}`;
}

const MOST_SHOWN = 5;

function someOf(items: readonly string[]): string {
  const shown = items.slice(0, MOST_SHOWN).join(", ");
  return items.length > MOST_SHOWN ? `${shown} and ${items.length - MOST_SHOWN} more` : shown;
}

/** A weight: log2 of odds. */
function bits(weight: number): string {
  return `${weight < 0 ? "" : "+"}${weight.toFixed(1)}`;
}

function words(name: string): string {
  return name.replaceAll("_", " ");
}

function day(at: string): string {
  return at.slice(0, 10);
}

function plural(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
