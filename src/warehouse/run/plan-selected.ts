import type { Micros } from "../../platform/clock.js";
import { type Action, isWindowed } from "../project/action.js";
import { type Inputs, windowedSources } from "../project/inputs.js";
import type { Check } from "../project/layers.js";
import {
  BEGINNING,
  cycleChecks,
  cycleStep,
  firstStep,
  type LayerPlan,
  type LeftOut,
  NOTHING_NEW,
  type PlanInput,
  type PlannedScript,
  scriptOf,
  standingOf,
  UNCHANGED_VIEW,
} from "./plan.js";

/**
 * A cycle of some models only. The others stay where they are, and the next whole cycle lets them catch up.
 *
 * Every watermark stays true: a chosen model advances no further than what it reads has been read up to, so that rows
 * which come into its inputs later still fall into a window of its own. `reached` holds where each model will stand, and
 * is carried from layer to layer.
 */
export interface SelectedInput extends PlanInput {
  readonly chosen: ReadonlySet<string>;
  readonly inputs: Inputs;
}

export type Reached = Map<string, Micros>;

/** Where each model stands before the run. */
export function reachedBefore(state: PlanInput["state"]): Reached {
  return new Map([...state].flatMap(([id, { windowTo }]) => (windowTo === null ? [] : [[id, windowTo]])));
}

export function planSelectedLayer(input: SelectedInput, reached: Reached): LayerPlan {
  const { layer, chosen } = input;
  const { checks, warnings } = cycleChecks(layer);
  const idle: LeftOut[] = [];
  const drafts: PlannedScript[] = [];
  for (const action of layer.models) {
    const standing = standingOf(action, input);
    if (!chosen.has(action.id)) {
      idle.push({ action, why: "not selected" });
      continue;
    }
    const { to, waitsFor } = reachOf(action, input, reached);
    const from = standing.watermark ?? BEGINNING;
    const isMade = standing.watermark === null;
    const hasNews = isMade || ((to ?? BEGINNING) > from && input.hasArrivals(from));
    if (to === null || !hasNews) {
      idle.push({ action, why: action.kind === "view" ? UNCHANGED_VIEW : (waitsFor ?? NOTHING_NEW) });
      continue;
    }
    if (isWindowed(action)) reached.set(action.id, to);
    const step = isMade ? firstStep(standing, input.existing) : cycleStep(standing, "cycle");
    const last = drafts.at(-1);
    if (last !== undefined && last.windowFrom === from && last.windowTo === to) {
      drafts[drafts.length - 1] = { ...last, steps: [...last.steps, step] };
    } else drafts.push({ ...scriptOf(step.reason, from, to, []), steps: [step] });
  }
  const scripts = drafts.map((script, at) => ({
    ...script,
    checks: checks.filter((check) => fitsAfter(check, drafts, at, input.inputs, reached)),
  }));
  const main = scripts.at(-1) ?? null;
  return { name: layer.name, catchUps: scripts.slice(0, -1), main, warnings: main === null ? [] : warnings, idle };
}

/** How far a chosen model may go, or why not at all. */
function reachOf(
  action: Action,
  { windowTo, inputs }: SelectedInput,
  reached: Reached,
): { readonly to: Micros | null; readonly waitsFor: string | null } {
  let to = windowTo;
  let waitsFor: string | null = null;
  for (const source of windowedSources(inputs, action)) {
    const stands = reached.get(source.id);
    if (stands === undefined) return { to: null, waitsFor: `reads ${source.id}, which was never built: select it too` };
    if (stands < to) {
      to = stands;
      waitsFor = `has read all that ${source.id} has, which is not selected: select it too, or run without a selection`;
    }
  }
  return { to, waitsFor };
}

/**
 * A check runs after the last script that touches what it reads, and only when everything it reads stands at the end of
 * that window: counts of models that stand apart do not balance. The others are checked when they catch up.
 */
function fitsAfter(
  check: Check,
  scripts: readonly PlannedScript[],
  at: number,
  inputs: Inputs,
  reached: Reached,
): boolean {
  const sources = [check.action, ...inputs.sources(check.action)];
  const touches = ({ steps }: PlannedScript): boolean => steps.some(({ action }) => sources.includes(action));
  const script = scripts[at];
  if (script === undefined || !touches(script) || scripts.slice(at + 1).some(touches)) return false;
  return sources
    .filter((source) => source.kind !== "declaration" && source.kind !== "assertion" && isWindowed(source))
    .every((source) => reached.get(source.id) === script.windowTo);
}
