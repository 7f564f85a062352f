import type { ResolvedNode } from "../../googlesql/resolved.js";
import type { Generator, MadeFunction } from "./generator.js";
import { duckdbType, wireType } from "./types.js";

/** A call of a function that CREATE FUNCTION made, its arguments already in DuckDB SQL. */
export function madeFunctionSql(
  generator: Generator,
  node: ResolvedNode,
  made: MadeFunction,
  args: readonly string[],
): string {
  if (node.text("errorMode") === "SAFE_ERROR_MODE") generator.unsupported("SAFE. with a function of one's own", node);
  if (made.kind === "javascript") {
    generator.javascript.set(made.function.name, made.function);
    const typed = made.function.params.map(({ type }, index) => `CAST(${args[index] ?? "NULL"} AS ${wireType(type)})`);
    return `CAST(${made.function.name}(${typed.join(", ")}) AS ${duckdbType(made.function.result)})`;
  }
  const { argumentNames, body, hasSubquery } = made;
  if (!hasSubquery || args.length === 0) {
    return `(${bodySql(generator, body, new Map(argumentNames.map((name, i) => [name, `(${args[i] ?? "NULL"})`])))})`;
  }
  // Columns are named by numbers that count anew in each statement: inside a subquery of the body, those of an argument would
  // be taken for its own. So arguments are computed outside, under names that nothing else has.
  generator.namedCalls += 1;
  const call = generator.namedCalls;
  const named = argumentNames.map((name, i) => [name, `_a${call}_${i}`] as const);
  const columns = named.map(([, column], i) => `${args[i] ?? "NULL"} AS ${column}`);
  return `(SELECT ${bodySql(generator, body, new Map(named))} FROM (SELECT ${columns.join(", ")}))`;
}

function bodySql(generator: Generator, body: ResolvedNode, args: ReadonlyMap<string, string>): string {
  generator.functionArguments.push(new Map([...args].map(([name, sql]) => [name.toLowerCase(), sql])));
  try {
    return generator.expression(body);
  } finally {
    generator.functionArguments.pop();
  }
}
