import { findPhones, mentionsEmail } from "../../../src/identity/normalise/find.js";

/** Whether a contract knows the field a text stands in. */
export type TextPlace = "named" | "unnamed";

/** Digits and what may stand between them. Bounded, so that no text makes us look for long. */
const INTERNATIONAL = /\+[\d ().\u00a0/-]{7,24}/g;
const WITH_TRUNK_ZERO = /(?<![\w.-])0[\d ().\u00a0/-]{7,24}/g;
/** What has digits but calls nobody: dates, versions of four parts, and UUIDs. */
const NO_NUMBER =
  /(?<!\d)(?:\d{4}[-/.]\d\d?[-/.]\d\d?|\d\d?[-/.]\d\d?[-/.]\d{4})(?!\d)(?:[T ]\d\d?:[\d:.]{2,12})?|(?<![\d.])\d{1,4}(?:\.\d{1,5}){3}(?![\d.])|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi;
const LINK = /:\/\/|^\//;
const HAS_WORDS = /\p{L}\p{L}\s/u;

/**
 * Whether a text gives away an email address or a phone number.
 *
 * An address is one anywhere, a number with its country code as well. Digits alone are more often an id than a number to
 * call: in a field the contract names, and in a link, they stay; in a field it does not name they are taken for a number
 * when they stand in a sentence or begin with a zero.
 */
export function holdsContactData(text: string, place: TextPlace, region: string): boolean {
  const readable = text.includes("%") ? text.replace(/%40/g, "@").replace(/%2b/gi, "+") : text;
  return mentionsEmail(readable) || holdsPhone(readable, place, region);
}

function holdsPhone(text: string, place: TextPlace, region: string): boolean {
  if (text.includes("+") && anyPhone(text.match(INTERNATIONAL), region)) return true;
  if (place === "named" || LINK.test(text) || !/\d{2}/.test(text)) return false;
  const bare = text.replace(NO_NUMBER, " ");
  return anyPhone(HAS_WORDS.test(bare) ? [bare] : bare.match(WITH_TRUNK_ZERO), region);
}

function anyPhone(candidates: readonly string[] | null, region: string): boolean {
  return candidates !== null && candidates.length > 0 && findPhones(candidates.join("\n"), region).length > 0;
}
