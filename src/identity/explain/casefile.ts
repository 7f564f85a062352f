/** Everything that says who is whom in some components: what identity.resolve reads of them, and what it found. */
export interface CaseFile {
  /** By age: the first of a profile is its anchor. */
  readonly nodes: readonly CaseNode[];
  readonly edges: readonly CaseEdge[];
  /** Nodes that an identifier links: its carriers, or one part of them where they are evidently several people. */
  readonly bonds: readonly { readonly hmac: string; readonly nodes: readonly string[] }[];
  /** Carriers of identifiers that several people carry; without a part where they could be any of them. */
  readonly shares: readonly { readonly hmac: string; readonly nodeId: string; readonly part: string | null }[];
  readonly devices: readonly { readonly hmac: string; readonly nodeA: string; readonly nodeB: string }[];
  /** The latest about each two nodes, where it is not withdrawn. */
  readonly decisions: readonly Decision[];
  /** What a node claims that nobody else's person may claim otherwise: an exclusive id, a side in a decision. */
  readonly claims: readonly { readonly nodeId: string; readonly key: string; readonly value: string }[];
  /** Descriptions that were compared, `left` <= `right`. */
  readonly scores: readonly Score[];
  /** How near two people of one component came to being one. */
  readonly nearness: readonly Nearness[];
}

export interface CaseNode {
  readonly nodeId: string;
  readonly source: string;
  readonly ownerType: string;
  readonly firstSeenAt: string;
  /** Whose it is published to be; null when it has not been resolved before. */
  readonly publishedId: string | null;
  /** Whose it is by what the warehouse holds now. */
  readonly profileId: string;
  readonly componentId: string;
  /** Who is one by identifiers, devices and decisions alone has one party. */
  readonly party: string;
  readonly descriptionId: string | null;
}

export interface CaseEdge {
  readonly nodeId: string;
  readonly hmac: string;
  readonly namespace: string;
  readonly type: string;
  readonly status: string;
  readonly statusReason: string | null;
  readonly eventId: string;
}

export interface Decision {
  readonly decisionId: string;
  readonly kind: "link" | "unlink";
  readonly nodeA: string;
  readonly nodeB: string;
  readonly decidedAt: string;
  readonly decidedBy: string;
  readonly reason: string | null;
}

export interface Score {
  readonly left: string;
  readonly right: string;
  readonly weight: number;
}

export interface Nearness {
  readonly profiles: readonly [string, string];
  readonly average: number;
  readonly pairCount: number;
}
