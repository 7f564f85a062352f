import pc from "picocolors";
import { RollcallError } from "../../platform/errors.js";
import { withControl } from "../engine-access.js";
import { formatCount, formatDuration } from "../print.js";

export async function run(options: { home: string; fullRefresh: boolean }): Promise<void> {
  const view = await withControl(options, (control) => control.run({ full: options.fullRefresh }));
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
