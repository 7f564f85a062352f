import { RollcallError } from "../../platform/errors.js";
import type { Action, CompiledProject } from "../project/action.js";
import {
  changedParts,
  type FingerprintPart,
  hashOf,
  IDENTITY_DATASET,
  identityFingerprint,
  identityModels,
} from "../project/fingerprint.js";
import { blockingChecks, type Layer } from "../project/layers.js";
import type { Acceptance, IdentityVersion } from "./identity-versions.js";
import type { LayerPlan, ModelState } from "./plan.js";

/**
 * How the project's rules of who is whom stand to those that are published.
 *
 * Ids mean something to those who read them, so other rules never publish by themselves: identity and all that is made from it
 * are held, on the last good map, until somebody accepts the new rules. Then everybody is resolved anew at once.
 */
export interface IdentityStanding {
  /**
   * `unpublished`: no whole build yet, or the project says nothing about identity. `published`: the same rules. `held`: others, which
   * nobody accepted. `accepted`: others, which the next whole run publishes.
   */
  readonly state: "unpublished" | "published" | "held" | "accepted";
  /** Of the project; null when it says nothing about identity. */
  readonly fingerprint: string | null;
  /** What is published; null before the first whole build. */
  readonly published: IdentityVersion | null;
  readonly acceptance: Acceptance | null;
  readonly changes: readonly RuleChange[];
  /** Whether the tables of identity are those of the project's rules already: what is made from them may not be. */
  readonly isBuilt: boolean;
}

export interface RuleChange {
  readonly id: string;
  readonly change: "changed" | "added" | "removed";
  /** Of a changed model. */
  readonly parts: readonly FingerprintPart[];
}

export function identityStanding(
  project: Pick<CompiledProject, "actions">,
  versions: readonly IdentityVersion[],
  state: ReadonlyMap<string, ModelState>,
): IdentityStanding {
  const models = identityModels(project.actions);
  const fingerprint = identityFingerprint(project.actions);
  const published = versions.findLast(({ publishedAt }) => publishedAt !== null) ?? null;
  const changes = changesOf(models, state);
  const isRecorded = models.every(({ id }) => state.has(id));
  const isBuilt = isRecorded && changes.every(({ change }) => change === "removed");
  const common = { fingerprint, published, changes, isBuilt, acceptance: null };
  if (fingerprint === null) return { ...common, state: "unpublished" };
  // A build that was whole but died before it could say so counts as published, and so does one of a promotion that was turned back.
  const isOther =
    published === null ? isRecorded && !isBuilt : published.fingerprint !== fingerprint || hasChanged({ changes });
  if (!isOther) return { ...common, state: published === null ? "unpublished" : "published" };
  const pending = versions.find((version) => version.publishedAt === null && version.fingerprint === fingerprint);
  const acceptance = pending?.accepted ?? null;
  return { ...common, acceptance, state: acceptance === null ? "held" : "accepted" };
}

/** Whether the project's rules are others than those published. */
export function isOther({ state }: Pick<IdentityStanding, "state">): boolean {
  return state === "held" || state === "accepted";
}

export function hasChanged({ changes }: Pick<IdentityStanding, "changes">): boolean {
  return changes.some(({ change }) => change === "changed");
}

function changesOf(models: readonly Action[], state: ReadonlyMap<string, ModelState>): RuleChange[] {
  const changes = models.flatMap((action): RuleChange[] => {
    const recorded = state.get(action.id);
    if (recorded === undefined) return [{ id: action.id, change: "added", parts: [] }];
    if (recorded.sqlHash === hashOf(action)) return [];
    return [{ id: action.id, change: "changed", parts: changedParts(recorded.sqlHash, action) }];
  });
  // What only makes empty tables has no window, and is no rule.
  const gone = [...state]
    .filter(([id, { windowTo }]) => id.startsWith(`${IDENTITY_DATASET}.`) && windowTo !== null)
    .filter(([id]) => models.every((action) => action.id !== id))
    .map(([id]): RuleChange => ({ id, change: "removed", parts: [] }));
  return [...changes, ...gone];
}

/** The layers that a change of identity's rules concerns: its own, and those that read it. */
export function identityLayers(layers: readonly Layer[]): readonly Layer[] {
  const first = layers.findIndex(({ models }) => models.some(({ target }) => target.dataset === IDENTITY_DATASET));
  return first === -1 ? [] : layers.slice(first);
}

const NEXT = "rollcall identity preview says who would change, rollcall identity accept publishes it with the next run";
export const HELD = `identity's rules changed and nobody accepted them: ${NEXT}`;
export const NOT_IN_A_SELECTION =
  "identity's changed rules are accepted: the next run without a selection publishes them";

/** Nothing of the layer runs; what is published stays. */
export function heldLayer(layer: Layer, why: string): LayerPlan {
  const held = layer.models.map((action) => ({ action, why }));
  return { name: layer.name, catchUps: [], main: null, warnings: [], idle: [], held };
}

/**
 * Checks on how much one window changes. Whoever accepted other rules has seen what they change, so these pass; what comes out
 * has to be right all the same.
 */
export function jitterChecks(layers: readonly Layer[]): readonly string[] {
  return blockingChecks(layers).flatMap(({ action }) => (action.tags.includes("jitter") ? [action.id] : []));
}

/** Of other rules. Throws IDENTITY_HELD when one of these models would be made by them. */
export function refuseMixing(
  { state }: Pick<IdentityStanding, "state">,
  layers: readonly Layer[],
  isTaken: (id: string) => boolean,
): void {
  const taken = identityLayers(layers).flatMap(({ models }) => models.filter(({ id }) => isTaken(id)));
  if (taken.length === 0) return;
  throw new RollcallError("IDENTITY_HELD", `${state === "held" ? HELD : NOT_IN_A_SELECTION}. Nothing was run.`, {
    isRetriable: false,
    details: { models: taken.map(({ id }) => id) },
  });
}
