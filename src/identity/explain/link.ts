/** What speaks for two source identities being one person's. */
export type Evidence =
  | { readonly kind: "identifier"; readonly hmac: string }
  | { readonly kind: "device"; readonly hmac: string }
  | { readonly kind: "decision"; readonly decisionId: string }
  | { readonly kind: "description"; readonly left: string; readonly right: string; readonly weight: number };

/**
 * Every node of `left` is linked with every node of `right` by the same piece of evidence. An identifier that a hundred
 * nodes carry is one link, with the hundred on both sides, and not five thousand.
 */
export interface Link {
  readonly left: readonly string[];
  readonly right: readonly string[];
  readonly evidence: Evidence;
  /** Any two links compare; the unit is a match weight's. */
  readonly strength: number;
}

/** One step of a path: two nodes and what links them. */
export interface Step {
  readonly from: string;
  readonly to: string;
  readonly evidence: Evidence;
  readonly strength: number;
}
