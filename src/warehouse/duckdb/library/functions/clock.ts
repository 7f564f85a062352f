import { floorDivide } from "./zones.js";

export const DAY_NAMES = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
export const MONTH_NAMES = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];

/** A reading of clock and calendar in its parts. */
export interface ClockParts {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly micros: number;
  /** 0 is Sunday. */
  readonly weekday: number;
  /** 1 is 1 January. */
  readonly dayOfYear: number;
  readonly isoYear: number;
  readonly isoWeek: number;
}

const DAY = 86_400_000;

export function partsOf(reading: bigint): ClockParts {
  const seconds = floorDivide(reading, 1_000_000n);
  const date = new Date(Number(seconds) * 1000);
  const year = date.getUTCFullYear();
  const midnight = utc(year, date.getUTCMonth(), date.getUTCDate());
  const weekday = date.getUTCDay();
  const thursday = new Date(midnight + (3 - ((weekday + 6) % 7)) * DAY);
  const isoYear = thursday.getUTCFullYear();
  return {
    year,
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    micros: Number(reading - seconds * 1_000_000n),
    weekday,
    dayOfYear: (midnight - utc(year, 0, 1)) / DAY + 1,
    isoYear,
    isoWeek: Math.floor((thursday.getTime() - utc(isoYear, 0, 1)) / (7 * DAY)) + 1,
  };
}

/** Date.UTC takes years below 100 for the 20th century; this does not. */
export function utc(year: number, monthIndex: number, day: number): number {
  return new Date(0).setUTCFullYear(year, monthIndex, day);
}

export function daysInMonth(year: number, month: number): number {
  return new Date(utc(year, month, 0)).getUTCDate();
}

export function twoDigits(value: number, fill = "0"): string {
  return String(value).padStart(2, fill);
}
