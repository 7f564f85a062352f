import { quote } from "./sqltext.js";

/**
 * SQL that fails the query with a message when it is reached. DuckDB's own error() counts as volatile and may not
 * stand inside TRY, which is how SAFE.f() is translated. Messages name the rule, never the value.
 */
export const fail = (message: string, duckdbType: string): string => `u_fail(${quote(message)})::${duckdbType}`;
