import { BYTES, INTEGER, type ScriptFunction, script, TEXT, TEXTS } from "./define.js";

/** White space in all of Unicode, and these. */
const INITCAP_DELIMITERS =
  " \t\n\v\f\r\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000" +
  '[](){}/|\\<>!?@"^#$&~_,.:;*%+-';
const SOUNDEX_CODES: Readonly<Record<string, string>> = {
  ...codes("BFPV", "1"),
  ...codes("CGJKQSXZ", "2"),
  ...codes("DT", "3"),
  ...codes("L", "4"),
  ...codes("MN", "5"),
  ...codes("R", "6"),
};

function codes(letters: string, code: string): Record<string, string> {
  return Object.fromEntries([...letters].map((letter) => [letter, code]));
}

/** The upper case of a letter; of one that would become several, itself. */
function capital(char: string): string {
  const upper = char.toUpperCase();
  return [...upper].length === 1 ? upper : char;
}

/** INITCAP: the first letter of each word upper, the rest lower; words end at delimiters. */
export function capitalizeWords(text: string, delimiters: string): string {
  const ends = new Set(delimiters);
  let isStart = true;
  let out = "";
  for (const char of text) {
    out += ends.has(char) ? char : isStart ? capital(char) : char.toLowerCase();
    isStart = ends.has(char);
  }
  return out;
}

/** SOUNDEX as GoogleSQL has it: only ASCII letters count, and a vowel does not separate equal codes. */
export function soundex(text: string): string {
  let out = "";
  let last: string | undefined;
  for (const char of text) {
    const letter = char.toUpperCase();
    if (!/^[A-Z]$/.test(letter) || !/^[A-Za-z]$/.test(char)) continue;
    const code = SOUNDEX_CODES[letter];
    if (out === "") out = char;
    else if (code !== undefined && code !== last) out += code;
    last = code ?? last;
    if (out.length === 4) break;
  }
  return out === "" ? "" : out.padEnd(4, "0");
}

/** Stands for the dotless i, whose upper case is that of i, but which folds to itself. */
const DOTLESS = "\u{10ffff}";

/** Unicode case folding by way of upper and lower case, which folds ß, ligatures and final sigma alike. */
export function casefold(text: string, form: string): string {
  return text
    .normalize(form)
    .replaceAll("ı", DOTLESS)
    .toUpperCase()
    .toLowerCase()
    .replaceAll("ς", "σ")
    .replaceAll(DOTLESS, "ı")
    .normalize(form);
}

/** INSTR over any sequence: 1-based, from the end when `position` is negative, 0 when there is no such occurrence. */
export function instr<T>(within: readonly T[], what: readonly T[], position: number, occurrence: number): number {
  if (position === 0) throw new RangeError("position must not be 0");
  if (occurrence < 1) throw new RangeError("occurrence must be positive");
  const step = position > 0 ? 1 : -1;
  let left = occurrence;
  let at =
    position > 0
      ? position - 1
      : Math.min(within.length + position + (what.length === 0 ? 1 : 0), within.length - what.length);
  for (; at >= 0 && at + what.length <= within.length; at += step) {
    if (what.every((one, index) => within[at + index] === one)) left -= 1;
    if (left === 0) return at + 1;
  }
  return 0;
}

/** Levenshtein distance in code points. */
export function editDistance(left: string, right: string): number {
  const target = [...right];
  let row = target.map((_, index) => index + 1);
  let depth = 0;
  for (const char of left) {
    depth += 1;
    let diagonal = depth - 1;
    let before = depth;
    row = target.map((other, index) => {
      const above = row[index] ?? 0;
      before = Math.min(above + 1, before + 1, diagonal + (char === other ? 0 : 1));
      diagonal = above;
      return before;
    });
  }
  return row.at(-1) ?? depth;
}

type Side = "both" | "left" | "right";

/** TRIM of BYTES: any of the bytes in `set` goes. */
function trimBytes(bytes: Uint8Array, set: Uint8Array, side: Side): Uint8Array {
  const goes = new Set(set);
  let start = 0;
  let end = bytes.length;
  if (side !== "right") while (start < end && goes.has(bytes[start] ?? -1)) start += 1;
  if (side !== "left") while (end > start && goes.has(bytes[end - 1] ?? -1)) end -= 1;
  return bytes.subarray(start, end);
}

function isSide(side: string): side is Side {
  return side === "both" || side === "left" || side === "right";
}

export const textFunctions: readonly ScriptFunction[] = [
  script("u_upper", [TEXT], TEXT, (text: string) => text.toUpperCase()),
  script("u_lower", [TEXT], TEXT, (text: string) => text.toLowerCase()),
  script("u_initcap", [TEXT], TEXT, (text: string) => capitalizeWords(text, INITCAP_DELIMITERS)),
  script("u_initcap_by", [TEXT, TEXT], TEXT, capitalizeWords),
  script("u_soundex", [TEXT], TEXT, soundex),
  script("u_normalize", [TEXT, TEXT], TEXT, (text: string, form: string) => text.normalize(form)),
  script("u_casefold", [TEXT, TEXT], TEXT, casefold),
  script("u_instr", [TEXT, TEXT, INTEGER, INTEGER], INTEGER, (text: string, what: string, from: bigint, nth: bigint) =>
    BigInt(instr([...text], [...what], Number(from), Number(nth))),
  ),
  script(
    "u_instr_bytes",
    [BYTES, BYTES, INTEGER, INTEGER],
    INTEGER,
    (bytes: Uint8Array, what: Uint8Array, from: bigint, nth: bigint) =>
      BigInt(instr([...bytes], [...what], Number(from), Number(nth))),
  ),
  script("u_edit", [TEXT, TEXT], INTEGER, (left: string, right: string) => BigInt(editDistance(left, right))),
  script("u_trim_bytes", [BYTES, BYTES, TEXT], BYTES, (bytes: Uint8Array, set: Uint8Array, side: string) => {
    if (!isSide(side)) throw new RangeError("side is both, left or right");
    return trimBytes(bytes, set, side);
  }),
  script("u_utf8", [BYTES], TEXT, (bytes: Uint8Array) => Buffer.from(bytes).toString("utf8")),
  script("u_words", [TEXT], TEXTS, (text: string) => casefold(text, "NFKC").match(/[\p{L}\p{N}_]+/gu) ?? []),
];
