import { createHash } from "node:crypto";
import { bigqueryFingerprint } from "farmhash-modern";
import { BYTES, INTEGER, type ScriptFunction, script, TEXT } from "./define.js";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** RFC 4648 base 32 with padding. */
export function toBase32(bytes: Uint8Array): string {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, "0")).join("");
  const digits = (bits.match(/.{1,5}/g) ?? [])
    .map((five) => ALPHABET[Number.parseInt(five.padEnd(5, "0"), 2)])
    .join("");
  return digits.padEnd(Math.ceil(digits.length / 8) * 8, "=");
}

/** Throws RangeError when the text is not RFC 4648 base 32. */
export function fromBase32(text: string): Uint8Array {
  if (text.length % 8 !== 0 || !/^[A-Z2-7]*={0,6}$/.test(text)) throw new RangeError("not base 32");
  const bits = Array.from(text.replace(/=+$/, ""), (digit) => ALPHABET.indexOf(digit).toString(2).padStart(5, "0"));
  return Uint8Array.from((bits.join("").match(/.{8}/g) ?? []).map((eight) => Number.parseInt(eight, 2)));
}

export const byteFunctions: readonly ScriptFunction[] = [
  script("u_farm", [BYTES], INTEGER, (bytes: Uint8Array) => bigqueryFingerprint(bytes)),
  script("u_sha512", [BYTES], BYTES, (bytes: Uint8Array) => createHash("sha512").update(bytes).digest()),
  script("u_base32", [BYTES], TEXT, toBase32),
  script("u_unbase32", [TEXT], BYTES, fromBase32),
];
