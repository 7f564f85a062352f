import type { Dice } from "./dice.js";

/** A day of the calendar, as a birth date is: no zone, no clock. */
export interface Day {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

export type DateStyle = "iso" | "dmy" | "mdy";

export interface DateHabit {
  readonly style: DateStyle;
  readonly separator: "/" | "." | "-";
}

export const DAY_SECONDS = 86_400;
export const YEAR_SECONDS = 365 * DAY_SECONDS;

/** Every moment lies in these four school years, in seconds since 1970. */
export const WINDOW_FROM = Date.UTC(2021, 8, 1) / 1000;
export const WINDOW_TO = Date.UTC(2025, 8, 1) / 1000;

export function isoTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

export function isoDay({ year, month, day }: Day): string {
  return `${year}-${two(month)}-${two(day)}`;
}

export function writtenDay(date: Day, { style, separator }: DateHabit): string {
  const [day, month] = [two(date.day), two(date.month)];
  if (style === "iso") return isoDay(date);
  return (style === "dmy" ? [day, month, date.year] : [month, day, date.year]).join(separator);
}

/** A day somebody of this many years was born on, seen from the window's beginning. */
export function birthDay(youngest: number, oldest: number, dice: Dice): Day {
  return { year: 2021 - dice.between(youngest, oldest), month: dice.between(1, 12), day: dice.between(1, 28) };
}

/** A slip at the keyboard: day and month the wrong way round, the next year, or a day off. */
export function mistypedDay(date: Day, dice: Dice): Day {
  const slip = dice.below(3);
  if (slip === 0 && date.day <= 12) return { ...date, day: date.month, month: date.day };
  if (slip === 1) return { ...date, year: date.year + 1 };
  return { ...date, day: date.day > 1 ? date.day - 1 : 2 };
}
