import type { DuckDBType, DuckDBValue } from "@duckdb/node-api";
import { type GoogleType, parseType } from "../googlesql/types.js";
import type { Params } from "../port.js";
import { tokensOf } from "./library/sqltext.js";
import { parameterType, parameterValue } from "./values.js";

/** SQL cut at its parameters: text, name, text, name, ..., text. */
export type Template = readonly string[];

/** Cuts SQL at every `$name` outside of texts and quoted names. */
export function templateOf(sql: string): Template {
  const pieces = [""];
  for (const token of sql.includes("$") ? tokensOf(sql) : [sql]) {
    if (/^\$\w+$/.test(token)) pieces.push(token.slice(1), "");
    else pieces[pieces.length - 1] += token;
  }
  return pieces;
}

export interface Bound {
  readonly sql: string;
  /** Absent when nothing is left to bind. */
  readonly values?: Record<string, DuckDBValue>;
  readonly types?: Record<string, DuckDBType>;
}

export interface Bindings {
  /** By name in lower case, as the analyzer gives names. */
  readonly types: Readonly<Record<string, GoogleType>>;
  /**
   * The SQL with moments, integers and truths as constants, and the other parameters as DuckDB binds them. A constant lets DuckDB
   * skip the parts of a table outside of a window, and plan the statement once instead of twice. Nothing a person could have
   * typed becomes SQL text.
   */
  bind(template: Template): Bound;
}

interface Parameter {
  readonly bindType: DuckDBType;
  readonly value: DuckDBValue;
  /** Null for a value that is bound. */
  readonly constant: string | null;
}

/** Parses parameter types and converts every value once. Throws INPUT_INVALID for a value that is not of its type. */
export function createBindings(params: Params): Bindings {
  const types: Record<string, GoogleType> = {};
  const parameters = new Map<string, Parameter>();
  for (const [givenName, { type: text, value: given }] of Object.entries(params)) {
    const name = givenName.toLowerCase();
    const type = parseType(text);
    const value = parameterValue(givenName, given, type);
    types[name] = type;
    parameters.set(name, { bindType: parameterType(type), value, constant: constantSql(given, type) });
  }
  return {
    types,
    bind(template) {
      const values: Record<string, DuckDBValue> = {};
      const bindTypes: Record<string, DuckDBType> = {};
      const sql = template
        .map((piece, index) => {
          if (index % 2 === 0) return piece;
          const parameter = parameters.get(piece);
          if (parameter === undefined) return `$${piece}`;
          if (parameter.constant !== null) return parameter.constant;
          values[piece] = parameter.value;
          bindTypes[piece] = parameter.bindType;
          return `$${piece}`;
        })
        .join("");
      return Object.keys(values).length === 0 ? { sql } : { sql, values, types: bindTypes };
    },
  };
}

/** Of a value that `parameterValue` took for one of its type. */
function constantSql(value: unknown, type: GoogleType): string | null {
  if (value === null || value === undefined) return "NULL";
  switch (type.kind) {
    case "TIMESTAMP":
      return `make_timestamptz('${String(value)}'::BIGINT)`;
    case "INT64":
      return `'${String(value)}'::BIGINT`;
    case "BOOL":
      return value === true ? "TRUE" : "FALSE";
    default:
      return null;
  }
}
