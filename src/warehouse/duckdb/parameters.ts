import type { DuckDBType, DuckDBValue } from "@duckdb/node-api";
import { type GoogleType, parseType } from "../googlesql/types.js";
import type { Params } from "../port.js";
import { parameterType, parameterValue } from "./values.js";

export interface Bindings {
  /** By name in lower case, as the analyzer gives names. */
  readonly types: Readonly<Record<string, GoogleType>>;
  /** The values and types of some parameters, as DuckDB binds them. */
  pick(names: readonly string[]): {
    readonly values: Record<string, DuckDBValue>;
    readonly types: Record<string, DuckDBType>;
  };
}

/** Parses parameter types and converts every value once. Throws INPUT_INVALID for a value that is not of its type. */
export function createBindings(params: Params): Bindings {
  const bound = new Map(
    Object.entries(params).map(([name, { type: text, value }]) => {
      const type = parseType(text);
      return [name.toLowerCase(), { type, bindType: parameterType(type), value: parameterValue(name, value, type) }];
    }),
  );
  return {
    types: Object.fromEntries([...bound].map(([name, { type }]) => [name, type])),
    pick(names) {
      const values: Record<string, DuckDBValue> = {};
      const types: Record<string, DuckDBType> = {};
      for (const name of names) {
        const one = bound.get(name);
        if (one === undefined) continue;
        values[name] = one.value;
        types[name] = one.bindType;
      }
      return { values, types };
    },
  };
}
