import { type ClockParts, DAY_NAMES, MONTH_NAMES, partsOf, twoDigits } from "./clock.js";
import { READING, type ScriptFunction, script, TEXT } from "./define.js";
import { floorDivide, offsetAt } from "./zones.js";

/** What is formatted. Elements a type does not have are written as they stand in the format. */
type Subject = "TIMESTAMP" | "DATETIME" | "DATE" | "TIME";

interface Moment extends ClockParts {
  readonly subject: Subject;
  /** Minutes east of UTC. */
  readonly offset: number;
  readonly epochSeconds: bigint;
}

type Element = (moment: Moment) => string;

const hour12 = ({ hour }: Moment): number => hour % 12 || 12;
const weekOfYear = ({ dayOfYear, weekday }: Moment, startsOn: number): number =>
  Math.floor((dayOfYear + 6 - ((weekday + 7 - startsOn) % 7)) / 7);
const name = (names: readonly string[], index: number): string => names[index] ?? "";

const DATE_ELEMENTS: Readonly<Record<string, Element>> = {
  A: ({ weekday }) => name(DAY_NAMES, weekday),
  a: ({ weekday }) => name(DAY_NAMES, weekday).slice(0, 3),
  B: ({ month }) => name(MONTH_NAMES, month - 1),
  b: ({ month }) => name(MONTH_NAMES, month - 1).slice(0, 3),
  h: ({ month }) => name(MONTH_NAMES, month - 1).slice(0, 3),
  C: ({ year }) => String(Math.floor(year / 100)),
  D: (moment) => written("%m/%d/%y", moment),
  d: ({ day }) => twoDigits(day),
  e: ({ day }) => twoDigits(day, " "),
  F: (moment) => written("%Y-%m-%d", moment),
  G: ({ isoYear }) => String(isoYear),
  g: ({ isoYear }) => twoDigits(isoYear % 100),
  j: ({ dayOfYear }) => String(dayOfYear).padStart(3, "0"),
  m: ({ month }) => twoDigits(month),
  Q: ({ month }) => String(Math.ceil(month / 3)),
  U: (moment) => twoDigits(weekOfYear(moment, 0)),
  u: ({ weekday }) => String(weekday || 7),
  V: ({ isoWeek }) => twoDigits(isoWeek),
  W: (moment) => twoDigits(weekOfYear(moment, 1)),
  w: ({ weekday }) => String(weekday),
  x: (moment) => written("%m/%d/%y", moment),
  Y: ({ year }) => String(year),
  y: ({ year }) => twoDigits(year % 100),
  E4Y: ({ year }) => String(year).padStart(4, "0"),
};

const TIME_ELEMENTS: Readonly<Record<string, Element>> = {
  H: ({ hour }) => twoDigits(hour),
  I: (moment) => twoDigits(hour12(moment)),
  k: ({ hour }) => twoDigits(hour, " "),
  l: (moment) => twoDigits(hour12(moment), " "),
  M: ({ minute }) => twoDigits(minute),
  P: ({ hour }) => (hour < 12 ? "am" : "pm"),
  p: ({ hour }) => (hour < 12 ? "AM" : "PM"),
  R: (moment) => written("%H:%M", moment),
  r: (moment) => written("%I:%M:%S %p", moment),
  S: ({ second }) => twoDigits(second),
  T: (moment) => written("%H:%M:%S", moment),
  X: (moment) => written("%H:%M:%S", moment),
  "E*S": (moment) => withFraction(moment, sixDigits(moment).replace(/0+$/, "")),
  // Milliseconds or microseconds, whichever is shortest: as a cast to STRING writes it.
  "E?S": (moment) => withFraction(moment, sixDigits(moment).replace(/^000000$|000$/, "")),
};

const DATETIME_ELEMENTS: Readonly<Record<string, Element>> = {
  c: (moment) => written("%a %b %e %H:%M:%S %Y", moment),
  s: ({ epochSeconds }) => String(epochSeconds),
};

const ZONE_ELEMENTS: Readonly<Record<string, Element>> = {
  Ez: ({ offset }) => `${sign(offset)}${hours(offset)}:${minutes(offset)}`,
  Z: ({ offset }) => {
    if (offset === 0) return "UTC";
    const isWhole = offset % 60 === 0;
    return `UTC${sign(offset)}${isWhole ? Number(hours(offset)) : `${hours(offset)}${minutes(offset)}`}`;
  },
  z: ({ offset }) => `${sign(offset)}${hours(offset)}${minutes(offset)}`,
  // Without minutes when there are none: as a cast to STRING writes it.
  "z:": ({ offset }) => `${sign(offset)}${hours(offset)}${offset % 60 === 0 ? "" : `:${minutes(offset)}`}`,
};

const ELEMENTS: Readonly<Record<Subject, Readonly<Record<string, Element>>>> = {
  DATE: DATE_ELEMENTS,
  TIME: TIME_ELEMENTS,
  DATETIME: { ...DATE_ELEMENTS, ...TIME_ELEMENTS, ...DATETIME_ELEMENTS },
  TIMESTAMP: { ...DATE_ELEMENTS, ...TIME_ELEMENTS, ...DATETIME_ELEMENTS, ...ZONE_ELEMENTS },
};

const CHARACTERS: Readonly<Record<string, string>> = { n: "\n", t: "\t", "%": "%" };

function sign(offset: number): string {
  return offset < 0 ? "-" : "+";
}

function hours(offset: number): string {
  return twoDigits(Math.floor(Math.abs(offset) / 60));
}

function minutes(offset: number): string {
  return twoDigits(Math.abs(offset) % 60);
}

function sixDigits({ micros }: Moment): string {
  return String(micros).padStart(6, "0");
}

function withFraction({ second }: Moment, digits: string): string {
  return `${twoDigits(second)}${digits === "" ? "" : `.${digits}`}`;
}

function written(format: string, moment: Moment): string {
  const elements = ELEMENTS[moment.subject];
  return format.replace(/%(E\*S|E\?S|E\d+S|E\d+f|E4Y|Ez|z:|[EO]?[\s\S])/g, (token, element: string) => {
    const character = CHARACTERS[element];
    if (character !== undefined) return character;
    const precise = /^E(\d+)([Sf])$/.exec(element);
    if (precise !== null && moment.subject !== "DATE") {
      const digits = sixDigits(moment).padEnd(Number(precise[1]), "0").slice(0, Number(precise[1]));
      return precise[2] === "f" ? digits : withFraction(moment, digits);
    }
    const write = elements[element] ?? elements[element.replace(/^[EO]/, "")];
    return write === undefined ? token : write(moment);
  });
}

/**
 * FORMAT_TIMESTAMP, FORMAT_DATETIME, FORMAT_DATE and FORMAT_TIME. `zone` is a time zone for a TIMESTAMP, and else the
 * name of the type.
 */
export function formatTime(format: string, reading: bigint, zone: string): string {
  return written(format, momentOf(reading, zone));
}

export function momentOf(reading: bigint, zone: string): Moment {
  const isPlain = zone === "DATE" || zone === "TIME" || zone === "DATETIME";
  const offset = isPlain ? 0 : offsetAt(reading, zone);
  return {
    ...partsOf(reading + BigInt(offset) * 60_000_000n),
    subject: isPlain ? zone : "TIMESTAMP",
    offset,
    epochSeconds: floorDivide(reading, 1_000_000n),
  };
}

export const timeFormatFunctions: readonly ScriptFunction[] = [
  script("u_format_time", [TEXT, READING, TEXT], TEXT, formatTime),
];
