import { entry } from "./entry.js";
import { fail } from "./fail.js";
import { bytesOfLatin, bytesOfLatins, latin } from "./latin.js";

/**
 * Both engines are RE2. Two gaps are closed here: DuckDB gives '' where nothing matched, and '' for a group that took
 * no part in the match, where GoogleSQL gives NULL.
 */
const whole = (s: string): string =>
  `CASE WHEN regexp_extract(${s}, $r) <> '' THEN regexp_extract(${s}, $r) WHEN regexp_matches(${s}, $r) THEN '' END`;

const group = (s: string): string =>
  `CASE WHEN regexp_extract(${s}, $r, 1) <> '' THEN regexp_extract(${s}, $r, 1) ` +
  `WHEN regexp_matches(${s}, $r) THEN CASE WHEN u_regexp_captured(${s}, $r) THEN '' END END`;

const either = (s: string): string => `CASE WHEN u_regexp_groups($r) = 1 THEN ${group(s)} ELSE ${whole(s)} END`;

/** DuckDB adds the empty match at the end of a text, GoogleSQL does not: a pattern that can match nothing goes the slow way. */
const all = (s: string): string =>
  `CASE WHEN regexp_matches('', $r) THEN u_regexp_extract_all(${s}, $r) WHEN u_regexp_groups($r) = 1 THEN regexp_extract_all(${s}, $r, 1) ELSE regexp_extract_all(${s}, $r) END`;

/** What is searched from a position on; nothing when the position is past the end. */
const after = `nullif(substr($s, CASE WHEN $p < 1 AND $s IS NOT NULL THEN ${fail("A position must be positive", "BIGINT")} ELSE $p END), '')`;

/** A pattern that can match at the start only: its one match tells "nothing" from "no part in it" by itself. */
const ifAnchored =
  (body: string) =>
  ([, pattern = ""]: readonly string[]): string | null =>
    /^'\^[^|]*'$/.test(pattern) && !pattern.startsWith("'^*") ? body : null;

export const regexp = [
  entry("regexp_contains", {
    "s STRING, r STRING": "regexp_matches($s, $r)",
    "s BYTES, r BYTES": `regexp_matches(${latin("$s")}, ${latin("$r")})`,
  }),
  /** REGEXP_EXTRACT of a pattern without a group. */
  entry("rx0", {
    "s STRING, r STRING": { body: whole("$s"), specialize: ifAnchored("regexp_extract_all($s, $r)[1]") },
  }),
  /** REGEXP_EXTRACT of a pattern with one group. */
  entry("rx1", {
    "s STRING, r STRING": { body: group("$s"), specialize: ifAnchored("regexp_extract_all($s, $r, 1)[1]") },
  }),
  entry("regexp_extract", {
    "s STRING, r STRING": either("$s"),
    "s BYTES, r BYTES": bytesOfLatin(`(${either(latin("$s")).replaceAll("$r", latin("$r"))})`),
    "s STRING, r STRING, p INT64": either(after),
    "s STRING, r STRING, p INT64, o INT64": `(${all(after)})[CASE WHEN $o < 1 AND $s IS NOT NULL THEN ${fail("An occurrence must be positive", "BIGINT")} ELSE $o END]`,
  }),
  entry("regexp_extract_all", {
    "s STRING, r STRING": all("$s"),
    "s BYTES, r BYTES": bytesOfLatins(`(${all(latin("$s")).replaceAll("$r", latin("$r"))})`),
  }),
  entry("regexp_replace", {
    "s STRING, r STRING, t STRING": "regexp_replace($s, $r, $t, 'g')",
    "s BYTES, r BYTES, t BYTES": bytesOfLatin(`regexp_replace(${latin("$s")}, ${latin("$r")}, ${latin("$t")}, 'g')`),
  }),
  entry("regexp_instr", {
    // Asked first, DuckDB refuses a pattern that is none of RE2's.
    "s STRING, r STRING, p INT64 = 1, o INT64 = 1, e INT64 = 0":
      "CASE WHEN regexp_matches('', $r) IS NOT NULL THEN u_regexp_instr($s, $r, $p, $o, $e) END",
  }),
];
