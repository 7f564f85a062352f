import pc from "picocolors";
import { RollcallError } from "../../platform/errors.js";
import type { RunOptions } from "../control.js";
import { withControl } from "../engine-access.js";
import { formatCount, formatDuration } from "../print.js";

export interface RunCommand {
  readonly home: string;
  readonly fullRefresh: boolean;
  readonly select?: readonly string[];
  readonly accept?: readonly string[];
  readonly plan: boolean;
}

function runOptions({ fullRefresh, select, accept }: RunCommand): RunOptions {
  if (select !== undefined && !fullRefresh) {
    throw new RollcallError("INPUT_INVALID", "--select goes with --full-refresh: a cycle always takes every model.", {
      isRetriable: false,
    });
  }
  return { full: fullRefresh, ...(select && { select }), ...(accept && { accept }) };
}

/** Why a script runs, as a reader of the plan needs it. */
const REASONS: Readonly<Record<string, string>> = {
  cycle: "rows have landed since the last run",
  first_build: "built for the first time, or all of it anew",
  new: "the model is new",
  changed: "its SQL changed: built anew",
  rebuild: "chosen: built anew",
  missing: "its table is gone: built anew",
  behind: "stands behind its layer: catches up",
};

async function printPlan(options: RunCommand): Promise<void> {
  const planned = await withControl(options, (control) => control.plan(runOptions(options)));
  if (planned.length === 0) process.stdout.write("Nothing to do: no new rows since the last run.\n");
  for (const { layer, reason, models } of planned) {
    process.stdout.write(`${pc.bold(layer)}: ${REASONS[reason] ?? reason}\n`);
    for (const model of models) process.stdout.write(`  ${model}\n`);
  }
}

export async function run(options: RunCommand): Promise<void> {
  if (options.plan) {
    await printPlan(options);
    return;
  }
  const view = await withControl(options, (control) => control.run(runOptions(options)));
  if (view.status === "nothing_to_do") {
    process.stdout.write("Nothing to do: no new rows since the last run.\n");
    return;
  }
  const width = Math.max(...view.actions.map((action) => action.id.length));
  for (const action of view.actions) {
    const rows = action.rows ? `${formatCount(action.rows)} rows` : "";
    const time = action.ms === null ? "" : formatDuration(action.ms);
    process.stdout.write(`${action.id.padEnd(width)}  ${rows.padStart(16)}  ${pc.dim(time.padStart(8))}\n`);
  }
  process.stdout.write(`Done in ${formatDuration(view.ms)}: run ${view.runId}.\n`);
}

export async function audit(options: { home: string }): Promise<void> {
  const checks = await withControl(options, (control) => control.audit());
  const failed = checks.filter((check) => check.failingRows !== 0);
  for (const check of failed) {
    process.stdout.write(
      `${check.severity} ${check.name}: ${check.failingRows === null ? "some" : formatCount(check.failingRows)} rows\n`,
    );
  }
  process.stdout.write(`${formatCount(checks.length)} checks, ${formatCount(failed.length)} failed.\n`);
  if (failed.some((check) => check.severity === "error")) {
    throw new RollcallError("ASSERTION_FAILED", "Some checks failed; they are listed above.", { isRetriable: false });
  }
}
