import { INTEGER, NUMBER, type ScriptFunction, script, TEXT } from "./define.js";

/**
 * A FLOAT64 as GoogleSQL writes it: C's `%.15g` when that reads back as the same number, else `%.17g`; negative zero
 * is "0".
 */
export function doubleText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (value === 0) return "0";
  const digits = Number(value.toExponential(14)) === value ? 15 : 17;
  const [mantissa = "", power = "0"] = value.toExponential(digits - 1).split("e");
  const exponent = Number(power);
  if (exponent < -4 || exponent >= digits) {
    const sign = exponent < 0 ? "-" : "+";
    return `${withoutTrailingZeros(mantissa)}e${sign}${String(Math.abs(exponent)).padStart(2, "0")}`;
  }
  return withoutTrailingZeros(value.toFixed(Math.max(0, digits - 1 - exponent)));
}

export function withoutTrailingZeros(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

const NUMERIC_SCALE = 9;
const NUMERIC_UNIT = 10n ** BigInt(NUMERIC_SCALE);

/** "-12.5" in units of 1e-9. */
function unitsOf(numeric: string): bigint {
  const [, sign = "", whole = "", fraction = ""] = /^(-?)(\d*)\.?(\d*)$/.exec(numeric) ?? [];
  const units = BigInt(`${whole}${fraction.padEnd(NUMERIC_SCALE, "0").slice(0, NUMERIC_SCALE)}` || "0");
  return sign === "-" ? -units : units;
}

function numericOf(units: bigint): string {
  const digits = (units < 0n ? -units : units).toString().padStart(NUMERIC_SCALE + 1, "0");
  return `${units < 0n ? "-" : ""}${digits.slice(0, -NUMERIC_SCALE)}.${digits.slice(-NUMERIC_SCALE)}`;
}

/** Rounds half away from zero. */
function divideRounded(dividend: bigint, divisor: bigint): bigint {
  const isNegative = dividend < 0n !== divisor < 0n;
  const top = dividend < 0n ? -dividend : dividend;
  const bottom = divisor < 0n ? -divisor : divisor;
  const quotient = (2n * top + bottom) / (2n * bottom);
  return isNegative ? -quotient : quotient;
}

/** The exact quotient of two NUMERICs, rounded half away from zero at nine places. */
export function divideNumeric(dividend: string, divisor: string): string {
  return numericOf(divideRounded(unitsOf(dividend) * NUMERIC_UNIT, unitsOf(divisor)));
}

/** DIV: the quotient without its fraction. */
export function divideWhole(dividend: string, divisor: string): string {
  return String(unitsOf(dividend) / unitsOf(divisor));
}

/** Rounds half away from zero at `places`, which may be negative. */
export function roundNumeric(numeric: string, places: bigint): string {
  return atPlaces(numeric, places, (units, step) => divideRounded(units, step) * step);
}

export function truncateNumeric(numeric: string, places: bigint): string {
  return atPlaces(numeric, places, (units, step) => (units / step) * step);
}

function atPlaces(numeric: string, places: bigint, cut: (units: bigint, step: bigint) => bigint): string {
  const drop = BigInt(NUMERIC_SCALE) - places;
  return drop <= 0n ? numeric : numericOf(cut(unitsOf(numeric), 10n ** (drop > 60n ? 60n : drop)));
}

export const numericTextFunctions: readonly ScriptFunction[] = [
  script("u_double_text", [NUMBER], TEXT, doubleText),
  script("u_numeric_divide", [TEXT, TEXT], TEXT, divideNumeric),
  script("u_numeric_divide_whole", [TEXT, TEXT], TEXT, divideWhole),
  script("u_numeric_round", [TEXT, INTEGER], TEXT, roundNumeric),
  script("u_numeric_trunc", [TEXT, INTEGER], TEXT, truncateNumeric),
];
