import { entry } from "./entry.js";

/**
 * AEAD.* and DETERMINISTIC_*: AES-256-GCM with the same promises as GoogleSQL's. The keysets are made here and are no
 * Tink keysets: what one engine encrypts, only that engine decrypts.
 */
export const crypto = [
  entry("keys_new_keyset", { "t STRING": "u_new_keyset($t)" }),
  entry("aead_encrypt", {
    "k BYTES, p STRING, a STRING": "u_aead_encrypt($k, encode($p), encode($a))",
    "k BYTES, p BYTES, a BYTES": "u_aead_encrypt($k, $p, $a)",
  }),
  entry("deterministic_encrypt", {
    "k BYTES, p STRING, a STRING": "u_deterministic_encrypt($k, encode($p), encode($a))",
    "k BYTES, p BYTES, a BYTES": "u_deterministic_encrypt($k, $p, $a)",
  }),
  entry("aead_decrypt_string", { "k BYTES, c BYTES, a STRING": "decode(u_decrypt($k, $c, encode($a)))" }),
  entry("aead_decrypt_bytes", { "k BYTES, c BYTES, a BYTES": "u_decrypt($k, $c, $a)" }),
  entry("deterministic_decrypt_string", { "k BYTES, c BYTES, a STRING": "decode(u_decrypt($k, $c, encode($a)))" }),
  entry("deterministic_decrypt_bytes", { "k BYTES, c BYTES, a BYTES": "u_decrypt($k, $c, $a)" }),
];
