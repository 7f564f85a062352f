import { DAY_SECONDS, YEAR_SECONDS } from "./dates.js";
import type { Dice } from "./dice.js";
import { onSharedDevice, type SharedDevice, type Sighting } from "./feeds.js";
import { historyOf } from "./history.js";
import { createHousehold } from "./household.js";
import { mailNumber, uuid } from "./ids.js";
import { isStudying, type Person } from "./person.js";
import type { Surroundings } from "./surroundings.js";

const CLASSROOM_RATE = 0.6;
const CLASS_SIZE = 30;
/** A room with fewer is no classroom. */
const SMALLEST_CLASS = 10;
const CLASSROOM_TERM = Date.UTC(2024, 8, 9) / 1000;
const TERM_SECONDS = 100 * DAY_SECONDS;

const TABLET_RATE = 0.4;
const TABLET_DAYS = 120;

const RECYCLED_RATE = 0.015;

/** The people of one intake of one school, and all that was seen of them. */
export interface Cohort {
  readonly people: readonly Person[];
  readonly sightings: readonly Sighting[];
}

/** Draws `count` different entries; all of them where there are no more. */
function sample<T>(list: readonly T[], count: number, dice: Dice): readonly T[] {
  const rest = [...list];
  const drawn: T[] = [];
  while (drawn.length < count && rest.length > 0) drawn.push(...rest.splice(dice.below(rest.length), 1));
  return drawn;
}

/** A graduate's address goes to a student who enrols a year or more after the graduate left. */
function withRecycledMail(people: readonly Person[], dice: Dice): readonly Person[] {
  const students = people.filter((person) => person.stage === "student");
  const graduates = people.filter(({ stage }) => stage === "graduate");
  const pairs = Math.round(students.length * RECYCLED_RATE + dice.unit() - 0.5);
  const changed = new Map<number, Person>();
  for (const graduate of sample(graduates, pairs, dice)) {
    const newcomers = students.filter(
      ({ index, enrolled }) => enrolled >= graduate.left + YEAR_SECONDS && !changed.has(index),
    );
    if (newcomers.length === 0) continue;
    const newcomer = dice.pick(newcomers);
    // Schools that give addresses out again number them.
    const schoolMail = `student${mailNumber(graduate.index)}@${graduate.school.domain}`;
    for (const person of [graduate, newcomer]) {
      changed.set(person.index, {
        ...person,
        schoolMail,
        isSchoolMailRecycled: true,
      });
    }
  }
  return people.map((person) => changed.get(person.index) ?? person);
}

/** Thirty students at one computer within a term, some signed in, some not. */
function classroom(people: readonly Person[], { dice, counters }: Surroundings): readonly Sighting[] {
  const present = people.filter(
    (person) => isStudying(person) && person.enrolled <= CLASSROOM_TERM && person.left >= CLASSROOM_TERM + TERM_SECONDS,
  );
  if (present.length < SMALLEST_CLASS || !dice.chance(CLASSROOM_RATE)) return [];
  const room = counters.classrooms++;
  const computer: SharedDevice = {
    device: uuid("classroom_device", room),
    browser: uuid("classroom_browser", room),
    trap: "classroom_device",
    signedIn: 0.6,
  };
  return sample(present, CLASS_SIZE, dice).flatMap((student) =>
    Array.from({ length: dice.between(2, 4) }, () =>
      onSharedDevice(student, CLASSROOM_TERM + dice.below(TERM_SECONDS), computer, dice),
    ),
  );
}

/** One tablet that goes from one member of a family to the next: at any time it is one person's. */
function familyTablet(household: readonly Person[], dice: Dice): readonly Sighting[] {
  const [first, second] = household;
  const isFamily = first !== undefined && second !== undefined && first.householdId === second.householdId;
  if (!isFamily || !dice.chance(TABLET_RATE)) return [];
  const from = Math.max(...household.map((person) => person.from));
  return household.flatMap((person, turn) => {
    const tablet: SharedDevice = {
      device: uuid("device", first.index * 2 + 1),
      browser: uuid("browser", first.index * 4 + 3),
      trap: "family_tablet",
      // A parent has no account.
      signedIn: isStudying(person) ? 0.7 : 0,
    };
    const begin = from + turn * TABLET_DAYS * DAY_SECONDS;
    return Array.from({ length: dice.between(2, 4) }, () =>
      onSharedDevice(person, begin + dice.below(TABLET_DAYS * DAY_SECONDS), tablet, dice),
    );
  });
}

/** Exactly `size` people with their history, in the order of the households. */
export function createCohort(around: Surroundings, size: number): Cohort {
  const { dice } = around;
  const households: (readonly Person[])[] = [];
  for (let count = 0; count < size; ) {
    const household = createHousehold(around, size - count);
    households.push(household);
    count += household.length;
  }
  const people = withRecycledMail(households.flat(), dice);
  const sightings = [
    ...people.flatMap((person) => historyOf(person, dice)),
    ...households.flatMap((household) => familyTablet(household, dice)),
    ...classroom(people, around),
  ];
  return { people, sightings };
}
