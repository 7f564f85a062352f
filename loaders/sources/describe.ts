import crm from "../../includes/crm_fields.json" with { type: "json" };
import personTraits from "../../includes/person_traits.json" with { type: "json" };
import {
  describe,
  type Feature,
  TRAIT_FIELDS,
  type Trait,
  type TraitField,
} from "../../src/identity/normalise/features.js";
import type { Json } from "../../src/platform/documents/port.js";
import type { DecodeContext, Identifier, JsonObject } from "../record.js";
import { isObject } from "./outcome.js";

/** Where a source keeps each trait: paths, the first that has a value counts. */
export type TraitPaths = readonly (readonly [field: TraitField, paths: readonly (readonly string[])[]])[];

type Names = Readonly<Partial<Record<TraitField, readonly string[]>>>;

/**
 * What a message of a source tells of the person it belongs to. An address and a number are taken from the identifiers that are the
 * person's own; what is only mentioned, or somebody addressed, does not describe. Of several the strongest counts.
 */
export function featuresOf(
  value: JsonObject,
  paths: TraitPaths,
  identifiers: readonly Identifier[],
  ctx: Pick<DecodeContext, "region">,
): readonly Feature[] {
  const traits: Trait[] = [];
  for (const [field, each] of paths) {
    const text = firstText(value, each);
    if (text !== null) traits.push({ field, value: text });
  }
  for (const { type, role, value: canonical } of identifiers) {
    if (role === "own" && (type === "email" || type === "phone")) traits.push({ field: type, value: canonical });
  }
  return describe(traits, ctx.region);
}

/** Of a message whose traits are not its person's. */
export const NO_TRAITS: TraitPaths = [];
const { first_name, last_name, birth_date, country } = crm.fields;
export const SALESFORCE_TRAITS = pathsOf({ first_name, last_name, birth_date, country }, personTraits.salesforce);
export const WHATSAPP_TRAITS = pathsOf(personTraits.whatsapp);
export const EMAIL_TRAITS = pathsOf(personTraits.email);
export const MESSAGE_TRAITS = pathsOf(
  within(personTraits.messages, "traits"),
  within(personTraits.message_traits, "traits"),
  within(personTraits.messages, "context.traits"),
  within(personTraits.message_traits, "context.traits"),
  within(personTraits.messages, "properties"),
);

function within(names: Names, place: string): Names {
  return Object.fromEntries(
    Object.entries(names).map(([field, each]) => [field, each.map((name) => `${place}.${name}`)]),
  );
}

function pathsOf(...all: readonly Names[]): TraitPaths {
  return TRAIT_FIELDS.flatMap((field) => {
    const paths = all.flatMap((names) => names[field] ?? []).map((path) => path.split("."));
    return paths.length === 0 ? [] : [[field, paths] as const];
  });
}

function firstText(value: JsonObject, paths: readonly (readonly string[])[]): string | null {
  for (const path of paths) {
    const text = textOf(at(value, path));
    if (text !== null) return text;
  }
  return null;
}

function at(value: JsonObject, path: readonly string[]): Json | undefined {
  let found: Json | undefined = value;
  for (const name of path) {
    if (!isObject(found) || !Object.hasOwn(found, name)) return undefined;
    found = found[name];
  }
  return found;
}

/** A postcode may come as a number. */
function textOf(value: Json | undefined): string | null {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value.trim() !== "" ? value : null;
}
