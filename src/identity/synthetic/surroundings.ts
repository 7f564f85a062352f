import type { Dice } from "./dice.js";
import type { Locale, LocaleCode } from "./locales.js";
import type { School } from "./person.js";
import { type Phone, phoneAt } from "./phones.js";

/** What counts on over the whole file, so that nothing exclusive is given out twice. */
export interface Counters {
  people: number;
  households: number;
  classrooms: number;
  readonly phones: Map<LocaleCode, number>;
}

export function createCounters(): Counters {
  return { people: 0, households: 0, classrooms: 0, phones: new Map() };
}

/** Where people are made: a cohort's dice and school, and what counts on over all cohorts. */
export interface Surroundings {
  readonly dice: Dice;
  readonly counters: Counters;
  readonly school: School;
}

/** A number of the country that nobody has yet. */
export function nextPhone({ counters }: Surroundings, locale: Locale): Phone {
  const n = counters.phones.get(locale.code) ?? 0;
  counters.phones.set(locale.code, n + 1);
  return phoneAt(locale.phones, n);
}
