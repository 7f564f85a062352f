import { latin } from "./latin.js";
import { remember } from "./remember.js";

/** Longer texts are no names. */
const MAX_LENGTH = 200;
const CONTACT = /@|:\/\//;
const IN_BRACKETS = /\([^)]*\)|\[[^\]]*\]|["“”„«»][^"“”„«»]*["“”„«»]/g;
/** Son of, daughter of: the father's name is the family's. Wife of, care of: the rest is somebody else's. */
const OF_A_FATHER = /(?<!\p{L})[sd]\/o(?!\p{L})/giu;
const OF_ANOTHER = /(?<!\p{L})[wc]\/o(?!\p{L}).*$/giu;
const APOSTROPHES = /['’‘ʼʻ`´]/g;
const WORD = /[\p{L}\p{M}]+/gu;
const HYPHEN = /[-\u2010-\u2015]/;
const NO_LETTER = /[^a-z]/g;
const RESPECTFUL_ENDING = /-(?:ji|san|sensei|garu)$/i;
const LATIN_LETTER = /\p{Script=Latin}/u;
const OTHER_SCRIPTS = /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}]+/gu;

const TITLES: ReadonlySet<string> = new Set(
  "mr mrs ms miss mx mister dr prof professor sir madam rev shri shree sri smt kumari km herr frau mme mlle monsieur madame senor senora srta dna doktor inz haji hajj ustaz".split(
    " ",
  ),
);
const SUFFIXES: ReadonlySet<string> = new Set(
  "jr sr junior senior ii iii iv phd md mba esq bsc msc btech mtech".split(" "),
);
/** What is written for one name at the beginning of others. */
const ABBREVIATIONS: ReadonlyMap<string, string> = new Map([
  ["md", "mohammed"],
  ["mohd", "mohammed"],
  ["mohmd", "mohammed"],
  ["muhd", "mohammed"],
  ["mhd", "mohammed"],
]);

/** One word of a name: as it was written, and folded to the letters a to z. */
export interface NameWord {
  readonly written: string;
  readonly folded: string;
  /** Whether a hyphen binds it to the word before. */
  readonly isBound: boolean;
}

/**
 * The words of a name, or of a part of one, without titles before it and generations and degrees behind it. Hyphens part words,
 * apostrophes do not (O'Brien is obrien). A name that is written in two scripts counts in Latin letters. Empty where the text is no
 * name: an address, digits, an emoji.
 */
export const nameWords: (text: string) => readonly NameWord[] = remember((text) => {
  if (text.length > MAX_LENGTH || CONTACT.test(text)) return [];
  const plain = text
    .normalize("NFKC")
    .replace(IN_BRACKETS, " ")
    .replace(OF_A_FATHER, " ")
    .replace(OF_ANOTHER, " ")
    .trim()
    .replace(RESPECTFUL_ENDING, "")
    .replace(APOSTROPHES, "");
  const oneScript = LATIN_LETTER.test(plain) ? plain.replace(OTHER_SCRIPTS, " ") : plain;
  const words = [...oneScript.matchAll(WORD)]
    .map(({ 0: written, index }) => ({
      written,
      folded: latin(written).replace(NO_LETTER, ""),
      isBound: HYPHEN.test(oneScript.charAt(index - 1)),
    }))
    .filter(({ folded }) => folded !== "");
  return withoutTitles(words).map((word, place) => {
    const name = place === 0 ? ABBREVIATIONS.get(word.folded) : undefined;
    return name === undefined ? word : { ...word, folded: name };
  });
});

function withoutTitles(words: readonly NameWord[]): readonly NameWord[] {
  let [from, to] = [0, words.length];
  while (to - from > 1 && TITLES.has(words[from]?.folded ?? "")) from++;
  while (to - from > 1 && SUFFIXES.has(words[to - 1]?.folded ?? "")) to--;
  return words.slice(from, to);
}
