import { DAY_NAMES, daysInMonth, MONTH_NAMES, utc } from "./clock.js";
import { READING, type ScriptFunction, script, TEXT } from "./define.js";
import { instantOf, offsetAt, offsetOfText } from "./zones.js";

/** What a format has read so far. */
export interface Fields {
  year: number;
  century: number | null;
  month: number;
  day: number;
  dayOfYear: number | null;
  /** Week of the year, counted from the first Sunday (0) or Monday (1). */
  week: { readonly number: number; readonly startsOn: number } | null;
  hour: number;
  isHour12: boolean;
  isAfternoon: boolean | null;
  minute: number;
  second: number;
  micros: number;
  /** Minutes east of UTC. */
  offset: number | null;
  zone: string | null;
  epochSeconds: bigint | null;
}

export function emptyFields(): Fields {
  return {
    year: 1970,
    century: null,
    month: 1,
    day: 1,
    dayOfYear: null,
    week: null,
    hour: 0,
    isHour12: false,
    isAfternoon: null,
    minute: 0,
    second: 0,
    micros: 0,
    offset: null,
    zone: null,
    epochSeconds: null,
  };
}

export function refuse(): never {
  throw new RangeError("the text does not match the format");
}

/** A place in a text. */
export class Cursor {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** What the pattern (sticky) matches here, and moves behind it. */
  take(pattern: RegExp): string {
    return this.tryTake(pattern) ?? refuse();
  }

  tryTake(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found === undefined) return null;
    this.#at += found.length;
    return found;
  }

  number(pattern: RegExp, least: number, most: number): number {
    const value = Number(this.take(pattern));
    return value < least || value > most ? refuse() : value;
  }

  /** The index of the name that stands here, in full or by its first three letters. */
  name(names: readonly string[]): number {
    const rest = this.#text.slice(this.#at).toLowerCase();
    for (const [index, name] of names.entries()) {
      const full = name.toLowerCase();
      const found = [full, full.slice(0, 3)].find((one) => rest.startsWith(one));
      if (found === undefined) continue;
      this.#at += found.length;
      return index;
    }
    return refuse();
  }

  skipSpace(): void {
    this.take(/\s*/y);
  }

  isAtEnd(): boolean {
    return this.#at === this.#text.length;
  }
}

const ONE_OR_TWO = /\d{1,2}/y;
const SPACED = / ?\d{1,2}/y;

type Reader = (cursor: Cursor, fields: Fields) => void;

const compound =
  (format: string): Reader =>
  (cursor, fields) =>
    readFormat(format, cursor, fields);

const readYear: Reader = (cursor, fields) => {
  fields.year = cursor.number(/\d{1,4}/y, 0, 9999);
};
const readMonthName: Reader = (cursor, fields) => {
  fields.month = cursor.name(MONTH_NAMES) + 1;
};
const readDayName: Reader = (cursor) => {
  cursor.name(DAY_NAMES);
};
const readDay: Reader = (cursor, fields) => {
  fields.day = cursor.number(SPACED, 1, 31);
};
const readHour: Reader = (cursor, fields) => {
  fields.hour = cursor.number(SPACED, 0, 23);
  fields.isHour12 = false;
};
const readHour12: Reader = (cursor, fields) => {
  fields.hour = cursor.number(SPACED, 1, 12);
  fields.isHour12 = true;
};
const readMeridian: Reader = (cursor, fields) => {
  fields.isAfternoon = cursor.take(/[ap]m/iy).toLowerCase() === "pm";
};
const readOffset: Reader = (cursor, fields) => {
  const text = cursor.take(/[+-]\d{2}(?::?\d{2})?|z/iy);
  fields.offset = offsetOfText(text) ?? 0;
};
const readPlainOffset: Reader = (cursor, fields) => {
  fields.offset = offsetOfText(cursor.take(/[+-]\d{2}(?:\d{2})?/y));
};
const readWeek =
  (startsOn: number): Reader =>
  (cursor, fields) => {
    fields.week = { number: cursor.number(ONE_OR_TWO, 0, 53), startsOn };
  };
const readSpace: Reader = (cursor) => cursor.skipSpace();

const READERS: Readonly<Record<string, Reader>> = {
  Y: readYear,
  E4Y: readYear,
  C: (cursor, fields) => {
    fields.century = cursor.number(ONE_OR_TWO, 0, 99);
  },
  y: (cursor, fields) => {
    const year = cursor.number(ONE_OR_TWO, 0, 99);
    fields.year = year < 69 ? 2000 + year : 1900 + year;
  },
  Q: (cursor, fields) => {
    fields.month = cursor.number(/\d/y, 1, 4) * 3 - 2;
  },
  m: (cursor, fields) => {
    fields.month = cursor.number(ONE_OR_TWO, 1, 12);
  },
  B: readMonthName,
  b: readMonthName,
  h: readMonthName,
  A: readDayName,
  a: readDayName,
  d: readDay,
  e: readDay,
  j: (cursor, fields) => {
    fields.dayOfYear = cursor.number(/\d{1,3}/y, 1, 366);
  },
  U: readWeek(0),
  W: readWeek(1),
  H: readHour,
  k: readHour,
  I: readHour12,
  l: readHour12,
  M: (cursor, fields) => {
    fields.minute = cursor.number(ONE_OR_TWO, 0, 59);
  },
  S: (cursor, fields) => {
    fields.second = cursor.number(ONE_OR_TWO, 0, 60);
  },
  p: readMeridian,
  P: readMeridian,
  z: readPlainOffset,
  Ez: readOffset,
  Z: (cursor, fields) => {
    fields.zone = cursor.take(/[A-Za-z_]+(?:[/+-][A-Za-z0-9_+-]+)*|[+-]\d{1,2}(?::?\d{2})?/y);
  },
  s: (cursor, fields) => {
    fields.epochSeconds = BigInt(cursor.take(/-?\d{1,12}/y));
  },
  F: compound("%Y-%m-%d"),
  T: compound("%H:%M:%S"),
  X: compound("%H:%M:%S"),
  R: compound("%H:%M"),
  r: compound("%I:%M:%S %p"),
  D: compound("%m/%d/%y"),
  x: compound("%m/%d/%y"),
  c: compound("%a %b %e %H:%M:%S %Y"),
  n: readSpace,
  t: readSpace,
  "%": (cursor) => {
    cursor.take(/%/y);
  },
};

/** Seconds with at most so many digits behind the point. */
function readSeconds(cursor: Cursor, fields: Fields, digits: string): void {
  fields.second = cursor.number(ONE_OR_TWO, 0, 60);
  const most = digits === "*" ? 15 : Number(digits);
  const fraction = most === 0 ? null : cursor.tryTake(new RegExp(`\\.\\d{1,${most}}`, "y"));
  if (fraction !== null) fields.micros = Number(fraction.slice(1, 7).padEnd(6, "0"));
}

function readFormat(format: string, cursor: Cursor, fields: Fields): void {
  for (const [token, element] of format.matchAll(/%(E\*S|E\dS|E4Y|Ez|[EO]?[\s\S])|\s+|[\s\S]/g)) {
    if (element === undefined) {
      if (/^\s/.test(token)) cursor.skipSpace();
      else cursor.take(new RegExp(token.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"), "y"));
      continue;
    }
    const seconds = /^E([*\d])S$/.exec(element)?.[1];
    const read = READERS[element];
    if (seconds !== undefined) readSeconds(cursor, fields, seconds);
    else if (read === undefined) throw new RangeError(`the format element %${element} cannot be parsed`);
    else read(cursor, fields);
  }
}

/** The instant the fields mean, in `zone` unless the text named its own. Microseconds. */
export function instantOfFields(fields: Fields, zone: string): bigint {
  if (fields.epochSeconds !== null) return fields.epochSeconds * 1_000_000n;
  const reading = BigInt(dayOf(fields)) * 1000n + timeOf(fields);
  if (fields.offset !== null) return reading - BigInt(fields.offset) * 60_000_000n;
  const named = fields.zone ?? zone;
  return named === "UTC" ? reading - BigInt(offsetAt(reading, named)) * 60_000_000n : instantOf(reading, named);
}

/** Midnight of the day, in milliseconds. */
function dayOf(fields: Fields): number {
  const year = fields.century === null ? fields.year : fields.century * 100 + (fields.year % 100);
  if (fields.dayOfYear !== null) {
    const day = utc(year, 0, fields.dayOfYear);
    return day >= utc(year + 1, 0, 1) ? refuse() : day;
  }
  if (fields.week !== null) {
    const weekday = new Date(utc(year, 0, 1)).getUTCDay();
    const first = 1 + ((7 - weekday + fields.week.startsOn) % 7);
    return utc(year, 0, first + (fields.week.number - 1) * 7);
  }
  return fields.day > daysInMonth(year, fields.month) ? refuse() : utc(year, fields.month - 1, fields.day);
}

function timeOf(fields: Fields): bigint {
  const hour = fields.isHour12 ? (fields.hour % 12) + (fields.isAfternoon === true ? 12 : 0) : fields.hour;
  return BigInt((hour * 60 + fields.minute) * 60 + fields.second) * 1_000_000n + BigInt(fields.micros);
}

/**
 * PARSE_TIMESTAMP, PARSE_DATETIME, PARSE_DATE and PARSE_TIME: microseconds since 1970. White space in the format
 * matches any or none. Throws RangeError when the text does not match.
 */
export function parseTime(format: string, text: string, zone: string): bigint {
  const cursor = new Cursor(text);
  const fields = emptyFields();
  cursor.skipSpace();
  readFormat(format.trimStart(), cursor, fields);
  cursor.skipSpace();
  if (!cursor.isAtEnd()) refuse();
  return instantOfFields(fields, zone);
}

export const timeParseFunctions: readonly ScriptFunction[] = [
  script("u_parse_time", [TEXT, TEXT, TEXT], READING, parseTime),
];
