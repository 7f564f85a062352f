import { birthDay, DAY_SECONDS, type Day, WINDOW_FROM, WINDOW_TO } from "./dates.js";
import type { Dice } from "./dice.js";
import { householdId, mailNumber, personId, salesforceId, uuid } from "./ids.js";
import { LOCALES, type Locale, type LocaleCode } from "./locales.js";
import type { NamePart } from "./name-part.js";
import { drawFamily, drawGiven, drawOther, type Sex } from "./names.js";
import type { Changing, Home, Person, School, Stage } from "./person.js";
import { type Phone, phoneAt } from "./phones.js";
import type { Trap } from "./record.js";
import { plainLetters } from "./spelling.js";

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

export interface Surroundings {
  readonly dice: Dice;
  readonly counters: Counters;
  readonly school: School;
}

/** Rates of households and of changes in a life; docs/identity-generator.md lists them. */
const KINDS = [
  { kind: "single", weight: 840, people: 1 },
  { kind: "only_child", weight: 60, people: 2 },
  { kind: "siblings", weight: 35, people: 4 },
  { kind: "twins", weight: 12, people: 3 },
  { kind: "namesakes", weight: 6, people: 2 },
] as const;

const STAGES: readonly { readonly stage: Stage; readonly weight: number }[] = [
  { stage: "visitor", weight: 17 },
  { stage: "prospect", weight: 34 },
  { stage: "applicant", weight: 16 },
  { stage: "student", weight: 25 },
  { stage: "graduate", weight: 8 },
];
const YOUNG_STAGES = STAGES.filter(({ stage }) => stage !== "visitor" && stage !== "graduate");

const CHANGED_SURNAME = 0.02;
const CHANGED_EMAIL = 0.04;
const CHANGED_PHONE = 0.04;
const TWO_CONTACTS = 0.02;
const GUARDIAN_SHARE = { only_child: 0.35, siblings: 0.55, twins: 0.3 } as const;
const TWINS_HAVE_PARENT = 0.6;

const PROGRAMMES = ["MBA", "Data Science", "Nursing", "Law", "Design", "Computer Science", "Accounting", "Psychology"];
const WORLD_MAIL = [
  "gmail.example",
  "gmail.example",
  "gmail.example",
  "outlook.example",
  "yahoo.example",
  "icloud.example",
];
/** Where people go with a second address; none of them is anybody's first. */
const LATER_MAIL = ["proton.example", "fastmail.example", "hotmail.example", "zoho.example"];

const TERMS = [
  [2022, 1],
  [2022, 8],
  [2023, 1],
  [2023, 8],
  [2024, 1],
  [2024, 8],
  [2025, 1],
].map(([year, month]) => Date.UTC(year as number, month as number, 1) / 1000);

function homeIn(locale: Locale, dice: Dice): Home {
  const [city, pattern] = dice.pick(locale.cities);
  const postcode = pattern
    .replaceAll("#", () => String(dice.below(10)))
    .replaceAll("?", () => dice.pick([..."ABDEFGHJLNPQRSTUWXYZ"]));
  return { address: locale.address(dice.pick(locale.streets), dice.between(1, 180)), city, postcode };
}

function nextPhone({ counters }: Surroundings, locale: Locale): Phone {
  const n = counters.phones.get(locale.code) ?? 0;
  counters.phones.set(locale.code, n + 1);
  return phoneAt(locale.phones, n);
}

function mailbox(given: NamePart, family: NamePart, index: number, domains: readonly string[], dice: Dice): string {
  const first = plainLetters(given.text) || "student";
  const last = plainLetters(family.text) || "name";
  const style = dice.below(6);
  const local = [
    `${first}.${last}`,
    first,
    `${first.charAt(0)}.${last}`,
    `${last}.${first}`,
    first + last,
    `${first}_${last}`,
  ];
  return `${local[style]}${mailNumber(index)}@${dice.pick(domains)}`;
}

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

interface Given {
  readonly household: string;
  readonly locale: Locale;
  readonly home: Home;
  readonly stage: Stage;
  readonly birth: Day;
  readonly family: NamePart;
  readonly given: NamePart;
  readonly sex: Sex;
}

function createPerson(around: Surroundings, known: Given): Person {
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
    browsers: Array.from({ length: dice.between(1, 3) }, (_, n) => uuid("browser", index * 4 + n)),
    device: uuid("device", index * 2),
    usesWhatsapp: dice.chance(0.35),
    guardian: null,
    guardianShare: 0,
    traps: [],
  };
}

/** A moment well inside a person's time, so that there are records on both sides of it. */
function changeMoment({ from, until }: Person, dice: Dice): number {
  return Math.floor(from + (until - from) * (0.3 + 0.4 * dice.unit()));
}

function changing<T>({ first }: Changing<T>, value: T, person: Person, dice: Dice): Changing<T> {
  return { first, later: { value, from: changeMoment(person, dice) } };
}

/** What life does to names and contacts. Visitors leave too little behind to change anything. */
function withChanges(person: Person, around: Surroundings): Person {
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

interface Nest {
  readonly household: string;
  readonly locale: Locale;
  readonly home: Home;
  readonly family: NamePart;
}

function createNest({ dice, counters }: Surroundings): Nest {
  const locale = dice.weighted(LOCALES);
  return {
    household: householdId(counters.households++),
    locale,
    home: homeIn(locale, dice),
    family: drawFamily(locale.code, dice),
  };
}

function sexOf(dice: Dice): Sex {
  return dice.chance(0.5) ? "female" : "male";
}

function createSingle(around: Surroundings): Person {
  const { dice } = around;
  const nest = createNest(around);
  const sex = sexOf(dice);
  const given = drawGiven(nest.locale.code, sex, dice);
  const { stage } = dice.weighted(STAGES);
  return withChanges(createPerson(around, { ...nest, sex, given, stage, birth: birthDay(17, 45, dice) }), around);
}

function createParent(around: Surroundings, nest: Nest): Person {
  const { dice } = around;
  const sex = sexOf(dice);
  const given = drawGiven(nest.locale.code, sex, dice);
  const parent = createPerson(around, { ...nest, sex, given, stage: "parent", birth: birthDay(42, 60, dice) });
  return { ...parent, traps: ["parent"] };
}

interface Birth {
  readonly count: number;
  /** The same for all of them, or drawn for each. */
  readonly day: () => Day;
  readonly traps: readonly Trap[];
}

/** Children of one home, with given names of their own. They are known to the school for as long as they are anybody. */
function createChildren(around: Surroundings, nest: Nest, { count, day, traps }: Birth): readonly Person[] {
  const { dice } = around;
  const children: Person[] = [];
  for (let n = 0; n < count; n++) {
    const sex = sexOf(dice);
    const taken = children.map(({ given }) => given);
    const given = drawOther(() => drawGiven(nest.locale.code, sex, dice), taken);
    const { stage } = dice.weighted(YOUNG_STAGES);
    children.push({ ...createPerson(around, { ...nest, sex, given, stage, birth: day() }), traps });
  }
  return children;
}

function underGuardian(children: readonly Person[], guardian: Person, guardianShare: number): readonly Person[] {
  return children.map((child) => ({ ...child, guardian, guardianShare }));
}

function createFamily(around: Surroundings, kind: "only_child" | "siblings", mostPeople: number): readonly Person[] {
  const { dice } = around;
  const nest = createNest(around);
  const parent = createParent(around, nest);
  const count = kind === "only_child" ? 1 : Math.min(dice.between(2, 3), mostPeople - 1);
  const traps: readonly Trap[] = kind === "siblings" ? ["siblings"] : [];
  const children = createChildren(around, nest, { count, day: () => birthDay(14, 20, dice), traps });
  return [parent, ...underGuardian(children, parent, GUARDIAN_SHARE[kind])];
}

/** Same birth date, surname, address and phone; two given names, two persons. */
function createTwins(around: Surroundings): readonly Person[] {
  const { dice } = around;
  const nest = createNest(around);
  const parent = dice.chance(TWINS_HAVE_PARENT) ? createParent(around, nest) : null;
  const birth = birthDay(15, 24, dice);
  const twins = createChildren(around, nest, { count: 2, day: () => birth, traps: ["twins"] });
  const phone = (twins[0] as Person).phone;
  const sharing = twins.map((twin) => ({ ...twin, phone }));
  return parent === null ? sharing : [parent, ...underGuardian(sharing, parent, GUARDIAN_SHARE.twins)];
}

/** Two strangers at one school with one name and one birth date. */
function createNamesakes(around: Surroundings): readonly Person[] {
  const { dice } = around;
  const nest = createNest(around);
  const sex = sexOf(dice);
  const given = drawGiven(nest.locale.code, sex, dice);
  const birth = birthDay(17, 30, dice);
  const namesake = (home: Home, household: string): Person => {
    const { stage } = dice.weighted(YOUNG_STAGES);
    const person = createPerson(around, { ...nest, home, household, sex, given, stage, birth });
    return { ...person, traps: ["namesakes"] };
  };
  const first = namesake(nest.home, nest.household);
  return [first, namesake(homeIn(nest.locale, dice), householdId(around.counters.households++))];
}

/** The next household, or the two of a pair of namesakes; never more than `mostPeople` persons. */
export function createHousehold(around: Surroundings, mostPeople: number): readonly Person[] {
  const possible = KINDS.filter(({ people }) => people <= mostPeople);
  const { kind } = around.dice.weighted(possible);
  switch (kind) {
    case "single":
      return [createSingle(around)];
    case "twins":
      return createTwins(around);
    case "namesakes":
      return createNamesakes(around);
    default:
      return createFamily(around, kind, mostPeople);
  }
}
