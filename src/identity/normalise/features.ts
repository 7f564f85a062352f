import { foldAddress, foldPlace, foldPostcode } from "./address.js";
import { canonicalBirthDate, canonicalBirthYear, FIRST_YEAR } from "./birth-date.js";
import { regionOfCountry } from "./country-region.js";
import { emailUser } from "./email-user.js";
import { foldGender } from "./gender.js";
import { latin } from "./latin.js";
import { namesAnother } from "./mailbox-name.js";
import { nameFeatures } from "./names.js";
import { isNobodysEmail, isNobodysPhone, isNobodysText } from "./nobody.js";

/** What a source may tell of a person, by its own name for it. */
export const TRAIT_FIELDS = [
  "first_name",
  "middle_name",
  "last_name",
  "full_name",
  "birth_date",
  "gender",
  "email",
  "phone",
  "address",
  "city",
  "postcode",
  "country",
  "institution",
  "national_id",
  "birth_place",
  "occupation",
] as const;
export type TraitField = (typeof TRAIT_FIELDS)[number];

export interface Trait {
  readonly field: TraitField;
  readonly value: string;
}

/** What records are compared by. */
export const FEATURE_FIELDS = [
  "given_name",
  "given_root",
  "given_sound",
  "family_name",
  "family_sound",
  "name_bag",
  "birth_date",
  "gender",
  "email",
  "email_user",
  "phone",
  "address",
  "postcode",
  "city",
  "institution",
  "national_id",
  "birth_year",
  "birth_place",
  "occupation",
] as const;
export type FeatureField = (typeof FEATURE_FIELDS)[number];

/** What a record tells of itself: that the mailbox in it names another than the person it is about. Its value is always the same. */
const LENT_CONTACT = { field: "contact_of", value: "another" } as const;

export interface Feature {
  readonly field: FeatureField | typeof LENT_CONTACT.field;
  readonly value: string;
}

/** Of another, where a contact is lent. */
const CONTACTS: ReadonlySet<Feature["field"]> = new Set(["email", "email_user", "phone"]);
const NO_FEATURES: readonly Feature[] = [];
const MAX_ID_LENGTH = 64;
const MIN_ID_LENGTH = 4;

/**
 * What a record's traits tell of its person, folded for comparing: each field at most once, by the first trait that says it. What
 * stands for nobody or nothing (placeholders, impossible dates, info@) is left out, and so are mailbox and phone where the mailbox names
 * another: then `LENT_CONTACT` says so.
 *
 * `email` and `phone` are expected canonical, as `identify` gives them. `region` (ISO 3166 alpha-2) is where the record was written: it
 * says which way round dates and names are. A country among the traits counts before it. Nobody was born before `bornSince`.
 */
export function describe(traits: readonly Trait[], region: string, bornSince = FIRST_YEAR): readonly Feature[] {
  if (traits.length === 0) return NO_FEATURES;
  const told = new Map<TraitField, string>();
  for (const { field, value } of traits) {
    const text = value.trim();
    if (text !== "" && !told.has(field)) told.set(field, text);
  }
  const country = told.get("country");
  const place = (country === undefined ? null : regionOfCountry(country)) ?? region.toUpperCase();
  const of = (field: TraitField): string => told.get(field) ?? "";

  const features: Feature[] = [];
  if (told.has("first_name") || told.has("last_name") || told.has("full_name")) {
    const name = { first: of("first_name"), middle: of("middle_name"), last: of("last_name"), full: of("full_name") };
    features.push(...nameFeatures(name, place));
  }
  const add = (field: FeatureField, from: TraitField, fold: (text: string) => string | null): void => {
    const text = told.get(from);
    const value = text === undefined ? null : fold(text);
    if (value !== null) features.push({ field, value });
  };
  add("birth_date", "birth_date", (text) => canonicalBirthDate(text, place, bornSince));
  add("gender", "gender", foldGender);
  add("email", "email", (text) => (isNobodysEmail(text) ? null : text));
  add("email_user", "email", emailUser);
  add("phone", "phone", (text) => (isNobodysPhone(text) ? null : text));
  add("address", "address", foldAddress);
  add("postcode", "postcode", foldPostcode);
  add("city", "city", foldPlace);
  add("institution", "institution", foldPlace);
  add("national_id", "national_id", foldId);
  add("birth_year", "birth_date", (text) => canonicalBirthYear(text, bornSince));
  add("birth_place", "birth_place", foldPlace);
  add("occupation", "occupation", foldPlace);
  return isContactLent(features) ? [...features.filter(({ field }) => !CONTACTS.has(field)), LENT_CONTACT] : features;
}

function isContactLent(features: readonly Feature[]): boolean {
  const of = (field: FeatureField): string => features.find((feature) => feature.field === field)?.value ?? "";
  const family = of("family_name");
  const words = of("name_bag").split(" ");
  return namesAnother(of("email_user"), {
    given: [of("given_name"), ...words.filter((word) => word !== family)],
    family,
  });
}

/** Letters and digits only: people write an id with blanks, hyphens or dots, or without. */
function foldId(raw: string): string | null {
  if (isNobodysText(raw)) return null;
  const text = latin(raw)
    .replace(/[^a-z0-9]/g, "")
    .toUpperCase();
  return text.length < MIN_ID_LENGTH || text.length > MAX_ID_LENGTH ? null : text;
}
