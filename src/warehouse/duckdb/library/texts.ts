/** Pieces of SQL for the text GoogleSQL gives to numbers and intervals. */

/**
 * FLOAT64. DuckDB prints the shortest text that reads back, GoogleSQL 15 digits or else 17: the two agree up to 15
 * digits without an exponent, and everything else takes the slow way.
 */
export const doubleText = (x: string): string =>
  `CASE WHEN ${x} = 0 THEN '0' ` +
  `WHEN abs(${x}) BETWEEN 1e-4 AND 999999999999999 AND length(${x}::VARCHAR) <= 16 THEN CASE WHEN ends_with(${x}::VARCHAR, '.0') THEN left(${x}::VARCHAR, -2) ELSE ${x}::VARCHAR END ` +
  `ELSE u_double_text(${x}) END`;

/** NUMERIC and BIGNUMERIC, without the zeros DuckDB pads to the scale. */
export const numericText = (x: string): string => `rtrim(rtrim(${x}::VARCHAR, '0'), '.')`;

/** Months of an INTERVAL, years included. */
export const intervalMonths = (i: string): string => `(datepart('year', ${i}) * 12 + datepart('month', ${i}))`;
export const intervalDays = (i: string): string => `datepart('day', ${i})`;
/** Microseconds of an INTERVAL beside its months and days. `datepart('microsecond')` holds the seconds too. */
export const intervalMicros = (i: string): string =>
  `(datepart('hour', ${i}) * 3600000000 + datepart('minute', ${i}) * 60000000 + datepart('microsecond', ${i}))`;

/** INTERVAL as "Y-M D H:M:S.f", each of the three with its own sign. */
export const intervalText = (i: string): string => {
  const months = intervalMonths(i);
  const micros = intervalMicros(i);
  const sign = (x: string): string => `CASE WHEN ${x} < 0 THEN '-' ELSE '' END`;
  return (
    `${sign(months)} || abs(${months}) // 12 || '-' || abs(${months}) % 12 || ' ' || ${intervalDays(i)} || ' ' || ` +
    `${sign(micros)} || abs(${micros}) // 3600000000 || ':' || abs(${micros}) // 60000000 % 60 || ':' || abs(${micros}) // 1000000 % 60 || ` +
    `CASE WHEN ${micros} % 1000000 = 0 THEN '' WHEN ${micros} % 1000 = 0 THEN '.' || lpad((abs(${micros}) // 1000 % 1000)::VARCHAR, 3, '0') ` +
    `ELSE '.' || lpad((abs(${micros}) % 1000000)::VARCHAR, 6, '0') END`
  );
};
