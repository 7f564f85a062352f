import { remember } from "./remember.js";

/**
 * Spellings of one sound, in the order in which they are replaced. Made for names that clerks romanise: aspirates lose their
 * breath (Siddharth, Sidharta), ksh and x are one (Lakshmi, Laxmi), so are v and w (Vikas, Wikas), c, k and q, s, sh, sch and z,
 * f and ph. A capital is a sound that no later rule touches.
 */
const RULES: readonly (readonly [RegExp, string])[] = [
  [/^(?:kn|gn|pn)/, "n"],
  [/^wr/, "r"],
  [/^ps/, "s"],
  [/^x/, "s"],
  [/^ma?c(?=[a-z]{3})/, "mk"],
  [/tsch|tch|cz|zh/g, "C"],
  [/sch|sh|sz|z/g, "s"],
  [/ch/g, "C"],
  [/x/g, "ks"],
  [/ph|pf/g, "f"],
  [/gh(?=t)/g, ""],
  [/([bdgjkt])h/g, "$1"],
  [/ck|q/g, "k"],
  [/c(?=[eiy])/g, "s"],
  [/c/g, "k"],
  [/dj|dz/g, "j"],
  [/w/g, "v"],
];
const FIRST_VOWEL = /^[aeiouyh]*[aeiouy]/;
const SILENT = /[aeiouyh]/g;
const DOUBLED = /([a-z])\1+/g;

/**
 * A key that names of one sound share: consonants by their sound, vowels only as one at the beginning. Empty for what has no letter.
 * Expects lower-case letters a to z.
 */
export const nameSound: (name: string) => string = remember((name) => {
  let text = name;
  for (const [spelling, sound] of RULES) text = text.replace(spelling, sound);
  const startsWithVowel = FIRST_VOWEL.test(text);
  const consonants = text.replace(DOUBLED, "$1").replace(SILENT, "").toLowerCase();
  return startsWithVowel ? `a${consonants}` : consonants;
});
