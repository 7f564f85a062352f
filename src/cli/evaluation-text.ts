import type { Agreement } from "../identity/evaluate/metrics.js";
import type { EvaluationReport, MatchingReport } from "../identity/evaluate/report.js";
import { formatCount, formatDuration, formatRows } from "./print.js";

/** A share to four places, and never a 1 or a 0 that is not quite one. */
export function formatShare(share: number | null): string {
  if (share === null) return "-";
  const rounded = share.toFixed(4);
  if (rounded === "1.0000" && share < 1) return "0.9999+";
  if (rounded === "0.0000" && share > 0) return "0.0000+";
  return rounded;
}

/** What a person reads of an evaluation. */
export function evaluationText(report: EvaluationReport): string {
  const { clusters, matchRate } = report;
  const sections = [
    `${report.file}: ${counted(clusters.recordCount, "record")} of ${counted(clusters.personCount, "person", "people")}, ` +
      `resolved to ${counted(clusters.clusterCount, "profile")}`,
    agreementTable(report),
    facts([
      [
        "exact people",
        formatShare(clusters.exactness),
        `${formatCount(clusters.exactPersonCount)} are one profile, whole and alone`,
      ],
      [
        "over-merged profiles",
        formatShare(clusters.overMergeRate),
        `${formatCount(clusters.overMergedClusterCount)} hold more than one person, with ${counted(clusters.overMergedRecordCount, "record")}`,
      ],
      [
        "fragmented people",
        formatShare(clusters.fragmentation),
        `${formatCount(clusters.fragmentedPersonCount)} are in more than one profile`,
      ],
      ["purity", formatShare(clusters.purity), "records with the person most frequent in their profile"],
      [
        "largest profile",
        "",
        `${counted(clusters.largestCluster?.recordCount ?? 0, "record")} of ${counted(clusters.largestCluster?.personCount ?? 0, "person", "people")}`,
      ],
    ]),
    facts([
      [
        "match rate",
        formatShare(matchRate.rate),
        `${formatCount(matchRate.matchedCount)} of ${formatCount(matchRate.eligibleCount)} eligible`,
      ],
      [
        "  of the matchable",
        formatShare(matchRate.matchable.rate),
        `${formatCount(matchRate.matchable.matchedCount)} of ${formatCount(matchRate.matchable.eligibleCount)} eligible whose person has another record`,
      ],
      ["consolidation", formatShare(matchRate.consolidation), "1 - profiles / records"],
      ...matchRate.ineligible.map(
        ({ reason, recordCount, share }): Fact => [
          "ineligible",
          formatShare(share),
          `${formatCount(recordCount)}: ${reason}`,
        ],
      ),
    ]),
    linkTable(report),
    matchingText(report),
    ...(report.unusable.length === 0
      ? []
      : [
          facts(
            report.unusable.map(
              ({ type, valueCount }): Fact => [
                "refused values",
                formatCount(valueCount),
                `are no ${type}: normalisation passes them over`,
              ],
            ),
          ),
        ]),
    stageTable(report),
  ];
  return sections.join("\n\n");
}

function agreementTable({ clusters }: EvaluationReport): string {
  const { linked, right, true: truePairs } = clusters.pairs;
  const row = (measure: string, agreement: Agreement, note: string) => ({
    measure,
    precision: formatShare(agreement.precision),
    recall: formatShare(agreement.recall),
    f1: formatShare(agreement.f1),
    note,
  });
  return table(
    ["measure", "precision", "recall", "f1", "note"],
    [
      row(
        "pairs",
        clusters.pairwise,
        `${formatCount(linked)} linked, ${formatCount(right)} right, ${formatCount(truePairs)} true`,
      ),
      row("b-cubed", clusters.bCubed, "mean over records"),
    ],
  );
}

function linkTable({ links }: EvaluationReport): string {
  if (links.length === 0) return "No record carries an identifier: nothing links by rule.";
  return table(
    [
      "identifier",
      "namespace",
      "active",
      "generic",
      "blocked",
      "linked",
      "right",
      "precision",
      "apart",
      "of one person",
    ],
    links.map((link) => ({
      identifier: link.type,
      namespace: link.namespace,
      active: link.activeCount,
      generic: link.genericCount,
      blocked: link.blockedCount,
      linked: link.linkedPairs,
      right: link.rightPairs,
      precision: formatShare(link.precision),
      apart: link.apartPairs,
      "of one person": link.apartRightPairs,
    })),
  );
}

const ORIGINS: Readonly<Record<MatchingReport["origin"], string>> = {
  trained: "trained on this file's descriptions",
  project: "the project's: this file has too little to learn from",
  given: "given",
};

function matchingText({ matching }: EvaluationReport): string {
  const { origin, modelVersion, strictness, pairCount, metCount, keptCount, skippedKeyCount } = matching;
  const missed = pairCount - metCount;
  return facts([
    ["match model", "", `${modelVersion}, ${ORIGINS[origin]}`],
    ["matching", "", strictness],
    [
      "compared",
      formatShare(pairCount === 0 ? null : metCount / pairCount),
      `of ${counted(pairCount, "pair")} of one person's descriptions; ${formatCount(missed)} share no key` +
        (skippedKeyCount === 0 ? "" : ` but maybe one of ${formatCount(skippedKeyCount)} that are too common`),
    ],
    ["kept", formatShare(pairCount === 0 ? null : keptCount / pairCount), "weigh enough to be looked at again"],
  ]);
}

function stageTable({ stages, totalMs, recordsPerSecond, clusters, ...settled }: EvaluationReport): string {
  const perSecond = (ms: number): string => formatCount(Math.round((clusters.recordCount / ms) * 1000));
  const rows = stages.map(({ name, ms }) => ({ stage: name, time: formatDuration(ms), "records/s": perSecond(ms) }));
  const total = {
    stage: "in all",
    time: formatDuration(totalMs),
    "records/s": formatCount(Math.round(recordsPerSecond)),
  };
  return [table(["stage", "time", "records/s"], [...rows, total]), ...settledText(settled)].join("\n");
}

function settledText({
  cycleCount,
  unsettledCount,
}: Pick<EvaluationReport, "cycleCount" | "unsettledCount">): string[] {
  if (unsettledCount > 0) {
    const nodes = counted(unsettledCount, "node is", "nodes are");
    return [
      `${nodes} not settled after ${cycleCount} cycles: the profiles are smaller than the links would make them.`,
    ];
  }
  return cycleCount > 1 ? [`Identities settled after ${cycleCount} cycles.`] : [];
}

type Fact = readonly [name: string, value: string, note: string];

function facts(rows: readonly Fact[]): string {
  return rows.map(([name, value, note]) => `${name.padEnd(21)} ${value.padEnd(8)} ${note}`.trimEnd()).join("\n");
}

function table(names: readonly string[], rows: readonly Readonly<Record<string, string | number>>[]): string {
  return formatRows({ columns: names.map((name) => ({ name })), rows }, "table");
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}
