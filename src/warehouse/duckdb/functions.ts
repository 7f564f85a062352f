import type { RollcallError } from "../../platform/errors.js";
import type { CatalogFunction } from "../googlesql/catalog.js";
import type { SourceStatement } from "../googlesql/lexer.js";
import type { MadeFunction } from "./generator/generator.js";
import { hashKey } from "./statement-cache.js";

/** What the analyzer and the generator need of a function. */
export interface LoadedFunction {
  readonly catalog: CatalogFunction;
  /** Null for a function of ANY TYPE: the analyzer puts its body in place of the call. */
  readonly made: MadeFunction | null;
}

export interface FunctionEntry {
  /** ["f"] for one of the script, ["silver", "f"] for one of the warehouse. */
  readonly path: readonly string[];
  readonly source: SourceStatement;
  readonly origin: string | undefined;
  /** What it is made of, the functions and tables that it names included: what a translation depends on. */
  readonly key: string;
  /** Analyzed once a statement that calls it must be; a translation from the cache needs none. */
  loaded: LoadedFunction | null;
  /** Why it could not be the last time: the table that it reads is gone, say. It is tried again for each statement. */
  failure: RollcallError | null;
}

/** The functions that the statements of a script may call, by path in lower case. */
export class FunctionScope {
  readonly #entries = new Map<string, FunctionEntry>();

  set(entry: FunctionEntry): void {
    this.#entries.set(entry.path.join(".").toLowerCase(), entry);
  }

  has(name: string): boolean {
    return this.#entries.has(name.toLowerCase());
  }

  delete(name: string): void {
    this.#entries.delete(name.toLowerCase());
  }

  /**
   * After a change of the warehouse's functions: its own are entered again where they are called, and those of the script, which may
   * call them, count as others.
   */
  renew(change: string): void {
    for (const [name, entry] of this.#entries) {
      if (entry.path.length > 1) this.#entries.delete(name);
      else this.#entries.set(name, { ...entry, key: hashKey([entry.key, change]), loaded: null });
    }
  }

  entries(): Iterable<readonly [string, FunctionEntry]> {
    return this.#entries;
  }

  /** Why the function is broken that a message of the analyzer says is not there. */
  failureOf(message: string): RollcallError | null {
    const name = /Function not found: ([\w.`]+)/.exec(message)?.[1]?.replaceAll("`", "").toLowerCase();
    if (name === undefined) return null;
    for (const [key, { failure }] of this.#entries) {
      if (failure !== null && (key === name || name.endsWith(`.${key}`) || key.endsWith(`.${name}`))) return failure;
    }
    return null;
  }

  /** Those analyzed so far, for the generator. */
  made(): ReadonlyMap<string, MadeFunction> {
    return new Map(
      [...this.#entries].flatMap(([name, { loaded }]) =>
        loaded === null || loaded.made === null ? [] : [[name, loaded.made] as const],
      ),
    );
  }

  copy(): FunctionScope {
    const copy = new FunctionScope();
    for (const entry of this.#entries.values()) copy.set(entry);
    return copy;
  }
}
