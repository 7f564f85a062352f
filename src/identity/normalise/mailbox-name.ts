import { latin } from "./latin.js";
import { nameSound } from "./name-sound.js";
import { canonicalGivenNames } from "./nicknames.js";

/** Of fewer letters, many words hold a family name by chance, and a rest may be anything. */
const MIN_LETTERS = 3;
/** Li or Ng is a name where letters begin or end with it. */
const MIN_FAMILY = 2;
/** Names that begin alike are often one: Alex and Alexandra, Zainab and Zaynab. */
const SAME_BEGINNING = 4;
const NO_LETTER = /[^a-z]/g;
/** ö is written o, oe. */
const UMLAUT = /([aou])e/g;
/** What people write beside their name. */
const SAYS_NOTHING: ReadonlySet<string> = new Set(
  "mail email post home work office private personal official school student uni edu college study family the its real mr mrs ms dr info contact web net online".split(
    " ",
  ),
);

/** The words of a name, folded. */
export interface ToldName {
  /** Given names, and what stands between them and the family's. */
  readonly given: readonly string[];
  /** In one word. */
  readonly family: string;
}

/**
 * Whether an address names somebody else of the family: beside the family name it holds what is none of the given names, in no
 * spelling, short form or initial (maria.nowak@ on Tom Nowak's form), or it is a given name and not theirs (maria7@). `user` are the
 * address's letters, as `emailUser` gives them. False where that cannot be told: sunshine99@ is whoever gives it.
 */
export function namesAnother(user: string, name: ToldName): boolean {
  const letters = plain(latin(user).replace(NO_LETTER, ""));
  const [given, family] = [name.given.map(plain).filter((word) => word !== ""), plain(name.family)];
  if (family.length < MIN_FAMILY || given.length === 0) return false;
  const forms = [...new Set([...given, given.join(""), ...canonicalGivenNames(given)])];
  const at = placeOf(family, letters);
  if (at === -1) return canonicalGivenNames([letters]).length > 0 && !isOneOf(letters, [...forms, family]);
  const rest = letters.slice(0, at) + letters.slice(at + family.length);
  if (SAYS_NOTHING.has(rest)) return false;
  if (rest.length === 1) return !forms.some((form) => form.startsWith(rest));
  return rest.length >= MIN_LETTERS && given.some((word) => word.length > 1) && !isOneOf(rest, forms);
}

/** -1 where the letters do not tell the family. */
function placeOf(family: string, letters: string): number {
  if (family.length >= MIN_LETTERS) return letters.indexOf(family);
  if (letters.startsWith(family)) return 0;
  return letters.endsWith(family) ? letters.length - family.length : -1;
}

function isOneOf(text: string, forms: readonly string[]): boolean {
  const [canonical, sound] = [canonicalGivenNames([text]), nameSound(text)];
  return forms.some(
    (form) =>
      text.includes(form) ||
      form.includes(text) ||
      text.slice(0, SAME_BEGINNING) === form.slice(0, SAME_BEGINNING) ||
      canonicalGivenNames([form]).some((each) => canonical.includes(each)) ||
      (sound !== "" && nameSound(form) === sound),
  );
}

function plain(text: string): string {
  return text.replace(UMLAUT, "$1");
}
