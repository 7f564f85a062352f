import { type Entry, entry } from "./entry.js";
import { fromLocalReading, fromUtcReading, localReading, utcReading } from "./moments.js";
import { daysIntoWeek, WEEKS, weekStart } from "./weeks.js";

/** Start of the part, of a DATE or DATETIME. */
type Truncate = (x: string) => string;

const dateTrunc =
  (part: string): Truncate =>
  (x) =>
    `date_trunc('${part}', ${x})`;
/** ISO year: the week with 4 January in it is the first. */
const isoYearStart: Truncate = (x) => `date_trunc('week', make_date(isoyear(${x}), 1, 4))`;

const TRUNCATED_DAYS: Readonly<Record<string, Truncate>> = {
  year: dateTrunc("year"),
  quarter: dateTrunc("quarter"),
  month: dateTrunc("month"),
  day: dateTrunc("day"),
  isoweek: dateTrunc("week"),
  isoyear: isoYearStart,
  ...Object.fromEntries(WEEKS.map(({ suffix, startsOn }) => [`week${suffix}`, (x: string) => weekStart(x, startsOn)])),
};
const TRUNCATED_TIMES = ["hour", "minute", "second", "millisecond", "microsecond"];

const withZone = (body: (reading: string) => string): string => body(`(${localReading("$d", "$z")})`);

const truncations: readonly Entry[] = [
  ...Object.entries(TRUNCATED_DAYS).map(([part, truncate]) =>
    entry(`trunc_${part}`, {
      "d DATE": `${truncate("$d")}::DATE`,
      "d DATETIME": `${truncate("$d")}::TIMESTAMP`,
      "d TIMESTAMP": fromUtcReading(`${truncate(utcReading("$d"))}::TIMESTAMP`),
      "d TIMESTAMP, z STRING": withZone((reading) => fromLocalReading(`(${truncate(reading)}::TIMESTAMP)`, "$z")),
    }),
  ),
  // Within a day the zone only shifts the boundary: going back by what has passed keeps the two 01:30 of autumn apart.
  ...TRUNCATED_TIMES.map((part) =>
    entry(`trunc_${part}`, {
      "d DATETIME": `date_trunc('${part}', $d)`,
      "d TIMESTAMP": fromUtcReading(`date_trunc('${part}', ${utcReading("$d")})`),
      "d TIMESTAMP, z STRING": withZone(
        (reading) =>
          `make_timestamptz(epoch_us($d) - (epoch_us(${reading}) - epoch_us(date_trunc('${part}', ${reading}))))`,
      ),
    }),
  ),
  entry("trunc_time", { "p STRING, t TIME": "date_trunc($p, DATE '1970-01-01' + $t)::TIME" }),
];

const DATE_FIELDS: Readonly<Record<string, (x: string) => string>> = {
  year: (x) => `year(${x})`,
  month: (x) => `month(${x})`,
  day: (x) => `day(${x})`,
  dayofweek: (x) => `dayofweek(${x}) + 1`,
  dayofyear: (x) => `dayofyear(${x})`,
  quarter: (x) => `quarter(${x})`,
  isoweek: (x) => `weekofyear(${x})`,
  isoyear: (x) => `isoyear(${x})`,
  // Days before the first start of a week in the year are in week 0.
  ...Object.fromEntries(
    WEEKS.map(({ suffix, startsOn }) => [
      `week${suffix}`,
      (x: string) => `(dayofyear(${x}) + 6 - ${daysIntoWeek(x, startsOn)}) // 7`,
    ]),
  ),
};
const TIME_FIELDS: Readonly<Record<string, (x: string) => string>> = {
  hour: (x) => `hour(${x})`,
  minute: (x) => `minute(${x})`,
  second: (x) => `second(${x})`,
  millisecond: (x) => `millisecond(${x}) % 1000`,
  microsecond: (x) => `microsecond(${x}) % 1000000`,
};
const INTERVAL_FIELDS: Readonly<Record<string, string>> = {
  year: "datepart('year', $d)",
  month: "datepart('month', $d)",
  day: "datepart('day', $d)",
  hour: "datepart('hour', $d)",
  minute: "datepart('minute', $d)",
  second: "datepart('second', $d)",
  millisecond: "datepart('millisecond', $d) % 1000",
  microsecond: "datepart('microsecond', $d) % 1000000",
};

const intervalField = (part: string): Record<string, string> => {
  const body = INTERVAL_FIELDS[part];
  return body === undefined ? {} : { "d INTERVAL": body };
};

const extractions: readonly Entry[] = [
  ...Object.entries(DATE_FIELDS).map(([part, field]) =>
    entry(`extract_${part}`, {
      "d DATE": field("$d"),
      "d DATETIME": field("$d"),
      "d TIMESTAMP": field(utcReading("$d")),
      ...intervalField(part),
    }),
  ),
  ...Object.entries(TIME_FIELDS).map(([part, field]) =>
    entry(`extract_${part}`, {
      "d DATETIME": field("$d"),
      "d TIMESTAMP": field(utcReading("$d")),
      "d TIME": field("$d"),
      ...intervalField(part),
    }),
  ),
  entry("extract_date", { "d TIMESTAMP": `${utcReading("$d")}::DATE`, "d DATETIME": "$d::DATE" }),
  entry("extract_time", { "d TIMESTAMP": `${utcReading("$d")}::TIME`, "d DATETIME": "$d::TIME" }),
  entry("extract_datetime", { "d TIMESTAMP": utcReading("$d") }),
];

const lastDays: readonly Entry[] = [
  entry("last_day_year", { d: "make_date(year($d), 12, 31)" }),
  entry("last_day_quarter", { d: "last_day(date_trunc('quarter', $d) + INTERVAL 2 MONTH)" }),
  entry("last_day_month", { d: "last_day($d)" }),
  entry("last_day_isoweek", { d: `${weekStart("$d", 1)} + 6` }),
  entry("last_day_isoyear", { d: "date_trunc('week', make_date(isoyear($d) + 1, 1, 4))::DATE - 1" }),
  ...WEEKS.map(({ suffix, startsOn }) => entry(`last_day_week${suffix}`, { d: `${weekStart("$d", startsOn)} + 6` })),
];

export const dateparts: readonly Entry[] = [...truncations, ...extractions, ...lastDays];
