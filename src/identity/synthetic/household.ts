import { createPerson } from "./create-person.js";
import { birthDay, type Day } from "./dates.js";
import type { Dice } from "./dice.js";
import { householdId } from "./ids.js";
import { withChanges } from "./life-changes.js";
import { LOCALES, type Locale } from "./locales.js";
import type { NamePart } from "./name-part.js";
import { drawFamily, drawGiven, drawOther, type Sex } from "./names.js";
import type { Home, Person, Stage } from "./person.js";
import type { Trap } from "./record.js";
import type { Surroundings } from "./surroundings.js";

/** Rates of households; docs/identity-generator.md lists them. */
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

const GUARDIAN_SHARE = { only_child: 0.35, siblings: 0.55, twins: 0.3 } as const;
const TWINS_HAVE_PARENT = 0.6;

function homeIn(locale: Locale, dice: Dice): Home {
  const [city, pattern] = dice.pick(locale.cities);
  const postcode = pattern
    .replaceAll("#", () => String(dice.below(10)))
    .replaceAll("?", () => dice.pick([..."ABDEFGHJLNPQRSTUWXYZ"]));
  return { address: locale.address(dice.pick(locale.streets), dice.between(1, 180)), city, postcode };
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
