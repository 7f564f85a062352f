import { entry, type SpecialBody } from "./entry.js";
import { fail } from "./fail.js";
import { isLiteral } from "./sqltext.js";

const outOfBounds = fail("The array has no element at this position", "BIGINT");

/** A position from the end, counted from the start; may be before it. */
const fromStart = (i: string): string => `CASE WHEN ${i} < 0 THEN len($a) + ${i} ELSE ${i} END`;

const notZeroStep = `CASE WHEN $s = 0 THEN ${fail("GENERATE_ARRAY cannot step by 0", "BOOLEAN")} ELSE TRUE END`;

const stepped = (isWithin: string): string =>
  `CASE WHEN ${notZeroStep} AND ($b - $a) / $s < 0 THEN [] ` +
  `ELSE list_filter(list_transform(generate_series(0, floor(($b - $a) / $s)::BIGINT + 1), lambda lib_n: ${isWithin}), ` +
  `lambda lib_value: CASE WHEN $s > 0 THEN lib_value <= $b ELSE lib_value >= $b END) END`;

/** DuckDB joins only by a separator known when it plans. */
function joining(items: string): SpecialBody {
  const present = `list_filter(${items}, lambda lib_item: lib_item IS NOT NULL)`;
  return {
    body: `CASE WHEN len(${present}) = 0 AND $d IS NOT NULL THEN '' ELSE list_reduce(${present}, lambda lib_joined, lib_item: lib_joined || $d || lib_item) END`,
    specialize: ([, separator = ""]) => (isLiteral(separator) ? `array_to_string(${items}, $d)` : null),
  };
}

export const arrays = [
  entry("offset", { "a, i": `$a[CASE WHEN $i < 0 OR $i >= len($a) THEN ${outOfBounds} ELSE $i + 1 END]` }),
  entry("ordinal", { "a, i": `$a[CASE WHEN $i < 1 OR $i > len($a) THEN ${outOfBounds} ELSE $i END]` }),
  // DuckDB counts negative positions from the end.
  entry("safe_offset", { "a, i": "CASE WHEN $i >= 0 THEN $a[$i + 1] END" }),
  entry("safe_ordinal", { "a, i": "CASE WHEN $i >= 1 THEN $a[$i] END" }),
  entry("in_unnest", {
    "x, a":
      "CASE WHEN $a IS NULL OR len($a) = 0 THEN FALSE WHEN $x IS NULL THEN NULL WHEN list_contains($a, $x) THEN TRUE " +
      "WHEN list_count($a) < len($a) THEN NULL ELSE FALSE END",
  }),
  entry("array_to_string", {
    "a, d STRING": joining("$a"),
    "a, d STRING, n STRING": joining(
      "CASE WHEN $n IS NULL THEN $a ELSE list_transform($a, lambda lib_item: coalesce(lib_item, $n)) END",
    ),
  }),
  entry("generate_array", {
    "a INT64, b INT64, s INT64 = 1": `CASE WHEN ${notZeroStep} THEN generate_series($a, $b, $s) END`,
    "a NUMERIC, b NUMERIC, s NUMERIC = 1": stepped("($a + lib_n * $s)::DECIMAL(38,9)"),
    "a DOUBLE, b DOUBLE, s DOUBLE = 1": stepped("($a + lib_n * $s)::DOUBLE"),
  }),
  // list_distinct and list_count leave NULLs out; one NULL is distinct from all values.
  entry("array_is_distinct", { a: "len(list_distinct($a)) = list_count($a) AND len($a) - list_count($a) <= 1" }),
  entry("array_first", {
    a: `$a[CASE WHEN len($a) = 0 THEN ${fail("ARRAY_FIRST needs an element", "BIGINT")} ELSE 1 END]`,
  }),
  entry("array_last", {
    a: `$a[CASE WHEN len($a) = 0 THEN ${fail("ARRAY_LAST needs an element", "BIGINT")} ELSE len($a) END]`,
  }),
  entry("array_slice", {
    "a, i, j":
      `CASE WHEN $i IS NULL OR $j IS NULL THEN NULL WHEN (${fromStart("$j")}) < 0 THEN $a[1:0] ` +
      `ELSE $a[greatest(${fromStart("$i")}, 0) + 1 : (${fromStart("$j")}) + 1] END`,
  }),
  entry("range_bucket", {
    "p, a": "CASE WHEN $p IS NULL THEN NULL ELSE len(list_filter($a, lambda lib_bound: lib_bound <= $p)) END",
  }),
  entry("cosine_distance", { "a, b": "1 - list_cosine_similarity($a, $b)" }),
  entry("euclidean_distance", { "a, b": "list_distance($a, $b)" }),
  entry("distance", {
    "a, b": "list_distance($a, $b)",
    "a, b, k STRING":
      "CASE upper($k) WHEN 'COSINE' THEN 1 - list_cosine_similarity($a, $b) WHEN 'EUCLIDEAN' THEN list_distance($a, $b) " +
      `ELSE ${fail("ML.DISTANCE knows EUCLIDEAN and COSINE", "DOUBLE")} END`,
  }),
  /** APPROX_TOP_SUM over the list of `{v, w}` its rows made: the n values with the greatest sums. */
  entry("top_sum", {
    "l, n":
      "(SELECT list({'value': v, 'sum': s} ORDER BY s DESC)[1:$n] FROM " +
      "(SELECT v, sum(w)::BIGINT AS s FROM (SELECT unnest($l, recursive := true)) GROUP BY v))",
  }),
];
