import type { Dice } from "./dice.js";
import { mailNumber } from "./ids.js";
import type { NamePart } from "./name-part.js";
import { plainLetters } from "./spelling.js";

export const WORLD_MAIL = [
  "gmail.example",
  "gmail.example",
  "gmail.example",
  "outlook.example",
  "yahoo.example",
  "icloud.example",
];
/** Where people go with a second address; none of them is anybody's first. */
export const LATER_MAIL = ["proton.example", "fastmail.example", "hotmail.example", "zoho.example"];

/** An address made from a name; the person's number in it makes it theirs alone. */
export function mailbox(
  given: NamePart,
  family: NamePart,
  index: number,
  domains: readonly string[],
  dice: Dice,
): string {
  const first = plainLetters(given.text) || "student";
  const last = plainLetters(family.text) || "name";
  const style = dice.below(6);
  const local = [
    `${first}.${last}`,
    first,
    `${first.charAt(0)}.${last}`,
    `${last}.${first}`,
    first + last,
    `${first}_${last}`,
  ];
  return `${local[style]}${mailNumber(index)}@${dice.pick(domains)}`;
}
