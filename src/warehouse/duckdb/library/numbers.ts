import { type Entry, entry } from "./entry.js";
import { fail } from "./fail.js";
import { literalInteger } from "./sqltext.js";

const unlessZero = (then: string, type: string): string =>
  `CASE WHEN $b = 0 AND $a IS NOT NULL THEN ${fail("division by zero", type)} ELSE ${then} END`;

/**
 * NUMERIC division, rounded half away from zero at nine places. Doubling the quotient keeps the half; in between are
 * whole numbers of 128 bits, so what does not fit them takes the slow way.
 */
const numericQuotient =
  "CASE WHEN abs($a) < 10000000000000000000 AND abs($b) < 10000000000000000000 AND abs($a)::DOUBLE < abs($b)::DOUBLE * 1000000000 THEN " +
  "((((($a * 1000000000::DECIMAL(10,0))::HUGEINT * 2000000000::HUGEINT) // ($b * 1000000000::DECIMAL(10,0))::HUGEINT " +
  "+ sign($a)::HUGEINT * sign($b)::HUGEINT) // 2::HUGEINT)::DECIMAL(29,0) * 0.000000001::DECIMAL(9,9))::DECIMAL(38,9) " +
  "ELSE u_numeric_divide($a::VARCHAR, $b::VARCHAR)::DECIMAL(38,9) END";

/** DuckDB rounds a DECIMAL only at a place known when it plans. */
const atPlaces = (native: "round" | "trunc", script: string) => ({
  body: `${script}($x::VARCHAR, $n)::DECIMAL(38,9)`,
  specialize: ([, places = ""]: readonly string[]): string | null => {
    const at = literalInteger(places);
    return at !== null && at >= 0 && at <= 8 ? `${native}($x, ${at})::DECIMAL(38,9)` : null;
  },
});

const NOT_A_NUMBER = "'NaN'::DOUBLE";
/** Of an infinity GoogleSQL gives NaN where DuckDB raises. */
const unlessInfinite = (name: string): Entry =>
  entry(name, { x: `CASE WHEN isinf($x) THEN ${NOT_A_NUMBER} ELSE ${name}($x) END` });
const logarithm = (name: string): string => `CASE WHEN $x = '-inf'::DOUBLE THEN ${NOT_A_NUMBER} ELSE ${name}($x) END`;
const inverse = (name: string, of: string, isNanOfInfinity = "FALSE"): Entry =>
  entry(name, {
    x: `CASE WHEN isinf($x) AND ${isNanOfInfinity} THEN ${NOT_A_NUMBER} WHEN ${of} = 0 THEN ${fail(`${name.toUpperCase()} has no value here`, "DOUBLE")} ELSE 1 / ${of} END`,
  });

/** Bits move as those of an unsigned number, in both directions; beyond the last of them there is nothing. */
const UNSIGNED = "($a::HUGEINT + CASE WHEN $a < 0 THEN 18446744073709551616::HUGEINT ELSE 0::HUGEINT END)";
const shifted = (inRange: string): string =>
  `CASE WHEN $n < 0 THEN ${fail("Bits cannot be shifted by less than none", "BIGINT")} WHEN $n >= 64 THEN 0::BIGINT WHEN $n = 0 THEN $a ELSE ${inRange} END`;
/** The bits that stay are kept first, so that nothing overflows. */
const KEPT = `((${UNSIGNED} % (1::HUGEINT << (64 - $n)::HUGEINT)) << $n::HUGEINT)`;
const leftShifted = `CASE WHEN ${KEPT} >= 9223372036854775808::HUGEINT THEN ${KEPT} - 18446744073709551616::HUGEINT ELSE ${KEPT} END::BIGINT`;

/** Commas between digits, blanks around, and the sign on either side. */
const LOOSE_DECIMAL =
  "'\\s*([+-]?\\s*([0-9,]*[0-9][0-9,]*\\.?[0-9]*|,*\\.[0-9]+)([eE][+-]?[0-9]+)?|([0-9,]*[0-9][0-9,]*\\.?[0-9]*|,*\\.[0-9]+)([eE][+-]?[0-9]+)?\\s*[+-])\\s*'";
const looselyParsed = (type: string): string =>
  `CASE WHEN $s IS NULL THEN NULL WHEN regexp_full_match($s, ${LOOSE_DECIMAL}) THEN ` +
  `CAST(regexp_replace(regexp_replace($s, '[\\s,]', '', 'g'), '^(.*[^eE])([+-])$', '\\2\\1') AS ${type}) ` +
  `ELSE ${fail("The text is no number", type)} END`;

const MOST_COMPARED = 24;

/** GREATEST and LEAST: NULL when any argument is, NaN when any number is. DuckDB skips NULL and sorts NaN last. */
function extreme(name: "greatest" | "least"): Entry {
  const bodies: Record<string, string> = {};
  for (let count = 1; count <= MOST_COMPARED; count += 1) {
    const names = Array.from({ length: count }, (_, index) => `x${index}`);
    const marks = names.map((one) => `$${one}`);
    const chosen = count === 1 ? "$x0" : `${name}(${marks.join(", ")})`;
    const present = marks.map((mark) => `${mark} IS NOT NULL`).join(" AND ");
    const isNan = marks.map((mark) => `isnan(${mark})`).join(" OR ");
    bodies[names.map((one) => `${one} DOUBLE`).join(", ")] =
      `CASE WHEN ${present} THEN CASE WHEN ${isNan} THEN 'NaN'::DOUBLE ELSE ${chosen} END END`;
    bodies[names.join(", ")] = `CASE WHEN ${present} THEN ${chosen} END`;
  }
  return entry(name, bodies);
}

/**
 * The exact value decides, and 2.675 is a little less than it looks: times 100 it is a double's 267.5, and was not. What a product lost is
 * known by Dekker's splitting (A floating-point technique for extending the available precision, 1971). Computed only where the product
 * lies in the middle of two; beyond 10^22 powers of ten are no doubles, and beyond 2^52 doubles are whole.
 */
const ROUND_DOUBLE = ((): string => {
  const [x, m] = ["abs($x)", "pow(10, $n)"];
  const high = (of: string): string => `(134217729.0::DOUBLE * ${of} - (134217729.0::DOUBLE * ${of} - ${of}))`;
  const low = (of: string): string => `(${of} - ${high(of)})`;
  const lost = `(((${high(x)} * ${high(m)} - ${x} * ${m}) + ${high(x)} * ${low(m)} + ${low(x)} * ${high(m)}) + ${low(x)} * ${low(m)})`;
  const isMiddle = `${x} * ${m} < 4503599627370496 AND ${x} * ${m} - floor(${x} * ${m}) = 0.5`;
  return (
    `CASE WHEN $n BETWEEN 1 AND 22 THEN CASE WHEN ${isMiddle} ` +
    `THEN CASE WHEN ${lost} < 0 THEN sign($x) * floor(${x} * ${m}) / ${m} ELSE round($x, $n::INTEGER) END ` +
    "ELSE round($x, $n::INTEGER) END ELSE round($x, $n::INTEGER) END"
  );
})();

export const numbers: readonly Entry[] = [
  entry("numdiv", { "a NUMERIC, b NUMERIC": numericQuotient }),
  entry("div", {
    "a INT64, b INT64": unlessZero("$a / $b", "DOUBLE"),
    "a NUMERIC, b NUMERIC": unlessZero(numericQuotient, "DECIMAL(38,9)"),
    "a DOUBLE, b DOUBLE": unlessZero("$a / $b", "DOUBLE"),
  }),
  entry("idiv", {
    "a INT64, b INT64": unlessZero("$a // $b", "BIGINT"),
    "a NUMERIC, b NUMERIC": unlessZero(
      "u_numeric_divide_whole($a::VARCHAR, $b::VARCHAR)::DECIMAL(38,9)",
      "DECIMAL(38,9)",
    ),
  }),
  entry("mod", {
    "a INT64, b INT64": unlessZero("$a % $b", "BIGINT"),
    "a NUMERIC, b NUMERIC": unlessZero("($a % $b)::DECIMAL(38,9)", "DECIMAL(38,9)"),
  }),
  entry("safe_divide", {
    "a INT64, b INT64": "CASE WHEN $b <> 0 THEN $a / $b END",
    "a NUMERIC, b NUMERIC": `CASE WHEN $b <> 0 THEN ${numericQuotient} END`,
    "a DOUBLE, b DOUBLE": "CASE WHEN $b <> 0 THEN $a / $b END",
  }),
  entry("ieee_divide", { "a, b": "$a::DOUBLE / $b::DOUBLE" }),
  entry("round", {
    "x INT64": "$x::DOUBLE",
    "x NUMERIC": "round($x)::DECIMAL(38,9)",
    "x DOUBLE": "round($x)",
    "x INT64, n INT64": "round($x::DOUBLE, $n::INTEGER)",
    "x NUMERIC, n INT64": atPlaces("round", "u_numeric_round"),
    "x DOUBLE, n INT64": ROUND_DOUBLE,
  }),
  entry("trunc", {
    "x INT64": "$x::DOUBLE",
    "x NUMERIC": "trunc($x)::DECIMAL(38,9)",
    "x DOUBLE": "trunc($x)",
    "x INT64, n INT64": "trunc($x::DOUBLE, $n::INTEGER)",
    "x NUMERIC, n INT64": atPlaces("trunc", "u_numeric_trunc"),
    "x DOUBLE, n INT64": "trunc($x, $n::INTEGER)",
  }),
  entry("ln", { x: logarithm("ln") }),
  entry("log10", { x: logarithm("log10") }),
  entry("log", {
    x: logarithm("ln"),
    "x, b": `CASE WHEN $x IS NULL OR $b IS NULL THEN NULL WHEN isnan($x::DOUBLE) OR isnan($b::DOUBLE) OR $x = '-inf'::DOUBLE OR $b = '-inf'::DOUBLE THEN ${NOT_A_NUMBER} WHEN isinf($x::DOUBLE) AND $b = 0 THEN ${NOT_A_NUMBER} WHEN $b = 1 THEN ${fail("LOG has no base 1", "DOUBLE")} ELSE ln($x) / ln($b) END`,
  }),
  ...["sin", "cos", "tan", "asin", "acos", "cot"].map(unlessInfinite),
  inverse("csc", "sin(CASE WHEN isinf($x) THEN NULL ELSE $x END)", "TRUE"),
  inverse("sec", "cos(CASE WHEN isinf($x) THEN NULL ELSE $x END)", "TRUE"),
  inverse("csch", "sinh($x)"),
  inverse("sech", "cosh($x)"),
  inverse("coth", "tanh($x)"),
  entry("atanh", {
    x: `CASE WHEN isinf($x) THEN ${NOT_A_NUMBER} WHEN abs($x) = 1 THEN ${fail("ATANH has no value here", "DOUBLE")} ELSE atanh($x) END`,
  }),
  entry("acosh", { x: `CASE WHEN $x < 1 THEN ${fail("ACOSH has no value here", "DOUBLE")} ELSE acosh($x) END` }),
  entry("asinh", { x: "asinh($x)" }),
  entry("power", {
    "x, y": `CASE WHEN $x = 0 AND $y < 0 THEN ${fail("POW of 0 and a negative number", "DOUBLE")} ELSE pow($x, $y) END`,
  }),
  entry("cbrt", { x: "cbrt($x)" }),
  entry("shift_left", {
    "a INT64, n INT64": shifted(
      `CASE WHEN $a BETWEEN 0 AND 1073741823 AND $n <= 32 THEN $a << least($n, 32) ELSE ${leftShifted} END`,
    ),
  }),
  entry("shift_right", {
    "a INT64, n INT64": shifted(`CASE WHEN $a >= 0 THEN $a >> $n ELSE (${UNSIGNED} >> $n::HUGEINT)::BIGINT END`),
  }),
  entry("parse_numeric", { "s STRING": looselyParsed("DECIMAL(38,9)") }),
  entry("parse_bignumeric", { "s STRING": looselyParsed("DECIMAL(38,18)") }),
  entry("sign", {
    "x INT64": "sign($x)::BIGINT",
    "x NUMERIC": "sign($x)::DECIMAL(38,9)",
    "x DOUBLE": "CASE WHEN isnan($x) THEN $x ELSE sign($x)::DOUBLE END",
  }),
  extreme("greatest"),
  extreme("least"),
];
