import { type Entry, entry } from "./entry.js";
import { fail } from "./fail.js";
import { literalInteger } from "./sqltext.js";

const unlessZero = (then: string, type: string): string =>
  `CASE WHEN $b = 0 THEN ${fail("division by zero", type)} ELSE ${then} END`;

/**
 * NUMERIC division, rounded half away from zero at nine places. Doubling the quotient keeps the half; in between are
 * whole numbers of 128 bits, so what does not fit them takes the slow way.
 */
const numericQuotient =
  "CASE WHEN abs($a) < 10000000000000000000 AND abs($a) < abs($b) * 1000000000 THEN " +
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
  entry("safe_add", { "a, b": "TRY($a + $b)" }),
  entry("safe_subtract", { "a, b": "TRY($a - $b)" }),
  entry("safe_multiply", { "a, b": "TRY($a * $b)" }),
  entry("safe_negate", { a: "TRY(-$a)" }),
  entry("round", {
    "x INT64": "$x::DOUBLE",
    "x NUMERIC": "round($x)::DECIMAL(38,9)",
    "x DOUBLE": "round($x)",
    "x INT64, n INT64": "round($x::DOUBLE, $n::INTEGER)",
    "x NUMERIC, n INT64": atPlaces("round", "u_numeric_round"),
    "x DOUBLE, n INT64": "round($x, $n::INTEGER)",
  }),
  entry("trunc", {
    "x INT64": "$x::DOUBLE",
    "x NUMERIC": "trunc($x)::DECIMAL(38,9)",
    "x DOUBLE": "trunc($x)",
    "x INT64, n INT64": "trunc($x::DOUBLE, $n::INTEGER)",
    "x NUMERIC, n INT64": atPlaces("trunc", "u_numeric_trunc"),
    "x DOUBLE, n INT64": "trunc($x, $n::INTEGER)",
  }),
  entry("log", { x: "ln($x)", "x, b": "ln($x) / ln($b)" }),
  entry("sign", {
    "x INT64": "sign($x)::BIGINT",
    "x NUMERIC": "sign($x)::DECIMAL(38,9)",
    "x DOUBLE": "CASE WHEN isnan($x) THEN $x ELSE sign($x)::DOUBLE END",
  }),
  extreme("greatest"),
  extreme("least"),
];
