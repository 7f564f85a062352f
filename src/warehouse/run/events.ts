import type { Micros } from "../../platform/clock.js";
import type { PlannedScript } from "./plan.js";
import type { RunKind, RunRecord, ScriptReport } from "./results.js";

/** What happens in a run, told as it happens. Runs with nothing to do tell nothing. */
export type RunEvent =
  | {
      readonly type: "run_started";
      readonly runId: string;
      readonly kind: RunKind;
      readonly at: Micros;
      /** Scripts to come. */
      readonly scriptCount: number;
    }
  | { readonly type: "script_started"; readonly at: Micros; readonly layer: string; readonly planned: PlannedScript }
  | {
      readonly type: "script_finished";
      readonly at: Micros;
      readonly planned: PlannedScript;
      readonly report: ScriptReport;
    }
  | {
      readonly type: "script_failed";
      readonly at: Micros;
      readonly layer: string;
      readonly planned: PlannedScript;
      readonly error: unknown;
    }
  | { readonly type: "run_finished"; readonly at: Micros; readonly record: RunRecord };

/** May take its time: the run waits. What it throws is logged and stops nothing. */
export type RunListener = (event: RunEvent) => Promise<void> | void;
