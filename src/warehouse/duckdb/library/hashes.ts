import { entries, entry } from "./entry.js";
import { fail } from "./fail.js";

/** Bits of BYTES through DuckDB's BIT, which has no empty value. */
const bitwise = (combined: string): string =>
  `CASE WHEN octet_length($a) <> octet_length($b) THEN ${fail("The BYTES differ in length", "BLOB")} ` +
  `WHEN octet_length($a) = 0 THEN $a ELSE (${combined})::BLOB END`;

export const hashes = [
  ...entries(["md5", "sha1", "sha256"], (name) => ({
    "s STRING": `from_hex(${name}($s))`,
    "s BYTES": `from_hex(${name}($s))`,
  })),
  entry("sha512", { "s STRING": "u_sha512(encode($s))", "s BYTES": "u_sha512($s)" }),
  // Over bytes: text loses a leading byte order mark on its way into JavaScript.
  entry("farm_fingerprint", { "s STRING": "u_farm(encode($s))", "s BYTES": "u_farm($s)" }),
  entry("bit_and", { "a INT64, b INT64": "$a & $b", "a BYTES, b BYTES": bitwise("$a::BIT & $b::BIT") }),
  entry("bit_or", { "a INT64, b INT64": "$a | $b", "a BYTES, b BYTES": bitwise("$a::BIT | $b::BIT") }),
  entry("bit_xor", { "a INT64, b INT64": "xor($a, $b)", "a BYTES, b BYTES": bitwise("xor($a::BIT, $b::BIT)") }),
  entry("bit_not", {
    "a INT64": "~$a",
    "a BYTES": "CASE WHEN octet_length($a) = 0 THEN $a ELSE (~($a::BIT))::BLOB END",
  }),
  entry("bit_count", {
    "a INT64": "bit_count($a)::BIGINT",
    "a BYTES": "CASE WHEN octet_length($a) = 0 THEN 0::BIGINT ELSE bit_count($a::BIT)::BIGINT END",
  }),
];
