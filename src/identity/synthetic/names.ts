import type { Dice } from "./dice.js";
import type { Locale, LocaleCode } from "./locales.js";
import { type LatinNames, NAMES } from "./name-lists.js";
import type { NamePart } from "./name-part.js";
import { ARABIC_FAMILY, ARABIC_FEMALE, ARABIC_MALE } from "./names-arabic.js";
import { chineseFamily, chineseGiven } from "./names-chinese.js";
import { nicknameOf } from "./nicknames.js";
import { mistyped, unaccented, withoutUmlauts } from "./spelling.js";

export type Sex = "female" | "male";

export interface PersonName {
  readonly given: NamePart;
  readonly family: NamePart;
}

/** How often a feed's names come out in each way. Shares of the records that have a name. */
export interface NameHabit {
  readonly typo: number;
  readonly nickname: number;
  readonly initial: number;
  readonly capitals: number;
  /** First and last name in each other's field. */
  readonly swap: number;
  readonly title: number;
  readonly native: number;
  /** Another spelling of the same name: a romanisation, an accent left out. */
  readonly variant: number;
}

export interface WrittenName {
  readonly first: string;
  readonly last: string;
  readonly full: string;
}

/** Coprime with the lengths that occur, so that the commonest names are not those with A. */
const SPREAD = 104_729;

/** Few names are common, many are rare: the rank's share falls with its square root. */
function rank(length: number, dice: Dice): number {
  const share = dice.unit();
  return Math.floor(share * share * length);
}

function drawn(list: readonly string[], dice: Dice): string {
  return list[(rank(list.length, dice) * SPREAD) % list.length] as string;
}

function latin(text: string): NamePart {
  return { text, variants: [] };
}

export function drawFamily(code: LocaleCode, dice: Dice): NamePart {
  if (code === "zh_CN") return chineseFamily(rank(42, dice), "pinyin");
  if (code === "zh_HK") return chineseFamily(rank(42, dice), "hong_kong");
  if (code === "ar_AE") return ARABIC_FAMILY[rank(ARABIC_FAMILY.length, dice)] as NamePart;
  const names: LatinNames = NAMES[code];
  const family = drawn(names.family, dice);
  if (!names.hasTwoFamilyNames) return latin(family);
  const mothers = drawn(names.family, dice);
  return { text: `${family} ${mothers}`, variants: [family] };
}

export function drawGiven(code: LocaleCode, sex: Sex, dice: Dice): NamePart {
  if (code === "zh_CN" || code === "zh_HK") {
    const second = dice.chance(0.8) ? dice.below(1000) : null;
    return chineseGiven(dice.below(1000), second, code === "zh_CN" ? "pinyin" : "hong_kong");
  }
  if (code === "ar_AE") return dice.pick(sex === "female" ? ARABIC_FEMALE : ARABIC_MALE);
  return latin(drawn(NAMES[code][sex], dice));
}

/** A name part none of `taken` is: brothers and sisters are not called the same, and a new surname is a new one. */
export function drawOther(draw: () => NamePart, taken: readonly NamePart[]): NamePart {
  for (;;) {
    const part = draw();
    if (taken.every(({ text }) => text !== part.text)) return part;
  }
}

const TITLES: Readonly<Record<Sex, readonly string[]>> = {
  female: ["Ms", "Mrs", "Miss", "Dr"],
  male: ["Mr", "Mr.", "Dr"],
};

function spelled(part: NamePart, dice: Dice): string {
  const plain = unaccented(part.text);
  const german = withoutUmlauts(part.text);
  const ways = [...part.variants, ...(plain === part.text ? [] : [plain]), ...(german === part.text ? [] : [german])];
  return ways.length === 0 ? part.text : dice.pick(ways);
}

/** The name as one record has it. Every fault is drawn by itself; own script excludes the others. */
export function writeName(name: PersonName, sex: Sex, locale: Locale, habit: NameHabit, dice: Dice): WrittenName {
  const { given, family } = name;
  if (given.native !== undefined && family.native !== undefined && dice.chance(habit.native)) {
    const isChinese = locale.code.startsWith("zh");
    const full = isChinese ? family.native + given.native : `${given.native} ${family.native}`;
    return { first: given.native, last: family.native, full };
  }
  const isVariant = dice.chance(habit.variant);
  let first = isVariant ? spelled(given, dice) : given.text;
  let last = isVariant ? spelled(family, dice) : family.text;
  if (dice.chance(habit.nickname)) first = nicknameOf(given.text) ?? first;
  if (dice.chance(habit.initial)) first = `${first.charAt(0)}${dice.chance(0.6) ? "." : ""}`;
  if (dice.chance(habit.typo)) {
    if (dice.chance(0.4)) first = mistyped(first, dice);
    else last = mistyped(last, dice);
  }
  if (dice.chance(habit.capitals)) {
    last = last.toUpperCase();
    if (dice.chance(0.6)) first = first.toUpperCase();
  }
  const isFamilyFirst = dice.chance(locale.familyFirst);
  let full = isFamilyFirst ? `${last} ${first}` : `${first} ${last}`;
  if (dice.chance(habit.title)) {
    const title = dice.pick(TITLES[sex]);
    full = `${title} ${full}`;
    if (dice.chance(0.3)) first = `${title} ${first}`;
  }
  // Who puts the family name first puts it into the first field of a form, too.
  const isSwapped = dice.chance(habit.swap + (isFamilyFirst ? 0.1 : 0));
  return isSwapped ? { first: last, last: first, full } : { first, last, full };
}
