import { nativeFormat, nativeParse, type Subject } from "./dateformat.js";
import { entry, type SpecialBody } from "./entry.js";
import { fail } from "./fail.js";
import { floorDivide, fromLocalReading, fromUtcReading, localReading, onEpochDay, utcReading } from "./moments.js";
import { bad, IS_DATE, IS_DATETIME, reading, strictly, timestampOf } from "./readings.js";
import { literalText, quote } from "./sqltext.js";

/** A time zone the constructor takes as an argument may not stand in the text as well. */
const timestampIn = `CASE WHEN $x IS NULL THEN NULL WHEN regexp_full_match($x, ${IS_DATETIME}) THEN ${fromLocalReading("$x::TIMESTAMP", "$z")} ELSE ${bad("TIMESTAMP without a time zone of its own", "TIMESTAMPTZ")} END`;

/** The general function, or DuckDB's own where the format is known and has one. */
function formatting(reading: string, subject: Subject, zone: string = quote(subject)): SpecialBody {
  return {
    body: `u_format_time($f, ${reading}, ${zone})`,
    specialize: ([format = ""]) => {
      const text = literalText(format);
      const native = text === null ? null : nativeFormat(text, reading, subject);
      // GoogleSQL writes the year 7 as "7", DuckDB as "0007".
      return native === null || !/%[YFGCcxD]/.test(text ?? "")
        ? native
        : `CASE WHEN year(${reading}) < 1000 THEN u_format_time($f, ${reading}, ${zone}) ELSE ${native} END`;
    },
  };
}

/** DuckDB's own parser first; what it refuses, the general one reads or refuses by GoogleSQL's rules. */
function parsing(wrap: (reading: string) => string): SpecialBody {
  const general = "u_parse_time($f, $s, 'UTC')";
  return {
    body: wrap(general),
    specialize: ([format = ""]) => {
      const text = literalText(format);
      const native = text === null ? null : nativeParse(text);
      return native === null ? null : wrap(`coalesce(try_strptime($s, ${quote(native)}), ${general})`);
    },
  };
}

const inRange = (scale: string, make: string): string =>
  `CASE WHEN $n BETWEEN -62135596800${scale} AND 253402300799${scale.replaceAll("0", "9")} THEN ${make} WHEN $n IS NOT NULL THEN ${fail("A TIMESTAMP lies between the years 1 and 9999", "TIMESTAMPTZ")} END`;

const plain = (x: string): string => x;

export const dates = [
  entry("local", { "x TIMESTAMP, z STRING": localReading("$x", "$z") }),
  entry("unlocal", { "x DATETIME, z STRING": fromLocalReading("$x", "$z") }),
  entry("date", {
    "x DATE": "$x",
    "x TIMESTAMP": `${utcReading("$x")}::DATE`,
    "x DATETIME": "$x::DATE",
    "x STRING": reading(IS_DATE, "$x::DATE", bad("DATE", "DATE")),
    "x TIMESTAMP, z STRING": `(${localReading("$x", "$z")})::DATE`,
    "y INT64, mo INT64, d INT64": `CASE WHEN $y BETWEEN 1 AND 9999 THEN make_date($y, $mo, $d) WHEN $y IS NOT NULL THEN ${fail("A DATE lies between the years 1 and 9999", "DATE")} END`,
  }),
  entry("timestamp", {
    "x TIMESTAMP": "$x",
    "x STRING": timestampOf(strictly, bad("TIMESTAMP", "TIMESTAMPTZ")),
    "x DATE": fromUtcReading("$x::TIMESTAMP"),
    "x DATETIME": fromUtcReading("$x"),
    "x STRING, z STRING": timestampIn,
    "x DATE, z STRING": fromLocalReading("$x::TIMESTAMP", "$z"),
    "x DATETIME, z STRING": fromLocalReading("$x", "$z"),
  }),
  entry("datetime", {
    "x TIMESTAMP": utcReading("$x"),
    "x DATETIME": "$x",
    "x DATE": "$x::TIMESTAMP",
    "x STRING": reading(IS_DATETIME, "$x::TIMESTAMP", bad("DATETIME", "TIMESTAMP")),
    "x DATE, t TIME": "$x + $t",
    "x TIMESTAMP, z STRING": localReading("$x", "$z"),
    "y INT64, mo INT64, d INT64, h INT64, mi INT64, s INT64": "make_timestamp($y, $mo, $d, $h, $mi, $s::DOUBLE)",
  }),
  entry("time", {
    "x TIMESTAMP": `${utcReading("$x")}::TIME`,
    "x DATETIME": "$x::TIME",
    "x TIMESTAMP, z STRING": `(${localReading("$x", "$z")})::TIME`,
    "h INT64, mi INT64, s INT64": "make_time($h, $mi, $s::DOUBLE)",
  }),
  entry("unix_date", { "d DATE": "date_diff('day', DATE '1970-01-01', $d)" }),
  entry("date_from_unix_date", { "n INT64": "(DATE '1970-01-01' + $n::INTEGER)" }),
  entry("unix_micros", { t: "epoch_us($t)" }),
  entry("unix_millis", { t: floorDivide("epoch_us($t)", 1_000) }),
  entry("unix_seconds", { t: floorDivide("epoch_us($t)", 1_000_000) }),
  entry("timestamp_seconds", { "n INT64": inRange("", "make_timestamptz($n * 1000000)") }),
  entry("timestamp_millis", { "n INT64": inRange("000", "make_timestamptz($n * 1000)") }),
  entry("timestamp_micros", { "n INT64": inRange("000000", "make_timestamptz($n)") }),
  entry("date_bucket", {
    "d DATE, i INTERVAL, o DATE = DATE '1950-01-01'": "time_bucket($i, $d, $o)::DATE",
    "d DATETIME, i INTERVAL, o DATETIME = TIMESTAMP '1950-01-01'": "time_bucket($i, $d, $o)",
  }),
  entry("timestamp_bucket", {
    "d TIMESTAMP, i INTERVAL": fromUtcReading(`time_bucket($i, ${utcReading("$d")}, TIMESTAMP '1950-01-01')`),
    "d TIMESTAMP, i INTERVAL, o TIMESTAMP": fromUtcReading(`time_bucket($i, ${utcReading("$d")}, ${utcReading("$o")})`),
    "d DATETIME, i INTERVAL, o DATETIME = TIMESTAMP '1950-01-01'": "time_bucket($i, $d, $o)",
  }),
  entry("generate_date_array", {
    "a DATE, b DATE, i INTERVAL = INTERVAL 1 DAY": `CASE WHEN $i = INTERVAL 0 DAY THEN ${fail("GENERATE_DATE_ARRAY cannot step by 0", "DATE[]")} ELSE generate_series($a, $b, $i)::DATE[] END`,
  }),
  entry("generate_timestamp_array", {
    "a TIMESTAMP, b TIMESTAMP, i INTERVAL": `list_transform(generate_series(${utcReading("$a")}, ${utcReading("$b")}, $i), lambda lib_moment: ${fromUtcReading("lib_moment")})`,
  }),
  entry("format_ts", {
    "f STRING, d TIMESTAMP": formatting(utcReading("$d"), "DATETIME", "'UTC'"),
    "f STRING, d TIMESTAMP, z STRING": `u_format_time($f, ${utcReading("$d")}, $z)`,
    "f STRING, d DATETIME": formatting("$d", "DATETIME"),
    "f STRING, d DATE": formatting("$d::TIMESTAMP", "DATE"),
    "f STRING, d TIME": formatting(onEpochDay("$d"), "TIME"),
  }),
  entry("parse_ts", {
    "f STRING, s STRING": parsing(fromUtcReading),
    "f STRING, s STRING, z STRING": fromUtcReading("u_parse_time($f, $s, $z)"),
  }),
  entry("parse_dt", { "f STRING, s STRING": parsing(plain) }),
  entry("parse_date", { "f STRING, s STRING": parsing((x) => `(${x})::DATE`) }),
  entry("parse_time", { "f STRING, s STRING": parsing((x) => `(${x})::TIME`) }),
  entry("cast_format", {
    "d DATE, f STRING": "u_cast_format($d::TIMESTAMP, $f, 'DATE')",
    "d DATETIME, f STRING": "u_cast_format($d, $f, 'DATETIME')",
    "d TIME, f STRING": `u_cast_format(${onEpochDay("$d")}, $f, 'TIME')`,
    "d TIMESTAMP, f STRING, z STRING = 'UTC'": `u_cast_format(${utcReading("$d")}, $f, $z)`,
  }),
  entry("parse_format", { "s STRING, f STRING, z STRING = 'UTC'": "u_cast_parse($s, $f, $z)" }),
];
