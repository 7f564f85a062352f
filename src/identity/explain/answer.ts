import type { BlockingRule } from "./blocking.js";
import type { Decision } from "./casefile.js";
import type { NotKnown } from "./find.js";
import type { SharedWhy } from "./verdict.js";

/** What `identity explain` answers. Values of persons are masked unless they were asked for. */
export type Explanation = NotKnownAnswer | OneProfile | TwoProfiles;

export interface NotKnownAnswer {
  readonly answer: "not_known";
  readonly unknown: readonly { readonly title: string; readonly why: NotKnown["why"] }[];
}

interface Known {
  readonly a: ExplainedSide;
  readonly b: ExplainedSide;
  /** The last cycle published otherwise: a decision waits for the next one. */
  readonly isWaiting: boolean;
}

export interface ExplainedSide {
  readonly title: string;
  readonly profileId: string;
  /** How many source identities the profile has. */
  readonly nodeCount: number;
}

export interface OneProfile extends Known {
  readonly answer: "one_profile";
  readonly profileId: string;
  readonly anchor: ExplainedNode;
  /** Ids that were published once and lead here now. */
  readonly mergedIds: readonly { readonly profileId: string; readonly mergedAt: string }[];
  /** From a to b; empty where one source identity is both. */
  readonly steps: readonly ExplainedStep[];
  /** Where in `steps` the weakest one is; null without steps. */
  readonly weakest: number | null;
}

export interface TwoProfiles extends Known {
  readonly answer: "two_profiles";
  readonly isOneComponent: boolean;
  /** The first is why; what follows is true besides. */
  readonly reasons: readonly ExplainedReason[];
  /** The pair of their descriptions that is most alike; null where one side has none. */
  readonly nearest: ExplainedPair | null;
  /** The least weight of a pair that makes a candidate, and the least average that joins. */
  readonly limits: { readonly candidate: number; readonly join: number };
  readonly blocking: readonly BlockingRule[];
}

export interface ExplainedNode {
  readonly nodeId: string;
  readonly source: string;
  readonly ownerType: string;
  readonly firstSeenAt: string;
}

export interface ExplainedStep {
  readonly from: ExplainedNode;
  readonly to: ExplainedNode;
  readonly strength: number;
  readonly evidence: ExplainedEvidence;
}

export type ExplainedEvidence =
  | { readonly kind: "identifier"; readonly identifier: ExplainedIdentifier; readonly eventIds: readonly string[] }
  | { readonly kind: "device"; readonly identifier: ExplainedIdentifier; readonly days: readonly string[] }
  | { readonly kind: "decision"; readonly decision: Decision }
  | { readonly kind: "description"; readonly pair: ExplainedPair; readonly average: ExplainedAverage };

export interface ExplainedIdentifier {
  readonly type: string;
  readonly namespace: string;
  /** Names it without telling it. */
  readonly handle: string;
  readonly value: string;
}

/** Of all pairs of descriptions between the two parts that the step joins. */
export interface ExplainedAverage {
  readonly average: number;
  readonly pairCount: number;
  readonly threshold: number;
}

export interface ExplainedPair {
  readonly weight: number;
  /** They contradict each other, in given names, birth dates or sex: it counts for the least there is, whatever it weighs. */
  readonly isVetoed: boolean;
  readonly modelVersion: string;
  readonly prior: number;
  readonly comparisons: readonly ExplainedComparison[];
}

export interface ExplainedComparison {
  readonly comparison: string;
  readonly level: string | null;
  readonly weight: number;
  readonly frequencyPart: number;
  /** Of a and of b: the fields that are compared, null where unknown. */
  readonly a: Readonly<Record<string, string | null>>;
  readonly b: Readonly<Record<string, string | null>>;
}

export type ExplainedReason =
  | { readonly kind: "decision"; readonly decision: Decision }
  | {
      readonly kind: "exclusive";
      readonly type: string;
      readonly namespace: string;
      readonly values: readonly [ExplainedIdentifier, ExplainedIdentifier];
    }
  | {
      readonly kind: "average";
      readonly average: number;
      readonly pairCount: number;
      readonly threshold: number;
      readonly missing: number;
      readonly isInReview: boolean;
    }
  | { readonly kind: "shared"; readonly identifier: ExplainedIdentifier; readonly why: SharedWhy }
  | { readonly kind: "nothing_shared" };
