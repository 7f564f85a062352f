import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { expand } from "./expand.js";
import { installLibrary } from "./install.js";
import { isSqlKind, type SqlKind } from "./kinds.js";
import { quote } from "./sqltext.js";

/** Help for the tests of the library: one call of an entry, on values, in an engine of its own. */
export type Given = string | number | boolean | null;

const DUCKDB_TYPES: Readonly<Record<Exclude<SqlKind, "ARRAY" | "STRUCT">, string>> = {
  STRING: "VARCHAR",
  BYTES: "BLOB",
  INT64: "BIGINT",
  DOUBLE: "DOUBLE",
  NUMERIC: "DECIMAL(38,9)",
  BIGNUMERIC: "DECIMAL(38,18)",
  BOOL: "BOOLEAN",
  DATE: "DATE",
  TIMESTAMP: "TIMESTAMPTZ",
  DATETIME: "TIMESTAMP",
  TIME: "TIME",
  INTERVAL: "INTERVAL",
  JSON: "JSON",
};

/** BYTES are given as hexadecimal digits, ARRAY and STRUCT as DuckDB SQL, everything else as its text. */
function literal(kind: SqlKind, value: Given): string {
  if (kind === "ARRAY" || kind === "STRUCT") return value === null ? "NULL" : String(value);
  const type = DUCKDB_TYPES[kind];
  if (value === null) return `NULL::${type}`;
  if (kind === "BYTES") return `from_hex('${value}')`;
  if (kind === "STRING") return quote(String(value));
  return kind === "INT64" ? `(${value})::BIGINT` : `${quote(String(value))}::${type}`;
}

function kindsOf(text: string): readonly SqlKind[] {
  return text === "" ? [] : text.split(" ").map((kind) => (isSqlKind(kind) ? kind : fault(kind)));
}

function fault(kind: string): never {
  throw new TypeError(`${kind} is no kind`);
}

export interface TestEngine {
  readonly connection: DuckDBConnection;
  /** The result as DuckDB prints it: once with the arguments in the text, once with them in columns. */
  call(name: string, kinds: string, args: readonly Given[]): Promise<readonly [string | null, string | null]>;
  scalar(sql: string): Promise<string | null>;
  close(): void;
}

export async function openTestEngine(): Promise<TestEngine> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'; SET default_null_order = 'nulls_first_on_asc_last_on_desc'");
  await installLibrary(connection);

  const scalar = async (sql: string): Promise<string | null> => {
    const reader = await connection.runAndReadAll(sql);
    const value = reader.getRows()[0]?.[0];
    return value === null || value === undefined ? null : String(value);
  };

  return {
    connection,
    scalar,
    call: async (name, kindText, given) => {
      const kinds = kindsOf(kindText);
      const args = given.map((value, index) => literal(kinds[index] ?? "STRING", value));
      const columns = args.map((sql, index) => `unnest([${sql}]) AS a${index}`);
      const names = args.map((_, index) => `a${index}`);
      const from = columns.length === 0 ? "" : `FROM (SELECT ${columns.join(", ")})`;
      return [
        await scalar(`SELECT ${expand(name, args, kinds)}::VARCHAR`),
        await scalar(`SELECT ${expand(name, names, kinds)}::VARCHAR ${from}`),
      ];
    },
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/** `[entry, kinds, arguments, result]`; a RegExp is the message of an error. */
export type Case = readonly [name: string, kinds: string, args: readonly Given[], expected: string | null | RegExp];
