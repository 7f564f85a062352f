import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { canonicalise } from "../normalise/identify.js";
import { csvLine } from "./csv.js";
import { generateRecords } from "./generate.js";
import { LOCALES } from "./locales.js";
import { CELLS, type Cell, FEEDS, type Feed, type SyntheticRecord, TRAPS, type Trap } from "./record.js";
import { createCounting } from "./tally.js";

const PEOPLE = 5000;
const records = [...generateRecords({ people: PEOPLE, seed: 7 })];

function hashOf(people: number, seed: number): string {
  const hash = createHash("sha256");
  for (const record of generateRecords({ people, seed })) hash.update(csvLine(record));
  return hash.digest("hex");
}

function trapsOf({ trap }: SyntheticRecord): readonly string[] {
  return trap === "" ? [] : trap.split(";");
}

describe("a population", () => {
  it("is the same byte for byte for a seed, on every machine and version of Node", () => {
    expect(hashOf(450, 7)).toBe("3c709a32a5ee388ffead5178b331bff151fcd594d414fe9f9408509b75e3f6a7");
  });

  it("is another for another seed", () => {
    expect(hashOf(100, 8)).not.toBe(hashOf(100, 7));
  });

  it("has the people asked for, and about ten records each", () => {
    expect(new Set(records.map(({ person_id }) => person_id)).size).toBe(PEOPLE);
    expect(records.length / PEOPLE).toBeGreaterThan(9);
    expect(records.length / PEOPLE).toBeLessThan(11);
  });

  it("numbers records and orders them by arrival, each once, within 15 digits", () => {
    expect(new Set(records.map(({ record_id }) => record_id)).size).toBe(records.length);
    expect(new Set(records.map(({ ingested_order }) => ingested_order)).size).toBe(records.length);
    for (const { ingested_order } of records) expect(ingested_order).toMatch(/^\d{1,15}$/);
  });

  it.each([
    [0, 1],
    [1.5, 1],
    [4_000_001, 1],
    [10, -1],
    [10, 2 ** 32],
  ])("refuses %s people with seed %s", (people, seed) => {
    expect(() => generateRecords({ people, seed }).next()).toThrow(expect.objectContaining({ code: "INPUT_INVALID" }));
  });
});

/** Share of the records, from and to. */
const RATES: Readonly<Record<Trap, readonly [number, number]>> = {
  twins: [0.01, 0.045],
  siblings: [0.06, 0.14],
  parent: [0.04, 0.1],
  classroom_device: [0.006, 0.02],
  family_tablet: [0.015, 0.045],
  recycled_mail: [0.001, 0.005],
  role_mail: [0.0005, 0.003],
  placeholder: [0.003, 0.009],
  hub_phone: [0.002, 0.007],
  namesakes: [0.003, 0.02],
  changed_surname: [0.006, 0.022],
  changed_email: [0.015, 0.045],
  changed_phone: [0.015, 0.045],
  two_contacts: [0.006, 0.025],
  late: [0.008, 0.012],
  resent: [0.008, 0.012],
};

describe("rates", () => {
  const counting = createCounting();
  for (const record of records) counting.add(record);
  const { byTrap, byFeed } = counting.tally();

  it.each(TRAPS.map((trap) => [trap] as const))("%s", (trap) => {
    const share = (byTrap.get(trap) as number) / records.length;
    expect(share).toBeGreaterThan(RATES[trap][0]);
    expect(share).toBeLessThan(RATES[trap][1]);
  });

  it.each(FEEDS.map((feed) => [feed] as const))("%s has its share", (feed) => {
    expect((byFeed.get(feed) as number) / records.length).toBeGreaterThan(0.05);
  });
});

/** Identifiers a feed knows, and none besides. */
const IDENTIFIERS: Readonly<Record<Feed, readonly Cell[]>> = {
  website: ["user_id", "email", "phone", "anonymous_id", "device_id"],
  mobile_app: ["user_id", "email", "anonymous_id", "device_id"],
  crm_contacts: ["student_number", "crm_id", "email", "phone"],
  crm_leads: ["lead_id", "email", "phone"],
  admissions_form: ["user_id", "email", "phone"],
  lms: ["user_id", "student_number", "email"],
  email_engagement: ["email"],
  whatsapp: ["phone"],
};
const IDENTIFIER_CELLS = CELLS.slice(0, CELLS.indexOf("first_name"));

describe("feeds", () => {
  it.each(FEEDS.map((feed) => [feed] as const))("%s has its own columns and its own gaps", (feed) => {
    const own = records.filter((record) => record.feed === feed);
    const filled = IDENTIFIER_CELLS.filter((cell) => own.some((record) => record[cell] !== ""));
    expect(filled).toEqual(IDENTIFIERS[feed]);
    expect(own.some((record) => IDENTIFIERS[feed].some((cell) => record[cell] === ""))).toBe(
      feed !== "email_engagement" && feed !== "whatsapp",
    );
  });

  it("write birth dates in three orders", () => {
    const dates = records.map(({ birth_date }) => birth_date).filter((text) => text !== "");
    expect(dates.filter((text) => /^\d{4}-\d\d-\d\d$/.test(text)).length).toBeGreaterThan(500);
    expect(dates.filter((text) => /^\d\d[./-]\d\d[./-]\d{4}$/.test(text)).length).toBeGreaterThan(500);
    // A month above twelve in the second place: only Americans write that.
    expect(dates.filter((text) => /^\d\d\/(1[3-9]|2\d)\/\d{4}$/.test(text)).length).toBeGreaterThan(10);
  });

  it("write names in Latin, Chinese and Arabic letters", () => {
    for (const script of [/\p{sc=Han}/u, /\p{sc=Arabic}/u, /[łąęśźż]/, /[ğşı]/]) {
      expect(records.some(({ full_name, first_name }) => script.test(full_name + first_name))).toBe(true);
    }
  });
});

const TYPES = {
  user_id: "user_id",
  student_number: "student_number",
  crm_id: "salesforce_contact_id",
  lead_id: "salesforce_lead_id",
  email: "email",
  phone: "phone",
  device_id: "device_id",
  anonymous_id: "anonymous_id",
} as const;

/** The traps that are the sharing of an identifier of this column. */
const SHARING: Readonly<Record<keyof typeof TYPES, readonly Trap[]>> = {
  user_id: ["placeholder"],
  student_number: ["placeholder"],
  crm_id: [],
  lead_id: [],
  email: ["parent", "recycled_mail", "role_mail", "placeholder"],
  phone: ["parent", "twins", "hub_phone", "placeholder"],
  device_id: ["classroom_device", "family_tablet"],
  anonymous_id: ["classroom_device", "family_tablet"],
};

describe("identifiers", () => {
  const regions = new Map(
    LOCALES.flatMap(({ country, countryName }) => [
      [country, country],
      [countryName, country],
    ]),
  );

  it.each(Object.keys(TYPES) as (keyof typeof TYPES)[])("%s is shared only where that was planted", (column) => {
    const holders = new Map<string, SyntheticRecord[]>();
    for (const record of records) {
      const region = regions.get(record.country) ?? "GB";
      const value = record[column] === "" ? null : canonicalise(TYPES[column], record[column], region);
      if (value === null) continue;
      const held = holders.get(value);
      if (held === undefined) holders.set(value, [record]);
      else held.push(record);
    }
    const shared = [...holders.values()].filter((held) => new Set(held.map(({ person_id }) => person_id)).size > 1);
    const unlabelled = shared
      .flat()
      .filter((record) => !trapsOf(record).some((trap) => SHARING[column].includes(trap as Trap)));
    expect(unlabelled).toEqual([]);
    expect(shared.length > 0).toBe(SHARING[column].length > 0);
  });

  it("are canonical for nearly every phone and address", () => {
    const usable = (column: "email" | "phone"): number => {
      const raw = records.filter((record) => record[column] !== "" && !trapsOf(record).includes("placeholder"));
      const good = raw.filter(
        (record) => canonicalise(TYPES[column], record[column], regions.get(record.country) ?? "GB") !== null,
      );
      return good.length / raw.length;
    };
    expect(usable("email")).toBeGreaterThan(0.995);
    expect(usable("phone")).toBeGreaterThan(0.98);
  });

  it("put one hub phone on many people", () => {
    const callers = records.filter((record) => trapsOf(record).includes("hub_phone") && record.phone.endsWith("0999"));
    expect(new Set(callers.map(({ person_id }) => person_id)).size).toBeGreaterThan(100);
  });

  it("lie where nobody is: under .example, but for placeholders", () => {
    const addresses = records
      .filter((record) => record.email !== "" && !trapsOf(record).includes("placeholder"))
      .map(({ email }) => email.trim().toLowerCase());
    expect(addresses.filter((email) => !email.endsWith(".example"))).toEqual([]);
  });
});

describe("arrival", () => {
  it("re-sends the same record later", () => {
    const sameAs = ({ record_id: _id, ingested_order: _order, trap: _trap, ...rest }: SyntheticRecord): string =>
      JSON.stringify(rest);
    for (const [place, record] of records.entries()) {
      if (!trapsOf(record).includes("resent")) continue;
      const original = records[place - 1] as SyntheticRecord;
      expect(sameAs(record)).toBe(sameAs(original));
      expect(Number(record.ingested_order)).toBeGreaterThan(Number(original.ingested_order));
    }
  });

  it("brings late records after ones that happened days later", () => {
    const inOrder = [...records].sort((a, b) => Number(a.ingested_order) - Number(b.ingested_order));
    const overtaken = new Set<string>();
    let latest = "";
    for (const record of inOrder) {
      if (record.occurred_at > latest) latest = record.occurred_at;
      else if (Date.parse(latest) - Date.parse(record.occurred_at) > 36 * 3600_000) overtaken.add(record.record_id);
    }
    const late = records.filter((record) => trapsOf(record).includes("late"));
    expect(late.filter(({ record_id }) => overtaken.has(record_id)).length / late.length).toBeGreaterThan(0.9);
    const onTime = records.filter((record) => !trapsOf(record).includes("late") && !trapsOf(record).includes("resent"));
    expect(onTime.filter(({ record_id }) => overtaken.has(record_id))).toEqual([]);
  });
});
