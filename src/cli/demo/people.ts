import {
  type Faker,
  fakerDE,
  fakerEN_GB,
  fakerEN_IN,
  fakerES,
  fakerFR,
  fakerPT_BR,
  fakerTR,
  fakerZH_CN,
} from "@faker-js/faker";

/** How far a person has come. Decides which sources know them. */
export type Stage = "visitor" | "prospect" | "applicant" | "student" | "graduate";

export interface Person {
  readonly index: number;
  readonly firstName: string;
  readonly lastName: string;
  /** ISO 3166 alpha-2. */
  readonly country: string;
  readonly language: "en" | "de" | "es" | "fr" | "pt" | "hi";
  readonly email: string;
  /** E.164; a family shares one. */
  readonly phone: string;
  readonly birthDate: string;
  readonly stage: Stage;
  readonly programme: string;
  readonly userId: string;
  readonly studentNumber: string;
  readonly anonymousIds: readonly string[];
  readonly deviceId: string;
  readonly usesApp: boolean;
  readonly usesWhatsapp: boolean;
  readonly isInCrm: boolean;
  readonly receivesEmail: boolean;
}

export const PROGRAMMES = ["mba", "data-science", "nursing", "law", "design", "computer-science"] as const;

interface Country {
  readonly code: string;
  readonly language: Person["language"];
  readonly faker: Faker;
  readonly weight: number;
  /** A valid mobile number of the country, E.164, from seven digits. */
  readonly mobile: (digits: string) => string;
}

const COUNTRIES: readonly Country[] = [
  { code: "GB", language: "en", faker: fakerEN_GB, weight: 30, mobile: (d) => `+447400${d.slice(1)}` },
  { code: "IN", language: "hi", faker: fakerEN_IN, weight: 22, mobile: (d) => `+91981${d}` },
  { code: "DE", language: "de", faker: fakerDE, weight: 12, mobile: (d) => `+49151${d}1` },
  { code: "ES", language: "es", faker: fakerES, weight: 10, mobile: (d) => `+3461${d}` },
  { code: "FR", language: "fr", faker: fakerFR, weight: 8, mobile: (d) => `+3361${d}` },
  { code: "BR", language: "pt", faker: fakerPT_BR, weight: 8, mobile: (d) => `+55119${"8"}${d}` },
  { code: "TR", language: "en", faker: fakerTR, weight: 5, mobile: (d) => `+90532${d}` },
  { code: "CN", language: "en", faker: fakerZH_CN, weight: 5, mobile: (d) => `+86138${d}2` },
];

const STAGES: readonly { readonly value: Stage; readonly weight: number }[] = [
  { value: "visitor", weight: 14 },
  { value: "prospect", weight: 26 },
  { value: "applicant", weight: 12 },
  { value: "student", weight: 40 },
  { value: "graduate", weight: 8 },
];

const EMAIL_DOMAINS = ["gmail.com", "outlook.com", "yahoo.com", "proton.me", "icloud.com"] as const;

/** Plain ASCII letters for the part before the @; names that fold to nothing fall back to the index. */
function slug(text: string, index: number): string {
  const folded = text
    .normalize("NFKD")
    .replace(/[^\x20-\x7e]/g, "")
    .toLowerCase()
    .replace(/[^a-z]/g, "");
  return folded === "" ? `student${index}` : folded;
}

/**
 * A seeded, international student body. The same seed gives the same people.
 * Families: every 25th person shares the phone of the one before and their surname.
 */
export function createPeople(count: number, seed: number): readonly Person[] {
  const people: Person[] = [];
  for (const country of COUNTRIES) country.faker.seed(seed);
  const dice = fakerEN_GB;
  for (let index = 0; index < count; index++) {
    const previous = people.at(-1);
    const isSibling = previous !== undefined && index % 25 === 0;
    const country = isSibling
      ? (COUNTRIES.find((c) => c.code === previous.country) as Country)
      : dice.helpers.weightedArrayElement(COUNTRIES.map((value) => ({ value, weight: value.weight })));
    const firstName = country.faker.person.firstName();
    const lastName = isSibling ? previous.lastName : country.faker.person.lastName();
    const stage: Stage = isSibling ? "student" : dice.helpers.weightedArrayElement(STAGES);
    const isKnown = stage !== "visitor";
    const isEnrolled = stage === "student" || stage === "graduate";
    const number = String(index).padStart(5, "0");
    people.push({
      index,
      firstName,
      lastName,
      country: country.code,
      language: country.language,
      email: `${slug(firstName, index)}.${slug(lastName, index)}${index}@${dice.helpers.arrayElement(EMAIL_DOMAINS)}`,
      phone: isSibling ? previous.phone : country.mobile(String(2_000_000 + index * 37).slice(0, 7)),
      birthDate: dice.date
        .birthdate({ mode: "age", min: 17, max: 55, refDate: "2026-01-01" })
        .toISOString()
        .slice(0, 10),
      stage,
      programme: dice.helpers.arrayElement(PROGRAMMES),
      userId: `usr_${number}`,
      studentNumber: `S${10_000_000 + index * 7}`,
      anonymousIds: Array.from({ length: dice.datatype.boolean(0.35) ? 2 : 1 }, (_, n) => `anon-${number}-${n}`),
      deviceId: `device-${number}`,
      usesApp: isEnrolled && dice.number.float() < 0.9,
      usesWhatsapp: isKnown && dice.number.float() < 0.35,
      isInCrm: isKnown && dice.number.float() < 0.93,
      receivesEmail: isKnown && dice.number.float() < 0.8,
    });
  }
  return people;
}
