import type { GoogleType } from "../../googlesql/types.js";
import { quoteText } from "./sql.js";
import { fieldName } from "./types.js";

/** A value in DuckDB SQL, and its type. */
export interface TypedSql {
  readonly sql: string;
  readonly type: GoogleType;
}

/**
 * `=`. NaN equals nothing, where DuckDB has it equal to itself; structs are equal field by field, so that a NULL in one makes
 * the answer NULL, where DuckDB takes two NULL fields for equal. Fields go by place: their names may differ.
 */
export function equalSql(left: TypedSql, right: TypedSql): string {
  const plain = `(${left.sql} = ${right.sql})`;
  if (left.type.kind === "DOUBLE") return `(${plain} AND NOT isnan(${left.sql}))`;
  if (left.type.kind !== "STRUCT" || right.type.kind !== "STRUCT" || left.type.fields.length === 0) return plain;
  const fields = left.type.fields.map((_, i) => equalSql(fieldOf(left, i), fieldOf(right, i)));
  return `(${fields.join(" AND ")})`;
}

function fieldOf(value: TypedSql, index: number): TypedSql {
  const field = value.type.kind === "STRUCT" ? value.type.fields[index] : undefined;
  if (value.type.kind !== "STRUCT" || field === undefined) return value;
  return {
    sql: `struct_extract(${value.sql}, ${quoteText(fieldName(value.type.fields, index))})`,
    type: field.type,
  };
}
