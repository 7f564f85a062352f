import { createHash } from "node:crypto";
import type { CompiledStore } from "./compiled-store.js";
import type { CompiledStatement } from "./translate.js";

/** Compiled statements by key: the latest in memory, all of them in the store where there is one. */
export interface StatementCache {
  get(key: string): CompiledStatement | null;
  set(key: string, statement: CompiledStatement): void;
}

export function hashKey(parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 40);
}

export function createStatementCache(size: number, store: CompiledStore | undefined): StatementCache {
  const memory = new Map<string, CompiledStatement>();

  const keep = (key: string, statement: CompiledStatement): CompiledStatement => {
    memory.delete(key);
    memory.set(key, statement);
    if (memory.size > size) memory.delete(memory.keys().next().value ?? "");
    return statement;
  };

  return {
    get(key) {
      const known = memory.get(key);
      if (known !== undefined) return keep(key, known);
      const stored = store?.read(key) ?? null;
      return stored === null ? null : keep(key, JSON.parse(stored) as CompiledStatement);
    },
    set(key, statement) {
      keep(key, statement);
      store?.write(key, JSON.stringify(statement));
    },
  };
}
