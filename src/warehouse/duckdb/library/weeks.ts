/** The weeks GoogleSQL knows, by the name the analyzer gives and the weekday they start on (Sunday is 0). */
export const WEEKS: readonly { readonly suffix: string; readonly startsOn: number }[] = [
  { suffix: "", startsOn: 0 },
  { suffix: "_sunday", startsOn: 0 },
  { suffix: "_monday", startsOn: 1 },
  { suffix: "_tuesday", startsOn: 2 },
  { suffix: "_wednesday", startsOn: 3 },
  { suffix: "_thursday", startsOn: 4 },
  { suffix: "_friday", startsOn: 5 },
  { suffix: "_saturday", startsOn: 6 },
];

/** Days since the last start of a week; none on that day itself. */
export const daysIntoWeek = (x: string, startsOn: number): string =>
  `((dayofweek(${x}) + ${7 - startsOn}) % 7)::INTEGER`;

export const weekStart = (x: string, startsOn: number): string => `(${x}::DATE - ${daysIntoWeek(x, startsOn)})`;
