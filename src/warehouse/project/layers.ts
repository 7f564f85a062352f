import { RollcallError } from "../../platform/errors.js";
import { type Action, type CompiledProject, isBootstrap } from "./action.js";
import { orderActions } from "./order.js";
import { projectInvalid } from "./project-invalid.js";
import { nearestNames } from "./suggest.js";

/**
 * The layers of a run: each publishes with one commit. A layer is a list of datasets; what tests a layer's tables
 * (dataset `quality`) goes with the last layer it reads.
 */
const LAYER_DATASETS: readonly (readonly [name: string, datasets: readonly string[]])[] = [
  ["silver", ["silver"]],
  ["identity", ["identity"]],
  ["gold", ["gold", "activation"]],
];

/** `accepted`: of severity error, but somebody decided that this one run goes ahead whatever it finds. */
export type Severity = "error" | "warn" | "accepted";
export type Schedule = "cycle" | "audit";

export interface Check {
  readonly action: Action;
  readonly severity: Severity;
  readonly schedule: Schedule;
  readonly owner: string;
}

export interface Layer {
  readonly name: string;
  /** Views, tables, incrementals and operations, in the order they run. */
  readonly models: readonly Action[];
  readonly checks: readonly Check[];
}

export interface LayeredProject {
  readonly layers: readonly Layer[];
  /** Operations tagged `bootstrap`: they make tables that models write, outside of transactions. */
  readonly bootstraps: readonly Action[];
  readonly checks: readonly Check[];
}

/** Throws PROJECT_INVALID for cycles, for datasets no layer has, and for models that read a later layer. */
export function layerProject(project: CompiledProject): LayeredProject {
  const levels = new Map<string, number>();
  const problems: string[] = [];
  const active = orderActions(project.actions).filter((action) => !action.isDisabled);
  for (const action of active) {
    const upstream = Math.max(-1, ...action.dependsOn.map((id) => levels.get(id) ?? -1));
    const own = ownLevel(action, upstream);
    if (own === undefined) problems.push(`${action.fileName}: ${strangeDataset(action)}`);
    else if (own < upstream)
      problems.push(`${action.fileName}: ${action.id} reads ${latest(action, levels)}, backwards`);
    levels.set(action.id, own ?? upstream);
  }
  if (problems.length > 0) throw projectInvalid(problems);

  const checks = active.filter((action) => action.kind === "assertion").map(readCheck);
  const isModel = (action: Action): boolean =>
    action.kind !== "declaration" && action.kind !== "assertion" && !isBootstrap(action);
  const layers = LAYER_DATASETS.map(([name], level) => ({
    name,
    models: active.filter((action) => isModel(action) && levels.get(action.id) === level),
    checks: checks.filter(({ action }) => levels.get(action.id) === level),
  }));
  return { layers, bootstraps: active.filter(isBootstrap), checks };
}

/** The checks that hold a cycle back when they find something: its own, and those of what it makes anew. */
export function blockingChecks(layers: readonly Layer[]): readonly Check[] {
  return layers
    .flatMap(({ checks }) => checks)
    .filter((check) => check.severity === "error" && (check.schedule === "cycle" || isBuildCheck(check)));
}

/**
 * Checks that Dataform makes of a model's config: keys and required columns. They look at whole tables, so cycles leave them to the
 * audit, but for a table that is made anew: that is looked at before it is published.
 */
export function isBuildCheck({ action, schedule }: Check): boolean {
  return schedule === "audit" && action.parent !== null;
}

/**
 * The layers with the checks named there (by id or name) let pass: they run after the commit and only record. Throws
 * INPUT_INVALID for a name that is no check of severity error in a cycle: nothing else could be in the way.
 */
export function acceptChecks(layers: readonly Layer[], names: readonly string[]): readonly Layer[] {
  const isNamed = ({ action }: Check, name: string): boolean => action.id === name || action.target.name === name;
  const blocking = blockingChecks(layers);
  const unknown = names.filter((name) => !blocking.some((check) => isNamed(check, name)));
  if (unknown.length > 0) {
    const inEveryCycle = blocking.filter(({ schedule }) => schedule === "cycle");
    const known = inEveryCycle.map(({ action }) => action.id).join(", ");
    throw new RollcallError(
      "INPUT_INVALID",
      `no check of a cycle is called ${unknown.join(", ")}. There are ${known}.`,
      {
        isRetriable: false,
      },
    );
  }
  return layers.map((layer) => ({
    ...layer,
    checks: layer.checks.map((check) =>
      blocking.includes(check) && names.some((name) => isNamed(check, name))
        ? { ...check, severity: "accepted" as const }
        : check,
    ),
  }));
}

/** A declaration stands before all layers; a check or a model of `quality` stands where its last input does. */
function ownLevel(action: Action, upstream: number): number | undefined {
  if (action.kind === "declaration") return -1;
  if (action.kind === "assertion" || action.target.dataset === "quality") return Math.max(0, upstream);
  const level = LAYER_DATASETS.findIndex(([, datasets]) => datasets.includes(action.target.dataset));
  return level === -1 ? undefined : level;
}

/** What is wrong with an action whose dataset no layer has; null when one has. */
export function strangeDataset(action: Action): string | null {
  if (ownLevel(action, -1) !== undefined) return null;
  const { dataset } = action.target;
  const known = [...LAYER_DATASETS.flatMap(([, datasets]) => datasets), "quality"];
  const near = nearestNames(dataset, known, 1).map((name) => ` (did you mean ${name}?)`);
  return `no layer has the dataset ${dataset}${near.join("")}: the schema of a model is one of ${known.join(", ")}`;
}

function latest(action: Action, levels: ReadonlyMap<string, number>): string {
  const byLevel = [...action.dependsOn].sort((a, b) => (levels.get(b) ?? -1) - (levels.get(a) ?? -1));
  return byLevel[0] ?? "";
}

/**
 * By tags: `cycle` runs in every cycle inside the transaction, `warn` after it and only records, `audit` (or no tag,
 * as Dataform's own uniqueKey and nonNull assertions) after full builds and by schedule. `owner:<name>` names who is told.
 */
function readCheck(action: Action): Check {
  const has = (tag: string): boolean => action.tags.includes(tag);
  const isWarning = has("warn");
  return {
    action,
    severity: isWarning ? "warn" : "error",
    schedule: !has("audit") && (has("cycle") || isWarning) ? "cycle" : "audit",
    owner: action.tags.find((tag) => tag.startsWith("owner:"))?.slice("owner:".length) ?? "data",
  };
}
