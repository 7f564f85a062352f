import type { GoogleType } from "../../../googlesql/types.js";
import { quoteText } from "../sql.js";
import { fieldName, kindOf } from "../types.js";
import { type Call, expandCall } from "./call.js";

/** %t prints a value as CAST AS STRING does, %T as a literal of its type. */
export type Print = "t" | "T";

/** The text of a value of any type; "NULL" for none. `depth` names the lambdas apart. */
export function formatText(call: Call, type: GoogleType, value: string, print: Print, depth = 0): string {
  return `coalesce(${presentText(call, type, value, print, depth)}, 'NULL')`;
}

function presentText(call: Call, type: GoogleType, value: string, print: Print, depth: number): string {
  switch (type.kind) {
    case "ARRAY": {
      const item = `format_item_${depth}`;
      const text = formatText(call, type.element, item, print, depth + 1);
      return `('[' || array_to_string(list_transform(${value}, lambda ${item}: ${text}), ', ') || ']')`;
    }
    case "STRUCT":
      return structText(call, type, value, print, depth);
    case "STRING":
      return print === "t" ? value : `u_to_json(${value})`;
    case "BYTES":
      return expandCall(call, print === "t" ? "bytes_text" : "bytes_literal", [value], ["BYTES"]);
    case "JSON":
      return print === "t"
        ? textOfJson(call, value)
        : expandCall(call, "json_literal", [textOfJson(call, value)], ["STRING"]);
    case "DOUBLE": {
      const text = plainText(call, type, value);
      if (print === "t") return `CASE WHEN isfinite(${value}) THEN ${wholeAsDecimal(text)} ELSE lower(${text}) END`;
      return `CASE WHEN isfinite(${value}) THEN ${wholeAsDecimal(text)} ELSE 'CAST("' || lower(${text}) || '" AS FLOAT64)' END`;
    }
    case "INTERVAL":
      return print === "t"
        ? plainText(call, type, value)
        : `('INTERVAL "' || ${plainText(call, type, value)} || '" YEAR TO SECOND')`;
    case "INT64":
    case "BOOL":
    case "ENUM":
      return plainText(call, type, value);
    default:
      return print === "t"
        ? plainText(call, type, value)
        : `('${type.kind} "' || ${plainText(call, type, value)} || '"')`;
  }
}

function textOfJson(call: Call, value: string): string {
  return `CASE WHEN (${value}) IS NOT NULL THEN ${expandCall(call, "to_json_string", [value], ["JSON"])} END`;
}

function plainText(call: Call, type: GoogleType, value: string): string {
  const kind = kindOf(type);
  return kind === "INT64" || kind === "BOOL" || kind === "DATE"
    ? `CAST(${value} AS VARCHAR)`
    : expandCall(call, "cast_string", [value], [kind]);
}

/** A FLOAT64 literal shows that it is none of INT64. */
function wholeAsDecimal(text: string): string {
  return `CASE WHEN regexp_full_match(${text}, '-?[0-9]+') THEN ${text} || '.0' ELSE ${text} END`;
}

function structText(
  call: Call,
  type: Extract<GoogleType, { kind: "STRUCT" }>,
  value: string,
  print: Print,
  depth: number,
): string {
  const fields = type.fields.map((field, i) =>
    formatText(call, field.type, `struct_extract(${value}, ${quoteText(fieldName(type.fields, i))})`, print, depth),
  );
  const name = print === "T" && fields.length < 2 ? "STRUCT" : "";
  return `CASE WHEN (${value}) IS NOT NULL THEN '${name}(' || ${fields.join(" || ', ' || ") || "''"} || ')' END`;
}
