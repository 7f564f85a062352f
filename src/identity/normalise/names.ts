import anyAscii from "any-ascii";

const MAX_LENGTH = 256;
const APOSTROPHES = /['`´’‘ʼ]/g;
const NOT_A_LETTER_OR_DIGIT = /[^a-z0-9]+/g;

/**
 * A name as matching compares it: transliterated, lower case, words apart by one space. "Łukasz", "LUKASZ" and
 * "lukasz" are equal; "O'Brien" is "obrien", "Anne-Marie" is "anne marie". Empty when nothing readable is left.
 */
export function fold(name: string): string {
  const composed = name.slice(0, MAX_LENGTH).normalize("NFKC").replace(APOSTROPHES, "");
  return anyAscii(composed).toLowerCase().replace(/'/g, "").replace(NOT_A_LETTER_OR_DIGIT, " ").trim();
}
