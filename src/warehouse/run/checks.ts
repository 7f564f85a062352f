import type { Micros } from "../../platform/clock.js";
import { RollcallError } from "../../platform/errors.js";
import type { Params, Warehouse } from "../port.js";
import type { Check } from "../project/layers.js";
import { checksParam, PASS_STATEMENTS } from "../project/script.js";
import { failureOfScript } from "../project/script-failure.js";
import { sql } from "../sql.js";

/** Checks outside of a transaction: counted, recorded in `quality.check_results`, and judged by the caller. */

export interface CheckRun {
  readonly runId: string;
  readonly ranAt: Micros;
  readonly windowFrom: Micros;
  readonly windowTo: Micros;
}

export interface CheckOutcome {
  readonly check: Check;
  /** Null when the warehouse did not say how many. */
  readonly failingRows: number | null;
}

export function runParams(run: CheckRun): Params {
  return {
    window_from: { type: "TIMESTAMP", value: run.windowFrom },
    window_to: { type: "TIMESTAMP", value: run.windowTo },
    ran_at: { type: "TIMESTAMP", value: run.ranAt },
    run_id: { type: "STRING", value: run.runId },
  };
}

/** Runs each check and records every outcome. */
export async function runChecks(
  warehouse: Warehouse,
  checks: readonly Check[],
  run: CheckRun,
): Promise<CheckOutcome[]> {
  const outcomes: CheckOutcome[] = [];
  for (const check of checks) outcomes.push({ check, failingRows: await countFailingRows(warehouse, check, run) });
  const passed = outcomes.filter(({ failingRows }) => failingRows === 0).map(({ check }) => check);
  if (passed.length > 0) {
    await warehouse.execute(PASS_STATEMENTS.join(";\n"), { ...runParams(run), ...checksParam(passed) });
  }
  for (const outcome of outcomes) if (outcome.failingRows !== 0) await recordFailure(warehouse, outcome, run);
  return outcomes;
}

async function countFailingRows(warehouse: Warehouse, check: Check, run: CheckRun): Promise<number> {
  const { windowFrom, windowTo } = run;
  const { fileName } = check.action;
  const query = `SELECT COUNT(*) AS failing_rows FROM (\n${check.action.sql.trim()}\n)`;
  const params: Params = {
    window_from: { type: "TIMESTAMP", value: windowFrom },
    window_to: { type: "TIMESTAMP", value: windowTo },
  };
  const result = await warehouse.query(query, params, { origin: fileName }).catch((error: unknown) => {
    throw failureOfScript(error, null, fileName);
  });
  return Number(result.rows[0]?.failing_rows);
}

export async function recordFailure(warehouse: Warehouse, outcome: CheckOutcome, run: CheckRun): Promise<void> {
  const { check, failingRows } = outcome;
  await warehouse.execute(
    sql`INSERT INTO quality.check_results (check_name, severity, owner, failing_rows, run_id, checked_at)
      VALUES (@check_name, @severity, @owner, @failing_rows, @run_id, @ran_at)`,
    {
      check_name: { type: "STRING", value: check.action.id },
      severity: { type: "STRING", value: check.severity },
      owner: { type: "STRING", value: check.owner },
      failing_rows: { type: "INT64", value: failingRows },
      run_id: { type: "STRING", value: run.runId },
      ran_at: { type: "TIMESTAMP", value: run.ranAt },
    },
  );
}

/** Names every failed check with its file and rows; `consequence` says what that means for what is published. */
export function assertionFailed(failed: readonly CheckOutcome[], consequence: string): RollcallError {
  const lines = failed.map(
    ({ check, failingRows }) =>
      `check ${check.action.id} (${check.action.fileName}, owner ${check.owner}) failed on ${failingRows ?? "some"} rows`,
  );
  return new RollcallError("ASSERTION_FAILED", `${lines.join("\n")}\n${consequence}`, {
    isRetriable: false,
    details: {
      checks: failed.map(({ check, failingRows }) => ({
        check: check.action.id,
        file: check.action.fileName,
        owner: check.owner,
        failingRows,
      })),
    },
  });
}
