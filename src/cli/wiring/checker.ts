import { SYNC_TABLES } from "../../../syncs/engine/tables.js";
import { PROFILE_STORE } from "../../../syncs/targets/profiles/spec.js";
import { RollcallError } from "../../platform/errors.js";
import { type CheckResult, checkProject } from "../../warehouse/analysis/check.js";
import type { TargetAllowance } from "../../warehouse/analysis/lints/lint.js";
import { createFolderStore } from "../../warehouse/duckdb/compiled-store.js";
import { createTranslator } from "../../warehouse/duckdb/translate.js";
import { createAnalyzer } from "../../warehouse/googlesql/analyzer.js";
import { SNAPSHOT_REGISTER } from "../../warehouse/run/snapshots.js";

export interface CheckerConfig {
  /** The folder with `dataform.json`. */
  readonly root: string;
  /** Where compiled statements are kept. */
  readonly cacheFolder: string;
}

export interface Checker {
  /** Looks at the project as its files are now. */
  check(): Promise<CheckResult>;
  close(): Promise<void>;
}

/** What checks a project: an analyzer that starts with the first statement nobody has compiled before. */
export function openChecker(config: CheckerConfig): Checker {
  const analyzer = createAnalyzer();
  const store = createFolderStore({ folder: config.cacheFolder });
  const translator = createTranslator({}, { analyzer, store });
  const check = (): Promise<CheckResult> =>
    checkProject(
      { root: config.root, tables: [...SYNC_TABLES, SNAPSHOT_REGISTER], allowances: targetAllowances() },
      { analyzer, translator, store },
    );
  return {
    // An analyzer that was killed meanwhile starts again, and what it had compiled is kept.
    check: () =>
      check().catch((error: unknown) => {
        if (error instanceof RollcallError && error.isRetriable) return check();
        throw error;
      }),
    close: () => analyzer.close(),
  };
}

function targetAllowances(): TargetAllowance[] {
  return [PROFILE_STORE].flatMap(({ name, objects }) =>
    objects.map(({ table, personal = [] }) => ({ target: name, table: `${table.dataset}.${table.table}`, personal })),
  );
}
