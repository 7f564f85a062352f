/** A day of birth as a file writes it, read to "1908-12-09". */
export type ReadDate = (text: string) => string;

const PARTS = { YYYY: "(?<year>\\d{4})", YY: "(?<short>\\d{2})", MM: "(?<month>\\d{1,2})", DD: "(?<day>\\d{1,2})" };
const PART = /YYYY|YY|MM|DD/g;
/** Where no separator tells them apart, month and day have two digits. */
const SEPARATED = /^(?:YYYY|YY|MM|DD)([-/. ])(?:YYYY|YY|MM|DD)\1(?:YYYY|YY|MM|DD)$/;
const TOGETHER = /^(?:YYYY|YY|MM|DD){3}$/;
/** A year of two digits is of this century up to here. */
const LAST_SHORT_YEAR = 29;

/**
 * Reads dates of one form: YYYY or YY, MM and DD in any order, with one of `- / .` or a blank between them or nothing. A text of
 * another form stays as it is: a mistyped date is what a matcher has to live with. Whether there is such a day is not asked either.
 * Null where `format` is no such form.
 */
export function dateReader(format: string): ReadDate | null {
  const kinds = (format.match(PART) ?? []).map((part) => part.charAt(0));
  const isTogether = TOGETHER.test(format);
  if (kinds.toSorted().join("") !== "DMY" || !(isTogether || SEPARATED.test(format))) return null;
  const digits = isTogether ? "{2}" : "{1,2}";
  const source = format
    .replace(/[.]/g, "\\.")
    .replace(PART, (part) => PARTS[part as keyof typeof PARTS].replace("{1,2}", digits));
  const pattern = new RegExp(`^${source}$`);
  return (text) => {
    const { year, short, month, day } = pattern.exec(text)?.groups ?? {};
    if (month === undefined || day === undefined) return text;
    return dateOf({ year: year ?? short ?? "", month, day });
  };
}

/**
 * The day that three columns tell: numbers with or without zeros before them, a year also of two digits. The year alone where month
 * or day is not known; empty without a year.
 */
export function dateOf({ year, month, day }: { year: string; month: string; day: string }): string {
  if (year === "") return "";
  const full = /^\d{2}$/.test(year) ? `${Number(year) > LAST_SHORT_YEAR ? 19 : 20}${year}` : year;
  return month === "" || day === "" ? full : `${full}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
}
