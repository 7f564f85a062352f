/** The GoogleSQL types an overload can be chosen by. ARRAY and STRUCT stand for all of their kind. */
export type SqlKind =
  | "STRING"
  | "BYTES"
  | "INT64"
  | "DOUBLE"
  | "NUMERIC"
  | "BIGNUMERIC"
  | "BOOL"
  | "DATE"
  | "TIMESTAMP"
  | "DATETIME"
  | "TIME"
  | "INTERVAL"
  | "JSON"
  | "ARRAY"
  | "STRUCT";

const KINDS: ReadonlySet<string> = new Set<SqlKind>([
  "STRING",
  "BYTES",
  "INT64",
  "DOUBLE",
  "NUMERIC",
  "BIGNUMERIC",
  "BOOL",
  "DATE",
  "TIMESTAMP",
  "DATETIME",
  "TIME",
  "INTERVAL",
  "JSON",
  "ARRAY",
  "STRUCT",
]);

export function isSqlKind(text: string): text is SqlKind {
  return KINDS.has(text);
}
