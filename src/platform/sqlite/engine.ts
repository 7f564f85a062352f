import { createRequire } from "node:module";

/** What a statement takes and gives. Never a boolean: SQLite has none, so callers decide how one is kept. */
export type SqlValue = null | number | bigint | string | Uint8Array;
export type SqlRow = Readonly<Record<string, SqlValue>>;

/** The part of the `node:sqlite` API that is used here. */
export interface Statement {
  run(...values: SqlValue[]): { readonly changes: number | bigint };
  get(...values: SqlValue[]): SqlRow | undefined;
  all(...values: SqlValue[]): SqlRow[];
  iterate(...values: SqlValue[]): IterableIterator<SqlRow>;
}

export interface Connection {
  exec(sql: string): void;
  prepare(sql: string): Statement;
  close(): void;
}

interface SqliteModule {
  readonly DatabaseSync: new (file: string, options: { readonly timeout: number }) => Connection;
}

/** The first Node whose own SQLite needs no flag. */
const BUILT_IN_SINCE = [22, 13] as const;

function hasBuiltIn(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > BUILT_IN_SINCE[0] || (major === BUILT_IN_SINCE[0] && minor >= BUILT_IN_SINCE[1]);
}

let loaded: SqliteModule | undefined;

/** The SQLite of this Node: its own where there is one, else the same API from a package. Never both in one process. */
export function sqliteModule(): SqliteModule {
  loaded ??= (
    hasBuiltIn(process.versions.node)
      ? process.getBuiltinModule("node:sqlite")
      : createRequire(import.meta.url)("@photostructure/sqlite")
  ) as SqliteModule;
  return loaded;
}
