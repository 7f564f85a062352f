import { messageOf, RollcallError } from "../../platform/errors.js";
import type { Column, Params, Warehouse } from "../port.js";
import type { Action } from "../project/action.js";
import type { Check } from "../project/layers.js";
import { assertStatement, PASS_STATEMENTS, type Step, statementsOf, WATERMARK_STATEMENTS } from "../project/script.js";
import { failureOfScript } from "../project/script-failure.js";
import { type ActionOutcome, outcomeOf } from "./outcomes.js";
import { isMaking, type PlannedScript } from "./plan.js";
import { runTasks } from "./tasks.js";

/**
 * Builds for warehouses where CREATE TABLE is no part of a transaction (BigQuery).
 *
 * Guarantee: what is published changes only after everything of the script is built and its checks hold. Order of
 * effects: every table and view into `<name>__build`, several at a time in the order of what they read; the checks,
 * against those; then each table is put in its place by one statement (readers see the old or the new one), then passes
 * and watermarks, then the leftovers are dropped. A process that dies on the way leaves watermarks as they were, so that
 * the build comes again, and leftovers, which `dropLeftovers` removes at the next start, as those that could not be dropped.
 *
 * Operations and protected tables are state: they are written where they are, and by their own text nothing comes twice.
 */
const BUILD_SUFFIX = "__build";

export interface AsideDeps {
  readonly warehouse: Warehouse;
  /** How many are built at once. */
  readonly concurrency: number;
  readonly columnsOf: (action: Action) => readonly Column[];
}

export async function buildAside(
  planned: PlannedScript,
  params: Params,
  { warehouse, concurrency, columnsOf }: AsideDeps,
): Promise<ActionOutcome[]> {
  const { steps, checks } = planned;
  const made = steps.filter(isMaking).map(({ action }) => action);
  const aside = renamerOf(made);
  const outcomes = new Map<string, ActionOutcome>();
  try {
    await buildAll(steps, concurrency, async (step) => {
      const script = statementsOf(step.action, step.mode, columnsOf).map(aside).join(";\n");
      const result = await warehouse
        .execute(script, params, { origin: step.action.fileName, isIndependent: true })
        .catch((error: unknown) => {
          throw failureOfScript(error, script, null);
        });
      outcomes.set(step.action.id, outcomeOf(step.action.id, result.statements));
    });
    if (checks.length > 0) await warehouse.execute(checkScript(checks, aside), params, { origin: "checks" });
  } catch (error) {
    await dropBuilds(warehouse, steps).catch(() => undefined);
    throw error;
  }
  const swaps = steps.flatMap((step) => swapStatements(step, aside, columnsOf));
  const records = [...(checks.length > 0 ? PASS_STATEMENTS : []), ...WATERMARK_STATEMENTS];
  await warehouse.execute([...swaps, ...records].join(";\n"), params, { origin: "swap" });
  // It is published: leftovers that will not go are no reason to say that it failed.
  await dropBuilds(warehouse, steps).catch(() => undefined);
  return steps.flatMap(({ action }) => outcomes.get(action.id) ?? []);
}

/** Drops what builds left that died on the way. */
export async function dropLeftovers(warehouse: Warehouse): Promise<void> {
  const left = (await warehouse.tables()).filter(({ table }) => table.endsWith(BUILD_SUFFIX));
  if (left.length === 0) return;
  const drops = left.map(({ dataset, table, kind }) => `DROP ${kind.toUpperCase()} IF EXISTS \`${dataset}.${table}\``);
  await warehouse.execute(drops.join(";\n"), undefined, { origin: "leftovers" });
}

/** The text with the names of what is made replaced by where it is made. Names stand in backquotes, as ref() writes them. */
function renamerOf(made: readonly Action[]): (sql: string) => string {
  const names = new Map(made.map(({ sqlName }) => [sqlName, sqlName.replace(/`$/, `${BUILD_SUFFIX}\``)]));
  return (sql) => sql.replaceAll(/`[^`]+`/g, (name) => names.get(name) ?? name);
}

/** Builds every step. Throws the first failure; its message names what else failed and what could not start. */
async function buildAll(
  steps: readonly Step[],
  concurrency: number,
  build: (step: Step) => Promise<void>,
): Promise<void> {
  const tasks = steps.map((step) => ({
    id: step.action.id,
    after: step.action.dependsOn,
    run: () => build(step),
  }));
  const outcomes = await runTasks(tasks, { concurrency });
  const failures = outcomes.flatMap((outcome) => (outcome.status === "failed" ? [outcome] : []));
  const [first, ...others] = failures;
  if (first === undefined) return;
  const blocked = outcomes.filter(({ status }) => status === "blocked").map(({ id }) => id);
  const notes = [
    ...others.map(({ id, error }) => `${id} failed too: ${messageOf(error)}`),
    ...(blocked.length > 0 ? [`not built because of that: ${blocked.join(", ")}`] : []),
  ];
  throw failureOf(first.id, first.error, steps, notes, others);
}

function failureOf(
  id: string,
  error: unknown,
  steps: readonly Step[],
  notes: readonly string[],
  others: readonly { readonly id: string }[],
): unknown {
  const file = steps.find(({ action }) => action.id === id)?.action.fileName ?? id;
  const known = error instanceof RollcallError ? error : null;
  return new RollcallError(
    known?.code ?? "WAREHOUSE_FAILED",
    [`${file} (${id}): ${messageOf(error)}`, ...notes].join("\n"),
    {
      isRetriable: known?.isRetriable ?? true,
      cause: error,
      details: { ...known?.details, model: id, file, failed: [id, ...others.map((other) => other.id)] },
    },
  );
}

function checkScript(checks: readonly Check[], aside: (sql: string) => string): string {
  return checks.map((check) => aside(assertStatement(check))).join(";\n");
}

/** What puts a step's table in its place: a copy of metadata in BigQuery, without a job that reads rows. */
function swapStatements(
  step: Step,
  aside: (sql: string) => string,
  columnsOf: (action: Action) => readonly Column[],
): string[] {
  const { action, mode, isChanged } = step;
  if (mode === "view") return statementsOf(action, mode, columnsOf);
  if (mode !== "create") return [];
  // A table is not replaced by one with another partitioning: one that changed is dropped first, and missing for a moment.
  const drop = isChanged ? [`DROP TABLE IF EXISTS ${action.sqlName}`] : [];
  return [...drop, `CREATE OR REPLACE TABLE ${action.sqlName} COPY ${aside(action.sqlName)}`];
}

async function dropBuilds(warehouse: Warehouse, steps: readonly Step[]): Promise<void> {
  const aside = renamerOf(steps.map(({ action }) => action));
  const drops = steps.filter(isMaking).map(({ action, mode }) => {
    return `DROP ${mode === "view" ? "VIEW" : "TABLE"} IF EXISTS ${aside(action.sqlName)}`;
  });
  // What reads comes after what it reads, and goes first.
  await warehouse.execute(drops.reverse().join(";\n"), undefined, { origin: "leftovers" });
}
