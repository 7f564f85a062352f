import { DAY_SECONDS, type Day, WINDOW_FROM, WINDOW_TO } from "./dates.js";
import type { Dice } from "./dice.js";
import { mailNumber, personId, salesforceId, uuid } from "./ids.js";
import type { Locale } from "./locales.js";
import { mailbox, WORLD_MAIL } from "./mailbox.js";
import type { NamePart } from "./name-part.js";
import type { Sex } from "./names.js";
import type { Home, Person, Stage } from "./person.js";
import { plainLetters } from "./spelling.js";
import { nextPhone, type Surroundings } from "./surroundings.js";

/** Browsers of one person: a phone's, of some a computer's beside it. */
const BROWSERS = [
  { count: 1, weight: 6 },
  { count: 2, weight: 3 },
  { count: 3, weight: 1 },
];

const PROGRAMMES = ["MBA", "Data Science", "Nursing", "Law", "Design", "Computer Science", "Accounting", "Psychology"];

const TERMS = [
  [2022, 1],
  [2022, 8],
  [2023, 1],
  [2023, 8],
  [2024, 1],
  [2024, 8],
  [2025, 1],
].map(([year, month]) => Date.UTC(year as number, month as number, 1) / 1000);

/** When a person came, studied and went, by how far they have come. */
function timesOf(stage: Stage, dice: Dice): Pick<Person, "from" | "until" | "enrolled" | "left"> {
  if (stage === "student" || stage === "graduate") {
    const enrolled = dice.pick(stage === "graduate" ? TERMS.slice(0, 3) : TERMS);
    const left = stage === "graduate" ? enrolled + dice.between(300, 420) * DAY_SECONDS : WINDOW_TO;
    const from = enrolled - dice.between(40, 150) * DAY_SECONDS;
    return { from, until: Math.min(WINDOW_TO, left + 60 * DAY_SECONDS), enrolled, left };
  }
  const from = dice.between(WINDOW_FROM, WINDOW_TO - 60 * DAY_SECONDS);
  const until = Math.min(WINDOW_TO, from + dice.between(30, 400) * DAY_SECONDS);
  return { from, until, enrolled: until, left: until };
}

/** What a household decides about one of its persons. */
export interface Birthright {
  readonly household: string;
  readonly locale: Locale;
  readonly home: Home;
  readonly stage: Stage;
  readonly birth: Day;
  readonly family: NamePart;
  readonly given: NamePart;
  readonly sex: Sex;
}

/** The next person, with identifiers of their own. */
export function createPerson(around: Surroundings, known: Birthright): Person {
  const { dice, counters, school } = around;
  const index = counters.people++;
  const { household, stage, given, family, ...rest } = known;
  const times = timesOf(stage, dice);
  return {
    ...rest,
    ...times,
    index,
    stage,
    given,
    personId: personId(index),
    householdId: household,
    family: { first: family },
    email: { first: mailbox(given, family, index, [...WORLD_MAIL, ...known.locale.mailDomains], dice) },
    phone: { first: nextPhone(around, known.locale) },
    school,
    programme: dice.pick(PROGRAMMES),
    schoolMail: `${plainLetters(given.text).charAt(0)}${plainLetters(family.text)}${mailNumber(index)}@${school.domain}`,
    isSchoolMailRecycled: false,
    contactIds: [salesforceId("003", index * 2)],
    browsers: Array.from({ length: dice.weighted(BROWSERS).count }, (_, n) => uuid("browser", index * 4 + n)),
    device: uuid("device", index * 2),
    usesWhatsapp: dice.chance(0.35),
    guardian: null,
    guardianShare: 0,
    traps: [],
  };
}
