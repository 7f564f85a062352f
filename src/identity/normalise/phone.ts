import {
  type CountryCode,
  isSupportedCountry,
  type NumberType,
  parsePhoneNumberFromString,
} from "libphonenumber-js/max";

/** Longer texts are not numbers, and are not worth parsing. */
const MAX_LENGTH = 64;

const TEL_SCHEME = /^tel:/i;

/** Numbers that ring at a service, not at a person. */
const IMPERSONAL_TYPES: ReadonlySet<NumberType> = new Set<NumberType>([
  "PREMIUM_RATE",
  "TOLL_FREE",
  "SHARED_COST",
  "UAN",
  "VOICEMAIL",
]);

/**
 * The number in E.164; null when it is not a valid number of a person.
 *
 * `region` (ISO 3166 alpha-2) is where a number without a country code belongs. A number with an extension is refused:
 * the switchboard in front of it is shared by everybody in the building.
 */
export function canonicalPhone(raw: string, region: string): string | null {
  const text = raw.trim().replace(TEL_SCHEME, "");
  if (text.length === 0 || text.length > MAX_LENGTH) return null;
  const number = parsePhoneNumberFromString(text, { ...countryOption(region), extract: false });
  if (number === undefined || number.ext !== undefined || !number.isValid()) return null;
  return IMPERSONAL_TYPES.has(number.getType()) ? null : number.number;
}

function countryOption(region: string): { defaultCountry?: CountryCode } {
  const country = region.toUpperCase();
  return isSupportedCountry(country) ? { defaultCountry: country } : {};
}
