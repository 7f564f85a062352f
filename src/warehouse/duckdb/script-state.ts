import { RollcallError } from "../../platform/errors.js";
import { located } from "../googlesql/analyzer.js";
import { applyChanges, type TableCatalog } from "./catalog.js";
import { applyAll, type WarehouseCatalog } from "./function-catalog.js";
import type { ScriptStatement } from "./program.js";

export interface ScriptStateDeps {
  /** The catalog as everyone sees it. */
  catalog(): WarehouseCatalog;
  /** Called with the new catalog after each statement, and inside a transaction only once it is committed. */
  publish(catalog: WarehouseCatalog): void;
}

/** What a statement may not do while a transaction that failed waits for its ROLLBACK. */
const CHANGING: ReadonlySet<ScriptStatement["kind"]> = new Set(["dml", "ddl", "begin", "commit"]);

/** What a script has made so far: its transaction, its temporary tables, and the catalog as its statements see it. */
export class ScriptState {
  readonly #deps: ScriptStateDeps;
  readonly #origin: string | undefined;
  /** The catalog of the transaction; null outside of one. */
  #pending: WarehouseCatalog | null = null;
  #hasFailed = false;
  #temporary: TableCatalog = new Map();
  /** Names of temporary tables there may be, gone ones included. */
  readonly temporaryNames = new Set<string>();

  constructor(deps: ScriptStateDeps, origin: string | undefined) {
    this.#deps = deps;
    this.#origin = origin;
  }

  get inTransaction(): boolean {
    return this.#pending !== null;
  }

  /** Whether DuckDB has a transaction open: a failed one is rolled back at once. */
  get isOpen(): boolean {
    return this.#pending !== null && !this.#hasFailed;
  }

  /** An error in a transaction that is handled: the transaction is over, but the script must still say so. */
  fail(): void {
    this.#hasFailed = this.#pending !== null;
    if (this.#pending !== null) this.#pending = this.#deps.catalog();
  }

  get catalog(): WarehouseCatalog {
    const shared = this.#pending ?? this.#deps.catalog();
    return { ...shared, tables: new Map([...shared.tables, ...this.#temporary]) };
  }

  /** Whether the statement's SQL is to run. Throws when what it was translated for is no longer so. */
  admit(statement: ScriptStatement): boolean {
    if (this.#hasFailed) {
      if (statement.kind === "rollback") return false;
      if (CHANGING.has(statement.kind)) {
        throw this.#invalid(statement, "The transaction has failed. ROLLBACK TRANSACTION comes before anything else.");
      }
    }
    const shared = this.#pending ?? this.#deps.catalog();
    for (const [key, fingerprint] of statement.assumes ?? []) {
      const found = (this.#temporary.get(key) ?? shared.tables.get(key))?.fingerprint ?? null;
      if (found !== fingerprint) {
        throw this.#invalid(
          statement,
          `The table ${key} is not what this statement was translated for: a branch, a loop or an EXECUTE IMMEDIATE before it ` +
            "made it otherwise. Run this statement by EXECUTE IMMEDIATE too.",
        );
      }
    }
    return true;
  }

  /** Takes in what a statement that has run did. */
  done(statement: ScriptStatement): void {
    const { kind, changes } = statement;
    if (kind === "begin") this.#pending = this.#deps.catalog();
    if (kind === "rollback") {
      this.#pending = null;
      this.#hasFailed = false;
    }
    const isTemporary = (change: ScriptStatement["changes"][number]): boolean =>
      (change.kind === "create" && change.table.dataset === null) ||
      (change.kind === "drop" && this.#temporary.has(change.key));
    const own = changes.filter(isTemporary);
    for (const change of own) if (change.kind === "create") this.temporaryNames.add(change.table.table);
    this.#temporary = applyChanges(this.#temporary, own);
    const changed = applyAll(
      this.#pending ?? this.#deps.catalog(),
      changes.filter((change) => !isTemporary(change)),
    );
    if (kind === "commit" || this.#pending === null) {
      this.#pending = null;
      this.#deps.publish(changed);
    } else this.#pending = changed;
  }

  #invalid(statement: ScriptStatement, message: string): RollcallError {
    return new RollcallError("SQL_INVALID", located(this.#origin, statement.position, message), {
      isRetriable: false,
      details: { origin: this.#origin ?? null, ...statement.position },
    });
  }
}
