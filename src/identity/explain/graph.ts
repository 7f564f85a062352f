import { IDENTIFIER_STRENGTH } from "../normalise/types.js";
import type { CaseFile, CaseNode } from "./casefile.js";
import type { Link } from "./link.js";

/** Above every match weight, which is at most 20: identifiers link before descriptions are looked at. */
const STRONGEST_IDENTIFIER = 40;
const STRENGTH_STEP = 2;
const DECISION = 100;

/** How strong an identifier of this type links, on the scale of match weights. */
export function strengthOf(type: string): number {
  const place = (IDENTIFIER_STRENGTH as readonly string[]).indexOf(type);
  return STRONGEST_IDENTIFIER - STRENGTH_STEP * (place === -1 ? IDENTIFIER_STRENGTH.length : place);
}

/** The links that hold a profile together, as identity.resolve found them. `threshold`: the least weight that joins. */
export function linksOf(file: CaseFile, profileId: string, threshold: number): readonly Link[] {
  const members = file.nodes.filter((node) => node.profileId === profileId);
  const ids = new Set(members.map(({ nodeId }) => nodeId));
  const typeOf = new Map(file.edges.map(({ hmac, type }) => [hmac, type]));
  const strength = (hmac: string): number => strengthOf(typeOf.get(hmac) ?? "");
  return [
    ...file.decisions
      .filter(({ kind, nodeA, nodeB }) => kind === "link" && ids.has(nodeA) && ids.has(nodeB))
      .map(({ decisionId, nodeA, nodeB }) => {
        return link([nodeA], [nodeB], { kind: "decision", decisionId }, DECISION);
      }),
    ...file.bonds
      .map(({ hmac, nodes }) => ({ hmac, nodes: nodes.filter((id) => ids.has(id)) }))
      .filter(({ nodes }) => nodes.length > 1)
      .map(({ hmac, nodes }) => link(nodes, nodes, { kind: "identifier", hmac }, strength(hmac))),
    ...file.devices
      .filter(({ nodeA, nodeB }) => ids.has(nodeA) && ids.has(nodeB))
      .map(({ hmac, nodeA, nodeB }) => link([nodeA], [nodeB], { kind: "device", hmac }, strength(hmac))),
    ...descriptionLinks(file, members, threshold),
  ];
}

function descriptionLinks(file: CaseFile, members: readonly CaseNode[], threshold: number): readonly Link[] {
  const described = nodesByDescription(members);
  return file.scores.flatMap(({ left, right, weight }) => {
    const [l, r] = [described.get(left), described.get(right)];
    if (l === undefined || r === undefined || weight < threshold) return [];
    return [link(l, r, { kind: "description", left, right, weight }, weight)];
  });
}

function nodesByDescription(members: readonly CaseNode[]): ReadonlyMap<string, readonly string[]> {
  const nodes = new Map<string, string[]>();
  for (const { nodeId, descriptionId } of members) {
    if (descriptionId === null) continue;
    const known = nodes.get(descriptionId);
    if (known === undefined) nodes.set(descriptionId, [nodeId]);
    else known.push(nodeId);
  }
  return nodes;
}

function link(left: readonly string[], right: readonly string[], evidence: Link["evidence"], strength: number): Link {
  return { left, right, evidence, strength };
}
