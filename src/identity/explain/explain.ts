import { RollcallError } from "../../platform/errors.js";
import type { Warehouse } from "../../warehouse/port.js";
import type { Explanation, OneProfile, TwoProfiles } from "./answer.js";
import { blockingRules } from "./blocking.js";
import type { CaseFile } from "./casefile.js";
import { comparePairs, type Pair, weighPairs } from "./compare.js";
import { copyComponents } from "./copy.js";
import { createDetails, type Details } from "./details.js";
import { type FindDeps, type Found, findSubject, type NotKnown, type Several } from "./find.js";
import { readCase, resolveAnew } from "./observe.js";
import { weakestStep } from "./path.js";
import type { IdentityRules } from "./rules.js";
import { judge, type Verdict } from "./verdict.js";

export interface ExplainRequest {
  /** Profile ids, node ids, handles or identifiers: see `parseSubject`. */
  readonly a: string;
  readonly b: string;
  readonly unmask: boolean;
}

export interface ExplainDeps extends FindDeps {
  readonly warehouse: Warehouse;
  /** An empty warehouse in memory, for a copy of the components that are looked at. */
  readonly openScratch: () => Promise<Warehouse>;
  readonly rules: IdentityRules;
}

/** More pairs of descriptions than this are not weighed to find the one most alike. */
const MOST_PAIRS = 10_000;

/**
 * Whether two are one profile, and why: by identity.resolve itself, run again on a copy of their components, which is gone
 * when the answer is there. Writes nothing to the warehouse. Whoever is known gets an answer with a reason, and so does
 * whoever is not. Throws INPUT_INVALID for what names nobody that could be.
 */
export async function explainIdentity(deps: ExplainDeps, request: ExplainRequest): Promise<Explanation> {
  const found = [await findSubject(deps, request.a), await findSubject(deps, request.b)] as const;
  const unknown = found.filter((each): each is NotKnown => each.kind === "not_known");
  if (unknown.length > 0) return { answer: "not_known", unknown: unknown.map(({ title, why }) => ({ title, why })) };
  const [a, b] = oneEach(found as readonly [Found | Several, Found | Several]);
  return inCopy(deps, [a.componentId, b.componentId], async (scratch) => {
    const file = await readCase(scratch);
    const verdict = judge(file, a.nodes, b.nodes, deps.rules);
    const details = createDetails({ ...deps, scratch, file }, { unmask: request.unmask });
    const isWaiting = (verdict.kind === "one_profile") !== (a.profileId === b.profileId);
    const known = { a: sideOf(file, a), b: sideOf(file, b), isWaiting };
    if (verdict.kind === "one_profile") return { ...known, ...(await oneProfile(file, verdict, details)) };
    return { ...known, ...(await twoProfiles(deps, scratch, file, verdict, details)) };
  });
}

/** Runs `work` on a copy of the components in which identities have been resolved anew. */
export async function inCopy<T>(
  { warehouse, openScratch, rules }: Pick<ExplainDeps, "warehouse" | "openScratch" | "rules">,
  components: readonly string[],
  work: (scratch: Warehouse) => Promise<T>,
  prepare: (scratch: Warehouse) => Promise<void> = async () => undefined,
): Promise<T> {
  const scratch = await openScratch();
  try {
    await copyComponents({ source: warehouse, scratch }, [...new Set(components)], rules.tables);
    await prepare(scratch);
    await resolveAnew(scratch, rules.statements);
    return await work(scratch);
  } finally {
    await scratch.close();
  }
}

/** An identifier of several profiles means the one that the other side is in. */
function oneEach([a, b]: readonly [Found | Several, Found | Several]): readonly [Found, Found] {
  const choicesOf = (side: Found | Several): readonly Found[] => (side.kind === "found" ? [side] : side.choices);
  for (const left of choicesOf(a)) {
    const right = choicesOf(b).find(({ profileId }) => profileId === left.profileId);
    if (right !== undefined) return [left, right];
  }
  for (const side of [a, b]) {
    if (side.kind === "found") continue;
    const ids = side.choices.map(({ profileId }) => profileId).join(", ");
    throw new RollcallError(
      "INPUT_INVALID",
      `${side.title} is carried by several profiles: ${ids}. Ask about two of them.`,
      { isRetriable: false },
    );
  }
  return [a as Found, b as Found];
}

function sideOf(file: CaseFile, { title, nodes }: Found): OneProfile["a"] {
  const profileId = file.nodes.find(({ nodeId }) => nodeId === nodes[0])?.profileId ?? "";
  const nodeCount = file.nodes.filter((node) => node.profileId === profileId).length;
  return { title, profileId, nodeCount };
}

type Answer<T> = Omit<T, "a" | "b" | "isWaiting">;

async function oneProfile(
  file: CaseFile,
  { profileId, path }: Extract<Verdict, { kind: "one_profile" }>,
  details: Details,
): Promise<Answer<OneProfile>> {
  const weakest = weakestStep(path);
  const anchor = file.nodes.find((node) => node.profileId === profileId);
  if (anchor === undefined) throw new Error(`profile ${profileId} has no node`);
  return {
    answer: "one_profile",
    profileId,
    anchor: details.node(anchor.nodeId),
    mergedIds: await details.mergedInto(profileId),
    steps: await details.steps(path),
    weakest: weakest === null ? null : path.indexOf(weakest),
  };
}

async function twoProfiles(
  deps: ExplainDeps,
  scratch: Warehouse,
  file: CaseFile,
  { profiles, isOneComponent, reasons }: Extract<Verdict, { kind: "two_profiles" }>,
  details: Details,
): Promise<Answer<TwoProfiles>> {
  const { rules, warehouse } = deps;
  const [left, right] = profiles.map((id) => descriptionsOf(file, id)) as [readonly string[], readonly string[]];
  const pairs = left.flatMap((l) => right.map((r): Pair => ({ left: l, right: r })));
  const [best] = await weighPairs(scratch, rules, pairs.slice(0, MOST_PAIRS));
  const [nearest] = best === undefined ? [] : await comparePairs(scratch, rules, [best]);
  return {
    answer: "two_profiles",
    isOneComponent,
    reasons: await details.reasons(reasons),
    nearest: nearest === undefined ? null : details.pair(nearest),
    limits: { candidate: rules.candidate, join: rules.join },
    blocking: nearest === undefined ? [] : await blockingRules(warehouse, [nearest.left], [nearest.right]),
  };
}

function descriptionsOf(file: CaseFile, profileId: string): readonly string[] {
  const nodes = file.nodes.filter((node) => node.profileId === profileId);
  return [...new Set(nodes.flatMap(({ descriptionId }) => descriptionId ?? []))];
}
