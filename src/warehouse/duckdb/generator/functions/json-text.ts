import type { ResolvedNode } from "../../../googlesql/resolved.js";
import type { GoogleType } from "../../../googlesql/types.js";
import { quoteText } from "../sql.js";
import { kindOf } from "../types.js";
import { arg, type Call, expandCall } from "./call.js";

/**
 * TO_JSON_STRING of structs and arrays, spelled out by type. Their values would otherwise cross into JavaScript one by
 * one, hundreds of microseconds for a wide row; spelled out, DuckDB concatenates text.
 */
export function toJsonString(call: Call): string {
  const [node] = call.nodes;
  const isNested = call.kinds[0] === "STRUCT" || call.kinds[0] === "ARRAY";
  if (node === undefined || !isNested || call.args.length > 1 || !isSpelledOut(node.type)) {
    return expandCall(call, "to_json_string");
  }
  if (node.kind === "MakeStruct" && node.type.kind === "STRUCT") {
    const fields = node.nodes("fieldList").map((field) => call.generator.expression(field));
    return structText(call, node.type, (index) => fields[index] as string, 0);
  }
  return isCheap(node) ? textOf(call, node.type, arg(call, 0), 0) : expandCall(call, "to_json_string");
}

/** The text repeats the value once per field, so it must cost nothing to name. */
function isCheap(node: ResolvedNode): boolean {
  return node.kind === "ColumnRef" || (node.kind === "GetStructField" && isCheap(node.node("expr")));
}

/** Anonymous fields and intervals are left to the general function. */
function isSpelledOut(type: GoogleType): boolean {
  if (type.kind === "ARRAY") return isSpelledOut(type.element);
  if (type.kind === "STRUCT") return type.fields.every((field) => field.name !== "" && isSpelledOut(field.type));
  return type.kind !== "ENUM" && type.kind !== "INTERVAL";
}

function textOf(call: Call, type: GoogleType, value: string, depth: number): string {
  if (type.kind === "STRUCT") {
    const member = (index: number): string => `struct_extract(${value}, ${quoteText(type.fields[index]?.name ?? "")})`;
    return `CASE WHEN ${value} IS NULL THEN 'null' ELSE ${structText(call, type, member, depth)} END`;
  }
  if (type.kind === "ARRAY") {
    const element = `e${depth}`;
    const texts = `list_transform(${value}, lambda ${element}: ${textOf(call, type.element, element, depth + 1)})`;
    return `CASE WHEN ${value} IS NULL THEN 'null' ELSE '[' || array_to_string(${texts}, ',') || ']' END`;
  }
  return expandCall(call, "to_json_string", [value], [kindOf(type)]);
}

function structText(
  call: Call,
  type: Extract<GoogleType, { kind: "STRUCT" }>,
  member: (index: number) => string,
  depth: number,
): string {
  if (type.fields.length === 0) return "'{}'";
  const parts = type.fields.map((field, index) => {
    const label = `${index === 0 ? "{" : ","}${JSON.stringify(field.name)}:`;
    return `${quoteText(label)} || ${textOf(call, field.type, member(index), depth)}`;
  });
  return `(${parts.join(" || ")} || '}')`;
}
