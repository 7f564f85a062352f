import { createNamespaceOf, SALESFORCE_STRENGTH } from "../../loaders/sources/namespaces.js";
import type { LabelledRecord } from "../identity/evaluate/labelled-row.js";
import type { Mapping } from "../identity/evaluate/mapping.js";
import type { TraitField } from "../identity/evaluate/mapping-schema.js";
import { regionOfCountry } from "../identity/normalise/country-region.js";
import { describe, type Feature, type FeatureField, type Trait } from "../identity/normalise/features.js";
import { canonicalise, createIdentify, type Identify } from "../identity/normalise/identify.js";
import { remember } from "../identity/normalise/remember.js";
import { IDENTIFIER_STRENGTH, type Identifier, type IdentifierType } from "../identity/normalise/types.js";
import { type Micros, microsToIso } from "../platform/clock.js";
import type { Row } from "../warehouse/port.js";
import { RECORD_NAMESPACE } from "./evaluation-sql.js";

/** Nothing keyed by it leaves this process; a constant, so that two evaluations of one file are the same to the last tie. */
const PEPPER = Buffer.alloc(32, "evaluation");
const DEFAULT_REGION = "GB";
const INSTITUTION = "campus";
/** What a trait becomes, any of it, where it says anything. Of a name one part may do without another, and contacts may be lent. */
const FOLDED_AS: Readonly<Partial<Record<TraitField, readonly FeatureField[]>>> = {
  birth_date: ["birth_date", "birth_year"],
  gender: ["gender"],
  address: ["address"],
  city: ["city"],
  postcode: ["postcode"],
  institution: ["institution"],
  national_id: ["national_id"],
  birth_place: ["birth_place"],
  occupation: ["occupation"],
};
/** The day of records whose file tells no time: all are of one. */
const NO_TIME: Micros = Date.UTC(2000, 0, 1) * 1000;

/**
 * The row of \`bronze.labelled_records\` that a labelled record becomes: identifiers and features as a loader would give them.
 *
 * A number without a country code is of the record's country where a trait names one, else of the mapping's region.
 * \`onRefused\` is told of each value that is no identifier of its type, and of each trait that nobody can be compared by.
 */
export function createLabelledRows(
  mapping: Mapping<IdentifierType>,
  onRefused: (type: IdentifierType | TraitField) => void,
): (record: LabelledRecord<IdentifierType>) => Row {
  const defaultRegion = mapping.region ?? DEFAULT_REGION;
  const identifyIn = remember((region): Identify => createIdentify({ pepper: PEPPER, region }));
  const ownsItself = mapping.owner !== "strongest";
  return ({ line, person, source, arrival, occurredAt, identifiers, traits }) => {
    const country = traits.find(({ field }) => field === "country")?.value;
    const region = (country === undefined ? null : regionOfCountry(country)) ?? defaultRegion;
    const identify = identifyIn(region);
    const namespaceOf = createNamespaceOf(INSTITUTION, source);
    const found = new Map<string, Identifier>();
    const contacts = new Map<string, string>();
    for (const { type, namespace, raw } of identifiers) {
      const identifier = identify(namespace ?? namespaceOf(type), type, raw, "own");
      if (identifier === null) {
        onRefused(type);
        continue;
      }
      found.set(identifier.hmac, identifier);
      if ((type === "email" || type === "phone") && !contacts.has(type)) contacts.set(type, raw);
    }
    const order = source === "salesforce" ? SALESFORCE_STRENGTH : IDENTIFIER_STRENGTH;
    const strongest = [...found.values()].sort((a, b) => placeIn(order, a) - placeIn(order, b));
    const told = new Set<string>(traits.map(({ field }) => field));
    const features = describe(canonicalTraits(traits, strongest, region), region, mapping.bornSince ?? undefined);
    for (const field of unusable(traits, features)) onRefused(field);
    return {
      line,
      person,
      source,
      arrival,
      occurred_at: microsToIso(occurredAt ?? NO_TIME),
      identifiers: ownsItself ? [recordIdentifier(identify, line), ...strongest] : strongest,
      // As in silver: whoever gives an address or a phone has it.
      traits: [...traits, ...[...contacts].flatMap(([field, value]) => (told.has(field) ? [] : [{ field, value }]))],
      features,
    };
  };
}

/** What \`describe\` takes: addresses and numbers canonical, those of identifiers first, as a loader gives them. */
function canonicalTraits(
  traits: LabelledRecord<IdentifierType>["traits"],
  identifiers: readonly Identifier[],
  region: string,
): readonly Trait[] {
  const contacts = identifiers.flatMap(({ type, value }): readonly Trait[] =>
    type === "email" || type === "phone" ? [{ field: type, value }] : [],
  );
  return contacts.concat(
    traits.flatMap(({ field, value }): readonly Trait[] => {
      if (field === "region" || field === "programme") return [];
      const text = field === "email" || field === "phone" ? canonicalise(field, value, region) : value;
      return text === null ? [] : [{ field, value: text }];
    }),
  );
}

/**
 * Traits that are told and nothing is compared by: a date that is no day, a placeholder. Not those that a mailbox of somebody else
 * takes along.
 */
function unusable(
  traits: LabelledRecord<IdentifierType>["traits"],
  features: readonly Feature[],
): readonly TraitField[] {
  const known = new Set<string>(features.map(({ field }) => field));
  return traits.flatMap(({ field }) => {
    const folded = FOLDED_AS[field];
    return folded === undefined || folded.some((each) => known.has(each)) ? [] : [field];
  });
}

function placeIn(order: readonly IdentifierType[], { type }: Identifier): number {
  const place = order.indexOf(type);
  return place === -1 ? order.length : place;
}

/** A record is known by its own id, as a contact of a CRM is. Of a kind that by itself neither matches nor names anybody. */
function recordIdentifier(identify: Identify, line: number): Identifier | null {
  return identify(RECORD_NAMESPACE, "anonymous_id", `record of line ${line}`, "own");
}
