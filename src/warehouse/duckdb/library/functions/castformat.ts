import { DAY_NAMES, MONTH_NAMES, twoDigits } from "./clock.js";
import { READING, type ScriptFunction, script, TEXT } from "./define.js";
import { momentOf } from "./timeformat.js";
import { Cursor, emptyFields, type Fields, instantOfFields, refuse } from "./timeparse.js";

/**
 * CAST(... FORMAT '...'): the elements of SQL's own formats. Letter case of a name element is the case of the name.
 */
const ELEMENT =
  /"((?:[^"\\]|\\.)*)"|(YYYY|YYY|YY|Y|RRRR|RR|MONTH|MON|MM|MI|DDD|DD|DAY|DY|D|HH24|HH12|HH|SSSSS|SS|FF[1-9]|A\.M\.|P\.M\.|AM|PM|TZH|TZM)|([-./,';: ])|([\s\S])/giy;

type Moment = ReturnType<typeof momentOf>;

const last = (value: number, digits: number): string => String(value % 10 ** digits).padStart(digits, "0");

const WRITERS: Readonly<Record<string, (moment: Moment) => string>> = {
  YYYY: ({ year }) => String(year).padStart(4, "0"),
  YYY: ({ year }) => last(year, 3),
  YY: ({ year }) => last(year, 2),
  Y: ({ year }) => last(year, 1),
  RRRR: ({ year }) => String(year).padStart(4, "0"),
  RR: ({ year }) => last(year, 2),
  MM: ({ month }) => twoDigits(month),
  DDD: ({ dayOfYear }) => String(dayOfYear).padStart(3, "0"),
  DD: ({ day }) => twoDigits(day),
  D: ({ weekday }) => String(weekday + 1),
  HH24: ({ hour }) => twoDigits(hour),
  HH12: ({ hour }) => twoDigits(hour % 12 || 12),
  HH: ({ hour }) => twoDigits(hour % 12 || 12),
  MI: ({ minute }) => twoDigits(minute),
  SS: ({ second }) => twoDigits(second),
  SSSSS: ({ hour, minute, second }) => String((hour * 60 + minute) * 60 + second).padStart(5, "0"),
  TZH: ({ offset }) => `${offset < 0 ? "-" : "+"}${twoDigits(Math.floor(Math.abs(offset) / 60))}`,
  TZM: ({ offset }) => twoDigits(Math.abs(offset) % 60),
};
const NAMES: Readonly<Record<string, (moment: Moment) => string>> = {
  MONTH: ({ month }) => MONTH_NAMES[month - 1] ?? "",
  MON: ({ month }) => (MONTH_NAMES[month - 1] ?? "").slice(0, 3),
  DAY: ({ weekday }) => DAY_NAMES[weekday] ?? "",
  DY: ({ weekday }) => (DAY_NAMES[weekday] ?? "").slice(0, 3),
};

interface Token {
  readonly literal?: string;
  readonly element?: string;
}

function tokensOf(format: string): readonly Token[] {
  return [...format.matchAll(ELEMENT)].map(([, quoted, element, separator]) => {
    if (quoted !== undefined) return { literal: quoted.replace(/\\(.)/g, "$1") };
    if (separator !== undefined) return { literal: separator };
    if (element === undefined) throw new RangeError("the format has an element that is not known");
    return { element };
  });
}

/** "Mon" for Mon, "MON" for MON, "mon" for mon. */
function inCaseOf(element: string, name: string): string {
  const [first = "", second = ""] = element;
  if (first === first.toLowerCase()) return name.toLowerCase();
  return second === second.toUpperCase() ? name.toUpperCase() : name;
}

/** `zone` is a time zone for a TIMESTAMP, and else the name of the type. */
export function castToText(reading: bigint, format: string, zone: string): string {
  const moment = momentOf(reading, zone);
  return tokensOf(format)
    .map(({ literal, element = "" }) => {
      if (literal !== undefined) return literal;
      const upper = element.toUpperCase();
      const named = NAMES[upper];
      if (named !== undefined) return inCaseOf(element, named(moment));
      if (/^FF/.test(upper)) return String(moment.micros).padStart(6, "0").padEnd(9, "0").slice(0, Number(upper[2]));
      if (/^[AP]\.?M/.test(upper)) {
        return inCaseOf(element.replaceAll(".", ""), moment.hour < 12 ? "AM" : "PM").replace(
          /^(.)(.)$/,
          upper.includes(".") ? "$1.$2." : "$1$2",
        );
      }
      return WRITERS[upper]?.(moment) ?? refuse();
    })
    .join("");
}

const READERS: Readonly<Record<string, (cursor: Cursor, fields: Fields) => void>> = {
  YYYY: (cursor, fields) => {
    fields.year = cursor.number(/\d{1,5}/y, 0, 9999);
  },
  RRRR: (cursor, fields) => {
    fields.year = cursor.number(/\d{4}/y, 0, 9999);
  },
  YY: (cursor, fields) => {
    fields.year = 2000 + cursor.number(/\d{1,2}/y, 0, 99);
  },
  RR: (cursor, fields) => {
    const year = cursor.number(/\d{1,2}/y, 0, 99);
    fields.year = year < 50 ? 2000 + year : 1900 + year;
  },
  MM: (cursor, fields) => {
    fields.month = cursor.number(/\d{1,2}/y, 1, 12);
  },
  MONTH: (cursor, fields) => {
    fields.month = cursor.name(MONTH_NAMES) + 1;
  },
  MON: (cursor, fields) => {
    fields.month = cursor.name(MONTH_NAMES) + 1;
  },
  DDD: (cursor, fields) => {
    fields.dayOfYear = cursor.number(/\d{1,3}/y, 1, 366);
  },
  DD: (cursor, fields) => {
    fields.day = cursor.number(/\d{1,2}/y, 1, 31);
  },
  HH24: (cursor, fields) => {
    fields.hour = cursor.number(/\d{1,2}/y, 0, 23);
  },
  HH12: readHour12,
  HH: readHour12,
  MI: (cursor, fields) => {
    fields.minute = cursor.number(/\d{1,2}/y, 0, 59);
  },
  SS: (cursor, fields) => {
    fields.second = cursor.number(/\d{1,2}/y, 0, 60);
  },
  SSSSS: (cursor, fields) => {
    fields.second = cursor.number(/\d{1,5}/y, 0, 86_399);
  },
  TZH: (cursor, fields) => {
    fields.offset = Number(cursor.take(/[+-]?\d{1,2}/y)) * 60;
  },
  TZM: (cursor, fields) => {
    const minutes = cursor.number(/\d{1,2}/y, 0, 59);
    const hours = fields.offset ?? 0;
    fields.offset = hours < 0 ? hours - minutes : hours + minutes;
  },
};

function readHour12(cursor: Cursor, fields: Fields): void {
  fields.hour = cursor.number(/\d{1,2}/y, 1, 12);
  fields.isHour12 = true;
}

/** CAST of a text with a format: microseconds since 1970. Throws RangeError when the text does not match. */
export function castFromText(text: string, format: string, zone: string): bigint {
  const cursor = new Cursor(text.trim());
  const fields = emptyFields();
  for (const { literal, element = "" } of tokensOf(format.trim())) {
    const upper = element.toUpperCase();
    const read = READERS[upper];
    if (literal !== undefined) {
      if (/^\s$/.test(literal)) cursor.skipSpace();
      else cursor.take(new RegExp(literal.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"), "y"));
    } else if (/^FF/.test(upper)) {
      fields.micros = Number(
        cursor
          .take(new RegExp(`\\d{1,${upper[2]}}`, "y"))
          .padEnd(6, "0")
          .slice(0, 6),
      );
    } else if (/^[AP]\.?M/.test(upper)) {
      fields.isAfternoon = /^p/i.test(cursor.take(upper.includes(".") ? /[ap]\.m\./iy : /[ap]m/iy));
    } else if (read === undefined) throw new RangeError(`the format element ${upper} cannot be parsed`);
    else read(cursor, fields);
  }
  if (!cursor.isAtEnd()) refuse();
  return instantOfFields(fields, zone);
}

export const castFormatFunctions: readonly ScriptFunction[] = [
  script("u_cast_format", [READING, TEXT, TEXT], TEXT, castToText),
  script("u_cast_parse", [TEXT, TEXT, TEXT], READING, castFromText),
];
