import { entry } from "./entry.js";
import { fail } from "./fail.js";
import { bytesOfLatin, bytesOfLatins, latin } from "./latin.js";

/** Unicode White_Space, which TRIM takes off when it is given no characters. */
const WHITE_SPACE =
  " \t\n\v\f\r\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000";
const AT_START = `^[${WHITE_SPACE}]+`;
const AT_END = `[${WHITE_SPACE}]+$`;

/** DuckDB's trim by a long set costs a microsecond a row, the expression a fifth of it, finding nothing to trim a tenth. */
const trimmed = (edge: string): string =>
  `CASE WHEN regexp_matches($s, '${edge}') THEN regexp_replace($s, '${edge}', '', 'g') ELSE $s END`;

/** Letters whose upper case is more than one letter, which DuckDB leaves as they are. */
const SPECIAL_UPPER = "'[ßŉǰΐΰևẖ-ẞﬀ-ﬆﬓ-ﬗ\u1f50-\u1fff]'";

/** The start of a substring: 0 and positions before the first character mean the first. */
const from = (length: string): string =>
  `CASE WHEN $p = 0 OR $p < -${length} THEN 1 WHEN $p > ${LONGEST} THEN ${LONGEST} ELSE $p END`;
const LONGEST = 4_294_967_295;
const NOT_NEGATIVE = (n: string, what: string): string =>
  `CASE WHEN ${n} < 0 THEN ${fail(`${what} cannot be negative`, "BIGINT")} WHEN ${n} > ${LONGEST} THEN ${LONGEST} ELSE ${n} END`;

/** DuckDB counts bytes, GoogleSQL code points; the script costs fifty times as much. */
const EDIT_DISTANCE =
  "CASE WHEN strlen($a) = length($a) AND strlen($b) = length($b) THEN levenshtein($a, $b)::BIGINT ELSE u_edit($a, $b)::BIGINT END";

const PAD_BY = `CASE WHEN $c = '' THEN ${fail("Nothing to pad with", "VARCHAR")} ELSE $c END`;
/** `lower` and `upper` of ASCII letters only: between their codes lies one bit, in the first of two hexadecimal digits. */
const caseOfBytes = (from: string, to: string, digits: readonly [string, string]): string =>
  `from_hex(array_to_string(list_transform(regexp_extract_all(hex($b), '..'), lambda lib_byte: CASE WHEN lib_byte BETWEEN '${from}' AND '${to}' ` +
  `THEN CASE WHEN lib_byte[1] = '${digits[0]}' THEN '${digits[1]}' ELSE '${Number(digits[1]) + 1}' END || lib_byte[2] ELSE lib_byte END), ''))`;

const translated = (text: string, from: string, to: string): string =>
  `CASE WHEN len(list_distinct(string_split(${from}, ''))) < length(${from}) AND ${text} IS NOT NULL AND ${to} IS NOT NULL THEN ` +
  `${fail("TRANSLATE has a source character twice", "VARCHAR")} ELSE translate(${text}, ${from}, ${to}) END`;

/** Bytes as SQL writes them: ASCII as it is, the rest as \\xff. */
const BYTES_TEXT =
  "array_to_string(list_transform(regexp_extract_all(hex($b), '..'), lambda lib_byte: CASE lib_byte WHEN '0A' THEN '\\n' WHEN '0D' THEN '\\r' " +
  "WHEN '09' THEN '\\t' WHEN '5C' THEN '\\\\' ELSE CASE WHEN lib_byte BETWEEN '20' AND '7E' THEN chr(('0x' || lib_byte)::INTEGER) ELSE '\\x' || lower(lib_byte) END END), '')";

/** Two hexadecimal digits a byte. */
const hexFrom = "CASE WHEN $p = 0 OR $p < -octet_length($b) THEN 1 WHEN $p < 0 THEN 2 * $p ELSE 2 * $p - 1 END";

const bytePad = (side: "lpad" | "rpad"): string =>
  `from_hex(${side}(hex($b), 2 * (${NOT_NEGATIVE("$n", "Length")})::INTEGER, hex($c)))`;

export const strings = [
  entry("trim", {
    "s STRING": trimmed(`${AT_START}|${AT_END}`),
    "s STRING, c STRING": "trim($s, $c)",
    "b BYTES, c BYTES": "u_trim_bytes($b, $c, 'both')",
  }),
  entry("ltrim", {
    "s STRING": trimmed(AT_START),
    "s STRING, c STRING": "ltrim($s, $c)",
    "b BYTES, c BYTES": "u_trim_bytes($b, $c, 'left')",
  }),
  entry("rtrim", {
    "s STRING": trimmed(AT_END),
    "s STRING, c STRING": "rtrim($s, $c)",
    "b BYTES, c BYTES": "u_trim_bytes($b, $c, 'right')",
  }),
  entry("upper", {
    "s STRING": `CASE WHEN regexp_matches($s, ${SPECIAL_UPPER}) THEN u_upper($s) ELSE upper($s) END`,
    "b BYTES": caseOfBytes("61", "7A", ["6", "4"]),
  }),
  entry("lower", {
    "s STRING": "CASE WHEN contains($s, 'Σ') OR contains($s, 'İ') THEN u_lower($s) ELSE lower($s) END",
    "b BYTES": caseOfBytes("41", "5A", ["4", "6"]),
  }),
  entry("substr", {
    "s STRING, p INT64": `substr($s, ${from("length($s)")})`,
    "s STRING, p INT64, n INT64": `substr($s, ${from("length($s)")}, ${NOT_NEGATIVE("$n", "Length of SUBSTR")})`,
    "b BYTES, p INT64": `from_hex(substr(hex($b), ${hexFrom}))`,
    "b BYTES, p INT64, n INT64": `from_hex(substr(hex($b), ${hexFrom}, 2 * ${NOT_NEGATIVE("$n", "Length of SUBSTR")}))`,
  }),
  entry("left", {
    "s STRING, n INT64": `left($s, ${NOT_NEGATIVE("$n", "Length of LEFT")})`,
    "b BYTES, n INT64": `from_hex(left(hex($b), 2 * ${NOT_NEGATIVE("$n", "Length of LEFT")}))`,
  }),
  entry("right", {
    "s STRING, n INT64": `right($s, ${NOT_NEGATIVE("$n", "Length of RIGHT")})`,
    "b BYTES, n INT64": `from_hex(right(hex($b), 2 * ${NOT_NEGATIVE("$n", "Length of RIGHT")}))`,
  }),
  entry("length", { "s STRING": "length($s)", "b BYTES": "octet_length($b)" }),
  entry("byte_length", { "s STRING": "strlen($s)", "b BYTES": "octet_length($b)" }),
  entry("lpad", {
    "s STRING, n INT64, c STRING = ' '": `CASE WHEN $s IS NOT NULL AND $c IS NOT NULL THEN lpad($s, (${NOT_NEGATIVE("$n", "Length of LPAD")})::INTEGER, ${PAD_BY}) END`,
    "b BYTES, n INT64, c BYTES = from_hex('20')": bytePad("lpad"),
  }),
  entry("rpad", {
    "s STRING, n INT64, c STRING = ' '": `CASE WHEN $s IS NOT NULL AND $c IS NOT NULL THEN rpad($s, (${NOT_NEGATIVE("$n", "Length of RPAD")})::INTEGER, ${PAD_BY}) END`,
    "b BYTES, n INT64, c BYTES = from_hex('20')": bytePad("rpad"),
  }),
  entry("split", {
    "s STRING, d STRING = ','": "string_split($s, $d)",
    "b BYTES, d BYTES": bytesOfLatins(`string_split(${latin("$b")}, ${latin("$d")})`),
  }),
  entry("instr", {
    "s STRING, x STRING": "strpos($s, $x)",
    "s STRING, x STRING, p INT64, o INT64 = 1": "u_instr($s, $x, $p, $o)",
    "b BYTES, x BYTES, p INT64 = 1, o INT64 = 1": "u_instr_bytes($b, $x, $p, $o)",
  }),
  entry("replace", {
    "s STRING, a STRING, b STRING": "replace($s, $a, $b)",
    "s BYTES, a BYTES, b BYTES": bytesOfLatin(`replace(${latin("$s")}, ${latin("$a")}, ${latin("$b")})`),
  }),
  entry("translate", {
    "s STRING, a STRING, b STRING": translated("$s", "$a", "$b"),
    "s BYTES, a BYTES, b BYTES": bytesOfLatin(translated(latin("$s"), latin("$a"), latin("$b"))),
  }),
  entry("starts_with", {
    "s STRING, x STRING": "starts_with($s, $x)",
    "s BYTES, x BYTES": "starts_with(hex($s), hex($x))",
  }),
  entry("ends_with", { "s STRING, x STRING": "ends_with($s, $x)", "s BYTES, x BYTES": "ends_with(hex($s), hex($x))" }),
  entry("strpos", { "s STRING, x STRING": "strpos($s, $x)", "s BYTES, x BYTES": "u_instr_bytes($s, $x, 1, 1)" }),
  entry("repeat", {
    "s STRING, n INT64": `repeat($s, ${NOT_NEGATIVE("$n", "Count of REPEAT")})`,
    "b BYTES, n INT64": `from_hex(repeat(hex($b), ${NOT_NEGATIVE("$n", "Count of REPEAT")}))`,
  }),
  // DuckDB reverses grapheme clusters, GoogleSQL code points.
  entry("reverse", {
    "s STRING":
      "CASE WHEN strlen($s) = length($s) THEN reverse($s) ELSE array_to_string(list_reverse(string_split($s, '')), '') END",
    "b BYTES": "from_hex(array_to_string(list_reverse(regexp_extract_all(hex($b), '..')), ''))",
  }),
  entry("initcap", { "s STRING": "u_initcap($s)", "s STRING, d STRING": "u_initcap_by($s, $d)" }),
  entry("soundex", { "s STRING": "u_soundex($s)" }),
  entry("normalize", {
    "s STRING": "nfc_normalize($s)",
    "s STRING, f STRING": "CASE WHEN $f = 'NFC' THEN nfc_normalize($s) ELSE u_normalize($s, $f) END",
  }),
  entry("normalize_and_casefold", { "s STRING, f STRING = 'NFC'": "u_casefold($s, $f)" }),
  entry("to_code_points", {
    "s STRING":
      "CASE WHEN $s = '' THEN [] ELSE list_transform(string_split($s, ''), lambda lib_char: unicode(lib_char)::BIGINT) END",
    "b BYTES": "list_transform(regexp_extract_all(hex($b), '..'), lambda lib_byte: ('0x' || lib_byte)::BIGINT)",
  }),
  entry("code_points_to_string", {
    points:
      "CASE WHEN list_count($points) = len($points) THEN array_to_string(list_transform($points, lambda lib_point: chr(lib_point::INTEGER)), '') END",
  }),
  entry("code_points_to_bytes", {
    points:
      "CASE WHEN list_count($points) = len($points) THEN from_hex(array_to_string(list_transform($points, lambda lib_point: " +
      `CASE WHEN lib_point BETWEEN 0 AND 255 THEN lpad(to_base(lib_point, 16), 2, '0') ELSE ${fail("A byte is between 0 and 255", "VARCHAR")} END), '')) END`,
  }),
  entry("ascii", {
    "s STRING": `CASE WHEN unicode($s) > 127 THEN ${fail("The argument of ASCII is not ASCII", "BIGINT")} ELSE ascii($s)::BIGINT END`,
  }),
  entry("unicode", { "s STRING": "CASE WHEN $s = '' THEN 0::BIGINT ELSE unicode($s)::BIGINT END" }),
  entry("chr", { "n INT64": "chr($n::INTEGER)" }),
  entry("concat", { "a STRING": "$a", "a BYTES": "$a", "a, b": "$a || $b" }),
  entry("concat_bytes", { "a, b": "$a || $b" }),
  entry("contains_substr", {
    "s STRING, x STRING": "contains(u_casefold($s, 'NFKC'), u_casefold($x, 'NFKC'))",
  }),
  entry("search", { "s STRING, q STRING": "list_has_all(u_words($s), u_words($q))" }),
  entry("edit_distance", {
    "a STRING, b STRING": EDIT_DISTANCE,
    "a STRING, b STRING, most INT64": `CASE WHEN $a IS NOT NULL AND $b IS NOT NULL AND $most IS NOT NULL THEN least(${EDIT_DISTANCE}, $most) END`,
  }),
  entry("bytes_text", { "b BYTES": BYTES_TEXT }),
  entry("bytes_literal", {
    "b BYTES":
      `CASE WHEN contains(${BYTES_TEXT}, '"') AND NOT contains(${BYTES_TEXT}, '''') THEN 'b''' || ${BYTES_TEXT} || '''' ` +
      `ELSE 'b"' || replace(${BYTES_TEXT}, '"', '\\"') || '"' END`,
  }),
  entry("json_literal", {
    "s STRING": `CASE WHEN contains($s, '"') THEN 'JSON ''' || replace(replace($s, '\\', '\\\\'), '''', '\\''') || '''' ELSE 'JSON "' || $s || '"' END`,
  }),
  entry("to_hex", { "b BYTES": "lower(hex($b))" }),
  entry("from_hex", { "s STRING": "from_hex(CASE WHEN length($s) % 2 = 1 THEN '0' || $s ELSE $s END)" }),
  entry("to_base64", { "b BYTES": "to_base64($b)" }),
  entry("from_base64", {
    // The padding may be missing.
    "s STRING":
      "from_base64(CASE WHEN length($s) % 4 = 0 THEN $s ELSE rpad($s, ((length($s) + 3) // 4 * 4)::INTEGER, '=') END)",
  }),
  entry("to_base32", { "b BYTES": "u_base32($b)" }),
  entry("from_base32", { "s STRING": "u_unbase32($s)" }),
  entry("safe_convert_bytes_to_string", { "b BYTES": "u_utf8($b)" }),
  entry("like", {
    "s STRING, p STRING": "$s LIKE $p ESCAPE '\\'",
    "s BYTES, p BYTES": `${latin("$s")} LIKE ${latin("$p")} ESCAPE '\\'`,
  }),
];
