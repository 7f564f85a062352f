const MICROS_PER_MINUTE = 60_000_000n;
const formats = new Map<string, Intl.DateTimeFormat>();

/** Rounds down, where division of bigints rounds towards zero. */
export function floorDivide(value: bigint, by: bigint): bigint {
  return value >= 0n ? value / by : -((-value + by - 1n) / by);
}

/** "+5", "-08:00", "+0530", "UTC+3" in minutes; null when the text is no offset. */
export function offsetOfText(zone: string): number | null {
  const found = /^(?:UTC)?([+-])(\d{1,2})(?::?(\d\d))?$/.exec(zone);
  if (found === null) return null;
  return (found[1] === "-" ? -1 : 1) * (Number(found[2]) * 60 + Number(found[3] ?? 0));
}

/** Minutes east of UTC at an instant. Throws RangeError when there is no such zone. */
export function offsetAt(micros: bigint, zone: string): number {
  if (zone === "UTC") return 0;
  const fixed = offsetOfText(zone);
  if (fixed !== null) return fixed;
  const seconds = floorDivide(micros, 1_000_000n);
  const parts: Record<string, number> = {};
  for (const { type, value } of formatOf(zone).formatToParts(Number(seconds) * 1000)) parts[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  // Date.UTC takes the years 0 to 99 for those of the last century.
  const local = new Date(0);
  local.setUTCFullYear(year, month - 1, day);
  return Math.floor((local.setUTCHours(hour, minute, second) / 1000 - Number(seconds)) / 60);
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const made = zoneFormat(zone);
  formats.set(zone, made);
  return made;
}

function zoneFormat(timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat("en-US", {
      timeZone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  } catch {
    throw new RangeError("there is no such time zone");
  }
}

/**
 * The instant a clock shows a reading. Of two such instants (clocks went back) the first; of none (clocks went
 * forward) the one the old offset gives.
 */
export function instantOf(reading: bigint, zone: string): bigint {
  const before = offsetAt(reading - 86_400_000_000n, zone);
  const after = offsetAt(reading + 86_400_000_000n, zone);
  const candidates = [before, after].map((minutes) => reading - BigInt(minutes) * MICROS_PER_MINUTE);
  const fitting = candidates.find(
    (instant) => instant + BigInt(offsetAt(instant, zone)) * MICROS_PER_MINUTE === reading,
  );
  return fitting ?? reading - BigInt(before) * MICROS_PER_MINUTE;
}
