import type { Micros } from "../../platform/clock.js";
import { type Action, isWindowed } from "./action.js";
import type { Check, Layer } from "./layers.js";
import { hashOf, type Step } from "./script.js";

/**
 * What one layer has to do, decided before anything runs.
 *
 * All models of a layer commit together, so they share one watermark: the layer's. A model that stands elsewhere (new,
 * its SQL changed, chosen for a rebuild, its table gone) first catches up to it on its own, in dependency order, and
 * then takes part in the cycle like every other. So a layer's script has one window, and rows are read exactly once.
 *
 * A changed model is rebuilt whole, with two exceptions that are never recreated and only go on with their new text:
 * operations, which own no table the runner could make again, and tables with `protected: true`. What an older
 * version wrote into tables further down stays there until those are rebuilt too.
 */
export interface LayerPlan {
  readonly name: string;
  /** One script each, in this order. */
  readonly catchUps: readonly PlannedScript[];
  /** Null when there is nothing new. */
  readonly main: PlannedScript | null;
  /** Checks of severity `warn` or accepted, for after the commit. */
  readonly warnings: readonly Check[];
}

export interface PlannedScript {
  readonly reason: "cycle" | "first_build" | "new" | "changed" | "rebuild" | "missing" | "behind";
  readonly steps: readonly Step[];
  readonly checks: readonly Check[];
  readonly windowFrom: Micros;
  readonly windowTo: Micros;
}

export interface ModelState {
  /** Null for views. */
  readonly windowTo: Micros | null;
  readonly sqlHash: string;
}

export interface PlanInput {
  readonly layer: Layer;
  readonly state: ReadonlyMap<string, ModelState>;
  /** Tables and views that exist, by id. */
  readonly existing: ReadonlySet<string>;
  /** Models to build as if they had never run. */
  readonly rebuild: ReadonlySet<string>;
  readonly windowTo: Micros;
  /** Whether anything landed since that instant. Asked with the layer's watermark. */
  readonly hasArrivals: (since: Micros) => boolean;
}

interface Standing {
  readonly action: Action;
  /** Null: has to be built from the beginning. */
  readonly watermark: Micros | null;
  readonly reason: PlannedScript["reason"];
  readonly isChanged: boolean;
}

const BEGINNING: Micros = 0;

export function planLayer(input: PlanInput): LayerPlan {
  const { layer, windowTo } = input;
  const standings = layer.models.map((action) => standingOf(action, input));
  const windowed = standings.filter(({ action }) => isWindowed(action));
  const common = watermarkOf(windowed);
  const cycleChecks = layer.checks.filter(({ schedule }) => schedule === "cycle");
  const checks = cycleChecks.filter(({ severity }) => severity === "error");
  const warnings = cycleChecks.filter(({ severity }) => severity !== "error");

  if (common === null) {
    const pending = standings.filter(({ action, watermark }) => isWindowed(action) || watermark === null);
    const main: PlannedScript = {
      reason: "first_build",
      steps: pending.map((standing) => stepOf(standing, firstMode(standing.action, input.existing))),
      checks,
      windowFrom: BEGINNING,
      windowTo,
    };
    return { name: layer.name, catchUps: [], main: pending.length === 0 ? null : main, warnings };
  }

  const behind = standings.filter(({ watermark }) => watermark === null || watermark < common);
  const catchUps = behind.map((standing) =>
    catchUp(standing, common, input, checksOf(standing.action, behind, checks)),
  );
  const isDue = windowTo > common && input.hasArrivals(common);
  const main: PlannedScript = {
    reason: "cycle",
    // What changed and was made again caught up before; what cannot be made again still has its old columns.
    steps: windowed.map((standing) => stepOf(standing, cycleMode(standing.action))),
    checks,
    windowFrom: common,
    windowTo,
  };
  return { name: layer.name, catchUps, main: isDue ? main : null, warnings };
}

/** The layer's watermark: null before its first build, and when every model of it is to be built anew. */
function watermarkOf(windowed: readonly Standing[]): Micros | null {
  const watermarks = windowed.map(({ watermark }) => watermark).filter((watermark) => watermark !== null);
  return watermarks.length === 0 ? null : Math.max(...watermarks);
}

function standingOf(action: Action, input: PlanInput): Standing {
  const recorded = input.state.get(action.id);
  const isChanged = recorded !== undefined && recorded.sqlHash !== hashOf(action);
  const build = (reason: PlannedScript["reason"]): Standing => ({ action, watermark: null, reason, isChanged });
  if (input.rebuild.has(action.id)) return build("rebuild");
  if (recorded === undefined) return build("new");
  if (action.kind !== "operations") {
    if (!input.existing.has(action.id)) return build("missing");
    if (isChanged && !action.isProtected) return build("changed");
  }
  // A view that stands as it should has read everything there will ever be.
  return { action, watermark: recorded.windowTo ?? Number.POSITIVE_INFINITY, reason: "behind", isChanged };
}

function stepOf({ action, isChanged }: Standing, mode: Step["mode"]): Step {
  return { action, mode, isChanged };
}

function catchUp(standing: Standing, common: Micros, input: PlanInput, checks: readonly Check[]): PlannedScript {
  const { action, watermark, reason } = standing;
  return {
    reason,
    steps: [stepOf(standing, watermark === null ? firstMode(action, input.existing) : cycleMode(action))],
    checks,
    windowFrom: watermark ?? BEGINNING,
    windowTo: common,
  };
}

/** A check over several models that catch up waits for the last of them. */
function checksOf(action: Action, behind: readonly Standing[], checks: readonly Check[]): Check[] {
  return checks.filter((check) => {
    const waitsFor = behind.filter((standing) => check.action.dependsOn.includes(standing.action.id));
    return waitsFor.at(-1)?.action === action;
  });
}

function firstMode(action: Action, existing: ReadonlySet<string>): Step["mode"] {
  if (action.kind === "view") return "view";
  if (action.kind === "operations") return "statements";
  // What is protected is state: it is written to, never made again. Its own text sees to it that nothing comes twice.
  if (action.isProtected && existing.has(action.id)) return cycleMode(action);
  return "create";
}

function cycleMode(action: Action): Step["mode"] {
  if (action.kind === "operations") return "statements";
  if (action.kind === "table") return "replace";
  return action.uniqueKey.length > 0 ? "merge" : "append";
}
