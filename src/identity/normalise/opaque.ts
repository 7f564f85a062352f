import { isEmptyHash } from "./empty-hash.js";

/** User ids, student numbers, device ids, tokens: texts whose inner order is the business of whoever gave them out. */
const MAX_LENGTH = 512;

/** Control characters, and halves of surrogate pairs, which no encoding can write. */
const UNWRITABLE = /[\p{Cc}\p{Cs}]/u;

/**
 * Trimmed, in NFC, case kept (two systems may tell `a1` from `A1`). Null when empty, longer than 512 characters, with
 * control characters or half of a surrogate pair, or the hash of nothing.
 */
export function canonicalOpaque(raw: string): string | null {
  if (raw.length > MAX_LENGTH * 2) return null;
  const text = raw.normalize("NFC").trim();
  if (text.length === 0 || text.length > MAX_LENGTH) return null;
  return UNWRITABLE.test(text) || isEmptyHash(text) ? null : text;
}
