import { join } from "node:path";
import pc from "picocolors";
import { RollcallError } from "../../platform/errors.js";
import type { CheckResult } from "../../warehouse/analysis/check.js";
import { formatProblem } from "../../warehouse/analysis/problem.js";
import { createProjectFiles } from "../../warehouse/analysis/project-files.js";
import {
  checkFingerprint,
  createSavedCheck,
  PROJECT_FOLDERS,
  type SavedCheck,
} from "../../warehouse/analysis/saved-check.js";
import { watchFolders } from "../folder-watch.js";
import { openHome } from "../home.js";
import { projectRoot } from "../project.js";
import { stopSignal } from "../stop-signal.js";
import type { Checker } from "../wiring/checker.js";

export interface CheckCommand {
  /** The folder with `dataform.json`. */
  readonly project: string;
  /** Only its caches are used. */
  readonly home: string;
  readonly json: boolean;
  readonly strict: boolean;
  readonly watch: boolean;
}

/**
 * Prints every problem of the project. Throws PROJECT_INVALID when there is one that counts: an error, or with `strict` a warning.
 * The analyzer is loaded only when files changed since the last check.
 */
export async function check(options: CheckCommand): Promise<void> {
  const root = projectRoot(options.project);
  const saved = createSavedCheck(join(openHome(options.home).root, "check.json"));
  if (options.watch) {
    await watchProject(root, saved, options);
    return;
  }
  const checker = lazyChecker(root, options);
  try {
    const result = await resultOf(root, saved, checker);
    print(root, result, options);
    const failing = countingProblems(result, options);
    if (failing > 0) {
      throw new RollcallError("PROJECT_INVALID", `${plural(failing, "problem")}; listed above.`, {
        isRetriable: false,
      });
    }
  } finally {
    await checker.close();
  }
}

/** Loads the analyzer and all that goes with it when it is asked first. */
function lazyChecker(root: string, options: CheckCommand): Checker {
  let opened: Promise<Checker> | null = null;
  const open = async (): Promise<Checker> => {
    const wiring = await import("../wiring/checker.js");
    return wiring.openChecker({ root, cacheFolder: openHome(options.home).compiled });
  };
  return {
    async check() {
      opened ??= open();
      return (await opened).check();
    },
    async close() {
      if (opened !== null) await (await opened).close();
    },
  };
}

async function resultOf(root: string, saved: SavedCheck, checker: Checker): Promise<CheckResult> {
  const fingerprint = checkFingerprint(root);
  const known = saved.read(fingerprint);
  if (known !== null) return known;
  const result = await checker.check();
  saved.write(fingerprint, result);
  return result;
}

/** Editors write a file in several steps. */
const SETTLE_MS = 100;

/** Checks at every change, with one analyzer that stays up, until it is told to stop. */
async function watchProject(root: string, saved: SavedCheck, options: CheckCommand): Promise<void> {
  const checker = lazyChecker(root, options);
  let isChecking = false;
  let isStale = true;
  const round = async (): Promise<void> => {
    isStale = true;
    if (isChecking) return;
    isChecking = true;
    while (isStale) {
      isStale = false;
      const startedAt = performance.now();
      try {
        const result = await resultOf(root, saved, checker);
        if (process.stdout.isTTY && !options.json) process.stdout.write("\x1b[2J\x1b[3J\x1b[H");
        print(root, result, options, performance.now() - startedAt);
      } catch (error) {
        if (!(error instanceof RollcallError)) throw error;
        process.stderr.write(`${pc.red(error.code)} ${error.message}\n`);
      }
    }
    isChecking = false;
  };
  // The root itself only for dataform.json: what else lies there is no concern of a check.
  const deep = PROJECT_FOLDERS.map((folder) => join(root, folder));
  const watched = watchFolders({ deep, flat: [root] }, SETTLE_MS, () => void round());
  try {
    await round();
    await stopSignal();
  } finally {
    watched.close();
    await checker.close();
  }
}

function countingProblems({ problems }: CheckResult, { strict }: CheckCommand): number {
  return problems.filter(({ severity }) => strict || severity === "error").length;
}

function print(root: string, result: CheckResult, options: CheckCommand, ms?: number): void {
  if (options.json) {
    process.stdout.write(`${JSON.stringify(result)}\n`);
    return;
  }
  const files = createProjectFiles(root);
  for (const problem of result.problems) {
    const [head = "", ...lines] = formatProblem(problem, files).split("\n");
    const paint = problem.severity === "error" ? pc.red : pc.yellow;
    process.stdout.write(`${[paint(head), ...lines].join("\n")}\n`);
  }
  const { problems, actions, statements, waiting } = result;
  const seen = `${plural(actions - waiting.length, "action")} and ${plural(statements, "statement")} of TypeScript checked`;
  const left =
    waiting.length === 0
      ? ""
      : `; ${plural(waiting.length, "action")} could not be looked at before what they read is right`;
  const time = ms === undefined ? "" : pc.dim(` (${Math.round(ms)} ms)`);
  process.stdout.write(
    `${seen}${left}: ${problems.length === 0 ? pc.green("no problem") : plural(problems.length, "problem")}${time}\n`,
  );
}

function plural(count: number, word: string): string {
  return `${count.toLocaleString("en-US")} ${word}${count === 1 ? "" : "s"}`;
}
