import type { Dice } from "./dice.js";

/** Letters that do not come apart into a letter and a mark. */
const WHOLE_LETTERS: Readonly<Record<string, string>> = {
  ł: "l",
  Ł: "L",
  ø: "o",
  Ø: "O",
  ß: "ss",
  ı: "i",
  İ: "I",
  æ: "ae",
  Æ: "Ae",
  œ: "oe",
  đ: "d",
  Đ: "D",
};

const UMLAUTS: Readonly<Record<string, string>> = { ä: "ae", ö: "oe", ü: "ue", Ä: "Ae", Ö: "Oe", Ü: "Ue", ß: "ss" };

const NON_ASCII = /[^\0-\x7f]/;

/** Latin text without its accents: Łukasz is Lukasz. Other scripts stay as they are. */
export function unaccented(text: string): string {
  if (!NON_ASCII.test(text)) return text;
  return text
    .replaceAll(/[łŁøØßıİæÆœđĐ]/g, (letter) => WHOLE_LETTERS[letter] as string)
    .normalize("NFD")
    .replaceAll(/[\u0300-\u036f]/g, "");
}

/** As Germans write without an umlaut key: Müller is Mueller. */
export function withoutUmlauts(text: string): string {
  return text.replaceAll(/[äöüÄÖÜß]/g, (letter) => UMLAUTS[letter] as string);
}

/** The letters a to z of a text, for addresses and nickname look-ups. */
export function plainLetters(text: string): string {
  return unaccented(text)
    .toLowerCase()
    .replaceAll(/[^a-z]/g, "");
}

const NEIGHBOURS: Readonly<Record<string, string>> = {
  a: "sqz",
  b: "vn",
  c: "xv",
  d: "sf",
  e: "wr",
  f: "dg",
  g: "fh",
  h: "gj",
  i: "uo",
  j: "hk",
  k: "jl",
  l: "k",
  m: "n",
  n: "bm",
  o: "ip",
  p: "o",
  q: "wa",
  r: "et",
  s: "ad",
  t: "ry",
  u: "yi",
  v: "cb",
  w: "qe",
  x: "zc",
  y: "tu",
  z: "xa",
};

const LETTER = /\p{L}/u;

/**
 * One slip of the finger: a letter left out, doubled, swapped with the next, or its neighbour on the keyboard. Digits
 * are never touched, so that a mistyped address or number never becomes somebody else's.
 */
export function mistyped(text: string, dice: Dice): string {
  const letters = [...text];
  const places = letters.flatMap((letter, place) => (place > 0 && LETTER.test(letter) ? [place] : []));
  if (places.length < 2) return text;
  const place = dice.pick(places);
  const letter = letters[place] as string;
  const next = letters[place + 1];
  const slip = dice.below(4);
  if (slip === 0) letters[place] = "";
  else if (slip === 1) letters[place] = letter + letter;
  else if (slip === 2 && next !== undefined && LETTER.test(next)) {
    letters[place] = next;
    letters[place + 1] = letter;
  } else letters[place] = dice.pick([...(NEIGHBOURS[letter.toLowerCase()] ?? letter)]);
  return letters.join("");
}
