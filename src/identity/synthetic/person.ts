import type { Day } from "./dates.js";
import type { Locale } from "./locales.js";
import type { NamePart } from "./name-part.js";
import type { Sex } from "./names.js";
import type { Phone } from "./phones.js";
import type { Trap } from "./record.js";

/** How far a person has come. Decides which feeds know them. */
export type Stage = "visitor" | "prospect" | "applicant" | "student" | "graduate" | "parent";

/** A value and what became of it, from a moment on. */
export interface Changing<T> {
  readonly first: T;
  readonly later?: { readonly value: T; readonly from: number };
}

export function valueAt<T>({ first, later }: Changing<T>, at: number): T {
  return later !== undefined && at >= later.from ? later.value : first;
}

export interface Home {
  readonly address: string;
  readonly city: string;
  readonly postcode: string;
}

/** The truth of one person. Times in seconds since 1970. */
export interface Person {
  readonly index: number;
  readonly personId: string;
  readonly householdId: string;
  readonly locale: Locale;
  readonly stage: Stage;
  readonly sex: Sex;
  readonly given: NamePart;
  readonly family: Changing<NamePart>;
  readonly birth: Day;
  readonly home: Home;
  readonly email: Changing<string>;
  readonly phone: Changing<Phone>;
  readonly school: School;
  readonly programme: string;
  readonly schoolMail: string;
  readonly isSchoolMailRecycled: boolean;
  readonly contactIds: readonly string[];
  /** Browsers' anonymous ids, and the app's device, if there is one. */
  readonly browsers: readonly string[];
  readonly device: string;
  readonly usesWhatsapp: boolean;
  readonly from: number;
  readonly until: number;
  /** When studies began and ended; only students and graduates study. */
  readonly enrolled: number;
  readonly left: number;
  /** Whose mailbox and phone a child gives, and in which share of the records. */
  readonly guardian: Person | null;
  readonly guardianShare: number;
  readonly traps: readonly Trap[];
}

export interface School {
  readonly name: string;
  readonly domain: string;
}

export function isStudying({ stage }: Person): boolean {
  return stage === "student" || stage === "graduate";
}
