import { familyOfThreeSyllables, isFamilyFirst } from "./east-asian.js";
import { splitFamilyFirst } from "./family-first.js";
import { type NameWord, nameWords } from "./name-words.js";

/** The folded words of a name by what they are. `middle` is what no source says of: a second given name or a first family name. */
export interface NameParts {
  readonly given: readonly string[];
  readonly middle: readonly string[];
  readonly family: readonly string[];
}

/** They begin a family's name: they never end one, and are no name alone. */
const PARTICLES: ReadonlySet<string> = new Set(
  "van von vom der den de del della di da do das dos du des la le las los el al ul ben bin ibn ter ten zu zum zur af av abu".split(
    " ",
  ),
);
/** Behind them stands the father's name, before them the whole given name. */
const PATRONYMICS: ReadonlySet<string> = new Set(["bin", "binti", "bint", "ibn", "binte"]);
/** Given names that are seldom alone: the next word belongs to them. */
const COMPOUND_STARTS: ReadonlySet<string> = new Set(
  "abdul abd abdel abu ana anna anne hans jean joao jose juan maria marie mary mohammed mohamed mohammad muhammad muhammed muhammet mehmet luis carlos karl".split(
    " ",
  ),
);
/** Where people have two family names and use both. */
const TWO_FAMILY_NAMES: ReadonlySet<string> = new Set(
  "ES MX AR CO CL PE VE EC GT CU BO DO HN PY SV NI CR PA UY PR".split(" "),
);
const IN_CAPITALS = /^\p{Lu}{3,}$/u;
const GENERATION_BEHIND_COMMA = /^\s*(?:jr|sr|i{1,3}|iv|ph\.?d|m\.?d|esq|mba)\.?\s*$/i;

/** What one text says of a whole name: "Anna Maria Nowak", "Nowak, Anna", "NOWAK Anna", "王小明". */
export function splitFullName(text: string, region: string): NameParts {
  const comma = text.search(/[,،，]/);
  if (comma > 0 && !GENERATION_BEHIND_COMMA.test(text.slice(comma + 1))) {
    const [family, given] = [folded(nameWords(text.slice(0, comma))), folded(nameWords(text.slice(comma + 1)))];
    if (given.length > 0 && family.length > 0) return { given, middle: [], family };
  }
  const words = nameWords(comma > 0 ? text.replace(/[,،，]/g, " ") : text);
  const only = words[0];
  if (only === undefined) return { given: [], middle: [], family: [] };
  if (boundTogether(words).length === 1) {
    const asian = splitFamilyFirst(only.written);
    return asian === null
      ? { given: folded(words), middle: [], family: [] }
      : { given: [asian.given], middle: [], family: [asian.family] };
  }
  return splitWords(words, region);
}

export function folded(words: readonly NameWord[]): readonly string[] {
  return words.map((word) => word.folded);
}

function splitWords(words: readonly NameWord[], region: string): NameParts {
  const names = boundTogether(words);
  const joined = names.map((name) => folded(name).join(""));
  const part = (from: number, to?: number): readonly string[] => folded(names.slice(from, to).flat());
  const capitals = names.findIndex((name) => !name.every(({ written }) => IN_CAPITALS.test(written)));
  if (capitals > 0) return { given: part(capitals), middle: [], family: part(0, capitals) };
  const father = joined.findIndex((name, place) => place > 0 && place < names.length - 1 && PATRONYMICS.has(name));
  if (father !== -1) return { given: part(0, father), middle: [], family: part(father) };
  const asian = familyOfThreeSyllables(joined, region);
  if (asian === "first") return { given: part(1), middle: [], family: part(0, 1) };
  if (asian === "last") return { given: part(0, 2), middle: [], family: part(2) };
  if (names.length === 2 && isFamilyFirst(joined[0] ?? "", part(1), region)) {
    return { given: part(1), middle: [], family: part(0, 1) };
  }
  let familyAt = withParticles(joined, names.length - 1);
  if (TWO_FAMILY_NAMES.has(region) && familyAt >= 2) familyAt = withParticles(joined, familyAt - 1);
  const givenEnd = familyAt > 1 && COMPOUND_STARTS.has(joined[0] ?? "") ? 2 : 1;
  return { given: part(0, givenEnd), middle: part(givenEnd, familyAt), family: part(familyAt) };
}

/** Jean-Pierre is one name. */
function boundTogether(words: readonly NameWord[]): readonly (readonly NameWord[])[] {
  const names: NameWord[][] = [];
  for (const word of words) {
    const last = names.at(-1);
    if (word.isBound && last !== undefined) last.push(word);
    else names.push([word]);
  }
  return names;
}

/** The first word is never the family's. */
function withParticles(names: readonly string[], from: number): number {
  let at = from;
  while (at > 1 && PARTICLES.has(names[at - 1] ?? "")) at--;
  return at;
}
