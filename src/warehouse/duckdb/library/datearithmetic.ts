import { type Entry, entries, entry } from "./entry.js";
import { fromUtcReading, utcReading } from "./moments.js";
import { WEEKS, weekStart } from "./weeks.js";

/** Moving a moment by an INTERVAL. Months clamp to the last day, as in GoogleSQL. */
const moving = (operator: "+" | "-"): Record<string, string> => ({
  "d DATE, i INTERVAL": `($d ${operator} $i)::DATE`,
  "d TIMESTAMP, i INTERVAL": fromUtcReading(`(${utcReading("$d")} ${operator} $i)`),
  "d DATETIME, i INTERVAL": `$d ${operator} $i`,
  "d TIME, i INTERVAL": `$d ${operator} $i`,
});

const between: Record<string, string> = {
  "a DATE, b DATE": "to_days(($a - $b)::INTEGER)",
  "a TIMESTAMP, b TIMESTAMP": "to_microseconds(epoch_us($a) - epoch_us($b))",
  "a DATETIME, b DATETIME":
    "to_days(((epoch_us($a) - epoch_us($b)) // 86400000000)::INTEGER) + to_microseconds((epoch_us($a) - epoch_us($b)) % 86400000000)",
  "a TIME, b TIME": "to_microseconds(epoch_us($a) - epoch_us($b))",
};

/** Microseconds of the parts that have a fixed length. */
const FIXED: Readonly<Record<string, number>> = {
  day: 86_400_000_000,
  hour: 3_600_000_000,
  minute: 60_000_000,
  second: 1_000_000,
  millisecond: 1_000,
  microsecond: 1,
};

/**
 * A TIMESTAMP counts whole parts, rounded towards zero; everything else counts the boundaries between the two.
 */
const differences: readonly Entry[] = [
  ...entries(["diff_year", "diff_quarter", "diff_month"], (name) => ({
    "a DATE, b DATE": `date_diff('${name.slice(5)}', $b, $a)`,
    "a DATETIME, b DATETIME": `date_diff('${name.slice(5)}', $b, $a)`,
  })),
  ...Object.entries(FIXED).map(([part, micros]) =>
    entry(`diff_${part}`, {
      "a DATE, b DATE": `date_diff('${part}', $b, $a)`,
      "a DATETIME, b DATETIME": `date_diff('${part}', $b, $a)`,
      "a TIMESTAMP, b TIMESTAMP": `(epoch_us($a) - epoch_us($b)) // ${micros}`,
      "a TIME, b TIME": `epoch_us($a) // ${micros} - epoch_us($b) // ${micros}`,
    }),
  ),
  ...WEEKS.map(({ suffix, startsOn }) => {
    const weeks = `date_diff('day', ${weekStart("$b", startsOn)}, ${weekStart("$a", startsOn)}) // 7`;
    return entry(`diff_week${suffix}`, { "a DATE, b DATE": weeks, "a DATETIME, b DATETIME": weeks });
  }),
  entry("diff_isoweek", {
    "a DATE, b DATE": `date_diff('day', ${weekStart("$b", 1)}, ${weekStart("$a", 1)}) // 7`,
    "a DATETIME, b DATETIME": `date_diff('day', ${weekStart("$b", 1)}, ${weekStart("$a", 1)}) // 7`,
  }),
  entry("diff_isoyear", { "a, b": "isoyear($a) - isoyear($b)" }),
];

export const datearithmetic: readonly Entry[] = [
  entry("iv_add", moving("+")),
  entry("iv_sub", moving("-")),
  /** `+` with a date: DATE + INTERVAL is a DATETIME, unlike DATE_ADD. */
  entry("plus", {
    "d DATE, n INT64": "$d + $n::INTEGER",
    "n INT64, d DATE": "$d + $n::INTEGER",
    ...moving("+"),
    "d DATE, i INTERVAL": "$d + $i",
    "i INTERVAL, d DATE": "$d + $i",
    "i INTERVAL, d TIMESTAMP": fromUtcReading(`(${utcReading("$d")} + $i)`),
    "i INTERVAL, d DATETIME": "$d + $i",
    "a, b": "$a + $b",
  }),
  entry("minus", {
    "d DATE, n INT64": "$d - $n::INTEGER",
    ...moving("-"),
    "d DATE, i INTERVAL": "$d - $i",
    ...between,
    "a, b": "$a - $b",
  }),
  ...differences,
];
