import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Micros } from "../../platform/clock.js";
import { messageOf, RollcallError } from "../../platform/errors.js";
import type { Reason, Step } from "../project/script.js";
import { isoOf } from "../project/typed-value.js";
import type { ActionOutcome } from "./outcomes.js";
import type { LayerPlan, LeftOut, PlannedScript } from "./plan.js";

/** What became of each model in a run, and the file that says so. Its fields are described in docs/run-results.md. */

export type RunKind = "cycle" | "full" | "backfill";

/** A script that committed. */
export interface ScriptReport {
  readonly layer: string;
  readonly reason: Reason;
  readonly windowFrom: Micros;
  readonly windowTo: Micros;
  readonly ms: number;
  /** Models and checks, in the order they ran. */
  readonly actions: readonly ActionOutcome[];
}

export type ModelStatus = "built" | "skipped" | "held" | "failed" | "not_reached";

export interface ModelResult {
  readonly id: string;
  readonly layer: string;
  readonly status: ModelStatus;
  /** Why it was built, in one word, or why not, in words. */
  readonly reason: string;
  /** Null for a model that no script took into account. */
  readonly windowFrom: Micros | null;
  readonly windowTo: Micros | null;
  readonly rowsChanged: number | null;
  readonly rowsRead: number | null;
  readonly bytesRead: number | null;
  readonly ms: number | null;
}

export interface RunFailure {
  readonly code: string;
  readonly message: string;
}

export interface RunRecord {
  readonly runId: string;
  readonly kind: RunKind;
  /** `held`: what ran succeeded, and some models may not run. */
  readonly status: "succeeded" | "held" | "failed";
  readonly windowFrom: Micros;
  readonly windowTo: Micros;
  readonly startedAt: Micros;
  readonly endedAt: Micros;
  readonly error: RunFailure | null;
  /** Every model of the project, in the order they run. */
  readonly models: readonly ModelResult[];
  /** The scripts that committed, in order. */
  readonly scripts: readonly ScriptReport[];
}

/** How a script of a run went: null when it was not reached. */
export interface ScriptRun {
  readonly layer: string;
  readonly planned: PlannedScript;
  readonly report: ScriptReport | null;
  readonly error: unknown;
}

export function failureOf(error: unknown): RunFailure {
  return { code: error instanceof RollcallError ? error.code : "INTERNAL", message: messageOf(error) };
}

/** One result per model. A model that several scripts ran (a catch-up, then the cycle) counts their sums once. */
export function modelResults(plans: readonly LayerPlan[], runs: readonly ScriptRun[]): ModelResult[] {
  const results = new Map<string, ModelResult>();
  for (const run of runs) {
    for (const result of resultsOf(run)) {
      const earlier = results.get(result.id);
      results.set(result.id, earlier === undefined ? result : joined(earlier, result));
    }
  }
  for (const { name, idle, held = [] } of plans) {
    for (const left of idle) if (!results.has(left.action.id)) results.set(left.action.id, skipped(name, left, null));
    for (const left of held) results.set(left.action.id, { ...skipped(name, left, null), status: "held" });
  }
  return [...results.values()];
}

function resultsOf(run: ScriptRun): ModelResult[] {
  const { layer, planned, report } = run;
  const window = { windowFrom: planned.windowFrom, windowTo: planned.windowTo };
  const failed = report === null && run.error !== null ? failedModels(run) : new Set<string>();
  const results = planned.steps.map((step): ModelResult => {
    const { action, reason } = step;
    const outcome = report?.actions.find(({ id }) => id === action.id);
    const isFailed = failed.has(action.id);
    const status = report !== null ? "built" : isFailed ? "failed" : "not_reached";
    return {
      id: action.id,
      layer,
      status,
      reason: report !== null ? reason : reasonNot(run, isFailed, failed),
      ...window,
      rowsChanged: rowsWritten(step, outcome),
      rowsRead: outcome?.rowsRead ?? null,
      bytesRead: outcome?.bytesRead ?? null,
      ms: outcome?.ms ?? null,
    };
  });
  return [...results, ...planned.leftOut.map((left) => skipped(layer, left, report === null ? null : window))];
}

/** Rows written. Null for what was made anew, and where the warehouse does not say: nobody counted them. */
export function rowsWritten({ mode }: Step, outcome: ActionOutcome | undefined): number | null {
  return mode === "create" || mode === "view" ? null : (outcome?.rows ?? null);
}

/** Those that the error names: by itself, or by a check that reads them. All of the script when it names none. */
function failedModels({ planned, error }: ScriptRun): ReadonlySet<string> {
  const details = error instanceof RollcallError ? error.details : {};
  const named = Array.isArray(details.failed) ? details.failed : [details.model];
  const checks = Array.isArray(details.checks) ? details.checks.map(({ check }) => check) : [];
  const read = planned.checks
    .filter(({ action }) => checks.includes(action.id))
    .flatMap(({ action }) => action.dependsOn);
  const blamed = [...named, ...read];
  const ids = planned.steps.map(({ action }) => action.id);
  const found = ids.filter((id) => blamed.includes(id));
  return new Set(found.length > 0 ? found : ids);
}

function reasonNot({ error }: ScriptRun, isFailed: boolean, failed: ReadonlySet<string>): string {
  if (error === null) return "an earlier script failed or the run was cancelled";
  if (isFailed) return messageOf(error);
  return `not published, because ${[...failed].join(", ")} failed`;
}

function skipped(
  layer: string,
  { action, why }: LeftOut,
  window: { readonly windowFrom: Micros; readonly windowTo: Micros } | null,
): ModelResult {
  return {
    id: action.id,
    layer,
    status: "skipped",
    reason: why,
    windowFrom: window?.windowFrom ?? null,
    windowTo: window?.windowTo ?? null,
    rowsChanged: null,
    rowsRead: null,
    bytesRead: null,
    ms: null,
  };
}

function joined(a: ModelResult, b: ModelResult): ModelResult {
  const sum = (x: number | null, y: number | null): number | null => (x === null || y === null ? (x ?? y) : x + y);
  const rank: Readonly<Record<ModelStatus, number>> = { held: 0, skipped: 0, built: 1, not_reached: 2, failed: 3 };
  const { status, reason } = rank[b.status] > rank[a.status] ? b : a;
  return {
    ...a,
    status,
    reason,
    windowTo: b.windowTo ?? a.windowTo,
    rowsChanged: sum(a.rowsChanged, b.rowsChanged),
    rowsRead: sum(a.rowsRead, b.rowsRead),
    bytesRead: sum(a.bytesRead, b.bytesRead),
    ms: sum(a.ms, b.ms),
  };
}

/** Of the shape of the file. It grows by new fields; a field that goes or changes its meaning raises it. */
const RESULTS_VERSION = 1;

/** `<folder>/<run id>/run_results.json`. Instants are ISO 8601 in UTC with microseconds. */
export async function writeRunResults(folder: string, run: RunRecord): Promise<void> {
  const instant = (micros: Micros | null): string | null => (micros === null ? null : isoOf(micros));
  const inWords = <T extends { readonly windowFrom: Micros | null; readonly windowTo: Micros | null }>(item: T) => ({
    ...item,
    windowFrom: instant(item.windowFrom),
    windowTo: instant(item.windowTo),
  });
  const file = {
    version: RESULTS_VERSION,
    ...inWords(run),
    startedAt: instant(run.startedAt),
    endedAt: instant(run.endedAt),
    models: run.models.map(inWords),
    scripts: run.scripts.map(inWords),
  };
  const target = path.join(folder, run.runId);
  await mkdir(target, { recursive: true });
  await writeFile(path.join(target, "run_results.json"), `${JSON.stringify(file, null, 2)}\n`);
}
