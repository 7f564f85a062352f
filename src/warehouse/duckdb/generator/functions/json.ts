import { isJsonPath } from "../../../googlesql/json-path.js";
import type { ResolvedNode } from "../../../googlesql/resolved.js";
import { fail } from "../../library/fail.js";
import { readKey } from "../json-reads.js";
import { quoteText } from "../sql.js";
import { duckdbType } from "../types.js";
import { arg, type Call, constantText, expandCall, type FunctionHandler, type FunctionTable, library } from "./call.js";
import { toJsonString } from "./json-text.js";

/** JSON. Paths in GoogleSQL's bracket form become DuckDB's: $['a b'].c is $."a b".c */
function duckdbPath(path: string): string {
  return path.replace(/\[(['"])(.*?)\1\]/g, (_, _quote: string, name: string) => `."${name}"`);
}

/** SQL that fails for a path GoogleSQL does not take, NULL for one that leads nowhere; null for any other. */
function pathOutcome(call: Call, path: string): string | null {
  if (!isJsonPath(call.name, path)) {
    const failing = fail(`Invalid JSON path in ${call.name.toUpperCase()}`, duckdbType(call.type));
    return `CASE WHEN ${arg(call, 0)} IS NOT NULL THEN ${failing} END`;
  }
  return path.includes("[-") ? `NULL::${duckdbType(call.type)}` : null;
}

/** The path of a call as DuckDB takes it; null where it is computed, none of GoogleSQL's, or leads nowhere. */
export function constantPath(name: string, node: ResolvedNode): string | null {
  if (node.kind !== "Literal" || node.type.kind !== "STRING") return null;
  const path = String(node.literal() ?? "");
  return isJsonPath(name, path) && !path.includes("[-") ? duckdbPath(path) : null;
}

function withPath(name: string): FunctionHandler {
  return (call) => {
    const read = call.generator.jsonReads.get(readKey(call.node) ?? "");
    if (read !== undefined) return read;
    const path = constantText(call, 1);
    const outcome = path === null ? null : pathOutcome(call, path);
    if (outcome !== null) return outcome;
    const args = path === null ? call.args : [arg(call, 0), quoteText(duckdbPath(path))];
    return expandCall(call, name, args);
  };
}

/** An optional argument that changes the result is accepted only at its default. */
function requireDefault(call: Call, index: number, fallback: string): void {
  const given = call.args[index];
  if (given !== undefined && given !== fallback) {
    call.generator.unsupported(`argument ${index + 1} of ${call.name.toUpperCase()}`, call.node);
  }
}

const json: FunctionHandler = (call) => {
  requireDefault(call, 1, "FALSE");
  return expandCall(call, "to_json", [arg(call, 0)], call.kinds.slice(0, 1));
};

const float64: FunctionHandler = (call) => {
  requireDefault(call, 1, "'round'");
  return expandCall(call, "json_float64", [arg(call, 0)], ["JSON"]);
};

const parseJson: FunctionHandler = (call) => {
  requireDefault(call, 1, "'exact'");
  return expandCall(call, "parse_json", [arg(call, 0)], ["STRING"]);
};

/** A value inside a JSON constructor: DuckDB writes the plain kinds as GoogleSQL does, the others go by TO_JSON. */
function element(call: Call, index: number): string {
  const kind = call.kinds[index];
  const value = arg(call, index);
  return kind === "STRING" || kind === "INT64" || kind === "BOOL" || kind === "JSON"
    ? value
    : expandCall(call, "to_json", [value], [kind]);
}

const jsonObject: FunctionHandler = (call) => {
  if (call.kinds[0] === "ARRAY") return call.generator.unsupported("JSON_OBJECT of two arrays", call.node);
  return `json_object(${call.args.map((value, i) => (i % 2 === 0 ? value : element(call, i))).join(", ")})`;
};

const jsonArray: FunctionHandler = (call) => `json_array(${call.args.map((_, i) => element(call, i)).join(", ")})`;

/** JSON_SET(j, path, value, path, value, ...), in order. */
const jsonSet: FunctionHandler = (call) => {
  let sql = arg(call, 0);
  let at = 1;
  for (; at + 1 < call.args.length && call.kinds[at] === "STRING"; at += 2) {
    const path = constantText(call, at);
    const place = path === null ? arg(call, at) : quoteText(duckdbPath(path));
    sql = expandCall(call, "json_set", [sql, place, arg(call, at + 1)], ["JSON", "STRING", call.kinds[at + 1]]);
  }
  if (at < call.args.length) requireDefault(call, at, "TRUE");
  return sql;
};

const jsonRemove: FunctionHandler = (call) => {
  return call.args.slice(1).reduce(
    (sql, place, i) => {
      const path = constantText(call, i + 1);
      return expandCall(
        call,
        "json_remove",
        [sql, path === null ? place : quoteText(duckdbPath(path))],
        ["JSON", "STRING"],
      );
    },
    arg(call, 0),
  );
};

const jsonStripNulls: FunctionHandler = (call) => {
  requireDefault(call, 1, "'$'");
  requireDefault(call, 2, "TRUE");
  requireDefault(call, 3, "FALSE");
  return expandCall(call, "json_strip_nulls", [arg(call, 0)], ["JSON"]);
};

const subscript: FunctionHandler = (call) => `json_extract(${arg(call, 0)}, ${arg(call, 1)})`;

const value = withPath("json_value");
const query = withPath("json_query");
const queryArray = withPath("json_query_array");
const valueArray = withPath("json_value_array");

export const jsonFunctions: FunctionTable = {
  json_value: value,
  json_extract_scalar: value,
  json_query: query,
  json_extract: query,
  json_query_array: queryArray,
  json_extract_array: queryArray,
  json_value_array: valueArray,
  json_extract_string_array: valueArray,
  $subscript: subscript,
  string: library("json_string"),
  int64: library("json_int64"),
  double: float64,
  float64,
  bool: library("json_bool"),
  lax_double: library("lax_float64"),
  json_object: jsonObject,
  json_array: jsonArray,
  to_json: json,
  to_json_string: toJsonString,
  parse_json: parseJson,
  json_set: jsonSet,
  json_remove: jsonRemove,
  json_strip_nulls: jsonStripNulls,
};
