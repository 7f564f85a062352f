import type { DuckDBConnection, DuckDBMaterializedResult } from "@duckdb/node-api";
import { RollcallError } from "../../platform/errors.js";
import { located } from "../googlesql/analyzer.js";
import type { ExecuteResult, StatementResult } from "../port.js";
import { applyChanges, type TableCatalog } from "./catalog.js";
import { statementFailure } from "./failures.js";
import { duckdbName } from "./generator/names.js";
import type { Bindings } from "./parameters.js";
import type { Meter } from "./profile.js";
import type { ScriptStatement, TranslatedScript } from "./translate.js";

export interface ScriptRun {
  readonly connection: DuckDBConnection;
  readonly script: TranslatedScript;
  readonly bindings: Bindings;
  readonly origin: string | undefined;
  /** The catalog as everyone sees it. */
  catalog(): TableCatalog;
  /** Called with the new catalog after each statement, and inside a transaction only once it is committed. */
  publish(catalog: TableCatalog): void;
  now(): number;
  readonly meter: Meter;
  readonly checkpoint?: ScriptCheckpoint | undefined;
}

/** Where a test may end the process: a statement has run. What a transaction has done until then must not be seen. */
export type ScriptCheckpoint = (name: "statement") => void;

/** Runs one statement's SQL; gives the result of the last. */
export async function runStatement(
  connection: DuckDBConnection,
  statement: ScriptStatement,
  bindings: Bindings,
  meter?: Meter,
): Promise<DuckDBMaterializedResult | null> {
  let result: DuckDBMaterializedResult | null = null;
  for (const template of statement.templates) {
    const { sql, values, types } = bindings.bind(template);
    result = await connection.run(sql, values, types);
    meter?.count();
  }
  return result;
}

/**
 * Runs a script. When a statement fails inside a transaction, that transaction is rolled back, and the catalog with it. Temporary
 * tables of the script are gone afterwards either way.
 */
export async function runScript(run: ScriptRun): Promise<ExecuteResult> {
  const start = run.now();
  run.meter.take(); // What a script before this one read before it failed.
  const statements: StatementResult[] = [];
  const temporary = new Set<string>();
  let pending: TableCatalog | null = null;
  const inTransaction = (): boolean => pending !== null;
  try {
    for (const statement of run.script.statements) {
      const began = run.now();
      const rows = await step(run, statement);
      run.checkpoint?.("statement");
      if (statement.kind === "begin") pending = run.catalog();
      if (statement.kind === "rollback") pending = null;
      for (const change of statement.changes) {
        if (change.kind === "create" && change.table.dataset === null) temporary.add(change.table.table);
      }
      const changed = applyChanges(pending ?? run.catalog(), lasting(statement));
      if (statement.kind === "commit" || pending === null) {
        pending = null;
        run.publish(changed);
      } else pending = changed;
      statements.push({ kind: statement.name, rows, ms: run.now() - began, ...run.meter.take() });
    }
    if (inTransaction()) throw unfinished(run);
  } catch (error) {
    if (inTransaction()) await run.connection.run("ROLLBACK").catch(() => undefined);
    throw error;
  } finally {
    for (const table of temporary) {
      await run.connection.run(`DROP TABLE IF EXISTS ${duckdbName({ dataset: null, table })}`).catch(() => undefined);
    }
  }
  return { statements, ms: run.now() - start };
}

/** Temporary tables never reach the catalog that others see. */
function lasting(statement: ScriptStatement): ScriptStatement["changes"] {
  return statement.changes.filter((change) => change.kind !== "create" || change.table.dataset !== null);
}

async function step(run: ScriptRun, statement: ScriptStatement): Promise<number> {
  const place = { origin: run.origin, position: statement.position };
  let result: DuckDBMaterializedResult | null;
  try {
    result = await runStatement(run.connection, statement, run.bindings, run.meter);
  } catch (error) {
    throw statementFailure(error, place);
  }
  if (statement.kind === "assert" && (await result?.getRows())?.[0]?.[0] !== true) {
    const description = statement.description === "" ? "the assertion does not hold" : statement.description;
    throw new RollcallError("ASSERTION_FAILED", located(run.origin, statement.position, description), {
      isRetriable: false,
      details: { origin: run.origin ?? null, description, ...statement.position },
    });
  }
  return statement.kind === "dml" ? (result?.rowsChanged ?? 0) : 0;
}

function unfinished(run: ScriptRun): RollcallError {
  const position = run.script.statements.at(-1)?.position ?? { line: 1, column: 1 };
  return new RollcallError(
    "SQL_INVALID",
    located(
      run.origin,
      position,
      "The script ends inside a transaction, which is rolled back. Add COMMIT TRANSACTION.",
    ),
    { isRetriable: false, details: { origin: run.origin ?? null, ...position } },
  );
}
