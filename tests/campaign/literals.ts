import type { Random } from "./random.js";

/** Literals of every type, boundaries included. Text is Unicode and hostile to patterns, formats and quoting. */
export const LITERALS: Readonly<Record<string, readonly string[]>> = {
  INT64: [
    "0",
    "1",
    "-1",
    "2",
    "7",
    "10",
    "-13",
    "100",
    "255",
    "1000003",
    "9223372036854775807",
    "-9223372036854775808",
  ],
  FLOAT64: [
    "0.0",
    "1.0",
    "-1.5",
    "0.25",
    "2.5",
    "-2.5",
    "1e10",
    "1e15",
    "1.5e300",
    "-1e-7",
    "123456.75",
    "CAST('NaN' AS FLOAT64)",
    "CAST('inf' AS FLOAT64)",
    "CAST('-inf' AS FLOAT64)",
  ],
  NUMERIC: [
    "NUMERIC '0'",
    "NUMERIC '1'",
    "NUMERIC '-1.5'",
    "NUMERIC '2.5'",
    "NUMERIC '0.000000001'",
    "NUMERIC '12345.678901234'",
    "NUMERIC '-99.995'",
    "NUMERIC '99999999999999999999999999999.999999999'",
  ],
  BIGNUMERIC: [
    "BIGNUMERIC '0'",
    "BIGNUMERIC '1.25'",
    "BIGNUMERIC '-7.5'",
    "BIGNUMERIC '123456789.123456789'",
    "BIGNUMERIC '0.000000000001'",
  ],
  STRING: [
    "''",
    "' '",
    "'a'",
    "'abc'",
    "'Abc DEF'",
    "'aXbXc'",
    "'a.b*c'",
    "'x+y=[z]'",
    "'%_\\\\%'",
    "'$1 \\\\1'",
    "'été'",
    "'Straße'",
    "'İı'",
    "'日本語'",
    "'😀👩‍🏫'",
    "'e\\u0301'",
    "' pad\\t'",
    "'\\u00a0nb\\u00a0'",
    "'line\\nbreak'",
    "'O\\'Hara'",
    "'\"q\"'",
    "'12'",
    "'-3.5'",
    "'2024-02-29'",
    "'true'",
    "'a,b,,c'",
    "'Σας'",
    "'ﬁ'",
  ],
  BYTES: ["b''", "b'a'", "b'abc'", "b'\\x00\\xff'", "b'\\xc3\\xa9'", "b'a,b,,c'", "b' x '", "b'%_'"],
  BOOL: ["TRUE", "FALSE"],
  DATE: [
    "DATE '1970-01-01'",
    "DATE '2024-02-29'",
    "DATE '2023-12-31'",
    "DATE '2024-01-01'",
    "DATE '0001-01-01'",
    "DATE '9999-12-31'",
    "DATE '1969-12-31'",
    "DATE '2021-01-03'",
    "DATE '1999-07-14'",
  ],
  DATETIME: [
    "DATETIME '1970-01-01 00:00:00'",
    "DATETIME '2024-02-29 23:59:59.999999'",
    "DATETIME '0001-01-01 00:00:00'",
    "DATETIME '9999-12-31 23:59:59.999999'",
    "DATETIME '2023-03-12 02:30:00'",
    "DATETIME '2021-01-03 12:34:56.789'",
  ],
  TIME: ["TIME '00:00:00'", "TIME '23:59:59.999999'", "TIME '12:34:56.789'", "TIME '01:02:03'"],
  TIMESTAMP: [
    "TIMESTAMP '1970-01-01 00:00:00+00'",
    "TIMESTAMP '2024-02-29 23:59:59.999999+00'",
    "TIMESTAMP '0001-01-01 00:00:00+00'",
    "TIMESTAMP '9999-12-31 23:59:59.999999+00'",
    "TIMESTAMP '2023-03-12 07:30:00+00'",
    "TIMESTAMP '2023-11-05 05:30:00 UTC'",
    "TIMESTAMP '1969-12-31 23:59:59.5+00'",
    "TIMESTAMP '2021-06-15 10:00:00+05:30'",
  ],
  INTERVAL: [
    "INTERVAL 1 DAY",
    "INTERVAL -3 MONTH",
    "INTERVAL 25 HOUR",
    "INTERVAL '1-2 3 4:5:6.789' YEAR TO SECOND",
    "INTERVAL 0 SECOND",
    "INTERVAL '-1-6' YEAR TO MONTH",
    "INTERVAL 90 MINUTE",
  ],
  JSON: [
    "JSON 'null'",
    "JSON '1'",
    "JSON '-2.5'",
    "JSON '\"text\"'",
    "JSON 'true'",
    'JSON \'[1, "b", null, {"c": [2]}]\'',
    'JSON \'{"a": 1, "b": {"c": "x"}, "arr": [1, 2, 3]}\'',
    'JSON \'{"a": null, "b": "é", "d": false}\'',
    "JSON '{}'",
    "JSON '[]'",
  ],
  "ARRAY<INT64>": ["[1, 2, 3]", "CAST([] AS ARRAY<INT64>)", "[5]", "[3, 1, 2, 1]", "[1, NULL, 3]"],
  "ARRAY<STRING>": ["['a', 'b']", "CAST([] AS ARRAY<STRING>)", "['x', NULL, '']", "['b', 'a', 'b', 'é']"],
  "ARRAY<FLOAT64>": ["[1.5, 2.0]", "CAST([] AS ARRAY<FLOAT64>)", "[0.25, -1.0, 3.0]"],
  "ARRAY<DATE>": ["[DATE '2024-01-31', DATE '2023-05-01']", "CAST([] AS ARRAY<DATE>)"],
  "STRUCT<a INT64, b STRING>": [
    "STRUCT<a INT64, b STRING>(1, 'x')",
    "STRUCT<a INT64, b STRING>(NULL, 'y')",
    "STRUCT<a INT64, b STRING>(2, NULL)",
  ],
};

export const TYPES = Object.keys(LITERALS);

/** Values that stay far from the ends of their types: sums and products of a few of them do not overflow. */
const TAME: Readonly<Record<string, RegExp>> = {
  INT64: /^-?\d{1,8}$/,
  FLOAT64: /^-?[\d.]+$/,
  NUMERIC: /^NUMERIC '-?[\d.]{1,16}'$/,
  DATE: /'(?:19|20)/,
  DATETIME: /'(?:19|20)/,
  TIMESTAMP: /'(?:19|20)/,
};

export function nullOf(type: string): string {
  return `CAST(NULL AS ${type})`;
}

/** `isTame`: without the values at the ends of their types, with which most arithmetic only overflows. */
export function literal(random: Random, type: string, isTame = false): string {
  const all = LITERALS[type] ?? [];
  if (all.length === 0 || random.oneIn(12)) return nullOf(type);
  const tame = isTame ? TAME[type] : undefined;
  return random.pick(tame === undefined ? all : all.filter((value) => tame.test(value)));
}
