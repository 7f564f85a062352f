import { canonicalEmail } from "./email.js";
import { canonicalPhone } from "./phone.js";

/**
 * Emails and phone numbers in free text. Every step looks at each character a bounded number of times, and only the
 * first 10,000 characters and the first twenty candidates are looked at: nobody can make us think for long.
 */
const MAX_TEXT_LENGTH = 10_000;
const MAX_FOUND = 20;

const MAX_LOCAL_LENGTH = 64;
const MAX_DOMAIN_LENGTH = 253;
/** Narrower than what an address may hold: in running text, `=` and `/` belong to a link around it. */
const LOCAL_CHARACTER = /[\p{L}\p{N}\p{M}+'_.-]/u;
const DOMAIN_CHARACTER = /[\p{L}\p{N}.-]/u;
const EDGE_PUNCTUATION = /^['._-]+/;
const PHONE_CANDIDATE = /\+?\(?\d[\d ().\u00a0/-]{6,22}\d/g;
/** Without a plus, fewer digits than this are a price or a year more often than a number to call. */
const MIN_DIGITS = 8;

/** The canonical addresses, in order, each once. */
export function findEmails(text: string): string[] {
  const found = new Set<string>();
  const bounded = text.slice(0, MAX_TEXT_LENGTH).replaceAll("＠", "@");
  let seen = 0;
  for (let at = bounded.indexOf("@"); at !== -1 && seen < MAX_FOUND; at = bounded.indexOf("@", at + 1), seen++) {
    const email = canonicalEmail(addressAround(bounded, at));
    if (email !== null) found.add(email);
  }
  return [...found];
}

/** The numbers in E.164, in order, each once. */
export function findPhones(text: string, region: string): string[] {
  const found = new Set<string>();
  let seen = 0;
  for (const [candidate] of text.slice(0, MAX_TEXT_LENGTH).matchAll(PHONE_CANDIDATE)) {
    if (!candidate.startsWith("+") && candidate.replace(/\D/g, "").length < MIN_DIGITS) continue;
    if (++seen > MAX_FOUND) break;
    const phone = canonicalPhone(candidate, region);
    if (phone !== null) found.add(phone);
  }
  return [...found];
}

/** Whether a text holds what looks like an address. Cheap where there is no "@". */
export function mentionsEmail(text: string): boolean {
  return text.includes("@") && findEmails(text).length > 0;
}

function addressAround(text: string, at: number): string {
  let start = at;
  while (start > 0 && at - start < MAX_LOCAL_LENGTH && LOCAL_CHARACTER.test(text.charAt(start - 1))) start--;
  let end = at + 1;
  while (end < text.length && end - at <= MAX_DOMAIN_LENGTH && DOMAIN_CHARACTER.test(text.charAt(end))) end++;
  const local = text.slice(start, at).replace(EDGE_PUNCTUATION, "");
  return `${local}@${trimEnd(text.slice(at + 1, end))}`;
}

/** A sentence's full stop is not part of the address. */
function trimEnd(domain: string): string {
  let end = domain.length;
  while (end > 0 && (domain.charAt(end - 1) === "." || domain.charAt(end - 1) === "-")) end--;
  return domain.slice(0, end);
}
