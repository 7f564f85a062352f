import type { ResolvedNode } from "../../googlesql/resolved.js";
import type { GoogleType } from "../../googlesql/types.js";
import type { Generator } from "./generator.js";
import { quoteText } from "./sql.js";
import { duckdbType, fieldName, kindOf } from "./types.js";

/** CAST and SAFE_CAST, explicit or the analyzer's own. */
export function castSql(generator: Generator, node: ResolvedNode): string {
  const source = node.node("expr");
  const value = generator.expression(source);
  const isSafe = node.flag("returnNullOnError");
  const format = node.optionalNode("format");
  if (format !== null) return formattedCast(generator, node, value, generator.expression(format), isSafe);
  const zone = node.optionalNode("timeZone");
  if (zone !== null) {
    if (node.type.kind !== "TIMESTAMP") return generator.unsupported("CAST ... AT TIME ZONE to this type", node);
    const made = generator.expand(
      "timestamp",
      [value, generator.expression(zone)],
      [kindOf(source.type), "STRING"],
      node,
    );
    return isSafe ? `TRY(${made})` : made;
  }
  return castValue({ generator, node, isSafe }, value, source.type, node.type);
}

interface CastContext {
  readonly generator: Generator;
  /** Where it stands. */
  readonly node: ResolvedNode;
  readonly isSafe: boolean;
}

function formattedCast(
  generator: Generator,
  node: ResolvedNode,
  value: string,
  format: string,
  isSafe: boolean,
): string {
  const from = kindOf(node.node("expr").type);
  if (node.type.kind === "STRING") return generator.expand("cast_format", [value, format], [from, "STRING"], node);
  const parsed = generator.expand("parse_format", [value, format], [from, "STRING"], node);
  const cast = `${parsed}::${duckdbType(node.type)}`;
  return isSafe ? `TRY(${cast})` : cast;
}

function castValue(context: CastContext, value: string, source: GoogleType, target: GoogleType): string {
  const { generator, node, isSafe } = context;
  const from = kindOf(source);
  const library = (name: string): string => generator.expand(name, [value], [from], node);
  const safeLibrary = (name: string): string => library(`${isSafe ? "safe_" : ""}${name}`);
  switch (target.kind) {
    case "STRING":
      return castToString(context, value, source);
    case "INT64":
      if (from === "STRING" || from === "DOUBLE") return safeLibrary("cast_int");
      return nativeCast(value, target, isSafe);
    case "DOUBLE":
      return from === "STRING" ? safeLibrary("cast_double") : nativeCast(value, target, isSafe);
    case "NUMERIC":
      return from === "STRING" || from === "DOUBLE" ? safeLibrary("cast_numeric") : nativeCast(value, target, isSafe);
    case "BIGNUMERIC":
      return from === "STRING" ? safeLibrary("cast_bignumeric") : nativeCast(value, target, isSafe);
    case "BOOL":
      return from === "STRING" ? safeLibrary("cast_bool") : `((${value}) <> 0)`;
    case "BYTES":
      return from === "STRING" ? `encode(${value})` : value;
    case "DATE":
      return safeLibrary("cast_date");
    case "TIMESTAMP":
      return safeLibrary("cast_ts");
    case "DATETIME":
      return safeLibrary("cast_dt");
    case "TIME":
      return safeLibrary("cast_time");
    case "INTERVAL":
      return generator.unsupported(`CAST of ${from} to INTERVAL`, node);
    case "STRUCT":
      return source.kind === "STRUCT"
        ? castStruct(context, value, source, target)
        : generator.unsupported(`CAST of ${from} to STRUCT`, node);
    case "ARRAY":
      return source.kind === "ARRAY"
        ? castArray(context, value, source.element, target.element)
        : generator.unsupported(`CAST of ${from} to ARRAY`, node);
    default:
      return nativeCast(value, target, isSafe);
  }
}

function nativeCast(value: string, target: GoogleType, isSafe: boolean): string {
  return `${isSafe ? "TRY_CAST" : "CAST"}(${value} AS ${duckdbType(target)})`;
}

function castToString({ generator, node, isSafe }: CastContext, value: string, source: GoogleType): string {
  switch (source.kind) {
    case "BYTES":
      return isSafe ? `TRY(decode(${value}))` : `decode(${value})`;
    case "STRING":
    case "INT64":
    case "BOOL":
    case "DATE":
      return `CAST(${value} AS VARCHAR)`;
    default:
      return generator.expand("cast_string", [value], [kindOf(source)], node);
  }
}

/** GoogleSQL casts structs by position, DuckDB by name. */
function castStruct(
  context: CastContext,
  value: string,
  source: Extract<GoogleType, { kind: "STRUCT" }>,
  target: Extract<GoogleType, { kind: "STRUCT" }>,
): string {
  const fields = target.fields.map((field, i) => {
    const from =
      source.fields[i]?.type ?? context.generator.unsupported("CAST to a STRUCT of other length", context.node);
    const read = `struct_extract(${value}, ${quoteText(fieldName(source.fields, i))})`;
    return `${quoteText(fieldName(target.fields, i))}: ${castValue(context, read, from, field.type)}`;
  });
  return `CASE WHEN (${value}) IS NOT NULL THEN {${fields.join(", ")}} END`;
}

function castArray(context: CastContext, value: string, source: GoogleType, target: GoogleType): string {
  return `list_transform(${value}, lambda element: ${castValue(context, "element", source, target)})`;
}
