import { entry } from "./entry.js";
import { fail } from "./fail.js";
import { datetimeText, onEpochDay, utcReading } from "./moments.js";
import { doubleText, numericText } from "./texts.js";

/**
 * JSON of STRING and of JSON. A STRING that is no JSON gives NULL; a JSON value was checked when it was made.
 * DuckDB reads numbers and prints them again: 12.50 becomes 12.5.
 */
const fromText = (expression: string): string => `TRY(${expression})`;

const scalar = (value: string): string => `${value} ->> '$'`;
const isScalarList = (list: string): string =>
  `len(list_filter(${list}, lambda lib_item: json_type(lib_item) IN ('OBJECT', 'ARRAY'))) = 0`;
const itemsAt = "json_extract($j, $p)::JSON[]";

const valueArray =
  `CASE WHEN TRY(json_type($j, $p)) = 'ARRAY' AND ${isScalarList(itemsAt)} ` +
  `THEN list_transform(${itemsAt}, lambda lib_item: lib_item ->> '$') END`;

const IS_NUMBER = "json_type($j) IN ('UBIGINT', 'BIGINT', 'HUGEINT', 'DOUBLE')";
const typed = (test: string, then: string, what: string, type: string): string =>
  `CASE WHEN ${test} THEN ${then} WHEN $j IS NOT NULL THEN ${fail(`The JSON value is not ${what}`, type)} END`;

/** DuckDB also reads NaN, Infinity and a comma before the end of a list; inside a string they are nothing special. */
const READ_BY_DUCKDB_ALONE = "'(?i)nan|inf|,\\s*[\\]}]'";

const quoted = (text: string): string => `'"' || ${text} || '"'`;
const ISO = (x: string): string => `replace(${datetimeText(x)}, ' ', 'T')`;
/** Integers beyond 2^53 are quoted, for readers that keep numbers as FLOAT64. */
const integer = (x: string): string =>
  `CASE WHEN ${x} BETWEEN -9007199254740992 AND 9007199254740992 THEN ${x}::VARCHAR ELSE ${quoted(`${x}::VARCHAR`)} END`;
/** DuckDB writes these control characters with upper-case digits, and leaves the line separators. */
const UNUSUAL = "'[\\x0b\\x0e\\x0f\\x1a-\\x1f\\x{2028}\\x{2029}]'";

/** The JSON text of a value that is not NULL. */
const jsonText: Readonly<Record<string, string>> = {
  "x STRING": `CASE WHEN regexp_matches($x, ${UNUSUAL}) THEN u_to_json($x) ELSE to_json($x)::VARCHAR END`,
  "x INT64": integer("$x"),
  "x BOOL": "$x::VARCHAR",
  "x JSON": "json($x)::VARCHAR",
  "x DOUBLE": `CASE WHEN isnan($x) THEN '"NaN"' WHEN isinf($x) THEN CASE WHEN $x > 0 THEN '"Infinity"' ELSE '"-Infinity"' END ELSE ${doubleText("$x")} END`,
  "x NUMERIC": `CASE WHEN $x = trunc($x) AND abs($x) <= 9007199254740992 THEN ${numericText("$x")} ELSE ${quoted(numericText("$x"))} END`,
  "x BIGNUMERIC": `CASE WHEN $x = trunc($x) AND abs($x) <= 9007199254740992 THEN ${numericText("$x")} ELSE ${quoted(numericText("$x"))} END`,
  "x BYTES": quoted("to_base64($x)"),
  "x DATE": quoted("$x::VARCHAR"),
  "x DATETIME": quoted(ISO("$x")),
  "x TIMESTAMP": quoted(`${ISO(utcReading("$x"))} || 'Z'`),
  "x TIME": quoted(`substr(${datetimeText(onEpochDay("$x"))}, 12)`),
  x: "u_to_json($x)",
};

/** The same for TO_JSON, which writes every number as one. */
const jsonValue: Readonly<Record<string, string>> = {
  ...jsonText,
  "x INT64": "$x::VARCHAR",
  // As a JSON value a FLOAT64 shows that it is none of INT64.
  "x DOUBLE": `(${jsonText["x DOUBLE"]}) || CASE WHEN $x = trunc($x) AND abs($x) < 1e15 THEN '.0' ELSE '' END`,
  "x NUMERIC": numericText("$x"),
  "x BIGNUMERIC": numericText("$x"),
  x: "u_to_json_value($x)",
};

function withEach(texts: typeof jsonText, body: (text: string) => string, more = ""): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).map(([signature, text]) => [`${signature}${more}`, body(text)]));
}

export const json = [
  entry("json_value", {
    "j JSON, p STRING = '$'": scalar("json_value($j, $p)"),
    "j STRING, p STRING = '$'": scalar(fromText("json_value($j, $p)")),
  }),
  entry("json_query", {
    "j JSON, p STRING = '$'": "json_extract($j, $p)",
    "j STRING, p STRING = '$'": `nullif(${fromText("json_extract($j, $p)")}::VARCHAR, 'null')`,
  }),
  entry("json_query_array", {
    "j JSON, p STRING = '$'": `CASE WHEN json_type($j, $p) = 'ARRAY' THEN ${itemsAt} END`,
    "j STRING, p STRING = '$'": `CASE WHEN TRY(json_type($j, $p)) = 'ARRAY' THEN list_transform(${itemsAt}, lambda lib_item: coalesce(lib_item::VARCHAR, 'null')) END`,
  }),
  entry("json_value_array", { "j, p STRING = '$'": valueArray }),
  entry("json_get", { "j, k": "json_extract($j, $k)" }),
  entry("json_string", {
    "j JSON": typed("json_type($j) = 'VARCHAR'", scalar("$j"), "a string", "VARCHAR"),
    "d DATE": "$d::VARCHAR",
    "t TIMESTAMP": `${datetimeText(utcReading("$t"))} || '+00'`,
    "t TIMESTAMP, z STRING": `u_format_time('%E4Y-%m-%d %H:%M:%E?S%z:', ${utcReading("$t")}, $z)`,
    "t DATETIME": datetimeText("$t"),
    "t TIME": `substr(${datetimeText(onEpochDay("$t"))}, 12)`,
  }),
  entry("json_int64", {
    "j JSON": typed(
      `${IS_NUMBER} AND TRY_CAST(${scalar("$j")} AS DOUBLE) = floor(TRY_CAST(${scalar("$j")} AS DOUBLE))`,
      `(${scalar("$j")})::BIGINT`,
      "an integer",
      "BIGINT",
    ),
  }),
  entry("json_float64", { "j JSON": typed(IS_NUMBER, `(${scalar("$j")})::DOUBLE`, "a number", "DOUBLE") }),
  entry("json_bool", {
    "j JSON": typed("json_type($j) = 'BOOLEAN'", `(${scalar("$j")})::BOOLEAN`, "a boolean", "BOOLEAN"),
  }),
  entry("lax_string", { "j JSON": scalar("json_value($j, '$')") }),
  entry("lax_int64", {
    "j JSON":
      `CASE WHEN json_type($j) = 'BOOLEAN' THEN (${scalar("$j")})::BOOLEAN::BIGINT ` +
      `ELSE coalesce(CASE WHEN regexp_full_match(${scalar("json_value($j, '$')")}, '[+-]?[0-9]+') THEN TRY_CAST(${scalar("json_value($j, '$')")} AS BIGINT) END, ` +
      `TRY_CAST(round(TRY_CAST(${scalar("json_value($j, '$')")} AS DOUBLE)) AS BIGINT)) END`,
  }),
  entry("lax_float64", {
    "j JSON": `CASE WHEN json_type($j) <> 'BOOLEAN' THEN TRY_CAST(${scalar("json_value($j, '$')")} AS DOUBLE) END`,
  }),
  entry("lax_bool", {
    "j JSON":
      `CASE WHEN ${IS_NUMBER} THEN (${scalar("$j")})::DOUBLE <> 0 ` +
      `ELSE CASE lower(${scalar("json_value($j, '$')")}) WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE END END`,
  }),
  entry("json_type", {
    "j JSON": `CASE WHEN ${IS_NUMBER} THEN 'number' WHEN json_type($j) = 'VARCHAR' THEN 'string' ELSE lower(json_type($j)) END`,
  }),
  entry("parse_json", {
    "s STRING": `CASE WHEN regexp_matches($s, ${READ_BY_DUCKDB_ALONE}) THEN u_json_strict($s)::JSON ELSE $s::JSON END`,
  }),
  entry(
    "to_json",
    withEach(jsonValue, (text) => `coalesce(${text}, 'null')::JSON`),
  ),
  entry("to_json_string", {
    ...withEach(jsonText, (text) => `coalesce(${text}, 'null')`),
    ...withEach(
      jsonText,
      (text) => `CASE WHEN $pretty THEN u_json_pretty(coalesce(${text}, 'null')) ELSE coalesce(${text}, 'null') END`,
      ", pretty BOOL",
    ),
  }),
  entry("json_keys", { "j JSON": "u_json_keys($j::VARCHAR)" }),
  entry("json_strip_nulls", { "j JSON": "u_json_strip($j::VARCHAR)::JSON" }),
  entry("json_set", {
    ...Object.fromEntries(
      Object.entries(jsonValue).map(([signature, text]) => [
        `j JSON, p STRING, ${signature}`,
        `u_json_set($j::VARCHAR, $p, coalesce(${text}, 'null'))::JSON`,
      ]),
    ),
  }),
  entry("json_remove", { "j JSON, p STRING": "u_json_remove($j::VARCHAR, $p)::JSON" }),
];
