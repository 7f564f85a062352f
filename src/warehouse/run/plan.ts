import type { Micros } from "../../platform/clock.js";
import { type Action, isWindowed } from "../project/action.js";
import { hashOf } from "../project/fingerprint.js";
import { type Check, isBuildCheck, type Layer } from "../project/layers.js";
import { incrementalMode, type Reason, type Step } from "../project/script.js";

/**
 * What one layer has to do, decided before anything runs.
 *
 * All models of a layer commit together, so they share one watermark: the layer's. A model that stands elsewhere (new,
 * its SQL changed, chosen for a rebuild, its table gone, left behind by a run of a selection) first catches up to it, in
 * dependency order, and then takes part in the cycle like every other. So a layer's script has one window,
 * and rows are read exactly once.
 *
 * A changed model is rebuilt whole, with two exceptions that are never recreated and only go on with their new text:
 * operations, which own no table the runner could make again, and tables with `protected: true`. What an older
 * version wrote into tables further down stays there until those are rebuilt too.
 */
export interface LayerPlan {
  readonly name: string;
  /** In this order. */
  readonly catchUps: readonly PlannedScript[];
  /** Null when there is nothing new. */
  readonly main: PlannedScript | null;
  /** Checks of severity `warn` or accepted, for after the commit. */
  readonly warnings: readonly Check[];
  /** Models that are in no script. */
  readonly idle: readonly LeftOut[];
  /** Models that may not run although they would have to. Absent: none. */
  readonly held?: readonly LeftOut[];
}

export interface PlannedScript {
  readonly reason: Reason;
  readonly steps: readonly Step[];
  /** Models that have nothing to do in this window: their watermarks move, their statements do not run. */
  readonly leftOut: readonly LeftOut[];
  readonly checks: readonly Check[];
  readonly windowFrom: Micros;
  readonly windowTo: Micros;
  /** False for a backfill. */
  readonly movesWatermarks: boolean;
}

export interface LeftOut {
  readonly action: Action;
  /** Why, in words. */
  readonly why: string;
}

export interface ModelState {
  /** Null for views. */
  readonly windowTo: Micros | null;
  readonly sqlHash: string;
  /** When the latest run that took it into account began, whether its statements ran or had nothing to do. */
  readonly ranAt: Micros;
}

export interface PlanInput {
  readonly layer: Layer;
  readonly state: ReadonlyMap<string, ModelState>;
  /** Tables and views that exist, by id. */
  readonly existing: ReadonlySet<string>;
  /** Models to build as if they had never run. */
  readonly rebuild: ReadonlySet<string>;
  /** Why, where that is all of the layer. Absent: it is its first build. */
  readonly buildReason?: Reason;
  readonly windowTo: Micros;
  /** Whether anything landed since that instant. Asked with the layer's watermark. */
  readonly hasArrivals: (since: Micros) => boolean;
}

export interface Standing {
  readonly action: Action;
  /** Null: has to be built from the beginning. */
  readonly watermark: Micros | null;
  readonly reason: Reason;
  readonly isChanged: boolean;
}

export const BEGINNING: Micros = 0;
/** Why a model is idle. */
export const NOTHING_NEW = "nothing has landed since it last ran";
export const UNCHANGED_VIEW = "a view whose text is unchanged";

export function planLayer(input: PlanInput): LayerPlan {
  const { layer, windowTo } = input;
  const standings = layer.models.map((action) => standingOf(action, input));
  const windowed = standings.filter(({ action }) => isWindowed(action));
  const common = watermarkOf(windowed);
  const { checks, warnings } = cycleChecks(layer);
  const { name } = layer;
  const { buildReason = "first_build" } = input;

  if (common === null) {
    // Views too: what is built reads its own layer through them.
    const main = {
      ...scriptOf(buildReason, BEGINNING, windowTo, checks),
      steps: standings.map((standing) => firstStep(standing, input.existing, buildReason)),
    };
    return { name, catchUps: [], main: standings.length === 0 ? null : main, warnings, idle: [] };
  }

  const behind = standings.filter(({ watermark }) => watermark === null || watermark < common);
  const catchUps = behind.map(
    (standing): PlannedScript => ({
      ...scriptOf(standing.reason, standing.watermark ?? BEGINNING, common, checksOf(standing.action, behind, checks)),
      steps: [standing.watermark === null ? firstStep(standing, input.existing) : cycleStep(standing, standing.reason)],
    }),
  );
  const isDue = windowTo > common && input.hasArrivals(common);
  const main: PlannedScript = {
    ...scriptOf("cycle", common, windowTo, checks),
    // What changed and was made again caught up before; what cannot be made again still has its old columns.
    steps: windowed.map((standing) => cycleStep(standing, "cycle")),
  };
  const isIdle = ({ action }: Standing): boolean => !(isDue && isWindowed(action));
  const idle = standings
    .filter((standing) => isIdle(standing) && !behind.includes(standing))
    .map(({ action }) => ({ action, why: action.kind === "view" ? UNCHANGED_VIEW : NOTHING_NEW }));
  return { name, catchUps: together(catchUps), main: isDue ? main : null, warnings, idle };
}

/** What was left behind at the same instant comes forward in one script, as it would have gone in one. */
function together(catchUps: readonly PlannedScript[]): PlannedScript[] {
  const scripts: PlannedScript[] = [];
  for (const script of catchUps) {
    const last = scripts.at(-1);
    if (last?.reason === "behind" && script.reason === "behind" && last.windowFrom === script.windowFrom) {
      scripts[scripts.length - 1] = {
        ...last,
        steps: [...last.steps, ...script.steps],
        checks: [...last.checks, ...script.checks],
      };
    } else scripts.push(script);
  }
  return scripts;
}

/** Checks of a cycle: those that must hold before the commit, and those that only record after it. */
export function cycleChecks(layer: Layer): { readonly checks: readonly Check[]; readonly warnings: readonly Check[] } {
  const inCycle = layer.checks.filter(({ schedule }) => schedule === "cycle");
  return {
    checks: inCycle.filter(({ severity }) => severity === "error"),
    warnings: inCycle.filter(({ severity }) => severity !== "error"),
  };
}

/**
 * The same with the checks of what is made anew, each before the script that makes it commits; accepted ones after it. For runs that no
 * audit follows.
 */
export function withBuildChecks(plan: LayerPlan, layer: Layer): LayerPlan {
  const checks = layer.checks.filter(isBuildCheck);
  const checksOfMade = ({ steps }: PlannedScript, severity: Check["severity"]): Check[] => {
    const made = new Set(steps.filter(isMaking).map(({ action }) => action.id));
    return checks.filter((check) => check.severity === severity && made.has(check.action.parent ?? ""));
  };
  const extended = (script: PlannedScript): PlannedScript => ({
    ...script,
    checks: [...script.checks, ...checksOfMade(script, "error")],
  });
  const scripts = [...plan.catchUps, ...(plan.main === null ? [] : [plan.main])];
  return {
    ...plan,
    catchUps: plan.catchUps.map(extended),
    main: plan.main === null ? null : extended(plan.main),
    warnings: [...plan.warnings, ...scripts.flatMap((script) => checksOfMade(script, "accepted"))],
  };
}

/** Whether a step makes its table or view anew. */
export function isMaking({ mode }: Step): boolean {
  return mode === "create" || mode === "view";
}

/** A script without steps, that moves watermarks and leaves nothing out. */
export function scriptOf(
  reason: Reason,
  windowFrom: Micros,
  windowTo: Micros,
  checks: readonly Check[],
): Omit<PlannedScript, "steps"> {
  return { reason, windowFrom, windowTo, checks, leftOut: [], movesWatermarks: true };
}

/** The layer's watermark: null before its first build, and when every model of it is to be built anew. */
function watermarkOf(windowed: readonly Standing[]): Micros | null {
  const watermarks = windowed.map(({ watermark }) => watermark).filter((watermark) => watermark !== null);
  return watermarks.length === 0 ? null : Math.max(...watermarks);
}

/** Where a model stands by what is recorded of it. */
export function standingOf(action: Action, input: Pick<PlanInput, "state" | "rebuild" | "existing">): Standing {
  const recorded = input.state.get(action.id);
  const isChanged = recorded !== undefined && recorded.sqlHash !== hashOf(action);
  const build = (reason: Reason): Standing => ({ action, watermark: null, reason, isChanged });
  if (input.rebuild.has(action.id)) return build("rebuild");
  if (recorded === undefined) return build("new");
  if (action.kind !== "operations") {
    if (!input.existing.has(action.id)) return build("missing");
    if (isChanged && !action.isProtected) return build("changed");
  }
  // A view that stands as it should has read everything there will ever be.
  return { action, watermark: recorded.windowTo ?? Number.POSITIVE_INFINITY, reason: "behind", isChanged };
}

/** A check over several models that catch up waits for the last of them. */
function checksOf(action: Action, behind: readonly Standing[], checks: readonly Check[]): Check[] {
  return checks.filter((check) => {
    const waitsFor = behind.filter((standing) => check.action.dependsOn.includes(standing.action.id));
    return waitsFor.at(-1)?.action === action;
  });
}

/** Builds a model from the beginning. */
export function firstStep(standing: Standing, existing: ReadonlySet<string>, reason = standing.reason): Step {
  const { action, isChanged } = standing;
  return { action, mode: firstMode(action, existing), reason, isChanged };
}

/** Brings a model forward by its incremental form. */
export function cycleStep({ action, isChanged }: Pick<Standing, "action" | "isChanged">, reason: Reason): Step {
  return { action, mode: cycleMode(action), reason, isChanged };
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
  return incrementalMode(action);
}
