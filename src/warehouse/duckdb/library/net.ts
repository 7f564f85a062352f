import { entries, entry } from "./entry.js";
import { fail } from "./fail.js";

export const net = [
  ...entries(["net_host", "net_reg_domain", "net_public_suffix"], (name) => ({ "s STRING": `u_${name}($s)` })),
  entry("net_ip_from_string", {
    "s STRING": `CASE WHEN $s IS NOT NULL THEN coalesce(u_ip($s), ${fail("The text is not an IP address", "BLOB")}) END`,
  }),
  entry("net_safe_ip_from_string", { "s STRING": "u_ip($s)" }),
  entry("net_ip_to_string", { "b BYTES": "u_ip_text($b)" }),
  entry("net_ip_trunc", { "b BYTES, n INT64": "u_ip_trunc($b, $n)" }),
  entry("net_ip_net_mask", { "size INT64, n INT64": "u_ip_trunc(from_hex(repeat('FF', $size)), $n)" }),
  entry("net_ipv4_to_int64", {
    "b BYTES": `CASE WHEN octet_length($b) <> 4 THEN ${fail("An IPv4 address has four bytes", "BIGINT")} ELSE ('0x' || hex($b))::BIGINT END`,
  }),
  entry("net_ipv4_from_int64", { "n INT64": "from_hex(lpad(to_base($n & 4294967295, 16), 8, '0'))" }),
  entry("session_user", { "": "'local@localhost'" }),
  /** The GoogleSQL name of a DuckDB type, for INFORMATION_SCHEMA. */
  entry("typename", {
    t:
      "CASE $t WHEN 'BIGINT' THEN 'INT64' WHEN 'VARCHAR' THEN 'STRING' WHEN 'DOUBLE' THEN 'FLOAT64' WHEN 'BOOLEAN' THEN 'BOOL' " +
      "WHEN 'TIMESTAMP WITH TIME ZONE' THEN 'TIMESTAMP' WHEN 'TIMESTAMP' THEN 'DATETIME' WHEN 'BLOB' THEN 'BYTES' " +
      "WHEN 'DECIMAL(38,9)' THEN 'NUMERIC' WHEN 'DECIMAL(38,18)' THEN 'BIGNUMERIC' ELSE $t END",
  }),
];
