import { openSqlite, type Sqlite } from "../sqlite/driver.js";
import type { SqlRow } from "../sqlite/engine.js";
import {
  columnOf,
  comparable,
  compileEquals,
  compileOrder,
  compileWhere,
  invalid,
  jsonPath,
  markCapitals,
  requireComparable,
} from "./conditions.js";
import type { Collection, CollectionSpec, Document, Documents } from "./port.js";

export interface SqliteDocumentsConfig {
  readonly file: string;
}

export interface SqliteDocuments extends Documents {
  /** Empties the journal: what was removed or replaced before is then nowhere in the files. For erasure. */
  scrub(): Promise<void>;
}

/** Documents in one SQLite file: a table per collection, a generated column per indexed field. */
export function createSqliteDocuments(config: SqliteDocumentsConfig): SqliteDocuments {
  const codes = { failed: "DOCUMENTS_FAILED", full: "DOCUMENTS_FAILED" } as const;
  const sqlite = openSqlite({ file: config.file, codes });
  return {
    collection: async <T extends Document>(spec: CollectionSpec): Promise<Collection<T>> => {
      const table = tableOf(spec.name);
      for (const index of spec.indexes ?? []) requireIndex(spec.name, index);
      await sqlite.write(() => {
        createTable(sqlite, table);
        for (const index of spec.indexes ?? []) createIndex(sqlite, table, index);
      });
      return createCollection<T>(sqlite, table, spec);
    },
    scrub: () => sqlite.scrub(),
    close: () => sqlite.close(),
  };
}

/** The prefix keeps it apart from SQLite's own tables. */
function tableOf(name: string): string {
  if (!/^[A-Za-z]\w{0,63}$/.test(name)) {
    throw invalid(`A collection is named with up to 64 letters, digits and "_"; this is not: "${name}"`);
  }
  return `docs:${markCapitals(name)}`;
}

/** None of our names holds a quotation mark. */
function quote(name: string): string {
  return `"${name}"`;
}

function requireIndex(collection: string, index: readonly string[]): void {
  if (index.length === 0) throw invalid(`An index of "${collection}" names no field`);
  index.forEach(jsonPath);
}

/** `_id` has no declared type: with one, SQLite would find the id "5" when asked for the number 5. */
function createTable(sqlite: Sqlite, table: string): void {
  sqlite.run(`CREATE TABLE IF NOT EXISTS ${quote(table)} (_id NOT NULL PRIMARY KEY, doc TEXT NOT NULL)`);
}

/** Also on a collection that has documents already. */
function createIndex(sqlite: Sqlite, table: string, index: readonly string[]): void {
  const present = new Set(sqlite.all(`PRAGMA table_xinfo(${quote(table)})`).map((row) => row.name));
  // With `_id` at its end the index also gives the order of pages.
  const columns = [...new Set([...index, "_id"])].map((field) => ({ field, name: columnOf(field) }));
  for (const { field, name } of columns) {
    if (present.has(name)) continue;
    const value = comparable(`'${jsonPath(field)}'`);
    sqlite.run(`ALTER TABLE ${quote(table)} ADD COLUMN ${quote(name)} AS (${value}) VIRTUAL`);
  }
  const names = columns.map(({ name }) => quote(name)).join(", ");
  const indexName = quote(`${table}:${columns.map(({ name }) => name).join(",")}`);
  sqlite.run(`CREATE INDEX IF NOT EXISTS ${indexName} ON ${quote(table)} (${names})`);
}

function createCollection<T extends Document>(sqlite: Sqlite, name: string, spec: CollectionSpec): Collection<T> {
  const table = quote(name);
  const fields = new Set(["_id", ...(spec.indexes ?? []).flat()]);
  const indexedFields = [...fields].filter((field) => field !== "_id");
  const column = (field: string): string => {
    if (fields.has(field)) return quote(columnOf(field));
    throw invalid(`"${spec.name}" has no index on "${field}"; declare it in the collection's indexes`);
  };

  const read = (row: SqlRow): T => JSON.parse(String(row.doc)) as T;
  const encode = (document: T): { readonly id: string; readonly doc: string } => {
    requireIndexable(document, indexedFields);
    return { id: encodeId(document._id), doc: JSON.stringify(document) };
  };

  const upsert = `INSERT INTO ${table} (_id, doc) VALUES (json_extract(?, '$'), ?)
    ON CONFLICT (_id) DO UPDATE SET doc = excluded.doc`;
  const insert = `INSERT INTO ${table} (_id, doc) VALUES (json_extract(?, '$'), ?) ON CONFLICT (_id) DO NOTHING`;
  const byId = `SELECT doc FROM ${table} WHERE _id = json_extract(?, '$')`;
  const byIds = `SELECT doc FROM ${table} WHERE _id IN (SELECT value FROM json_each(?))`;

  return {
    get: async (id) => {
      const row = sqlite.get(byId, encodeId(id));
      return row ? read(row) : null;
    },
    getMany: async (ids) => {
      for (const id of ids) requireComparable(id);
      return sqlite.all(byIds, JSON.stringify(ids)).map(read);
    },
    find: async ({ where, sort, limit }) => {
      if (limit !== undefined && !(Number.isSafeInteger(limit) && limit >= 0)) throw invalid(`Not a limit: ${limit}`);
      const filter = compileWhere(where, column);
      const sql = `SELECT doc FROM ${table} ${filter.sql} ${compileOrder(sort, column)} LIMIT ?`;
      return sqlite.all(sql, ...filter.values, limit ?? -1).map(read);
    },
    count: async (query) => {
      const filter = compileWhere(query?.where, column);
      return Number(sqlite.get(`SELECT count(*) AS n FROM ${table} ${filter.sql}`, ...filter.values)?.n);
    },
    put: async (documents) => {
      const encoded = documents.map(encode);
      await sqlite.write(() => {
        for (const { id, doc } of encoded) sqlite.run(upsert, id, doc);
      });
    },
    insert: async (document) => {
      const { id, doc } = encode(document);
      return sqlite.write(() => sqlite.run(insert, id, doc) === 1);
    },
    replaceIf: async (document, field, expected) => {
      const { id, doc } = encode(document);
      const { sql, values } = compileEquals(comparable(`'${jsonPath(field)}'`), expected);
      const replace = `UPDATE ${table} SET doc = ? WHERE _id = json_extract(?, '$') AND ${sql}`;
      return sqlite.write(() => sqlite.run(replace, doc, id, ...values) === 1);
    },
    remove: async (ids) => {
      for (const id of ids) requireComparable(id);
      const sql = `DELETE FROM ${table} WHERE _id IN (SELECT value FROM json_each(?))`;
      return sqlite.write(() => sqlite.run(sql, JSON.stringify(ids)));
    },
  };
}

function encodeId(id: string): string {
  requireComparable(id);
  return JSON.stringify(id);
}

/** A list would be compared by its elements in one store and not at all in another, so none gets in. */
function requireIndexable(document: Document, fields: readonly string[]): void {
  for (const field of fields) {
    let value: unknown = document;
    for (const name of field.split(".")) value = isObject(value) ? value[name] : undefined;
    if (isObject(value)) throw invalid(`"${field}" is indexed: it takes text, a number, a boolean or null`);
    if (typeof value === "string" || typeof value === "number") requireComparable(value);
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
