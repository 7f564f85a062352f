import type { Micros } from "../../platform/clock.js";
import { RollcallError } from "../../platform/errors.js";
import { type Action, isWindowed } from "../project/action.js";
import { hashOf } from "../project/fingerprint.js";
import type { Layer } from "../project/layers.js";
import { isoOf, microsOf } from "../project/typed-value.js";
import { cycleChecks, cycleStep, type LayerPlan, type ModelState, scriptOf } from "./plan.js";

/** Arrivals from `from` up to, not including, `to`. */
export interface PastWindow {
  readonly from: Micros;
  readonly to: Micros;
}

/** `2026-03-01..2026-03-08`, days or instants of ISO 8601, in UTC where no zone is given. Throws INPUT_INVALID. */
export function parsePastWindow(text: string): PastWindow {
  const [from, to, ...rest] = text.split("..");
  if (!from || !to || rest.length > 0) {
    throw inputInvalid(
      `"${text}" is no past window: give two days or instants on arrival, the second not included: 2026-03-01..2026-03-08`,
    );
  }
  const window = { from: instantOf(from), to: instantOf(to) };
  if (window.from >= window.to) throw inputInvalid(`the past window ${text} is empty: ${from} is not before ${to}`);
  return window;
}

/**
 * Runs the chosen models over a past window again, layer by layer: what appends adds only what its own guard finds
 * missing, what merges merges again. Watermarks do not move. Throws INPUT_INVALID when a chosen model has not read that
 * far: what it has yet to read is a cycle's.
 */
export function planBackfill(
  layers: readonly Layer[],
  state: ReadonlyMap<string, ModelState>,
  chosen: ReadonlySet<string>,
  window: PastWindow,
): LayerPlan[] {
  const models = layers
    .flatMap((layer) => layer.models)
    .filter((action) => isWindowed(action) && chosen.has(action.id));
  if (models.length === 0) throw inputInvalid("only views are selected: a backfill is for models that keep rows");
  refuseUnread(models, state, window);
  return layers.map((layer) => {
    const steps = layer.models
      .filter((action) => models.includes(action))
      .map((action) => cycleStep({ action, isChanged: state.get(action.id)?.sqlHash !== hashOf(action) }, "backfill"));
    const { checks, warnings } = cycleChecks(layer);
    const isTouched = ({ dependsOn }: Action): boolean => steps.some(({ action }) => dependsOn.includes(action.id));
    const own = checks.filter(({ action }) => isTouched(action));
    const main = { ...scriptOf("backfill", window.from, window.to, own), steps, movesWatermarks: false };
    const idle = layer.models
      .filter((action) => !models.includes(action))
      .map((action) => ({ action, why: chosen.has(action.id) ? "a view keeps no rows" : "not selected" }));
    const isEmpty = steps.length === 0;
    return {
      name: layer.name,
      catchUps: [],
      main: isEmpty ? null : main,
      warnings: isEmpty ? [] : warnings.filter(({ action }) => isTouched(action)),
      idle,
    };
  });
}

function refuseUnread(models: readonly Action[], state: ReadonlyMap<string, ModelState>, { to }: PastWindow): void {
  const unread = models.filter(({ id }) => (state.get(id)?.windowTo ?? Number.NEGATIVE_INFINITY) < to);
  if (unread.length === 0) return;
  const told = unread.slice(0, 5).map(({ id }) => {
    const upTo = state.get(id)?.windowTo;
    return upTo === null || upTo === undefined ? `${id} was never built` : `${id} has read up to ${isoOf(upTo)}`;
  });
  const others = unread.length > told.length ? ` (and ${unread.length - told.length} more)` : "";
  throw inputInvalid(
    `a backfill ends where models have read, but this one at ${isoOf(to)}: ${told.join(", ")}${others}. ` +
      'End it earlier, or run "rollcall run" first.',
  );
}

function instantOf(text: string): Micros {
  try {
    return microsOf(text.trim());
  } catch {
    throw inputInvalid(`"${text}" is no day or instant of ISO 8601, as in 2026-03-01 or 2026-03-01T06:00:00Z`);
  }
}

function inputInvalid(message: string): RollcallError {
  return new RollcallError("INPUT_INVALID", message, { isRetriable: false });
}
