/**
 * Scripts that leave vowels to the reader, brought nearer to how their names are written in Latin letters. What comes out is for
 * transliteration: it mixes both.
 */
export function withVowels(text: string): string {
  return INDIC.test(text) || ARABIC.test(text) ? indicVowels(arabicVowels(text)) : text;
}

const ARABIC = /\p{Script=Arabic}/u;
/** Letters that stand for vowels: و and ي are consonants only at the beginning of a word. */
const ARABIC_LETTERS: Readonly<Record<string, string>> = {
  ا: "a",
  أ: "a",
  إ: "a",
  آ: "a",
  ٱ: "a",
  ع: "a",
  ى: "a",
  ة: "a",
  ئ: "i",
  ؤ: "u",
  ء: "",
  و: "u",
  ي: "i",
  ی: "i",
};
const ARABIC_VOWEL = /[اأإآٱعىةئؤءويی]/gu;
const FIRST_CONSONANT = /(?<!\p{L})[وي]/gu;
const FIRST_CONSONANTS: Readonly<Record<string, string>> = { و: "w", ي: "y" };

function arabicVowels(text: string): string {
  return text
    .replace(FIRST_CONSONANT, (letter) => FIRST_CONSONANTS[letter] ?? letter)
    .replace(ARABIC_VOWEL, (letter) => ARABIC_LETTERS[letter] ?? letter)
    .replace(/aa+/g, "a");
}

/** Devanagari, Bengali, Gurmukhi, Gujarati, Oriya, Tamil, Telugu, Kannada, Malayalam: blocks of 128 with one order of letters. */
const [INDIC_FROM, INDIC_TO, BLOCK] = [0x0900, 0x0d7f, 0x80];
const INDIC = /[\u0900-\u0d7f]/;
const [FIRST_LETTER, LAST_LETTER] = [0x15, 0x39];
const ANUSVARA = 0x02;
/** श and ष, which transliteration takes for s. */
const SIBILANTS: ReadonlySet<number> = new Set([0x36, 0x37]);

/** Between two consonants an a is read where nothing else is written; at the end of a word it is silent. */
function indicVowels(text: string): string {
  let out = "";
  for (let at = 0; at < text.length; at++) {
    const place = placeInBlock(text, at);
    out += place === ANUSVARA ? "n" : SIBILANTS.has(place) ? "sh" : text.charAt(at);
    const next = placeInBlock(text, at + 1);
    if (isConsonant(place) && (isConsonant(next) || next === ANUSVARA)) out += "a";
  }
  return out;
}

function isConsonant(place: number): boolean {
  return place >= FIRST_LETTER && place <= LAST_LETTER;
}

/** -1 for what is of none of these scripts. */
function placeInBlock(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code >= INDIC_FROM && code <= INDIC_TO ? code % BLOCK : -1;
}
