import { setImmediate } from "node:timers/promises";
import type { DuckDBConnection, DuckDBMaterializedResult, DuckDBType, DuckDBValue } from "@duckdb/node-api";
import { RollcallError } from "../../platform/errors.js";
import { located } from "../googlesql/analyzer.js";
import type { ExecuteResult, StatementResult } from "../port.js";
import { prepareDynamic } from "./dynamic.js";
import { errorText, statementFailure } from "./failures.js";
import { duckdbName } from "./generator/names.js";
import { quoteText } from "./generator/sql.js";
import { fieldName } from "./generator/types.js";
import type { JavascriptFunctions } from "./javascript.js";
import type { Bindings } from "./parameters.js";
import type { Meter } from "./profile.js";
import type { Control, Handler, ScriptStatement, TranslatedScript } from "./program.js";
import { ScriptState, type ScriptStateDeps } from "./script-state.js";
import type { Translator } from "./translate.js";

export interface ScriptRun extends ScriptStateDeps {
  readonly connection: DuckDBConnection;
  readonly script: TranslatedScript;
  readonly bindings: Bindings;
  readonly origin: string | undefined;
  readonly translator: Translator;
  readonly javascript: JavascriptFunctions;
  now(): number;
  readonly meter: Meter;
  readonly checkpoint?: ScriptCheckpoint | undefined;
}

/** Where a test may end the process: a statement has run. What a transaction has done until then must not be seen. */
export type ScriptCheckpoint = (name: "statement") => void;

/** A script that takes more steps than this is taken for an endless loop. */
const MOST_STEPS = 1_000_000;

const STEPS_BETWEEN_PAUSES = 1_000;

/** Runs one statement's SQL; gives the result of the last. */
export async function runStatement(
  run: Pick<ScriptRun, "connection" | "javascript"> & { readonly meter?: Meter },
  statement: ScriptStatement,
  bindings: Bindings,
): Promise<DuckDBMaterializedResult | null> {
  let result: DuckDBMaterializedResult | null = null;
  run.javascript.install(run.connection, statement.javascript ?? []);
  for (const template of statement.templates) {
    const { sql, values, types } = bindings.bind(template);
    result = await run.connection.run(sql, values, types);
    run.meter?.count();
  }
  return result;
}

/**
 * Runs a script. When a statement fails inside a transaction and nothing handles it, that transaction is rolled back, and the catalog
 * with it. Temporary tables of the script are gone afterwards either way.
 */
export async function runScript(run: ScriptRun): Promise<ExecuteResult> {
  const start = run.now();
  await run.meter.start();
  const state = new ScriptState(run, run.origin);
  const runner = new ScriptRunner(run, state);
  try {
    await runner.run();
    if (state.inTransaction) throw unfinished(run);
    return { statements: await runner.results(), ms: run.now() - start };
  } catch (error) {
    if (state.isOpen) await run.connection.run("ROLLBACK").catch(() => undefined);
    throw error;
  } finally {
    const drops = [...state.temporaryNames].map(
      (table) => `DROP TABLE IF EXISTS ${duckdbName({ dataset: null, table })}`,
    );
    // As one text: each on its own would cost as much as a small statement.
    if (drops.length > 0) await run.connection.run(drops.join(";\n")).catch(() => undefined);
  }
}

/** What is told of a statement, and up to where its SQL goes among the statements that DuckDB ran. */
type Told = Omit<StatementResult, "rowsRead" | "bytesRead"> & { readonly upTo: number };

/** The rows of a FOR and how far it has come. */
interface Cursor {
  readonly rows: readonly (readonly DuckDBValue[])[];
  readonly types: readonly DuckDBType[];
  readonly names: readonly string[];
  at: number;
}

class ScriptRunner {
  readonly #told: Told[] = [];
  readonly #run: ScriptRun;
  readonly #state: ScriptState;
  readonly #cursors = new Map<number, Cursor>();
  readonly #handled = new Map<number, { readonly error: RollcallError; readonly statement: ScriptStatement }>();
  /** Whether anything reads `@@` variables: then they are kept. */
  readonly #hasReaders: boolean;
  #at = 0;

  constructor(run: ScriptRun, state: ScriptState) {
    this.#run = run;
    this.#state = state;
    this.#hasReaders = run.script.statements.some(
      ({ templates, control }) =>
        control?.op === "execute" || templates.some((template) => template.some((piece) => piece.includes("@@"))),
    );
  }

  async run(): Promise<void> {
    const { statements } = this.#run.script;
    if (this.#hasReaders)
      await this.#tell({ "error.message": "NULL", "error.statement_text": "NULL", row_count: "NULL" });
    for (let steps = 0; this.#at < statements.length; steps += 1) {
      const index = this.#at;
      const statement = statements[index] as ScriptStatement;
      this.#at += 1;
      try {
        if (steps >= MOST_STEPS)
          throw this.#failure(statement, `The script took ${MOST_STEPS} steps: a loop does not end`);
        await this.#step(statement);
      } catch (error) {
        const handler = this.#run.script.handlers.find(({ from, to }) => from <= index && index < to);
        if (handler === undefined || !(error instanceof RollcallError) || steps >= MOST_STEPS) throw error;
        await this.#handle(handler, error, statement);
      }
      // An empty loop must not hold up the process.
      if (steps % STEPS_BETWEEN_PAUSES === 0) await setImmediate();
    }
  }

  async results(): Promise<StatementResult[]> {
    const scanned = await this.#run.meter.read();
    return this.#told.map(({ upTo, ...told }, index) => {
      const own = scanned?.slice(this.#told[index - 1]?.upTo ?? 0, upTo) ?? null;
      return { ...told, rowsRead: own?.reduce((sum, rows) => sum + rows, 0) ?? null, bytesRead: null };
    });
  }

  async #step(statement: ScriptStatement, bindings: Bindings = this.#run.bindings): Promise<void> {
    const { control } = statement;
    const began = this.#run.now();
    const isRun = this.#state.admit(statement);
    const result = isRun ? await this.#sql(statement, bindings) : null;
    if (control !== undefined) await this.#control(statement, control, result);
    // What only steers the script is told where it read something.
    if (statement.kind === "control") {
      if (statement.tables.length > 0) this.#report(statement, 0, began);
      return;
    }
    const rows = await this.#outcome(statement, result);
    this.#run.checkpoint?.("statement");
    this.#state.done(statement);
    this.#report(statement, rows, began);
  }

  #report({ name, position }: ScriptStatement, rows: number, began: number): void {
    const ms = this.#run.now() - began;
    this.#told.push({ kind: name, line: position.line, rows, ms, upTo: this.#run.meter.counted });
  }

  async #sql(statement: ScriptStatement, bindings: Bindings): Promise<DuckDBMaterializedResult | null> {
    try {
      return await runStatement(this.#run, statement, bindings);
    } catch (error) {
      throw statementFailure(error, { origin: this.#run.origin, position: statement.position });
    }
  }

  /** Rows changed. Throws when an assertion does not hold. */
  async #outcome(statement: ScriptStatement, result: DuckDBMaterializedResult | null): Promise<number> {
    if (statement.kind === "assert" && firstValue(result) !== true) {
      const description = statement.description === "" ? "the assertion does not hold" : statement.description;
      throw new RollcallError("ASSERTION_FAILED", located(this.#run.origin, statement.position, description), {
        isRetriable: false,
        details: { origin: this.#run.origin ?? null, description, ...statement.position },
      });
    }
    const rows = statement.kind === "dml" ? (result?.rowsChanged ?? 0) : 0;
    if (statement.kind === "dml" && this.#hasReaders) await this.#tell({ row_count: String(rows) });
    return rows;
  }

  async #control(statement: ScriptStatement, control: Control, result: DuckDBMaterializedResult | null): Promise<void> {
    switch (control.op) {
      case "jump":
        this.#at = control.to.index;
        return;
      case "unless":
        if (firstValue(result) !== true) this.#at = control.to.index;
        return;
      case "fetch":
        this.#cursors.set(control.loop, {
          rows: (await result?.getRows()) ?? [],
          types: result?.columnTypes() ?? [],
          names: statement.columns.map((_, index) => fieldName(statement.columns, index)),
          at: 0,
        });
        return;
      case "next":
        return this.#next(control);
      case "raise":
        return this.#raise(statement, control.handler, firstValue(result));
      case "handling":
        return this.#tellHandled(control.handler);
      case "execute": {
        const { translator, origin } = this.#run;
        const deps = { translator, origin, catalog: this.#state.catalog };
        const prepared = await prepareDynamic(deps, statement, control, firstValue(result));
        return this.#step(prepared.statement, prepared.bindings);
      }
    }
  }

  async #next({ loop, to, variable }: Control & { readonly op: "next" }): Promise<void> {
    const cursor = this.#cursors.get(loop);
    const row = cursor?.rows[cursor.at];
    if (cursor === undefined || row === undefined) {
      this.#cursors.delete(loop);
      this.#at = to.index;
      return;
    }
    cursor.at += 1;
    const fields = cursor.names.map((name, i) => `${quoteText(name)}: $c${i}`);
    const named = <T>(values: readonly T[]): Record<string, T> =>
      Object.fromEntries(values.map((value, i) => [`c${i}`, value]));
    await this.#run.connection.run(
      `SET VARIABLE "${variable}" = (SELECT {${fields.join(", ")}})`,
      named(row),
      named(cursor.types),
    );
    this.#run.meter.count();
  }

  #raise(statement: ScriptStatement, handler: number | null, message: unknown): never {
    const again = handler === null ? undefined : this.#handled.get(handler);
    if (again !== undefined) throw again.error;
    throw this.#failure(statement, message === null ? "RAISE without a message: it is NULL" : String(message));
  }

  async #handle(handler: Handler, error: RollcallError, statement: ScriptStatement): Promise<void> {
    if (this.#state.isOpen) await this.#run.connection.run("ROLLBACK").catch(() => undefined);
    await this.#run.meter.passOver();
    this.#state.fail();
    this.#handled.set(handler.number, { error, statement });
    await this.#tellHandled(handler.number);
    this.#at = handler.target;
  }

  async #tellHandled(number: number): Promise<void> {
    const handled = this.#handled.get(number);
    if (handled === undefined || !this.#hasReaders) return;
    await this.#tell({
      "error.message": quoteText(errorText(handled.error)),
      "error.statement_text": quoteText(handled.statement.text ?? ""),
    });
  }

  async #tell(values: Readonly<Record<string, string>>): Promise<void> {
    for (const [name, sql] of Object.entries(values)) {
      await this.#run.connection.run(`SET VARIABLE "@@${name}" = ${sql}`);
      this.#run.meter.count();
    }
  }

  #failure(statement: ScriptStatement, message: string): RollcallError {
    return new RollcallError("WAREHOUSE_FAILED", located(this.#run.origin, statement.position, message), {
      isRetriable: false,
      details: { origin: this.#run.origin ?? null, ...statement.position },
    });
  }
}

/** Without awaiting a chunk, which costs as much as a small statement: the rows are in memory. */
function firstValue(result: DuckDBMaterializedResult | null): DuckDBValue {
  return result === null || result.rowCount === 0 ? null : (result.getChunk(0).getColumnValues(0)[0] ?? null);
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
