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
const [FIRST_YEAR, LAST_YEAR] = [1890, 2099];

const YEAR_FIRST = /^(\d{4})([-/.]?)(\d{1,2})\2(\d{1,2})(?:[T ].*)?$/;
const YEAR_LAST = /^(\d{1,2})([-/. ])(\d{1,2})\2(\d{4})$/;
const DAYS_IN_MONTH = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * "1999-03-02"; null where a text is no day that somebody living may have been born on, or one that stands for a missing date.
 *
 * Of 03/02/1999 the region (ISO 3166 alpha-2) says which is the month; where only one order gives a day, it is that one.
 */
export function canonicalBirthDate(raw: string, region: string): string | null {
  const text = raw.trim();
  const [, year, separator, month, day] = YEAR_FIRST.exec(text) ?? [];
  if (year !== undefined) return separator === "" && text.length < 8 ? null : dayOf(year, month, day);
  const [, first, , second, lastYear] = YEAR_LAST.exec(text) ?? [];
  if (lastYear === undefined) return null;
  const [byDay, byMonth] = [dayOf(lastYear, second, first), dayOf(lastYear, first, second)];
  return MONTH_FIRST.has(region.toUpperCase()) ? (byMonth ?? byDay) : (byDay ?? byMonth);
}

function dayOf(year: string, monthText = "", dayText = ""): string | null {
  const [month, day] = [Number(monthText), Number(dayText)];
  const days = DAYS_IN_MONTH[month - 1] ?? 0;
  const isReal = day >= 1 && day <= days && (month !== 2 || day < 29 || isLeap(Number(year)));
  if (!isReal || Number(year) < FIRST_YEAR || Number(year) > LAST_YEAR) return null;
  const date = `${year}-${monthText.padStart(2, "0")}-${dayText.padStart(2, "0")}`;
  return PLACEHOLDERS.has(date) ? null : date;
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}
