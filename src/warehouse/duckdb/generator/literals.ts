import type { GoogleType } from "../../googlesql/types.js";
import type { Interval, LiteralValue } from "../../googlesql/values.js";
import { quoteText } from "./sql.js";
import { duckdbType, fieldName } from "./types.js";

/** Date parts by the analyzer's numbers (zetasql/public/functions/datetime.proto). */
const DATE_PARTS: Readonly<Record<string, string>> = {
  1: "year",
  2: "month",
  3: "day",
  4: "dayofweek",
  5: "dayofyear",
  6: "quarter",
  7: "hour",
  8: "minute",
  9: "second",
  10: "millisecond",
  11: "microsecond",
  13: "date",
  14: "week",
  15: "datetime",
  16: "time",
  17: "isoyear",
  18: "isoweek",
  19: "week_monday",
  20: "week_tuesday",
  21: "week_wednesday",
  22: "week_thursday",
  23: "week_friday",
  24: "week_saturday",
};

const NORMALIZE_MODES = ["NFC", "NFKC", "NFD", "NFKD"];

/**
 * A literal with its exact type: DuckDB would read `1` as a 32-bit and `0.1` as a decimal, and store them so.
 * Null for a value that DuckDB cannot hold exactly.
 */
export function literalSql(value: LiteralValue, type: GoogleType): string | null {
  if (value === null) return `NULL::${duckdbType(type)}`;
  switch (type.kind) {
    case "INT64":
      // The smallest integer has no positive twin, so it cannot be written as a negated number.
      return String(value).startsWith("-") ? `'${String(value)}'::BIGINT` : `${String(value)}::BIGINT`;
    case "BOOL":
      return value === true ? "TRUE" : "FALSE";
    case "STRING":
      return quoteText(String(value));
    case "BYTES":
      return `from_hex('${(value as Buffer).toString("hex")}')`;
    case "JSON":
      return `${quoteText(String(value))}::JSON`;
    case "BIGNUMERIC":
      return /\.\d{19,}$/.test(String(value)) ? null : `'${String(value)}'::${duckdbType(type)}`;
    case "INTERVAL": {
      const { months, days, micros } = value as Interval;
      return `(to_months(${months}) + to_days(${days}) + to_microseconds(${micros}))`;
    }
    case "ARRAY": {
      const elements = (value as readonly LiteralValue[]).map((element) => literalSql(element, type.element));
      return elements.includes(null) ? null : `[${elements.join(", ")}]::${duckdbType(type)}`;
    }
    case "STRUCT": {
      const values = value as readonly LiteralValue[];
      const entries = type.fields.map((field, i) => {
        const sql = literalSql(values[i] ?? null, field.type);
        return sql === null ? null : `${quoteText(fieldName(type.fields, i))}: ${sql}`;
      });
      return entries.includes(null) ? null : `{${entries.join(", ")}}`;
    }
    case "ENUM":
      return enumSql(String(value), type.name);
    default:
      return `'${String(value)}'::${duckdbType(type)}`;
  }
}

/** Date parts are names inside generated SQL; other enums are text. */
function enumSql(number: string, enumName: string): string | null {
  if (enumName.includes("DateTimestampPart")) return DATE_PARTS[number] ?? null;
  if (enumName.includes("NormalizeMode")) return quoteText(NORMALIZE_MODES[Number(number)] ?? "NFC");
  return null;
}
