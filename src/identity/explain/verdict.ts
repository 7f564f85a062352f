import type { CaseEdge, CaseFile, CaseNode, Decision, Score } from "./casefile.js";
import { linksOf } from "./graph.js";
import type { Step } from "./link.js";
import { strongestPath } from "./path.js";

/** What the models decide by, from `includes/match.js` and `includes/identifiers.json`. */
export interface Limits {
  /** The least weight of two descriptions that makes them candidates. */
  readonly candidate: number;
  /** Groups whose pairs average this much are one person. */
  readonly join: number;
  /** Between this and `join` a person is asked. */
  readonly review: number;
  /** Types of identifier that link by days, never by themselves. */
  readonly deviceTypes: ReadonlySet<string>;
}

/** Why two profiles are two. */
export type Reason =
  | { readonly kind: "decision"; readonly decision: Decision }
  | {
      readonly kind: "exclusive";
      readonly namespace: string;
      readonly type: string;
      readonly values: readonly [string, string];
    }
  | {
      readonly kind: "average";
      readonly average: number;
      readonly pairCount: number;
      readonly threshold: number;
      readonly isInReview: boolean;
      readonly best: Score;
    }
  | { readonly kind: "shared"; readonly hmac: string; readonly type: string; readonly why: SharedWhy }
  | { readonly kind: "nothing_shared" };

/** Why an identifier that both carry does not link them. */
export type SharedWhy =
  | { readonly kind: "blocked" }
  | { readonly kind: "generic"; readonly limit: string | null }
  | { readonly kind: "device" }
  | { readonly kind: "several_owners"; readonly nodeId: string }
  | { readonly kind: "two_people" }
  | { readonly kind: "ambiguous" }
  | { readonly kind: "refused" };

export type Verdict =
  | { readonly kind: "one_profile"; readonly profileId: string; readonly path: readonly Step[] }
  | {
      readonly kind: "two_profiles";
      readonly profiles: readonly [string, string];
      readonly isOneComponent: boolean;
      /** The first is why; what follows is true besides. */
      readonly reasons: readonly [Reason, ...Reason[]];
    };

/**
 * Whether the nodes on both sides are one profile's, and why. Each side's nodes belong to one profile. Of every two nodes
 * of a file one of both verdicts is true, and each comes with a reason.
 */
export function judge(file: CaseFile, from: readonly string[], to: readonly string[], limits: Limits): Verdict {
  const byId = new Map(file.nodes.map((node) => [node.nodeId, node]));
  const [a, b] = [memberOf(byId, from), memberOf(byId, to)];
  if (a.profileId === b.profileId) {
    const path = strongestPath(linksOf(file, a.profileId, limits.join), from, to);
    if (path === null) throw new Error(`profile ${a.profileId} is not held together by its links`);
    return { kind: "one_profile", profileId: a.profileId, path };
  }
  const isOneComponent = a.componentId === b.componentId;
  const sides = sidesOf(file, a, b);
  const shared = sharedReasons(file, sides, limits);
  const apart = isOneComponent ? [...claimReasons(file, sides), ...averageReasons(file, sides, limits)] : [];
  const [first = { kind: "nothing_shared" } as const, ...others] = [...apart, ...shared];
  return {
    kind: "two_profiles",
    profiles: [a.profileId, b.profileId],
    isOneComponent,
    reasons: [first, ...others],
  };
}

function memberOf(byId: ReadonlyMap<string, CaseNode>, nodes: readonly string[]): CaseNode {
  const node = byId.get(nodes[0] ?? "");
  if (node === undefined) throw new Error("the case file does not hold the nodes that are asked about");
  return node;
}

/** One of two profiles, with what its nodes carry and claim. */
interface Side {
  readonly profileId: string;
  readonly nodes: ReadonlySet<string>;
  readonly edges: readonly CaseEdge[];
  readonly descriptions: ReadonlySet<string>;
}

function sidesOf(file: CaseFile, a: CaseNode, b: CaseNode): readonly [Side, Side] {
  const sideOf = ({ profileId }: CaseNode): Side => {
    const members = file.nodes.filter((node) => node.profileId === profileId);
    const nodes = new Set(members.map(({ nodeId }) => nodeId));
    const descriptions = new Set(members.flatMap(({ descriptionId }) => descriptionId ?? []));
    return { profileId, nodes, descriptions, edges: file.edges.filter(({ nodeId }) => nodes.has(nodeId)) };
  };
  return [sideOf(a), sideOf(b)];
}

/** What both sides claim otherwise: an operator's decision first, then exclusive ids. */
function claimReasons(file: CaseFile, [a, b]: readonly [Side, Side]): readonly Reason[] {
  const claimsOf = ({ nodes }: Side) => file.claims.filter(({ nodeId }) => nodes.has(nodeId));
  const theirs = claimsOf(b);
  const clashes = new Map<string, readonly [string, string]>();
  for (const { key, value } of claimsOf(a)) {
    const other = theirs.find((claim) => claim.key === key && claim.value !== value);
    if (other !== undefined && !clashes.has(key)) clashes.set(key, [value, other.value]);
  }
  const decisions = file.decisions.filter(({ decisionId }) => clashes.has(`decision|${decisionId}`));
  const isDecision = (key: string): boolean => decisions.some(({ decisionId }) => key === `decision|${decisionId}`);
  return [
    ...decisions.map((decision): Reason => ({ kind: "decision", decision })),
    ...[...clashes]
      .filter(([key]) => !isDecision(key))
      .map(([key, values]): Reason => {
        const bar = key.lastIndexOf("|");
        return { kind: "exclusive", namespace: key.slice(0, bar), type: key.slice(bar + 1), values };
      }),
  ];
}

function averageReasons(file: CaseFile, [a, b]: readonly [Side, Side], { join, review }: Limits): readonly Reason[] {
  const isOfBoth = ([x, y]: readonly [string, string]): boolean =>
    (x === a.profileId && y === b.profileId) || (x === b.profileId && y === a.profileId);
  const near = file.nearness.find(({ profiles }) => isOfBoth(profiles));
  const best = bestScore(file.scores, a.descriptions, b.descriptions);
  if (near === undefined || best === null) return [];
  const { average, pairCount } = near;
  // It would do: something else keeps them apart.
  if (average >= join) return [];
  return [{ kind: "average", average, pairCount, threshold: join, isInReview: average >= review, best }];
}

/** The heaviest pair with one description on each side; of equal ones the first. */
export function bestScore(
  scores: readonly Score[],
  left: ReadonlySet<string>,
  right: ReadonlySet<string>,
): Score | null {
  return scores.reduce<Score | null>((best, score) => {
    const isBetween =
      (left.has(score.left) && right.has(score.right)) || (left.has(score.right) && right.has(score.left));
    return isBetween && (best === null || score.weight > best.weight) ? score : best;
  }, null);
}

function sharedReasons(file: CaseFile, [a, b]: readonly [Side, Side], limits: Limits): readonly Reason[] {
  const theirs = new Map(b.edges.map((edge) => [edge.hmac, edge]));
  const seen = new Set<string>();
  return a.edges.flatMap((edge): readonly Reason[] => {
    const other = theirs.get(edge.hmac);
    if (other === undefined || seen.has(edge.hmac)) return [];
    seen.add(edge.hmac);
    return [{ kind: "shared", hmac: edge.hmac, type: edge.type, why: whyNot(file, edge, other, limits) }];
  });
}

function whyNot(file: CaseFile, mine: CaseEdge, other: CaseEdge, { deviceTypes }: Limits): SharedWhy {
  if (mine.status === "blocked") return { kind: "blocked" };
  if (mine.status === "generic") return { kind: "generic", limit: mine.statusReason };
  if (deviceTypes.has(mine.type)) return { kind: "device" };
  const shares = file.shares.filter(({ hmac }) => hmac === mine.hmac);
  const [here, there] = [mine, other].map(({ nodeId }) => shares.find((share) => share.nodeId === nodeId));
  if (here?.part === null || there?.part === null) return { kind: "ambiguous" };
  if (here !== undefined && there !== undefined && here.part !== there.part) return { kind: "two_people" };
  const bonded = new Set(file.bonds.filter(({ hmac }) => hmac === mine.hmac).flatMap(({ nodes }) => nodes));
  const nobodys = [mine, other].find(({ nodeId }) => !bonded.has(nodeId));
  return nobodys === undefined ? { kind: "refused" } : { kind: "several_owners", nodeId: nobodys.nodeId };
}
