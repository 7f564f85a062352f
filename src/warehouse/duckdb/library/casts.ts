import { entry } from "./entry.js";
import { datetimeText, fromUtcReading, timeText, utcReading } from "./moments.js";
import {
  bad,
  type Caster,
  doubleOf,
  IS_DATE,
  IS_DATETIME,
  IS_DECIMAL,
  IS_INTEGER,
  IS_TIME,
  integerOf,
  reading,
  safely,
  safeReading,
  strictly,
  timestampOf,
} from "./readings.js";
import { doubleText, intervalText, numericText } from "./texts.js";

/** The whole part and the rest by themselves, each exactly: DuckDB's own cast multiplies all at once, and is off. */
const numericOfDouble = (cast: Caster): string =>
  `(${cast("DECIMAL(38,9)")(cast("HUGEINT")("trunc($x)"))} + ${cast("BIGINT")("round(($x - trunc($x)) * 1e9)")} * 0.000000001::DECIMAL(9,9))::DECIMAL(38,9)`;

export const casts = [
  entry("cast_string", {
    "x STRING": "$x",
    "x INT64": "$x::VARCHAR",
    "x BOOL": "$x::VARCHAR",
    "x DATE": "$x::VARCHAR",
    "x DOUBLE": doubleText("$x"),
    "x NUMERIC": numericText("$x"),
    "x BIGNUMERIC": numericText("$x"),
    "x BYTES": "decode($x)",
    "x DATETIME": datetimeText("$x"),
    "x TIMESTAMP": `${datetimeText(utcReading("$x"))} || '+00'`,
    "x TIME": timeText("$x"),
    "x INTERVAL": intervalText("$x"),
    "x JSON": "$x::VARCHAR",
  }),
  entry("cast_int", {
    "x STRING": reading(IS_INTEGER, integerOf(strictly("BIGINT")), bad("INT64", "BIGINT")),
    "x INT64": "$x",
    "x DOUBLE": "round($x)::BIGINT",
    "x NUMERIC": "$x::BIGINT",
    "x BIGNUMERIC": "$x::BIGINT",
    "x BOOL": "$x::BIGINT",
  }),
  entry("safe_cast_int", {
    "x STRING": safeReading(IS_INTEGER, integerOf(safely("BIGINT"))),
    "x INT64": "$x",
    "x DOUBLE": "TRY_CAST(round($x) AS BIGINT)",
    "x NUMERIC": "TRY_CAST($x AS BIGINT)",
    "x BIGNUMERIC": "TRY_CAST($x AS BIGINT)",
    "x BOOL": "$x::BIGINT",
  }),
  entry("cast_double", {
    "x STRING": `CASE WHEN $x IS NULL THEN NULL ${doubleOf(strictly)} ELSE ${bad("FLOAT64", "DOUBLE")} END`,
    x: "$x::DOUBLE",
  }),
  entry("safe_cast_double", {
    "x STRING": `CASE ${doubleOf(safely)} END`,
    x: "TRY_CAST($x AS DOUBLE)",
  }),
  entry("cast_numeric", {
    "x STRING": reading(IS_DECIMAL, "trim($x)::DECIMAL(38,9)", bad("NUMERIC", "DECIMAL(38,9)")),
    "x DOUBLE": numericOfDouble(strictly),
    x: "$x::DECIMAL(38,9)",
  }),
  entry("safe_cast_numeric", {
    "x STRING": safeReading(IS_DECIMAL, "TRY_CAST(trim($x) AS DECIMAL(38,9))"),
    "x DOUBLE": numericOfDouble(safely),
    x: "TRY_CAST($x AS DECIMAL(38,9))",
  }),
  entry("cast_bignumeric", {
    "x STRING": reading(IS_DECIMAL, "trim($x)::DECIMAL(38,18)", bad("BIGNUMERIC", "DECIMAL(38,18)")),
  }),
  entry("safe_cast_bignumeric", {
    "x STRING": safeReading(IS_DECIMAL, "TRY_CAST(trim($x) AS DECIMAL(38,18))"),
  }),
  entry("cast_bool", {
    "x STRING": `CASE WHEN $x IS NULL THEN NULL ELSE CASE lower($x) WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE ELSE ${bad("BOOL", "BOOLEAN")} END END`,
    "x BOOL": "$x",
    "x INT64": "$x <> 0",
  }),
  entry("safe_cast_bool", {
    "x STRING": "CASE lower($x) WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE END",
    "x BOOL": "$x",
    "x INT64": "$x <> 0",
  }),
  entry("cast_bytes", { "x STRING": "encode($x)", "x BYTES": "$x" }),
  entry("cast_date", {
    "x DATE": "$x",
    "x TIMESTAMP": `${utcReading("$x")}::DATE`,
    "x DATETIME": "$x::DATE",
    "x STRING": reading(IS_DATE, "$x::DATE", bad("DATE", "DATE")),
  }),
  entry("safe_cast_date", {
    "x DATE": "$x",
    "x TIMESTAMP": `${utcReading("$x")}::DATE`,
    "x DATETIME": "$x::DATE",
    "x STRING": safeReading(IS_DATE, "TRY_CAST($x AS DATE)"),
  }),
  entry("cast_ts", {
    "x TIMESTAMP": "$x",
    "x DATETIME": fromUtcReading("$x"),
    "x DATE": fromUtcReading("$x::TIMESTAMP"),
    "x STRING": timestampOf(strictly, bad("TIMESTAMP", "TIMESTAMPTZ")),
  }),
  entry("safe_cast_ts", {
    "x TIMESTAMP": "$x",
    "x DATETIME": fromUtcReading("$x"),
    "x DATE": fromUtcReading("$x::TIMESTAMP"),
    "x STRING": timestampOf(safely, "NULL"),
  }),
  entry("cast_dt", {
    "x DATETIME": "$x",
    "x TIMESTAMP": utcReading("$x"),
    "x DATE": "$x::TIMESTAMP",
    "x STRING": reading(IS_DATETIME, "$x::TIMESTAMP", bad("DATETIME", "TIMESTAMP")),
  }),
  entry("safe_cast_dt", {
    "x DATETIME": "$x",
    "x TIMESTAMP": utcReading("$x"),
    "x DATE": "$x::TIMESTAMP",
    "x STRING": safeReading(IS_DATETIME, "TRY_CAST($x AS TIMESTAMP)"),
  }),
  entry("cast_time", {
    "x TIME": "$x",
    "x DATETIME": "$x::TIME",
    "x TIMESTAMP": `${utcReading("$x")}::TIME`,
    "x STRING": reading(IS_TIME, "$x::TIME", bad("TIME", "TIME")),
  }),
  entry("safe_cast_time", {
    "x TIME": "$x",
    "x DATETIME": "$x::TIME",
    "x TIMESTAMP": `${utcReading("$x")}::TIME`,
    "x STRING": safeReading(IS_TIME, "TRY_CAST($x AS TIME)"),
  }),
];
