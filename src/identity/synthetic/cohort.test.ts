import { describe, expect, it } from "vitest";
import { createCohort } from "./cohort.js";
import { DAY_SECONDS, WINDOW_FROM, WINDOW_TO, YEAR_SECONDS } from "./dates.js";
import { createDice } from "./dice.js";
import type { Sighting } from "./feeds.js";
import { type Person, valueAt } from "./person.js";
import { e164 } from "./phones.js";
import type { Trap } from "./record.js";
import { SCHOOLS } from "./schools.js";
import { createCounters } from "./surroundings.js";

const SIZE = 400;
const counters = createCounters();
const cohorts = Array.from({ length: 12 }, (_, n) =>
  createCohort({ dice: createDice(11, n), counters, school: SCHOOLS[n] as (typeof SCHOOLS)[number] }, SIZE),
);
const people = cohorts.flatMap((cohort) => cohort.people);
const sightings = cohorts.flatMap((cohort) => cohort.sightings);

function groupBy<T>(list: readonly T[], key: (entry: T) => string): readonly (readonly T[])[] {
  const groups = new Map<string, T[]>();
  for (const entry of list) groups.set(key(entry), [...(groups.get(key(entry)) ?? []), entry]);
  return [...groups.values()];
}

function trapped(trap: Trap): readonly Person[] {
  const found = people.filter(({ traps }) => traps.includes(trap));
  expect(found.length).toBeGreaterThan(0);
  return found;
}

function seenWith(trap: Trap): readonly Sighting[] {
  const found = sightings.filter(({ traps }) => traps.includes(trap));
  expect(found.length).toBeGreaterThan(0);
  return found;
}

function distinct(list: readonly Person[], value: (person: Person) => unknown): number {
  return new Set(list.map((person) => JSON.stringify(value(person)))).size;
}

describe("a cohort", () => {
  it("has exactly the people asked for, each of them seen", () => {
    for (const cohort of cohorts) expect(cohort.people).toHaveLength(SIZE);
    expect(distinct(people, ({ personId }) => personId)).toBe(12 * SIZE);
    expect(new Set(sightings.map(({ person }) => person.personId)).size).toBe(12 * SIZE);
  });

  it("of any size is made whole", () => {
    for (let size = 1; size <= 12; size++) {
      const around = { dice: createDice(size, 0), counters: createCounters(), school: SCHOOLS[0] as never };
      expect(createCohort(around, size).people).toHaveLength(size);
    }
  });

  it("gives nobody what is another's", () => {
    expect(distinct(people, ({ email }) => email.first)).toBe(people.length);
    expect(distinct(people, ({ device }) => device)).toBe(people.length);
    const browsers = people.flatMap((person) => person.browsers);
    expect(new Set(browsers).size).toBe(browsers.length);
  });

  it("lies in its window of time, but for what a tablet's turns outlast", () => {
    for (const { at, traps } of sightings) {
      expect(at).toBeGreaterThanOrEqual(WINDOW_FROM);
      if (!traps.includes("family_tablet")) expect(at).toBeLessThan(WINDOW_TO);
    }
  });
});

describe("planted persons", () => {
  it("twins: one birth date, surname, address and phone; two names, two mailboxes", () => {
    for (const twins of groupBy(trapped("twins"), ({ householdId }) => householdId)) {
      expect(twins).toHaveLength(2);
      for (const same of [
        (person: Person) => person.birth,
        (person: Person) => person.family.first.text,
        (person: Person) => person.home,
        (person: Person) => e164(person.phone.first),
      ]) {
        expect(distinct(twins, same)).toBe(1);
      }
      expect(distinct(twins, ({ given }) => given.text)).toBe(2);
      expect(distinct(twins, ({ email }) => email.first)).toBe(2);
    }
  });

  it("siblings: two or three of one parent, whose contacts they give", () => {
    for (const siblings of groupBy(trapped("siblings"), ({ householdId }) => householdId)) {
      expect([2, 3]).toContain(siblings.length);
      expect(distinct(siblings, ({ given }) => given.text)).toBe(siblings.length);
      expect(distinct(siblings, ({ guardian }) => guardian?.personId)).toBe(1);
    }
    const borrowed = seenWith("parent").filter(({ person, cells }) => {
      const email = person.guardian?.email;
      return cells.email !== undefined && email !== undefined && cells.email.trim().toLowerCase() === email.first;
    });
    expect(borrowed.length).toBeGreaterThan(100);
  });

  it("namesakes: one name and birth date at one school; two homes, two phones", () => {
    const pairs = groupBy(trapped("namesakes"), ({ given, family, birth, school }) =>
      JSON.stringify([given.text, family.first.text, birth, school.name]),
    );
    for (const pair of pairs) {
      expect(pair.length % 2).toBe(0);
      expect(distinct(pair, ({ householdId }) => householdId)).toBe(pair.length);
      expect(distinct(pair, ({ phone }) => e164(phone.first))).toBe(pair.length);
    }
  });

  it.each<[Trap, (person: Person, at: number) => unknown]>([
    ["changed_surname", (person, at) => valueAt(person.family, at).text],
    ["changed_email", (person, at) => valueAt(person.email, at)],
    ["changed_phone", (person, at) => e164(valueAt(person.phone, at))],
  ])("%s: one value before, another after, at a moment of their own", (trap, value) => {
    for (const person of trapped(trap)) {
      expect(value(person, person.from)).not.toEqual(value(person, person.until));
    }
  });

  it("two_contacts: both are seen", () => {
    const ids = new Set(sightings.map(({ cells }) => cells.crm_id?.slice(0, 15)));
    const both = trapped("two_contacts").filter(({ contactIds }) => contactIds.every((id) => ids.has(id.slice(0, 15))));
    expect(both.length).toBeGreaterThan(trapped("two_contacts").length / 3);
    expect(distinct(trapped("two_contacts"), ({ contactIds }) => contactIds.length)).toBe(1);
  });
});

describe("planted sightings", () => {
  it("recycled mail: the graduate's until they left, the newcomer's a year later or more", () => {
    const pairs = groupBy(
      people.filter(({ isSchoolMailRecycled }) => isSchoolMailRecycled),
      ({ schoolMail }) => schoolMail,
    );
    expect(pairs.length).toBeGreaterThan(5);
    for (const pair of pairs) {
      const [graduate, newcomer] = [...pair].sort((a, b) => a.enrolled - b.enrolled) as [Person, Person];
      expect(pair).toHaveLength(2);
      expect(newcomer.enrolled - graduate.left).toBeGreaterThanOrEqual(YEAR_SECONDS);
      for (const { person, at } of sightings.filter(({ cells }) => cells.email === graduate.schoolMail)) {
        if (person.index === graduate.index) expect(at).toBeLessThan(graduate.left);
        else expect(at).toBeGreaterThanOrEqual(newcomer.enrolled);
      }
    }
  });

  it("classroom devices: up to thirty students within a term, some signed in, some not", () => {
    const inClass = seenWith("classroom_device").filter(({ cells }) => cells.device_id !== undefined);
    for (const room of groupBy(inClass, ({ cells }) => cells.device_id as string)) {
      const students = new Set(room.map(({ person }) => person.index));
      expect(students.size).toBeGreaterThanOrEqual(10);
      expect(students.size).toBeLessThanOrEqual(30);
      const times = room.map(({ at }) => at);
      expect(Math.max(...times) - Math.min(...times)).toBeLessThanOrEqual(100 * DAY_SECONDS);
      expect(new Set(room.map(({ cells }) => cells.user_id === undefined)).size).toBe(2);
    }
  });

  it("family tablets: one person's at a time, handed over in the order of the household", () => {
    const onTablet = seenWith("family_tablet");
    for (const family of groupBy(onTablet, ({ person }) => person.householdId)) {
      const spans = groupBy(family, ({ person }) => person.personId)
        .map((used) => used.map(({ at }) => at))
        .map((times) => [Math.min(...times), Math.max(...times)] as const)
        .sort((a, b) => a[0] - b[0]);
      expect(spans.length).toBeGreaterThan(1);
      for (let n = 1; n < spans.length; n++) expect(spans[n]?.[0]).toBeGreaterThan(spans[n - 1]?.[1] as number);
    }
  });
});
