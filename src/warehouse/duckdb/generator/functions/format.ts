import type { ResolvedNode } from "../../../googlesql/resolved.js";
import { quoteText } from "../sql.js";
import { kindOf } from "../types.js";
import { type Call, constantText, expandCall, type FunctionHandler } from "./call.js";

const SPECIFIER = /%([-+ #0']*)(\d+|\*)?(\.\d+|\.\*)?([a-zA-Z%])/g;

/** FORMAT with a constant format: one concatenation, each specifier written for the type of its argument. */
export const format: FunctionHandler = (call) => {
  const text = constantText(call, 0);
  if (text === null) return call.generator.unsupported("FORMAT with a computed format", call.node);
  const parts: string[] = [];
  let argument = 1;
  let last = 0;
  for (const match of text.matchAll(SPECIFIER)) {
    if (match.index > last) parts.push(quoteText(text.slice(last, match.index)));
    last = match.index + match[0].length;
    const [, flags = "", width = "", precision = "", letter = ""] = match;
    if (letter === "%") {
      parts.push("'%'");
      continue;
    }
    parts.push(specifier(call, argument, { flags, width, precision, letter }));
    argument += 1;
  }
  if (last < text.length) parts.push(quoteText(text.slice(last)));
  return parts.length === 0 ? "''" : `(${parts.join(" || ")})`;
};

interface Specifier {
  readonly flags: string;
  readonly width: string;
  readonly precision: string;
  readonly letter: string;
}

function specifier(call: Call, index: number, { flags, width, precision, letter }: Specifier): string {
  const node = call.nodes[index];
  const value = call.args[index];
  const refuse = (): never =>
    call.generator.unsupported(`FORMAT with %${flags}${width}${precision}${letter}`, call.node);
  if (node === undefined || value === undefined || width === "*" || precision === ".*") return refuse();
  const padded = (sql: string): string => {
    if (width === "") return sql;
    return `${flags.includes("-") ? "rpad" : "lpad"}(${sql}, CAST(greatest(${width}, length(${sql})) AS INTEGER), ' ')`;
  };
  if ("stT".includes(letter) && (precision !== "" || !/^-?$/.test(flags))) return refuse();
  if (letter === "s") return padded(value);
  if (letter === "t") return padded(`coalesce(${printed(call, node, value)}, 'NULL')`);
  if (letter === "T") return padded(`coalesce(${printedAsLiteral(call, node, value)}, 'NULL')`);
  if (flags.includes("'")) {
    return "di".includes(letter) && flags === "'" && precision === "" ? padded(`format('{:,}', ${value})`) : refuse();
  }
  return "diouxXfFeEgG".includes(letter)
    ? `printf(${quoteText(`%${flags}${width}${precision}${letter}`)}, ${value})`
    : refuse();
}

/** %t: as CAST AS STRING prints it. */
function printed(call: Call, node: ResolvedNode, value: string): string {
  const kind = kindOf(node.type);
  switch (kind) {
    case "STRING":
      return value;
    case "INT64":
    case "BOOL":
    case "DATE":
      return `CAST(${value} AS VARCHAR)`;
    case "JSON":
    case "ARRAY":
    case "STRUCT":
      return `u_to_json(${value})`;
    default:
      return expandCall(call, "cast_string", [value], [kind]);
  }
}

/** %T: as a literal of its type. */
function printedAsLiteral(call: Call, node: ResolvedNode, value: string): string {
  const kind = kindOf(node.type);
  if (kind === "STRING") return `u_to_json(${value})`;
  if (["DATE", "TIMESTAMP", "DATETIME", "TIME"].includes(kind)) {
    return `('${kind} "' || ${printed(call, node, value)} || '"')`;
  }
  return printed(call, node, value);
}
