import { isFamilyFirst } from "./east-asian.js";
import { readFamily } from "./family-first.js";
import type { Feature } from "./features.js";
import { folded, type NameParts, splitFullName } from "./full-name.js";
import { nameSound } from "./name-sound.js";
import { nameWords } from "./name-words.js";
import { canonicalGivenNames } from "./nicknames.js";
import { isNobodysName } from "./nobody.js";

/** What a source says of a name, as written. */
export interface WrittenName {
  readonly first: string;
  readonly middle: string;
  readonly last: string;
  /** Counts where a part is missing. */
  readonly full: string;
}

const HAN_OR_HANGUL = /^[\p{Script=Han}\p{Script=Hangul}]+$/u;
/** Of a longer given name the rest is told by `name_bag`. */
const GIVEN_WORDS = 2;

/**
 * `given_name` is the given name in one word (Jean-Pierre, Jean Pierre: jeanpierre), initials left out where there is more,
 * `family_name` the family's with its particles (vandenberg, garciamarquez), `name_bag` all words in the order of the alphabet: the
 * same whichever of them is whose. Nothing for a name that is none ("test", "n/a", an address).
 */
export function nameFeatures(name: WrittenName, region: string): readonly Feature[] {
  const parts = withoutNobody(partsOf(name, region));
  const given = givenName(parts.given);
  const family = parts.family.join("");
  const bag = [...new Set([...parts.given, ...parts.middle, ...parts.family])].sort();
  const features: Feature[] = [];
  const add = (field: Feature["field"], value: string): void => {
    if (value !== "") features.push({ field, value });
  };
  add("given_name", given);
  add("given_root", canonicalGivenNames(parts.given).join("|"));
  add("given_sound", nameSound(given));
  add("family_name", family);
  add("family_sound", nameSound(family));
  add("name_bag", bag.join(" "));
  return features;
}

function partsOf({ first, middle, last, full }: WrittenName, region: string): NameParts {
  if (first === "" && last === "") return splitFullName(full, region);
  const given = folded(nameWords(first));
  const family = familyWords(last);
  if (full !== "" && (given.length === 0 || family.length === 0)) {
    const whole = splitFullName(full, region);
    return {
      given: given.length > 0 ? given : whole.given,
      middle: whole.middle,
      family: family.length > 0 ? family : whole.family,
    };
  }
  // A form's two fields, filled in the order in which the name is spoken.
  const isSwapped = given.length === 1 && middle === "" && isFamilyFirst(given[0] ?? "", family, region);
  return isSwapped
    ? { given: family, middle: [], family: given }
    : { given, middle: folded(nameWords(middle)), family };
}

function familyWords(last: string): readonly string[] {
  const words = nameWords(last);
  const only = words.length === 1 ? words[0] : undefined;
  return only !== undefined && HAN_OR_HANGUL.test(only.written) ? [readFamily(only.written)] : folded(words);
}

/** A part that stands for nobody is left out; where no other part remains, so is what may be a name or not. */
function withoutNobody({ given, middle, family }: NameParts): NameParts {
  const whole = [...given, ...middle, ...family].join("");
  if (isNobodysName(whole, true)) return { given: [], middle: [], family: [] };
  const [first, last] = [given.join(""), family.join("")];
  const hasGiven = first !== "" && !isNobodysName(first, isNobodysName(last, true) || last === "");
  const hasFamily = last !== "" && !isNobodysName(last, isNobodysName(first, true) || first === "");
  return {
    given: hasGiven ? given : [],
    middle: hasGiven || hasFamily ? middle : [],
    family: hasFamily ? family : [],
  };
}

function givenName(words: readonly string[]): string {
  const whole = words.filter((word) => word.length > 1);
  return whole.length === 0 ? (words[0] ?? "") : whole.slice(0, GIVEN_WORDS).join("");
}
