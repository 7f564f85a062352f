import { givenContact, ownContact, reachedAt, reportedPhone, typedEmail, typedPhone } from "./contact.js";
import { type DateHabit, mistypedDay, writtenDay } from "./dates.js";
import type { Dice } from "./dice.js";
import { salesforceId, studentNumber, userId } from "./ids.js";
import { type NameHabit, type WrittenName, writeName } from "./names.js";
import { isStudying, type Person, valueAt } from "./person.js";
import type { Cells, Feed, Trap } from "./record.js";
import { plantSharedValues, type ShareHabit } from "./shared-values.js";
import { mistyped } from "./spelling.js";

/** What one feed saw of one person at one moment. */
export interface Sighting {
  readonly person: Person;
  readonly feed: Feed;
  readonly at: number;
  readonly cells: Cells;
  readonly traps: readonly Trap[];
}

const TYPED_BY_STUDENT: NameHabit = {
  typo: 0.012,
  nickname: 0.06,
  initial: 0.01,
  capitals: 0.05,
  swap: 0.008,
  title: 0.005,
  native: 0.06,
  variant: 0.15,
};
const TYPED_BY_STAFF: NameHabit = {
  ...TYPED_BY_STUDENT,
  typo: 0.02,
  initial: 0.02,
  title: 0.06,
  native: 0,
  variant: 0.3,
};
const FROM_PASSPORT: NameHabit = {
  ...TYPED_BY_STUDENT,
  nickname: 0,
  initial: 0,
  typo: 0.005,
  native: 0.02,
  capitals: 0.12,
};
const AMONG_FRIENDS: NameHabit = { ...TYPED_BY_STUDENT, nickname: 0.35, native: 0.25, capitals: 0.02 };

const ON_A_FORM: ShareHabit = { placeholder: 0.01, roleMail: 0.003, hubPhone: 0 };
const AT_THE_CALL_CENTRE: ShareHabit = { placeholder: 0.03, roleMail: 0.008, hubPhone: 0.05 };
const IN_THE_CRM: ShareHabit = { placeholder: 0.012, roleMail: 0.004, hubPhone: 0.006 };

function nameAt(person: Person, at: number, habit: NameHabit, dice: Dice): WrittenName {
  const name = { given: person.given, family: valueAt(person.family, at) };
  return writeName(name, person.sex, person.locale, habit, dice);
}

function sighting(person: Person, feed: Feed, at: number, cells: Cells, traps: readonly Trap[] = []): Sighting {
  return { person, feed, at, cells, traps };
}

function putName(cells: Cells, name: WrittenName, isOneField: boolean): void {
  if (isOneField) cells.full_name = name.full;
  else {
    cells.first_name = name.first;
    cells.last_name = name.last;
  }
}

const BIRTH_DATE_TYPO = 0.006;
/** Of the forms that a browser in American English fills in. */
const AMERICAN_DATES: DateHabit = { style: "mdy", separator: "/" };
const ISO_DATES: DateHabit = { style: "iso", separator: "-" };

function birthDate(person: Person, habit: DateHabit, dice: Dice): string {
  const day = dice.chance(BIRTH_DATE_TYPO) ? mistypedDay(person.birth, dice) : person.birth;
  return writtenDay(day, habit);
}

const ABBREVIATIONS: readonly (readonly [RegExp, string])[] = [
  [/\bRoad\b/, "Rd"],
  [/\bStreet\b/, "St"],
  [/\bAvenue\b/i, "Av."],
  [/\bCalle\b/, "C/"],
  [/straße\b/, "str."],
  [/\bRua\b/, "R."],
];

function putHome(cells: Cells, person: Person, dice: Dice): void {
  const { address, city, postcode } = person.home;
  let line = address;
  if (dice.chance(0.2)) for (const [word, short] of ABBREVIATIONS) line = line.replace(word, short);
  if (dice.chance(0.015)) line = mistyped(line, dice);
  if (dice.chance(0.05)) line = line.toUpperCase();
  cells.address = line;
  cells.city = dice.chance(0.03) ? city.toUpperCase() : city;
  if (!dice.chance(0.06)) cells.postcode = dice.chance(0.1) ? postcode.replace(" ", "") : postcode;
}

export function website(person: Person, at: number, dice: Dice): Sighting {
  const cells: Cells = { country: person.locale.country, programme: person.programme };
  const traps: Trap[] = [];
  const isSignedIn = isStudying(person) && at >= person.enrolled && dice.chance(0.5);
  // Without its cookie a browser is nobody, unless somebody signed in.
  if (!isSignedIn || dice.chance(0.97)) cells.anonymous_id = dice.pick(person.browsers);
  if (isSignedIn) cells.user_id = userId(person.index);
  else if (person.stage !== "visitor" && dice.chance(0.2)) {
    const contact = givenContact(person, at, dice);
    cells.email = typedEmail(contact.email, dice);
    traps.push(...contact.traps);
    if (dice.chance(0.35)) cells.phone = typedPhone(contact.phone, person.locale.country, dice);
    putName(cells, nameAt(person, at, TYPED_BY_STUDENT, dice), dice.chance(0.4));
  }
  traps.push(...plantSharedValues(cells, person.school, ON_A_FORM, dice));
  return sighting(person, "website", at, cells, traps);
}

export function mobileApp(person: Person, at: number, dice: Dice): Sighting {
  const cells: Cells = { device_id: person.device, institution: person.school.name };
  const traps: Trap[] = [];
  if (dice.chance(0.85)) cells.user_id = userId(person.index);
  if (dice.chance(0.15)) {
    const contact = reachedAt(person, at, dice);
    cells.email = contact.email;
    traps.push(...contact.traps);
  }
  return sighting(person, "mobile_app", at, cells, traps);
}

export function crmContact(person: Person, at: number, dice: Dice): Sighting {
  const { locale } = person;
  const contact = givenContact(person, at, dice);
  const id = dice.pick(person.contactIds);
  // Reports give the id in its short form, exports in its long one.
  const cells: Cells = { crm_id: dice.chance(0.1) ? id.slice(0, 15) : id, institution: person.school.name };
  putName(cells, nameAt(person, at, TYPED_BY_STAFF, dice), false);
  if (dice.chance(0.92)) cells.email = typedEmail(contact.email, dice);
  if (dice.chance(0.8)) cells.phone = typedPhone(contact.phone, locale.country, dice);
  if (person.stage !== "parent" && dice.chance(0.6)) cells.birth_date = birthDate(person, locale.dates, dice);
  if (dice.chance(0.6)) putHome(cells, person, dice);
  cells.country = dice.chance(0.4) ? locale.countryName : locale.country;
  if (isStudying(person) && at >= person.enrolled && dice.chance(0.75)) {
    cells.student_number = studentNumber(person.index);
  }
  if (person.stage !== "parent") cells.programme = person.programme;
  const planted = plantSharedValues(cells, person.school, IN_THE_CRM, dice);
  return sighting(person, "crm_contacts", at, cells, [...contact.traps, ...planted]);
}

export function crmLead(person: Person, at: number, dice: Dice): Sighting {
  const { locale } = person;
  const contact = givenContact(person, at, dice);
  const cells: Cells = { lead_id: salesforceId("00Q", person.index), country: locale.country };
  putName(cells, nameAt(person, at, TYPED_BY_STAFF, dice), dice.chance(0.5));
  const hasEmail = dice.chance(0.82);
  if (hasEmail) cells.email = typedEmail(contact.email, dice);
  if (!hasEmail || dice.chance(0.7)) cells.phone = typedPhone(contact.phone, locale.country, dice);
  if (person.stage !== "parent" && dice.chance(0.7)) cells.programme = person.programme;
  const planted = plantSharedValues(cells, person.school, AT_THE_CALL_CENTRE, dice);
  return sighting(person, "crm_leads", at, cells, [...contact.traps, ...planted]);
}

export function admissionsForm(person: Person, at: number, dice: Dice): Sighting {
  const { locale } = person;
  const contact = givenContact(person, at, dice);
  const cells: Cells = { country: locale.country, institution: person.school.name, programme: person.programme };
  putName(cells, nameAt(person, at, FROM_PASSPORT, dice), dice.chance(0.5));
  const style = dice.below(100);
  cells.birth_date = birthDate(person, style < 60 ? ISO_DATES : style < 95 ? locale.dates : AMERICAN_DATES, dice);
  if (dice.chance(0.95)) putHome(cells, person, dice);
  if (dice.chance(0.97)) cells.email = typedEmail(contact.email, dice);
  if (dice.chance(0.88)) cells.phone = typedPhone(contact.phone, locale.country, dice);
  if (dice.chance(0.4)) cells.user_id = userId(person.index);
  const planted = plantSharedValues(cells, person.school, ON_A_FORM, dice);
  return sighting(person, "admissions_form", at, cells, [...contact.traps, ...planted]);
}

export function lms(person: Person, at: number, dice: Dice): Sighting {
  const traps: Trap[] = [];
  const cells: Cells = { institution: person.school.name, programme: person.programme };
  if (dice.chance(0.97)) cells.student_number = studentNumber(person.index);
  if (cells.student_number === undefined || dice.chance(0.7)) cells.user_id = userId(person.index);
  if (dice.chance(0.75)) {
    cells.email = person.schoolMail;
    if (person.isSchoolMailRecycled) traps.push("recycled_mail");
  }
  const name = nameAt(person, at, FROM_PASSPORT, dice);
  cells.full_name = `${name.last.toUpperCase()}, ${name.first}`;
  return sighting(person, "lms", at, cells, traps);
}

export function emailEngagement(person: Person, at: number, dice: Dice): Sighting {
  const contact = reachedAt(person, at, dice);
  const cells: Cells = { email: contact.email };
  if (dice.chance(0.3)) cells.first_name = nameAt(person, at, TYPED_BY_STUDENT, dice).first;
  return sighting(person, "email_engagement", at, cells, contact.traps);
}

export function whatsapp(person: Person, at: number, dice: Dice): Sighting {
  const cells: Cells = { phone: reportedPhone(ownContact(person, at).phone) };
  if (dice.chance(0.7)) {
    const name = nameAt(person, at, AMONG_FRIENDS, dice);
    cells.full_name = dice.chance(0.5) ? name.first : name.full;
  }
  return sighting(person, "whatsapp", at, cells);
}

/** An event from hardware that several persons use: a classroom's computer, a family's tablet. */
export interface SharedDevice {
  readonly device: string;
  readonly browser: string;
  readonly trap: Extract<Trap, "classroom_device" | "family_tablet">;
  /** Share of the events during which the person is signed in. */
  readonly signedIn: number;
}

export function onSharedDevice(person: Person, at: number, shared: SharedDevice, dice: Dice): Sighting {
  const isApp = dice.chance(0.5);
  const cells: Cells = isApp ? { device_id: shared.device } : { anonymous_id: shared.browser };
  if (dice.chance(0.5)) {
    cells.device_id = shared.device;
    cells.anonymous_id = shared.browser;
  }
  if (dice.chance(shared.signedIn)) cells.user_id = userId(person.index);
  cells.institution = person.school.name;
  return sighting(person, isApp ? "mobile_app" : "website", at, cells, [shared.trap]);
}
