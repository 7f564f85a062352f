import { fail } from "./fail.js";

/**
 * Pieces of SQL for moments in time. A TIMESTAMP is a TIMESTAMPTZ in DuckDB, whose functions go through ICU and are
 * about twenty times slower than those of its DATETIME (TIMESTAMP): so work is done on the UTC reading.
 */

/** TIMESTAMPTZ to its UTC reading. */
export const utcReading = (x: string): string => `make_timestamp(epoch_us(${x}))`;

/** A UTC reading to the TIMESTAMPTZ it stands for. */
export const fromUtcReading = (x: string): string => `make_timestamptz(epoch_us(${x}))`;

/** A time of day on the first day of the epoch, for functions that take no TIME. */
export const onEpochDay = (x: string): string => `(DATE '1970-01-01' + ${x})`;

/** Whole multiples of a positive constant, rounded down. `//` alone rounds towards zero. */
export const floorDivide = (x: string, by: number): string =>
  by === 1 ? x : `((${x}) // ${by} - CASE WHEN (${x}) % ${by} < 0 THEN 1 ELSE 0 END)`;

/** As GoogleSQL writes a DATETIME: no fraction, milliseconds or microseconds, whichever is shortest. */
export const datetimeText = (x: string): string =>
  `CASE WHEN epoch_us(${x}) % 1000000 = 0 THEN strftime(${x}, '%Y-%m-%d %H:%M:%S') ` +
  `WHEN epoch_us(${x}) % 1000 = 0 THEN strftime(${x}, '%Y-%m-%d %H:%M:%S.%g') ` +
  `ELSE strftime(${x}, '%Y-%m-%d %H:%M:%S.%f') END`;

/** As GoogleSQL writes a TIME. */
export const timeText = (x: string): string => `substr(${datetimeText(onEpochDay(x))}, 12)`;

const isOffset = (zone: string): string => `regexp_matches(${zone}, '^[+-]')`;

/** "+5", "-08:00", "+0530" in minutes. Native, so that a constant zone costs nothing per row. */
const offsetMinutes = (zone: string): string =>
  `CASE WHEN regexp_full_match(${zone}, '[+-][0-9]{1,2}(:?[0-9]{2})?') ` +
  `THEN CASE WHEN starts_with(${zone}, '-') THEN -1 ELSE 1 END * ` +
  `(regexp_extract(${zone}, '^[+-]([0-9]{1,2})', 1)::BIGINT * 60 + ` +
  `coalesce(TRY_CAST(regexp_extract(${zone}, '^[+-][0-9]{1,2}:?([0-9]{2})$', 1) AS BIGINT), 0)) ` +
  `ELSE ${fail("An offset from UTC is +H, +HH, +HHMM or +HH:MM", "BIGINT")} END`;

/** TIMESTAMPTZ to the clock reading in a zone (a name or an offset). */
export const localReading = (x: string, zone: string): string =>
  `CASE WHEN ${zone} = 'UTC' THEN ${utcReading(x)} ` +
  `WHEN ${isOffset(zone)} THEN ${utcReading(x)} + to_minutes(${offsetMinutes(zone)}) ` +
  `ELSE timezone(${zone}, ${x}) END`;

/**
 * The clock reading in a zone to the TIMESTAMPTZ it stands for. Where clocks went back an hour and the reading came
 * twice, DuckDB takes the second, GoogleSQL the first.
 */
export const fromLocalReading = (x: string, zone: string): string => {
  const later = `timezone(${zone}, ${x})`;
  const earlier = `make_timestamptz(epoch_us(${later}) - 3600000000)`;
  return (
    `CASE WHEN ${zone} = 'UTC' THEN ${fromUtcReading(x)} ` +
    `WHEN ${isOffset(zone)} THEN ${fromUtcReading(`(${x}) - to_minutes(${offsetMinutes(zone)})`)} ` +
    `WHEN timezone(${zone}, ${earlier}) = ${x} THEN ${earlier} ELSE ${later} END`
  );
};
