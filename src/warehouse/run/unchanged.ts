import type { Action } from "../project/action.js";
import type { Inputs } from "../project/inputs.js";
import type { Step } from "../project/script.js";
import type { ActionOutcome } from "./outcomes.js";
import type { LeftOut, ModelState, PlannedScript } from "./plan.js";

/**
 * Leaves out of a cycle's script what could change nothing: models whose inputs got no rows in the window. Their
 * watermarks move with the others'.
 *
 * Guarantee: the tables are the same as if every model had run. A model is left out only when all of this holds:
 * - it is an incremental or a table and its text did not change: operations may go on with what an earlier run left;
 * - its SQL takes nothing from the clock or the run but the bounds of the window on arrival;
 * - no bronze table it reads got rows in the window; no model it reads changed rows in this run, or might still in the
 *   same script; none ran since this model last did; and what operations write, they write before it.
 */
export interface Changes {
  /** Rows of the window by bronze table. One that is not told counts as changed. */
  readonly landed: ReadonlyMap<string, number>;
  /** As recorded before this run. */
  readonly state: ReadonlyMap<string, ModelState>;
  /** What ran in this run so far, and whether it may have changed rows. */
  readonly ran: ReadonlyMap<string, boolean>;
}

const UNCHANGED = "nothing it reads got rows in this window";

export function leaveOutUnchanged(script: PlannedScript, changes: Changes, inputs: Inputs): PlannedScript {
  const running = new Set<string>();
  const leftOut: LeftOut[] = [...script.leftOut];
  const steps = script.steps.filter((step) => {
    if (step.isChanged || reasonToRun(step.action, running, changes, inputs) !== null) {
      running.add(step.action.id);
      return true;
    }
    leftOut.push({ action: step.action, why: UNCHANGED });
    return false;
  });
  return { ...script, steps, leftOut };
}

/** Why a model may not be left out, in words; null when it may. `running` are the models of its script before it. */
export function reasonToRun(
  action: Action,
  running: ReadonlySet<string>,
  changes: Changes,
  inputs: Inputs,
): string | null {
  if (action.kind === "operations") return "operations may go on with what an earlier run left";
  if (takesMoreThanRows(action)) return "its SQL takes values from the clock or the run";
  const own = changes.state.get(action.id);
  if (own === undefined) return "it never ran";
  for (const source of inputs.sources(action)) {
    const reason = reasonOf(source, own, running, changes);
    if (reason !== null) return reason;
    const isLate = inputs.writers(source.id).some((writer) => !inputs.ancestors(action.id).has(writer.id));
    if (isLate) return `${source.id} may be written after it was read`;
  }
  const isWrittenByOthers = inputs.writers(action.id).some((writer) => !inputs.ancestors(action.id).has(writer.id));
  return isWrittenByOthers ? "its table is written by others after it" : null;
}

function reasonOf(source: Action, own: ModelState, running: ReadonlySet<string>, changes: Changes): string | null {
  const { id } = source;
  if (source.kind === "declaration") {
    const rows = changes.landed.get(id);
    return rows === 0 ? null : `${id} got ${rows ?? "an unknown number of"} rows`;
  }
  if (running.has(id)) return `${id} runs too`;
  if (changes.ran.get(id) === true) return `${id} changed rows`;
  const state = changes.state.get(id);
  if ((state?.ranAt ?? 0) > own.ranAt) return `${id} ran since it last did`;
  if ((state?.windowTo ?? 0) > (own.windowTo ?? 0)) return `${id} has read further`;
  return source.kind === "view" && OTHER_VALUES.test(source.sql) ? `${id} takes values from the clock` : null;
}

/** Columns that say in which window a row was written: no row of an earlier window says this one. */
const WINDOW_BOUNDS = /((?:\b\w+\.)?\b(?:\w*ingested_at|changed_at)) >= @window_from AND \1 < @window_to/g;
const OTHER_VALUES =
  /@\w+|\b(?:CURRENT_(?:TIMESTAMP|DATETIME|DATE|TIME)|RAND|GENERATE_UUID|SESSION_USER|EXTERNAL_QUERY|FOR\s+SYSTEM_TIME)\b/i;

function takesMoreThanRows(action: Action): boolean {
  const { kind, sql, incrementalSql, preOps, postOps, incrementalPreOps, incrementalPostOps } = action;
  const texts =
    kind === "table" ? [sql, ...preOps, ...postOps] : [incrementalSql, ...incrementalPreOps, ...incrementalPostOps];
  return OTHER_VALUES.test(texts.join("\n").replaceAll(WINDOW_BOUNDS, "TRUE"));
}

const MAKES_TABLES = /\b(?:CREATE\s+(?:OR\s+REPLACE\s+)?TABLE|TRUNCATE|ALTER|CALL|EXECUTE\s+IMMEDIATE|LOAD\s+DATA)\b/i;

/**
 * Whether what ran may have changed rows. Rows are counted by INSERT, UPDATE, DELETE and MERGE: where the warehouse told
 * none, or where a table was made or emptied otherwise, it may have.
 */
export function mayHaveChanged({ action, mode }: Step, outcome: ActionOutcome | undefined): boolean {
  if (outcome === undefined || outcome.rows === null || mode === "create" || mode === "view") return true;
  const { statements, incrementalPreOps, incrementalPostOps } = action;
  return (
    outcome.rows > 0 || MAKES_TABLES.test([...statements, ...incrementalPreOps, ...incrementalPostOps].join(";\n"))
  );
}
