import type { RuleChange } from "../../warehouse/run/identity-standing.js";

/** What the project's rules of who is whom would change if they were published now. Counts and ids, nothing personal. */
export interface IdentityPreview extends PreviewSummary {
  /** At most as many as were asked for, those that concern most source identities first. */
  readonly moves: readonly ProfileMove[];
}

/** Kept with the version, for whoever accepts it. */
export interface PreviewSummary {
  readonly fingerprint: Versions<string>;
  readonly modelVersion: Versions<string | null>;
  readonly changes: readonly RuleChange[];
  /** Source identities that no published map knows yet: they arrived while identity was held. */
  readonly waitingNodes: number;
  /** Source identities that would belong to another profile id. */
  readonly movedNodes: number;
  /** Profile ids of today that would lead to another profile. */
  readonly goneProfiles: number;
  /** Profile ids of today whose source identities would be several profiles. */
  readonly splitProfiles: number;
  /** Profiles under an id that no profile has today, without those of source identities that only wait. */
  readonly newProfiles: number;
  /** By what the two sides of a merge share under the new rules: types of identifiers, or nothing but descriptions and devices. */
  readonly mergedBy: readonly { readonly shared: string; readonly merges: number }[];
  readonly metrics: Before<IdentityMetrics>;
  /** Checks that would keep this from being published. */
  readonly failingChecks: readonly { readonly check: string; readonly failingRows: number | null }[];
}

export interface Versions<T> {
  readonly published: T | null;
  readonly project: T;
}

export interface Before<T> {
  readonly before: T;
  readonly after: T;
}

export interface IdentityMetrics {
  readonly profiles: number;
  /** Of the source identities that could be matched, the share that is; null where the project does not measure it. */
  readonly matchRate: number | null;
  /** Source identities of the largest profile. */
  readonly largestProfile: number;
  /** Pairs that wait for somebody to decide. */
  readonly reviewPairs: number;
}

export interface ProfileMove {
  /** `merge`: the id would lead to the other one. `split`: a part of the profile would be the other one. */
  readonly kind: "merge" | "split";
  readonly profileId: string;
  readonly otherId: string;
  readonly nodeCount: number;
  /** A source identity that moves, and one that it would come to or leave: as `identity explain` takes them. Null: there is none. */
  readonly nodes: readonly [string, string | null];
}
