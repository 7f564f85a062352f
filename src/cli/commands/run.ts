import { randomUUID } from "node:crypto";
import { resolve } from "node:path";
import pc from "picocolors";
import { RollcallError } from "../../platform/errors.js";
import { parsePastWindow } from "../../warehouse/run/backfill.js";
import type { ModelResult } from "../../warehouse/run/results.js";
import type { EngineControl, RunOptions, RunView } from "../control.js";
import { withControl } from "../engine-access.js";
import { formatPlan } from "../plan-text.js";
import { formatCount, formatDuration } from "../print.js";
import { createRunView } from "../run-view.js";
import { watched } from "../watched.js";

export interface RunCommand {
  readonly home: string;
  readonly fullRefresh: boolean;
  readonly backfill?: string;
  readonly select?: readonly string[];
  readonly exclude?: readonly string[];
  readonly accept?: readonly string[];
  readonly concurrency?: number;
  readonly openlineage?: string;
  readonly plan: boolean;
  readonly json: boolean;
}

/** How often an engine is asked how far it is: often enough for a spinner, seldom enough to cost nothing. */
const LOOK_MS = 120;

function runOptions(command: RunCommand): RunOptions {
  const { fullRefresh: full, backfill, select, exclude, accept, concurrency, openlineage } = command;
  if (full && backfill !== undefined) {
    throw inputInvalid("--full-refresh builds from everything, --backfill runs a past window again: choose one.");
  }
  if (concurrency === 0) throw inputInvalid("--concurrency is at least 1.");
  return {
    full,
    select,
    exclude,
    accept,
    concurrency,
    backfill: backfill === undefined ? undefined : parsePastWindow(backfill),
    openlineage: openlineage === undefined ? undefined : resolve(openlineage),
  };
}

/** False when models are held: what is published is not what the project says. */
export async function run(command: RunCommand): Promise<boolean> {
  const options = runOptions(command);
  if (command.plan) {
    const plan = await withControl({ home: command.home }, (control) => control.plan(options));
    const text =
      formatPlan(plan, pc) +
      newerFilesLines(plan)
        .map((line) => `${line}\n`)
        .join("");
    process.stdout.write(command.json ? `${JSON.stringify(plan, null, 2)}\n` : text);
    return true;
  }
  const view = await withControl({ home: command.home, makesHome: true }, (control) => runWatched(control, options));
  process.stdout.write(command.json ? `${JSON.stringify(view, null, 2)}\n` : formatRun(view));
  return view.hold === null;
}

/**
 * Runs, shows how far it is on standard error, and lets Ctrl-C end the run after the script in hand, wherever the engine
 * is. A second Ctrl-C ends this process at once; a run behind a socket then still ends by itself.
 */
async function runWatched(control: EngineControl, options: RunOptions): Promise<RunView> {
  const ticket = randomUUID();
  const cancel = (): void => {
    control.cancel({ ticket }).catch(() => undefined);
  };
  process.once("SIGINT", cancel);
  try {
    return await watched(
      { look: () => control.progress({ ticket }), view: createRunView(process.stderr), everyMs: LOOK_MS },
      () => control.run({ ...options, ticket }),
    );
  } finally {
    process.removeListener("SIGINT", cancel);
  }
}

/** What a person reads of a run that is over. */
export function formatRun(view: RunView): string {
  if (view.status === "nothing_to_do") {
    const lines = ["Nothing to do: no new rows since the last run.", ...orphanLines(view), ...newerFilesLines(view)];
    return `${lines.join("\n")}\n`;
  }
  const built = view.models.filter(({ status }) => status === "built");
  const width = Math.max(0, ...built.map(({ id }) => id.length));
  const held = view.models.filter(({ status }) => status === "held").length;
  const skipped = view.models.length - built.length - held;
  const left = skipped === 0 ? "" : `, ${formatCount(skipped)} left out (rollcall run --plan says why beforehand)`;
  return [
    ...built.map((model) => modelLine(model, width)),
    `${formatCount(built.length)} models run${left}.`,
    ...(view.hold === null ? [] : [pc.yellow(`${formatCount(held)} models held, as they were: ${view.hold}.`)]),
    ...orphanLines(view),
    ...newerFilesLines(view),
    `Done in ${formatDuration(view.ms)}: run ${view.runId}.\n`,
  ].join("\n");
}

function orphanLines({ orphans }: RunView): string[] {
  if (orphans.length === 0) return [];
  const staying = orphans.length === 1 ? "it stays as it was" : "they stay as they were";
  return [pc.yellow(`No model makes ${orphans.join(", ")} any more; ${staying} (rollcall run --plan: how to drop).`)];
}

function newerFilesLines({ hasNewerFiles }: Pick<RunView, "hasNewerFiles">): string[] {
  if (!hasNewerFiles) return [];
  return [
    pc.yellow(
      "Files of the project changed since the engine that is up started, and it did not see that: end rollcall up and start it again.",
    ),
  ];
}

function modelLine({ id, rowsChanged, ms }: ModelResult, width: number): string {
  const rows = rowsChanged ? `${formatCount(rowsChanged)} rows` : "";
  const time = ms === null ? "" : formatDuration(ms);
  return `${id.padEnd(width)}  ${rows.padStart(16)}  ${pc.dim(time.padStart(8))}`;
}

export async function audit(options: { home: string }): Promise<void> {
  const checks = await withControl(options, (control) => control.audit());
  if (checks.length === 0) {
    process.stdout.write("Nothing is built yet that could be checked: rollcall run builds it.\n");
    return;
  }
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

function inputInvalid(message: string): RollcallError {
  return new RollcallError("INPUT_INVALID", message, { isRetriable: false });
}
