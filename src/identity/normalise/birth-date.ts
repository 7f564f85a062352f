import { monthOfName } from "./month-names.js";

/** Where a date of digits and slashes begins with the month. */
const MONTH_FIRST: ReadonlySet<string> = new Set(["US", "PH", "PR", "GU", "FM", "PW", "MH"]);

/** Days that systems put where a date of birth is missing. */
const PLACEHOLDERS: ReadonlySet<string> = new Set([
  "1899-12-30",
  "1899-12-31",
  "1900-01-01",
  "1900-01-02",
  "1901-01-01",
  "1904-01-01",
  "1911-11-11",
  "1970-01-01",
  "2099-12-31",
]);
/** Nobody who lives was born before. */
export const FIRST_YEAR = 1890;
const LAST_YEAR = 2099;

const YEAR_FIRST = /^(\d{4})([-/.]?)(\d{1,2})\2(\d{1,2})(?:[T ].*)?$/;
const YEAR_LAST = /^(\d{1,2})([-/. ])(\d{1,2})\2(\d{4})$/;
/** 2 March 1999, 2-Mar-1999, 2. März 1999; March 2, 1999. */
const MONTH_IN_WORDS =
  /^(?<day>\d{1,2})(?:st|nd|rd|th|\.)?[ -]?(?:de )?(?<month>\p{L}{3,})\.?[ ,-]*(?:de )?(?<year>\d{4})$/u;
const MONTH_FIRST_IN_WORDS = /^(?<month>\p{L}{3,})\.? ?(?<day>\d{1,2})(?:st|nd|rd|th)?,? (?<year>\d{4})$/u;
/** 1999, 1999-00-00, 00.00.1999; 1999-03, 1999-03-00 and 00.03.1999, since a month alone is not compared. */
const ONLY_YEAR = /^(?:00?[-/.]\d{1,2}[-/.])?(\d{4})(?:-?00-?00|-(?:0?[1-9]|1[0-2])(?:-00?)?)?$/;
const NO_YEAR = "1900";
const DAYS_IN_MONTH = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * "1999-03-02"; null where a text is no day of a year from `since` on, or one that stands for a missing date.
 *
 * Of 03/02/1999 the region (ISO 3166 alpha-2) says which is the month; where only one order gives a day, it is that one.
 */
export function canonicalBirthDate(raw: string, region: string, since = FIRST_YEAR): string | null {
  const text = raw.trim();
  const dayOf = dayFrom(since);
  const [, year, separator, month, day] = YEAR_FIRST.exec(text) ?? [];
  if (year !== undefined) return separator === "" && text.length < 8 ? null : dayOf(year, month, day);
  const [, first, , second, lastYear] = YEAR_LAST.exec(text) ?? [];
  if (lastYear === undefined) return dayInWords(text, dayOf);
  const [byDay, byMonth] = [dayOf(lastYear, second, first), dayOf(lastYear, first, second)];
  return MONTH_FIRST.has(region.toUpperCase()) ? (byMonth ?? byDay) : (byDay ?? byMonth);
}

/** "1999" where a text tells no day of a birth date but its year, from `since` on; null else. */
export function canonicalBirthYear(raw: string, since = FIRST_YEAR): string | null {
  const year = ONLY_YEAR.exec(raw.trim())?.[1];
  if (year === undefined || year === NO_YEAR) return null;
  return Number(year) < since || Number(year) > LAST_YEAR ? null : year;
}

type DayOf = (year: string, month?: string, day?: string) => string | null;

function dayInWords(text: string, dayOf: DayOf): string | null {
  const { day, month, year } = (MONTH_IN_WORDS.exec(text) ?? MONTH_FIRST_IN_WORDS.exec(text))?.groups ?? {};
  if (year === undefined || month === undefined) return null;
  const number = monthOfName(month);
  return number === null ? null : dayOf(year, String(number), day);
}

function dayFrom(since: number): DayOf {
  return (year, monthText = "", dayText = "") => {
    const [month, day] = [Number(monthText), Number(dayText)];
    const days = DAYS_IN_MONTH[month - 1] ?? 0;
    const isReal = day >= 1 && day <= days && (month !== 2 || day < 29 || isLeap(Number(year)));
    if (!isReal || Number(year) < since || Number(year) > LAST_YEAR) return null;
    const date = `${year}-${monthText.padStart(2, "0")}-${dayText.padStart(2, "0")}`;
    return PLACEHOLDERS.has(date) ? null : date;
  };
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}
