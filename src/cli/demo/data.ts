import { fakerEN_GB as dice } from "@faker-js/faker";
import { RollcallError } from "../../platform/errors.js";
import {
  changeEvents,
  contactRows,
  emailEvents,
  enrollmentRows,
  mobileMessages,
  type SegmentMessage,
  websiteMessages,
  whatsappMessages,
} from "./journeys.js";
import { createPeople, type Person } from "./people.js";

/** Everything the demo's sources will send, as they send it. */
export interface DemoData {
  readonly people: readonly Person[];
  /** A person whom all five sources know. */
  readonly hero: Person;
  readonly website: readonly SegmentMessage[];
  readonly mobile: readonly SegmentMessage[];
  readonly email: readonly Record<string, unknown>[];
  readonly whatsapp: readonly Record<string, string>[];
  readonly contactsCsv: string;
  readonly enrollmentsCsv: string;
  /** Lines of change events; a few are not JSON. */
  readonly changesNdjson: string;
}

export interface DemoOptions {
  readonly people: number;
  readonly seed: number;
  readonly nowMs: number;
}

/** One in a hundred is sent twice: a phone that lost its connection tries again. */
function withResends<T>(items: readonly T[]): T[] {
  return items.flatMap((item) => (dice.datatype.boolean(0.01) ? [item, item] : [item]));
}

/** What goes wrong in the field: unknown events, wrong types, clocks in the future. */
function withMistakes(messages: readonly SegmentMessage[], nowMs: number): SegmentMessage[] {
  return messages.map((message, n) => {
    if (n % 401 === 400)
      return { ...message, messageId: `${message.messageId}-odd`, type: "track", event: "Clicked Thing" };
    if (n % 523 === 522) return { ...message, messageId: `${message.messageId}-bad`, type: "track", event: 42 };
    if (n % 611 === 610) return { ...message, timestamp: new Date(nowMs + 3 * 86_400_000).toISOString() };
    return message;
  });
}

function csv(rows: readonly Record<string, string>[]): string {
  const first = rows[0];
  if (first === undefined) return "";
  const columns = Object.keys(first);
  const cell = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return [columns.join(","), ...rows.map((row) => columns.map((name) => cell(row[name] ?? "")).join(","))].join("\n");
}

/** Whom all five sources know, and who shares a phone with nobody. */
function findHero(people: readonly Person[]): Person {
  const phones = new Map<string, number>();
  for (const person of people) phones.set(person.phone, (phones.get(person.phone) ?? 0) + 1);
  const hero = people.find(
    (p) =>
      p.stage === "student" &&
      p.usesApp &&
      p.usesWhatsapp &&
      p.isInCrm &&
      p.receivesEmail &&
      p.anonymousIds.length === 2 &&
      phones.get(p.phone) === 1,
  );
  if (hero === undefined) {
    const message = "Of so few people nobody is known to all five sources. Choose more with --people: 200 are enough.";
    throw new RollcallError("INPUT_INVALID", message, { isRetriable: false });
  }
  return hero;
}

/** The same options give the same data. */
export function createDemoData(options: DemoOptions): DemoData {
  const { nowMs } = options;
  const people = createPeople(options.people, options.seed);
  dice.seed(options.seed + 1);
  const website = people.flatMap((person) => websiteMessages(person, nowMs));
  const mobile = people.flatMap((person) => mobileMessages(person, nowMs));
  const changes = people.flatMap((person) => changeEvents(person, nowMs)).map((change) => JSON.stringify(change));
  changes.splice(Math.min(10, changes.length), 0, '{"ChangeEventHeader": {"entityName": "Contact", ');
  const contacts = csv(people.flatMap((person) => contactRows(person, nowMs)));
  return {
    people,
    hero: findHero(people),
    website: withMistakes(withResends(website), nowMs),
    mobile: withMistakes(withResends(mobile), nowMs),
    email: withResends(people.flatMap((person) => emailEvents(person, nowMs))),
    whatsapp: withResends(people.flatMap((person) => whatsappMessages(person))),
    contactsCsv: `${contacts}\n003000000000XYZ,Broken,Row,too,few\n`,
    enrollmentsCsv: `${csv(people.flatMap((person) => enrollmentRows(person, nowMs)))}\n`,
    changesNdjson: `${changes.join("\n")}\n`,
  };
}
