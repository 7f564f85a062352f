import type { GoogleType } from "./types.js";

/**
 * A literal of a resolved statement. Numbers that must stay exact are text: INT64, NUMERIC, BIGNUMERIC. Times are text as
 * SQL writes them ("2026-01-31", "2026-01-31 09:30:00.000001+00"). STRUCT is a list of field values, in order.
 */
export type LiteralValue = null | boolean | number | string | Buffer | Interval | readonly LiteralValue[];

export interface Interval {
  readonly months: number;
  readonly days: number;
  readonly micros: bigint;
}

type Message = Readonly<Record<string, unknown>>;

function message(value: unknown): Message {
  return typeof value === "object" && value !== null ? (value as Message) : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

const pad = (value: number | bigint, width = 2): string => String(value).padStart(width, "0");

function fraction(nanos: number): string {
  const micros = Math.floor(nanos / 1000);
  return micros === 0 ? "" : `.${pad(micros, 6)}`;
}

export function dateText(daysSinceEpoch: number): string {
  const date = new Date(daysSinceEpoch * 86_400_000);
  return `${pad(date.getUTCFullYear(), 4)}-${pad(date.getUTCMonth() + 1)}-${pad(date.getUTCDate())}`;
}

function clockText(secondsOfDay: number): string {
  return [Math.floor(secondsOfDay / 3600), Math.floor(secondsOfDay / 60) % 60, secondsOfDay % 60]
    .map((part) => pad(part))
    .join(":");
}

function timestampText(value: Message): string {
  const seconds = Number(value.seconds ?? 0);
  const days = Math.floor(seconds / 86_400);
  return `${dateText(days)} ${clockText(seconds - days * 86_400)}${fraction(Number(value.nanos ?? 0))}+00`;
}

/** `bits` low bits of `packed` above `shift`: how the analyzer packs civil times (zetasql/public/civil_time.h). */
function bits(packed: bigint, shift: number, width: number): bigint {
  return (packed >> BigInt(shift)) & ((1n << BigInt(width)) - 1n);
}

function packedClock(packed: bigint): string {
  return `${pad(bits(packed, 12, 5))}:${pad(bits(packed, 6, 6))}:${pad(bits(packed, 0, 6))}`;
}

function datetimeText(value: Message): string {
  const packed = BigInt(String(value.bitFieldDatetimeSeconds));
  const date = `${pad(bits(packed, 26, 14), 4)}-${pad(bits(packed, 22, 4))}-${pad(bits(packed, 17, 5))}`;
  return `${date} ${packedClock(packed)}${fraction(Number(value.nanos ?? 0))}`;
}

function timeText(value: unknown): string {
  const packed = BigInt(String(value));
  return packedClock(packed >> 30n) + fraction(Number(bits(packed, 0, 30)));
}

/** Little-endian two's complement, scaled: NUMERIC has 9 digits after the point, BIGNUMERIC 38. */
function decimalText(bytes: Buffer, scale: number): string {
  let value = 0n;
  for (const byte of [...bytes].reverse()) value = (value << 8n) | BigInt(byte);
  if (((bytes.at(-1) ?? 0) & 0x80) !== 0) value -= 1n << BigInt(8 * bytes.length);
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, "0");
  const text = `${digits.slice(0, -scale)}.${digits.slice(-scale)}`.replace(/\.?0+$/, "");
  return value < 0n ? `-${text}` : text;
}

/** 16 bytes: micros (8), days (4), then months in bits 13 to 30 of the last word with the sign in bit 31. */
function interval(bytes: Buffer): Interval {
  const word = bytes.readUInt32LE(12);
  const months = (word >>> 13) & 0x3ffff;
  return {
    micros: bytes.readBigInt64LE(0),
    days: bytes.readInt32LE(8),
    months: word >>> 31 === 1 ? -months : months,
  };
}

/** Decodes a `ValueProto` of a known type. */
export function decodeValue(raw: unknown, type: GoogleType): LiteralValue {
  const { value: chosen, ...fields } = message(raw);
  if (typeof chosen !== "string") return null;
  const value = fields[chosen];
  switch (type.kind) {
    case "DOUBLE":
      return Number(value);
    case "BOOL":
      return value === true;
    case "BYTES":
      return Buffer.from(value as Uint8Array);
    case "DATE":
      return dateText(Number(value));
    case "TIMESTAMP":
      return timestampText(message(value));
    case "DATETIME":
      return datetimeText(message(value));
    case "TIME":
      return timeText(value);
    case "NUMERIC":
      return decimalText(Buffer.from(value as Uint8Array), 9);
    case "BIGNUMERIC":
      return decimalText(Buffer.from(value as Uint8Array), 38);
    case "INTERVAL":
      return interval(Buffer.from(value as Uint8Array));
    case "ARRAY":
      return list(message(value).element).map((entry) => decodeValue(entry, type.element));
    case "STRUCT": {
      const entries = list(message(value).field);
      return type.fields.map((field, index) => decodeValue(entries[index], field.type));
    }
    default:
      return String(value);
  }
}
