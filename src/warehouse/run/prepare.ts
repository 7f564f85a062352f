import type { Micros } from "../../platform/clock.js";
import type { Warehouse } from "../port.js";
import type { Action, CompiledProject } from "../project/action.js";
import { hashOf } from "../project/fingerprint.js";
import { OPS_TABLES, type TableShape } from "../project/ops-tables.js";
import { modelsParam, WATERMARK_STATEMENTS } from "../project/script.js";
import { failureOfScript } from "../project/script-failure.js";
import { dropLeftovers } from "./aside.js";
import { runParams } from "./checks.js";
import { readModelStates } from "./state.js";

export interface PrepareInput {
  readonly project: CompiledProject;
  readonly bronze: readonly TableShape[];
  /** Operations tagged `bootstrap`. */
  readonly bootstraps: readonly Action[];
}

/** Makes what scripts write into and cannot make themselves: datasets, bookkeeping, bronze, bootstrapped tables. */
export async function prepareWarehouse(warehouse: Warehouse, input: PrepareInput, now: Micros): Promise<void> {
  const { project, bronze, bootstraps } = input;
  await warehouse.ensureTables([...OPS_TABLES, ...bronze]);
  const datasets = [...new Set(project.actions.map(({ target }) => target.dataset))];
  await warehouse.execute(datasets.map((dataset) => `CREATE SCHEMA IF NOT EXISTS \`${dataset}\``).join(";\n"));
  if (!warehouse.hasTransactionalDdl) await dropLeftovers(warehouse);
  const states = await readModelStates(warehouse);
  const due = bootstraps.filter((action) => states.get(action.id)?.sqlHash !== hashOf(action));
  for (const action of due) {
    const script = action.statements.join(";\n");
    await warehouse.execute(script, undefined, { origin: action.fileName }).catch((error: unknown) => {
      throw failureOfScript(error, script, action.fileName);
    });
  }
  if (due.length === 0) return;
  const params = { ...runParams({ runId: "", ranAt: now, windowFrom: 0, windowTo: 0 }), ...modelsParam(due) };
  await warehouse.execute(WATERMARK_STATEMENTS.join(";\n"), params);
}
