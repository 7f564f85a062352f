import type { Micros } from "../../platform/clock.js";
import type { Warehouse } from "../port.js";
import type { Action } from "../project/action.js";
import { changedParts, type FingerprintPart } from "../project/fingerprint.js";
import type { Inputs } from "../project/inputs.js";
import type { TableShape } from "../project/ops-tables.js";
import type { Mode, Reason, Step } from "../project/script.js";
import { isoOf } from "../project/typed-value.js";
import { runParams } from "./checks.js";
import type { Orphan } from "./orphans.js";
import { scriptsOf } from "./perform.js";
import type { LayerPlan, ModelState, PlannedScript } from "./plan.js";
import type { RunKind } from "./results.js";
import { readLanded } from "./state.js";
import { leaveOutUnchanged, reasonToRun } from "./unchanged.js";

/** What a run would do, and why: plain data, for people and machines. Instants are ISO 8601. */
export interface PlanReport {
  readonly kind: RunKind;
  readonly windowTo: string;
  /** In the order they run. Empty: nothing to do. */
  readonly scripts: readonly PlanReportScript[];
  /** Models that are in no script, or whose statements have nothing to do. */
  readonly skipped: readonly PlanReportLeft[];
  /** Models that may not run although they would have to. */
  readonly held: readonly PlanReportLeft[];
  /** Rows that landed since the earliest cycle's window began, by bronze table. Empty without a cycle. */
  readonly landed: readonly { readonly table: string; readonly rows: number }[];
  /** Models whose text is another than when they last ran. */
  readonly changed: readonly { readonly id: string; readonly parts: readonly FingerprintPart[] }[];
  /** What the queries would read. Null where the warehouse cannot tell beforehand. */
  readonly bytesRead: number | null;
  /** What models left that the project no longer has. It stays, whatever runs. */
  readonly orphans: readonly Orphan[];
}

export interface PlanReportLeft {
  readonly id: string;
  readonly layer: string;
  readonly why: string;
}

export interface PlanReportScript {
  readonly layer: string;
  readonly reason: Reason;
  readonly windowFrom: string;
  readonly windowTo: string;
  readonly models: readonly PlanReportModel[];
  /** Checks that must hold before the commit. */
  readonly checks: readonly string[];
}

export interface PlanReportModel {
  readonly id: string;
  readonly mode: Mode;
  readonly why: string;
  readonly reads: readonly string[];
  readonly bytesRead: number | null;
}

export interface PlanReportInput {
  readonly kind: RunKind;
  readonly windowTo: Micros;
  readonly state: ReadonlyMap<string, ModelState>;
  readonly plans: readonly LayerPlan[];
  readonly runsAll: string | null;
}

export interface PlanReportDeps {
  readonly warehouse: Warehouse;
  readonly bronze: readonly TableShape[];
  readonly inputs: Inputs;
  readonly orphans: () => Promise<readonly Orphan[]>;
}

export async function reportPlan(plan: PlanReportInput, deps: PlanReportDeps): Promise<PlanReport> {
  const { kind, windowTo, state, plans } = plan;
  const scheduled = scriptsOf(plans);
  const cycles = scheduled.filter(({ planned }) => planned.reason === "cycle").map(({ planned }) => planned.windowFrom);
  const counts =
    cycles.length === 0
      ? new Map<string, number>()
      : await readLanded(deps.warehouse, deps.bronze, Math.min(...cycles), windowTo);
  // What will run is taken as changing rows: the run itself will know better.
  const running = new Set<string>();
  const scripts: PlanReportScript[] = [];
  const skipped = plans.flatMap(({ name, idle }) =>
    idle.map(({ action, why }) => ({ id: action.id, layer: name, why })),
  );
  for (const { layer, planned } of scheduled) {
    const changes = { landed: counts, state, ran: new Map([...running].map((id) => [id, true])) };
    const maySkip = plan.runsAll === null && planned.reason === "cycle";
    const script = maySkip ? leaveOutUnchanged(planned, changes, deps.inputs) : planned;
    const models: Omit<PlanReportModel, "bytesRead">[] = [];
    for (const step of script.steps) {
      const why =
        step.reason === "cycle" && maySkip
          ? (reasonToRun(step.action, running, changes, deps.inputs) ?? "its text changed")
          : whyOf(step, planned, plan);
      running.add(step.action.id);
      const { id } = step.action;
      const reads = deps.inputs.tables(step.action);
      models.push({ id, mode: step.mode, why, reads });
    }
    const estimates = await Promise.all(script.steps.map((step) => estimate(step, planned, deps)));
    const { reason, windowFrom, windowTo: to, checks } = planned;
    const window = { windowFrom: isoOf(windowFrom), windowTo: isoOf(to) };
    scripts.push({
      layer: layer.name,
      reason,
      ...window,
      models: models.map((model, at) => ({ ...model, bytesRead: estimates[at] ?? null })),
      checks: checks.map(({ action }) => action.id),
    });
    skipped.push(...script.leftOut.map(({ action, why }) => ({ id: action.id, layer: layer.name, why })));
  }
  return {
    kind,
    windowTo: isoOf(windowTo),
    scripts,
    skipped,
    held: plans.flatMap(({ name, held = [] }) => held.map(({ action, why }) => ({ id: action.id, layer: name, why }))),
    landed: [...counts].map(([table, rows]) => ({ table, rows })),
    changed: changedModels(plans, state),
    orphans: await deps.orphans(),
    bytesRead: sum(scripts.flatMap(({ models }) => models.map(({ bytesRead }) => bytesRead))),
  };
}

function whyOf({ action, reason }: Step, planned: PlannedScript, { state, runsAll }: PlanReportInput): string {
  const recorded = state.get(action.id);
  switch (reason) {
    case "changed":
      return `its ${changedParts(recorded?.sqlHash ?? "", action).join(", ")} changed since it last ran: built anew`;
    case "new":
      return "it was never built";
    case "missing":
      return "its table is gone: built anew";
    case "rebuild":
      return "chosen: built anew";
    case "first_build":
      return "its layer is built from the beginning";
    case "promotion":
      return "changed rules of identity were accepted: everybody is resolved anew";
    case "behind":
      return `has read up to ${isoOf(planned.windowFrom)} and catches up with its layer`;
    case "backfill":
      return "chosen for this past window";
    case "cycle":
      return runsAll ?? "its layer takes over this window";
  }
}

function changedModels(plans: readonly LayerPlan[], state: ReadonlyMap<string, ModelState>): PlanReport["changed"] {
  const actions = new Map<string, Action>();
  for (const { planned } of scriptsOf(plans)) for (const { action } of planned.steps) actions.set(action.id, action);
  for (const { idle, held = [] } of plans) for (const { action } of [...idle, ...held]) actions.set(action.id, action);
  return [...actions.values()].flatMap((action) => {
    const recorded = state.get(action.id);
    const parts = recorded === undefined ? [] : changedParts(recorded.sqlHash, action);
    return parts.length === 0 ? [] : [{ id: action.id, parts }];
  });
}

/** Of a model's own query. Null for operations, and while a table it reads is not there yet. */
async function estimate(step: Step, planned: PlannedScript, { warehouse }: PlanReportDeps): Promise<number | null> {
  const { action, mode } = step;
  if (warehouse.estimate === undefined || mode === "statements") return null;
  if (mode === "view") return 0;
  const sql = mode === "create" || mode === "replace" ? action.sql : action.incrementalSql;
  const { windowFrom, windowTo } = planned;
  const params = runParams({ runId: "plan", ranAt: windowTo, windowFrom, windowTo });
  return warehouse.estimate(sql, params).then(
    ({ bytesRead }) => bytesRead,
    () => null,
  );
}

function sum(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((total, value) => total + value, 0);
}
