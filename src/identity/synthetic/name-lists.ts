import {
  type Faker,
  fakerDE,
  fakerEN_GB,
  fakerEN_IN,
  fakerES,
  fakerFR,
  fakerPL,
  fakerPT_BR,
  fakerTR,
} from "@faker-js/faker";

export interface NameLists {
  readonly female: readonly string[];
  readonly male: readonly string[];
  readonly family: readonly string[];
}

/** Two family names, as in Spain, or one. */
export interface LatinNames extends NameLists {
  readonly hasTwoFamilyNames: boolean;
}

interface Definitions {
  readonly person?: {
    readonly first_name?: { readonly female?: readonly string[]; readonly male?: readonly string[] };
    readonly last_name?: { readonly generic?: readonly string[] };
  };
  readonly location?: { readonly street_name?: readonly string[] };
}

/** Only lists are taken from faker: what is drawn from them is up to our own dice, and no version of faker's moves it. */
function definitions(faker: Faker): Definitions {
  return faker.rawDefinitions as Definitions;
}

function names(faker: Faker, hasTwoFamilyNames = false): LatinNames {
  const { first_name, last_name } = definitions(faker).person ?? {};
  return {
    female: first_name?.female ?? [],
    male: first_name?.male ?? [],
    family: last_name?.generic ?? [],
    hasTwoFamilyNames,
  };
}

export const NAMES = {
  en_GB: names(fakerEN_GB),
  en_IN: names(fakerEN_IN),
  de_DE: names(fakerDE),
  fr_FR: names(fakerFR),
  es_ES: names(fakerES, true),
  pl_PL: names(fakerPL),
  tr_TR: names(fakerTR),
  pt_BR: names(fakerPT_BR),
} as const;

function streets(faker: Faker): readonly string[] {
  return definitions(faker).location?.street_name ?? [];
}

export const STREETS = {
  en_GB: streets(fakerEN_GB),
  de_DE: streets(fakerDE),
  tr_TR: streets(fakerTR),
} as const;
