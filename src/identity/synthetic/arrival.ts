import { DAY_SECONDS, WINDOW_FROM } from "./dates.js";
import type { Dice } from "./dice.js";
import type { Sighting } from "./feeds.js";
import type { Feed } from "./record.js";

const HOUR = 3600;
const LATE_RATE = 0.01;
const RESENT_RATE = 0.01;
const OFFLINE_RATE = 0.05;

/** A sighting and when it reached us, in seconds since 1970. */
export interface Arrival {
  readonly sighting: Sighting;
  readonly at: number;
}

function nextNight(at: number, hour: number): number {
  return at - (at % DAY_SECONDS) + DAY_SECONDS + hour * HOUR;
}

/** When a feed brings what happened: an event at once, a form within the hour, a file with the night. */
function arrivalOf(feed: Feed, at: number, dice: Dice): number {
  switch (feed) {
    case "crm_contacts":
      return nextNight(at, 2);
    case "lms":
      return nextNight(at, 3);
    case "admissions_form":
      return at + dice.below(HOUR);
    case "crm_leads":
      return at + 60 + dice.below(600);
    case "email_engagement":
      return at + 30 + dice.below(270);
    case "mobile_app":
      return at + (dice.chance(OFFLINE_RATE) ? dice.below(12 * HOUR) : dice.below(60));
    default:
      return at + dice.below(30);
  }
}

/** The arrivals of one sighting: one, or two where the sender sent again. Late ones come two days to two months later. */
export function arrivalsOf(sighting: Sighting, dice: Dice): readonly Arrival[] {
  const isLate = dice.chance(LATE_RATE);
  const delay = isLate ? dice.between(2 * DAY_SECONDS, 60 * DAY_SECONDS) : 0;
  const at = arrivalOf(sighting.feed, sighting.at, dice) + delay;
  const first: Arrival = {
    sighting: isLate ? { ...sighting, traps: [...sighting.traps, "late"] } : sighting,
    at,
  };
  if (!dice.chance(RESENT_RATE)) return [first];
  const again: Sighting = { ...first.sighting, traps: [...first.sighting.traps, "resent"] };
  return [first, { sighting: again, at: at + dice.between(HOUR, 7 * DAY_SECONDS) }];
}

/** Earlier than anything that arrives. */
const ORDER_FROM = WINDOW_FROM - 365 * DAY_SECONDS;
const RECORDS_PER_MINUTE = 100_000_000;

/**
 * A number that orders records by the minute they arrived in, and within it by their place in the file. At most 15 digits,
 * so that every reader takes it for the same number.
 */
export function arrivalOrder(at: number, recordNumber: number): string {
  return String(Math.floor((at - ORDER_FROM) / 60) * RECORDS_PER_MINUTE + recordNumber);
}
