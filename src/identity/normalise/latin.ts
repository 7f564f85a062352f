import anyAscii from "any-ascii";
import { withVowels } from "./scripts.js";

const NON_ASCII = /[^\0-\x7f]/;

/**
 * A text in lower-case ASCII: one spelling for what looks or sounds alike (NFKC, then transliteration). Marks fall away, letters that
 * are one with their mark become the plain one (Ł is l, Ø is o, ß is ss, İ and ı are i), other scripts are romanised, Chinese
 * characters as toneless Pinyin.
 */
export function latin(text: string): string {
  return NON_ASCII.test(text) ? anyAscii(withVowels(text.normalize("NFKC"))).toLowerCase() : text.toLowerCase();
}
