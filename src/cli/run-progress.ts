import type { RunListener } from "../warehouse/run/events.js";
import { type RunKind, rowsWritten } from "../warehouse/run/results.js";

/** How far a run is, as the engine that runs it knows: plain data, asked for again and again by whoever shows it. */
export interface RunProgress {
  readonly kind: RunKind;
  readonly scriptCount: number;
  /** Those that began, in order. */
  readonly scripts: readonly ScriptProgress[];
}

export interface ScriptProgress {
  readonly layer: string;
  readonly reason: string;
  readonly status: "running" | "committed" | "failed";
  /** Models whose statements run. */
  readonly models: readonly string[];
  /** Milliseconds so far, or in all. */
  readonly ms: number;
  /** Rows changed; null while it runs, for what is made anew, and where the warehouse does not say. */
  readonly rows: number | null;
}

export interface ProgressTracker {
  readonly listener: RunListener;
  /** Null until the run begins. */
  read(): RunProgress | null;
}

/** Follows one run. */
export function createProgressTracker(now: () => number): ProgressTracker {
  let kind: RunKind | null = null;
  let scriptCount = 0;
  const scripts: (ScriptProgress & { readonly startedAt: number })[] = [];
  const finish = (status: ScriptProgress["status"], rows: number | null): void => {
    const last = scripts.pop();
    if (last !== undefined) scripts.push({ ...last, status, rows, ms: now() - last.startedAt });
  };
  return {
    listener: (event) => {
      switch (event.type) {
        case "run_started":
          kind = event.kind;
          scriptCount = event.scriptCount;
          break;
        case "script_started": {
          const { layer, planned } = event;
          const models = planned.steps.map(({ action }) => action.id);
          scripts.push({
            layer,
            reason: planned.reason,
            status: "running",
            models,
            ms: 0,
            rows: null,
            startedAt: now(),
          });
          break;
        }
        case "script_finished": {
          const { planned, report } = event;
          const counts = planned.steps.map((step) =>
            rowsWritten(
              step,
              report.actions.find(({ id }) => id === step.action.id),
            ),
          );
          finish(
            "committed",
            counts.includes(null) ? null : counts.reduce<number>((sum, rows) => sum + (rows ?? 0), 0),
          );
          break;
        }
        case "script_failed":
          finish("failed", null);
          break;
        case "run_finished":
          break;
      }
    },
    read: () => {
      if (kind === null) return null;
      return {
        kind,
        scriptCount,
        scripts: scripts.map(({ startedAt, ...script }) => ({
          ...script,
          ms: script.status === "running" ? now() - startedAt : script.ms,
        })),
      };
    },
  };
}
