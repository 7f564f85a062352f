import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from "node:crypto";
import { BYTES, type ScriptFunction, script, TEXT } from "./define.js";

/**
 * A keyset is 32 random bytes behind a mark. From them come two keys: one to encrypt with, and one that makes the
 * nonce of deterministic encryption from the text, so that equal texts give equal bytes and different texts never
 * share a nonce.
 */
const MARK = Buffer.from("RCK1");
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

function keyOf(keyset: Uint8Array, purpose: "encrypt" | "nonce"): Buffer {
  const bytes = Buffer.from(keyset);
  if (bytes.length !== MARK.length + 32 || !bytes.subarray(0, MARK.length).equals(MARK)) {
    throw new RangeError("not a keyset made by KEYS.NEW_KEYSET");
  }
  return Buffer.from(hkdfSync("sha256", bytes.subarray(MARK.length), "", purpose, 32));
}

export function newKeyset(): Uint8Array {
  return Buffer.concat([MARK, randomBytes(32)]);
}

function seal(keyset: Uint8Array, nonce: Uint8Array, plain: Uint8Array, bound: Uint8Array): Uint8Array {
  const cipher = createCipheriv("aes-256-gcm", keyOf(keyset, "encrypt"), nonce);
  cipher.setAAD(bound);
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** `bound` is additional data: it is not in the result, and decryption fails without the same. */
export function encrypt(keyset: Uint8Array, plain: Uint8Array, bound: Uint8Array): Uint8Array {
  return seal(keyset, randomBytes(NONCE_BYTES), plain, bound);
}

export function encryptDeterministically(keyset: Uint8Array, plain: Uint8Array, bound: Uint8Array): Uint8Array {
  const length = Buffer.alloc(8);
  length.writeBigUInt64BE(BigInt(bound.length));
  const hmac = createHmac("sha256", keyOf(keyset, "nonce")).update(length).update(bound).update(plain);
  return seal(keyset, hmac.digest().subarray(0, NONCE_BYTES), plain, bound);
}

/** Throws when the key, the bytes or `bound` are not those of encryption. */
export function decrypt(keyset: Uint8Array, sealed: Uint8Array, bound: Uint8Array): Uint8Array {
  if (sealed.length < NONCE_BYTES + TAG_BYTES) throw new RangeError("too short to be a ciphertext");
  const decipher = createDecipheriv("aes-256-gcm", keyOf(keyset, "encrypt"), sealed.subarray(0, NONCE_BYTES));
  decipher.setAAD(bound);
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
}

const KEY_TYPES = new Set(["AEAD_AES_GCM_256", "DETERMINISTIC_AEAD_AES_SIV_CMAC_256"]);

export const cryptoFunctions: readonly ScriptFunction[] = [
  script(
    "u_new_keyset",
    [TEXT],
    BYTES,
    (type: string) => {
      if (!KEY_TYPES.has(type)) throw new RangeError(`the type of a keyset is ${[...KEY_TYPES].join(" or ")}`);
      return newKeyset();
    },
    { isVolatile: true },
  ),
  script("u_aead_encrypt", [BYTES, BYTES, BYTES], BYTES, encrypt, { isVolatile: true }),
  script("u_deterministic_encrypt", [BYTES, BYTES, BYTES], BYTES, encryptDeterministically),
  script("u_decrypt", [BYTES, BYTES, BYTES], BYTES, decrypt),
];
