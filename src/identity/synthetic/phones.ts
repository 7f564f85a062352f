import type { Dice } from "./dice.js";

/** A block of numbers: national prefix without the trunk 0, free digits after it, and how the digits are grouped. */
export interface PhoneRange {
  readonly prefix: string;
  readonly digits: number;
  readonly groups: readonly number[];
}

export interface PhonePlan {
  readonly callingCode: string;
  /** What is dialled before a national number. */
  readonly trunk: string;
  /** What is dialled before a country code, where the + is not at hand. */
  readonly exit: string;
  /** Used up in this order. */
  readonly ranges: readonly PhoneRange[];
}

export interface Phone {
  readonly plan: PhonePlan;
  readonly range: PhoneRange;
  /** The national significant number. */
  readonly national: string;
}

/** Coprime with ten, so that counting on runs through a block out of order and without repeating itself. */
const STRIDE = 7919;

/** The n-th number of a plan, each another. Throws RangeError when the plan is used up. */
export function phoneAt(plan: PhonePlan, n: number): Phone {
  let rest = n;
  for (const range of plan.ranges) {
    const size = 10 ** range.digits;
    if (rest < size) {
      const digits = String((rest * STRIDE + 123) % size).padStart(range.digits, "0");
      return { plan, range, national: range.prefix + digits };
    }
    rest -= size;
  }
  throw new RangeError(`no number ${n} in the phone plan of +${plan.callingCode}`);
}

export function e164(phone: Phone): string {
  return `+${phone.plan.callingCode}${phone.national}`;
}

function grouped(phone: Phone, separator: string): string {
  const parts: string[] = [];
  let from = 0;
  for (const length of phone.range.groups) {
    parts.push(phone.national.slice(from, from + length));
    from += length;
  }
  return parts.join(separator);
}

/** International, as systems write it and as people do. */
export function internationalPhone(phone: Phone, dice: Dice): string {
  const { callingCode, trunk, exit } = phone.plan;
  const style = dice.below(10);
  if (style < 5) return e164(phone);
  if (style < 8) return `+${callingCode} ${grouped(phone, " ")}`;
  if (style === 8) return `${exit}${callingCode}${phone.national}`;
  return trunk === "" ? `+${callingCode}-${grouped(phone, "-")}` : `+${callingCode} (${trunk}) ${grouped(phone, " ")}`;
}

/** National, as on a form whose country everybody knows. */
export function nationalPhone(phone: Phone, dice: Dice): string {
  const { trunk } = phone.plan;
  const style = dice.below(10);
  if (style < 4) return trunk + phone.national;
  if (style < 8) return trunk + grouped(phone, " ");
  return trunk + grouped(phone, style === 8 ? "-" : ".");
}

/** A digit too few or a letter in it: wrong in a way that makes it nobody's number. */
export function damagedPhone(phone: Phone, dice: Dice): string {
  const text = e164(phone);
  return dice.chance(0.5) ? text.slice(0, -3) : `${text.slice(0, -1)}o`;
}
