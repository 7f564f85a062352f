import { RollcallError } from "../../../../platform/errors.js";
import { functionName, type ResolvedNode } from "../../../googlesql/resolved.js";
import type { GoogleType } from "../../../googlesql/types.js";
import { hasMacro } from "../../library/expand.js";
import type { SqlKind } from "../../library/kinds.js";
import type { Generator } from "../generator.js";
import { madeFunctionSql } from "../made-functions.js";
import { kindOf } from "../types.js";
import { arrayFunctions } from "./arrays.js";
import { datetimeFunctions } from "./datetimes.js";
import { jsonFunctions } from "./json.js";
import { numberFunctions } from "./numbers.js";
import { operators } from "./operators.js";
import { safelyApart } from "./safe.js";
import { textFunctions } from "./texts.js";

/** One call of a scalar function, its arguments already in DuckDB SQL. */
export interface Call {
  readonly name: string;
  readonly args: readonly string[];
  readonly nodes: readonly ResolvedNode[];
  readonly kinds: readonly SqlKind[];
  readonly type: GoogleType;
  readonly node: ResolvedNode;
  readonly generator: Generator;
}

export type FunctionHandler = (call: Call) => string;
export type FunctionTable = Readonly<Record<string, FunctionHandler>>;

/** Functions that are the same in DuckDB, NULLs, types and all. */
const SAME = new Set(
  "abs sqrt exp ln log10 sin cos tan asin acos atan atan2 sinh cosh tanh cot to_base64 from_base64".split(" "),
);

const HANDLERS: FunctionTable = {
  ...operators,
  ...textFunctions,
  ...jsonFunctions,
  ...datetimeFunctions,
  ...arrayFunctions,
  ...numberFunctions,
};

/** The argument at `index`; an absent one is a fault of the handler. */
export function arg(call: Call, index: number): string {
  const found = call.args[index];
  if (found === undefined)
    throw new RollcallError("INTERNAL", `${call.name} has no argument ${index}`, { isRetriable: false });
  return found;
}

/** A handler for a DuckDB function that takes the same arguments. */
export function native(name: string): FunctionHandler {
  return (call) => `${name}(${call.args.join(", ")})`;
}

/** A handler for a function of the library that takes the same arguments. */
export function library(name: string): FunctionHandler {
  return (call) => expandCall(call, name);
}

export function expandCall(
  call: Call,
  name: string,
  args: readonly string[] = call.args,
  kinds: readonly (SqlKind | undefined)[] = call.kinds,
): string {
  return call.generator.expand(name, args, kinds, call.node);
}

/** The text of a constant STRING argument; null when it is computed. */
export function constantText(call: Call, index: number): string | null {
  const node = call.nodes[index];
  if (node?.kind !== "Literal" || node.type.kind !== "STRING") return null;
  const value = node.literal();
  return value === null ? null : String(value);
}

/** The value of a constant INT64 argument; null when it is computed. */
export function constantInteger(call: Call, index: number): number | null {
  const node = call.nodes[index];
  if (node?.kind !== "Literal" || node.type.kind !== "INT64") return null;
  const value = node.literal();
  return value === null ? null : Number(value);
}

function argumentNodes(generator: Generator, node: ResolvedNode): readonly ResolvedNode[] {
  const plain = node.nodes("argumentList");
  if (plain.length > 0) return plain;
  return node.nodes("genericArgumentList").map((argument) => {
    return argument.optionalNode("expr") ?? generator.unsupported("an argument that is not an expression", node);
  });
}

export function callSql(generator: Generator, node: ResolvedNode): string {
  const name = functionName(node);
  const nodes = argumentNodes(generator, node);
  const args = nodes.map((argument) => generator.expression(argument));
  const isSafe = node.text("errorMode") === "SAFE_ERROR_MODE";
  requireKnownCollation(generator, node, name);
  const made = generator.scope.functions.get(name);
  if (made !== undefined) return madeFunctionSql(generator, node, made, args);
  const call: Call = {
    name,
    args,
    nodes,
    kinds: nodes.map((argument) => kindOf(argument.type)),
    type: node.type,
    node,
    generator,
  };
  return isSafe ? safelyApart(nodes, args, (outside) => scalarSql({ ...call, args: outside })) : scalarSql(call);
}

const COLLATED = new Set(["$equal", "$not_equal", "$less", "$less_or_equal", "$greater", "$greater_or_equal", "$in"]);

/** Comparisons take their collation from their operands in DuckDB too; other functions would not. */
function requireKnownCollation(generator: Generator, node: ResolvedNode, name: string): void {
  for (const collation of node.nodes("collationList")) {
    const wanted = collation.text("collationName");
    if (wanted !== "" && !(wanted === "und:ci" && COLLATED.has(name))) {
      generator.unsupported(`${name.replace("$", "").toUpperCase()} with the collation ${wanted}`, node);
    }
  }
}

/** DuckDB computes these in FLOAT64, also of decimals. */
const FLOATING = new Set("sqrt exp ln log log10 pow power cbrt".split(" "));

function scalarSql(call: Call): string {
  const sql = functionSql(call);
  if (!FLOATING.has(call.name) || call.type.kind === "DOUBLE") return sql;
  if (call.type.kind === "NUMERIC") return `CAST(${sql} AS DECIMAL(38,9))`;
  return call.generator.unsupported(`${call.name.toUpperCase()} of ${call.type.kind}`, call.node);
}

function functionSql(call: Call): string {
  const handler = HANDLERS[call.name];
  if (handler !== undefined) return handler(call);
  const inLibrary = call.name.replaceAll(".", "_");
  if (hasMacro(inLibrary)) return expandCall(call, inLibrary);
  if (SAME.has(call.name)) return native(call.name)(call);
  return call.generator.unsupported(`the function ${call.name.replace("$", "").toUpperCase()}`, call.node);
}
