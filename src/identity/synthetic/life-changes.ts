import type { Dice } from "./dice.js";
import { salesforceId } from "./ids.js";
import { LATER_MAIL, mailbox } from "./mailbox.js";
import { drawFamily, drawOther } from "./names.js";
import type { Changing, Person } from "./person.js";
import type { Trap } from "./record.js";
import { nextPhone, type Surroundings } from "./surroundings.js";

const CHANGED_SURNAME = 0.02;
const CHANGED_EMAIL = 0.04;
const CHANGED_PHONE = 0.04;
const TWO_CONTACTS = 0.02;

/** A moment well inside a person's time, so that there are records on both sides of it. */
function changeMoment({ from, until }: Person, dice: Dice): number {
  return Math.floor(from + (until - from) * (0.3 + 0.4 * dice.unit()));
}

function changing<T>({ first }: Changing<T>, value: T, person: Person, dice: Dice): Changing<T> {
  return { first, later: { value, from: changeMoment(person, dice) } };
}

/** What life does to names and contacts. Visitors leave too little behind to change anything. */
export function withChanges(person: Person, around: Surroundings): Person {
  const { dice } = around;
  if (person.stage === "visitor") return person;
  let changed = person;
  const plant = (trap: Trap, fields: Partial<Person>): void => {
    changed = { ...changed, ...fields, traps: [...changed.traps, trap] };
  };
  if (person.birth.year <= 2001 && dice.chance(CHANGED_SURNAME)) {
    const family = drawOther(() => drawFamily(person.locale.code, dice), [person.family.first]);
    plant("changed_surname", { family: changing(person.family, family, person, dice) });
  }
  if (dice.chance(CHANGED_EMAIL)) {
    const later = mailbox(person.given, person.family.first, person.index, LATER_MAIL, dice);
    plant("changed_email", { email: changing(person.email, later, person, dice) });
  }
  if (dice.chance(CHANGED_PHONE)) {
    plant("changed_phone", { phone: changing(person.phone, nextPhone(around, person.locale), person, dice) });
  }
  const isInCrm = person.stage === "applicant" || person.stage === "student" || person.stage === "graduate";
  if (isInCrm && dice.chance(TWO_CONTACTS)) {
    plant("two_contacts", { contactIds: [...person.contactIds, salesforceId("003", person.index * 2 + 1)] });
  }
  return changed;
}
