/** How a file writes its dates of birth. */
export const DATE_FORMATS = ["YYYY-MM-DD", "YYYYMMDD", "DD/MM/YYYY", "MM/DD/YYYY"] as const;
export type DateFormat = (typeof DATE_FORMATS)[number];

const PATTERNS: Readonly<Record<DateFormat, RegExp>> = {
  "YYYY-MM-DD": /^(?<year>\d{4})-(?<month>\d{2})-(?<day>\d{2})$/,
  YYYYMMDD: /^(?<year>\d{4})(?<month>\d{2})(?<day>\d{2})$/,
  "DD/MM/YYYY": /^(?<day>\d{1,2})\/(?<month>\d{1,2})\/(?<year>\d{4})$/,
  "MM/DD/YYYY": /^(?<month>\d{1,2})\/(?<day>\d{1,2})\/(?<year>\d{4})$/,
};

/**
 * "1908-12-09". A text of another form stays as it is: a mistyped date is what a matcher has to live with. Whether there is such a
 * day is not asked either.
 */
export function isoDate(text: string, format: DateFormat): string {
  const groups = PATTERNS[format].exec(text)?.groups;
  if (groups === undefined) return text;
  const { year = "", month = "", day = "" } = groups;
  return `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
}
