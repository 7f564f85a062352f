import { duckdbType } from "../types.js";
import { type FunctionTable, library, native } from "./call.js";

export const arrayFunctions: FunctionTable = {
  $make_array: (call) => `[${call.args.join(", ")}]::${duckdbType(call.type)}`,
  $array_at_offset: library("offset"),
  $array_at_ordinal: library("ordinal"),
  $safe_array_at_offset: library("safe_offset"),
  $safe_array_at_ordinal: library("safe_ordinal"),
  array_length: native("len"),
  array_concat: (call) => `(${call.args.join(" || ")})`,
  array_reverse: native("list_reverse"),
  array_includes: native("list_contains"),
  array_is_distinct: library("array_is_distinct"),
  // Of a sketch as the aggregates make it, 16 bytes a value.
  "hll_count.extract": (call) => `coalesce(octet_length(${call.args.join(", ")}) // 16, 0)`,
};
