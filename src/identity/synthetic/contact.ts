import type { Dice } from "./dice.js";
import { isStudying, type Person, valueAt } from "./person.js";
import { damagedPhone, e164, internationalPhone, nationalPhone, type Phone } from "./phones.js";
import type { Trap } from "./record.js";
import { mistyped } from "./spelling.js";

/** The mailbox and the phone a person gives on one occasion. */
export interface Contact {
  readonly email: string;
  readonly phone: Phone;
  readonly traps: readonly Trap[];
}

export function ownContact(person: Person, at: number): Contact {
  return { email: valueAt(person.email, at), phone: valueAt(person.phone, at), traps: [] };
}

/** A child gives its parent's in its household's share of the occasions. */
export function givenContact(person: Person, at: number, dice: Dice): Contact {
  if (person.guardian !== null && dice.chance(person.guardianShare)) {
    return { ...ownContact(person.guardian, at), traps: ["parent"] };
  }
  return ownContact(person, at);
}

const EMAIL_TYPO = 0.005;
/** Never mistyped: a slip here could be a domain that somebody owns. */
const NOBODYS = ".example";
const SCHOOL_MAIL_SHARE = 0.45;

/** Typed by hand: capitals, a stray space, now and then a slip. */
export function typedEmail(email: string, dice: Dice): string {
  const [local, domain] = email.split("@") as [string, string];
  if (dice.chance(EMAIL_TYPO)) {
    if (dice.chance(0.5)) return `${mistyped(local, dice)}@${domain}`;
    return `${local}@${mistyped(domain.slice(0, -NOBODYS.length), dice)}${NOBODYS}`;
  }
  const style = dice.below(100);
  if (style < 6) return `${local.charAt(0).toUpperCase()}${local.slice(1)}@${domain}`;
  if (style < 8) return email.toUpperCase();
  if (style < 10) return `${email} `;
  return email;
}

/** Where newsletters and lessons reach somebody who studies: at school, or at home. */
export function reachedAt(person: Person, at: number, dice: Dice): Contact {
  const own = ownContact(person, at);
  const isAtSchool = isStudying(person) && at >= person.enrolled && at < person.left;
  if (!isAtSchool || !dice.chance(SCHOOL_MAIL_SHARE)) return own;
  return { ...own, email: person.schoolMail, traps: person.isSchoolMailRecycled ? ["recycled_mail"] : [] };
}

const NATIONAL_AT_HOME = 0.6;
const NATIONAL_ABROAD = 0.12;
const PHONE_DAMAGE = 0.006;

/** The country whose numbers a form takes for granted. */
export const HOME_COUNTRY = "GB";

export function typedPhone(phone: Phone, country: string, dice: Dice): string {
  if (dice.chance(PHONE_DAMAGE)) return damagedPhone(phone, dice);
  const national = country === HOME_COUNTRY ? NATIONAL_AT_HOME : NATIONAL_ABROAD;
  return dice.chance(national) ? nationalPhone(phone, dice) : internationalPhone(phone, dice);
}

/** As telephony reports it. */
export function reportedPhone(phone: Phone): string {
  return e164(phone);
}
