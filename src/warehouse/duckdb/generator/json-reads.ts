import { functionName, type ResolvedColumn, type ResolvedNode } from "../../googlesql/resolved.js";
import { constantPath } from "./functions/json.js";
import type { Generator } from "./generator.js";
import { quoteText } from "./sql.js";
import { kindOf } from "./types.js";

/**
 * Several values out of one JSON column. DuckDB parses the text again in every call, so the constant paths that a projection
 * reads of a column of its input become two steps below it: one call that reads them all, and a column for each.
 *
 *   SELECT _v5_1 AS _c7, _v5_2 AS _c8
 *   FROM (SELECT *, <_v5[1] if it is a scalar> AS _v5_1, <_v5[2] if it is a scalar> AS _v5_2
 *         FROM (SELECT *, _c5 ->> ['$.a', '$.b'] AS _v5 FROM (...)))
 */
export interface JsonSteps {
  /** Takes the scan that the columns come from into the two steps. */
  readonly around: (input: string) => string;
  /** To be called when the projection is written: what it reads is nothing to others. */
  readonly end: () => void;
}

const READERS: ReadonlyMap<string, "json_value" | "json_query"> = new Map([
  ["json_value", "json_value"],
  ["json_extract_scalar", "json_value"],
  ["json_query", "json_query"],
  ["json_extract", "json_query"],
]);

interface Group {
  readonly reader: "json_value" | "json_query";
  readonly column: ResolvedColumn;
  /** In DuckDB's form, each with the calls that read it. */
  readonly paths: Map<string, ResolvedNode>;
}

const NO_STEPS: JsonSteps = { around: (input) => input, end: () => undefined };

/** The name under which the call finds its value in `generator.jsonReads`; null for a call that reads no such thing. */
export function readKey(call: ResolvedNode): string | null {
  const found = readOf(call);
  return found === null ? null : `${found.reader} ${found.column.id} ${found.path}`;
}

function readOf(call: ResolvedNode) {
  const reader = READERS.get(functionName(call));
  const [of, at] = call.nodes("argumentList");
  if (reader === undefined || of?.kind !== "ColumnRef" || of.flag("isCorrelated") || at === undefined) return null;
  const path = constantPath(functionName(call), at);
  // DuckDB takes no wildcard in a list of paths.
  return path === null || path.includes("*") ? null : { reader, column: of.column("column"), path };
}

/** Enters what the expressions of a projection read of the columns of its input, where two or more paths of one are read. */
export function jsonSteps(generator: Generator, expressions: readonly ResolvedNode[], input: ResolvedNode): JsonSteps {
  const available = new Set(input.columns("columnList").map(({ id }) => id));
  const groups = new Map<string, Group>();
  for (const call of expressions.flatMap((expression) => expression.descendants("FunctionCall"))) {
    const read = readOf(call);
    if (read === null || !available.has(read.column.id)) continue;
    const key = `${read.reader} ${read.column.id}`;
    const group = groups.get(key) ?? { reader: read.reader, column: read.column, paths: new Map() };
    group.paths.set(read.path, call);
    groups.set(key, group);
  }
  const lists: string[] = [];
  const values: string[] = [];
  const keys: string[] = [];
  for (const group of groups.values()) {
    if (group.paths.size < 2) continue;
    const list = `_${group.reader === "json_value" ? "v" : "q"}${group.column.id}`;
    lists.push(`${listSql(generator, group)} AS ${list}`);
    for (const [at, [path, call]] of [...group.paths].entries()) {
      const name = `${list}_${at + 1}`;
      values.push(`${elementSql(generator, group, `${list}[${at + 1}]`, path, call)} AS ${name}`);
      const key = readKey(call) ?? "";
      generator.jsonReads.set(key, name);
      keys.push(key);
    }
  }
  if (lists.length === 0) return NO_STEPS;
  return {
    around: (sql) => `SELECT *, ${values.join(", ")} FROM (SELECT *, ${lists.join(", ")} FROM (${sql}))`,
    end: () => {
      for (const key of keys) generator.jsonReads.delete(key);
    },
  };
}

/** Of a STRING that is no JSON there is no list, and so no element. */
function listSql(generator: Generator, { reader, column, paths }: Group): string {
  const list = `[${[...paths.keys()].map(quoteText).join(", ")}]`;
  const json = generator.column(column);
  const sql = reader === "json_value" ? `${json} ->> ${list}` : `json_extract(${json}, ${list})`;
  return column.type.kind === "JSON" ? sql : `TRY(${sql})`;
}

/** The text of an object or array begins with a bracket, and so may that of a string: only then is the value looked at itself. */
function elementSql(generator: Generator, group: Group, element: string, path: string, call: ResolvedNode): string {
  if (group.reader === "json_query")
    return group.column.type.kind === "JSON" ? element : `nullif(${element}::VARCHAR, 'null')`;
  const args = [generator.column(group.column), quoteText(path)];
  const alone = generator.expand("json_value", args, [kindOf(group.column.type), "STRING"], call);
  return `CASE WHEN ascii(${element}) IN (ascii('{'), ascii('[')) THEN ${alone} ELSE ${element} END`;
}
