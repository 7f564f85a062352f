import { type ClusterMetrics, ratio } from "./metrics.js";

/** What an evaluation says. Counts are of records unless they are named otherwise; shares are null where nothing was there to share. */
export interface EvaluationReport {
  readonly file: string;
  /** Who stood for a record in the graph: see `Mapping`. */
  readonly owner: "record" | "strongest";
  readonly clusters: ClusterMetrics;
  readonly matchRate: MatchRate;
  /** Widest first. */
  readonly links: readonly LinkMetrics[];
  readonly matching: MatchingReport;
  readonly unusable: readonly UnusableValues[];
  readonly stages: readonly Stage[];
  readonly totalMs: number;
  readonly recordsPerSecond: number;
  /** Runs of the models until nothing was left to settle, or no run settled anything more. */
  readonly cycleCount: number;
  /** Nodes whose profile is not final: figures of links that are found are then too low. */
  readonly unsettledCount: number;
}

/**
 * How many of the records that could be matched are. Eligible: at least one unblocked identifier that is more than a device, or a
 * name and one of birth date, address, email and phone. Matched: the cluster holds another record, or a number that names a person.
 */
export interface MatchRate {
  readonly eligibleCount: number;
  readonly matchedCount: number;
  readonly rate: number | null;
  /** The same of the people who have at least two records: only these can be matched rightly. */
  readonly matchable: { readonly eligibleCount: number; readonly matchedCount: number; readonly rate: number | null };
  /** 1 - clusters / records. */
  readonly consolidation: number | null;
  readonly ineligible: readonly { readonly reason: string; readonly recordCount: number; readonly share: number }[];
}

/** What the identifiers of one kind did. A pair that shares two of them counts for each. */
export interface LinkMetrics {
  readonly type: string;
  readonly namespace: string;
  /** Different values, by what the graph makes of them. */
  readonly activeCount: number;
  readonly genericCount: number;
  readonly blockedCount: number;
  /** Pairs of records that share one and are in one cluster. */
  readonly linkedPairs: number;
  readonly rightPairs: number;
  readonly precision: number | null;
  /** Pairs that share one and are kept apart all the same; how many of them are of one person. */
  readonly apartPairs: number;
  readonly apartRightPairs: number;
}

/** By which model descriptions were compared, and which of the pairs that are one person's were compared at all. */
export interface MatchingReport {
  /** `trained`: on the file's own descriptions; `project`: the project's, the file having too little to learn from; `given`: a file. */
  readonly origin: "trained" | "project" | "given";
  readonly modelVersion: string;
  /** How sure it had to be: strict, balanced or broad. */
  readonly strictness: string;
  /** Pairs of different descriptions of one person: all, those that some key brings together, those that weigh enough to be kept. */
  readonly pairCount: number;
  readonly metCount: number;
  readonly keptCount: number;
  /** Keys that too many descriptions share: they bring nobody together. */
  readonly skippedKeyCount: number;
}

/** Values that normalisation refused: no identifiers of their type, or traits that nobody is compared by. */
export interface UnusableValues {
  readonly type: string;
  readonly valueCount: number;
}

export interface Stage {
  readonly name: string;
  readonly ms: number;
}

/** Records that are alike in these three respects. */
export interface JudgedGroup {
  /** Why they are not eligible; null: they are. */
  readonly reason: string | null;
  readonly isMatched: boolean;
  /** Whether their person has another record. */
  readonly hasTwin: boolean;
  readonly recordCount: number;
}

export function matchRateOf(groups: readonly JudgedGroup[], clusterCount: number): MatchRate {
  const count = (chosen: (group: JudgedGroup) => boolean): number =>
    groups.filter(chosen).reduce((total, { recordCount }) => total + recordCount, 0);
  const rateOf = (chosen: (group: JudgedGroup) => boolean) => {
    const eligibleCount = count((group) => group.reason === null && chosen(group));
    const matchedCount = count((group) => group.reason === null && group.isMatched && chosen(group));
    return { eligibleCount, matchedCount, rate: ratio(matchedCount, eligibleCount) };
  };
  const recordCount = count(() => true);
  const reasons = [...new Set(groups.flatMap(({ reason }) => reason ?? []))].sort();
  return {
    ...rateOf(() => true),
    matchable: rateOf(({ hasTwin }) => hasTwin),
    consolidation: recordCount === 0 ? null : 1 - clusterCount / recordCount,
    ineligible: reasons.map((reason) => {
      const ofReason = count((group) => group.reason === reason);
      return { reason, recordCount: ofReason, share: ofReason / recordCount };
    }),
  };
}

/** Where a record ended. It went wrong where one of the counts is more than 1. */
export interface RecordOutcome {
  readonly file: string;
  /** Where the record stands in its file; the header is line 1. */
  readonly line: number;
  readonly person: string;
  /** Null: nothing could ever link it, and it is alone. */
  readonly profileId: string | null;
  readonly peopleInProfile: number;
  readonly profilesOfPerson: number;
}
