import type { IdentifierType } from "./types.js";

/**
 * Values that stand for nobody. One of them taken for an identifier merges everybody who carries it, so they are
 * refused before they become one.
 */
const PLACEHOLDERS: ReadonlySet<string> = new Set([
  "anon",
  "anonymous",
  "default",
  "demo",
  "dummy",
  "example",
  "false",
  "guest",
  "na",
  "nan",
  "nil",
  "none",
  "notapplicable",
  "notset",
  "null",
  "objectobject",
  "sample",
  "tbd",
  "test",
  "tester",
  "testing",
  "testuser",
  "true",
  "undefined",
  "unknown",
  "user",
  "userid",
]);

/** Hashes of the empty string: what a pipeline makes of a missing value when it hashes first and asks later. */
const EMPTY_HASHES: ReadonlySet<string> = new Set([
  "d41d8cd98f00b204e9800998ecf8427e",
  "da39a3ee5e6b4b0d3255bfef95601890afd80709",
  "d14a028c2a3a2bc9476102bb288234c415a2b01f828ea62ac5b3e42f",
  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
]);

/** Mailboxes of a role: read by whoever is on duty. Compared without dots, hyphens and underscores. */
const ROLE_MAILBOXES: ReadonlySet<string> = new Set([
  "abuse",
  "accounts",
  "admin",
  "administrator",
  "admissions",
  "billing",
  "bounce",
  "bounces",
  "careers",
  "contact",
  "contactus",
  "donotreply",
  "enquiries",
  "enquiry",
  "feedback",
  "helpdesk",
  "hostmaster",
  "info",
  "inquiries",
  "inquiry",
  "mailerdaemon",
  "marketing",
  "newsletter",
  "nobody",
  "noemail",
  "noreply",
  "notreply",
  "office",
  "postmaster",
  "privacy",
  "registrar",
  "root",
  "sales",
  "security",
  "support",
  "unsubscribe",
  "webmaster",
]);

const SEPARATORS = /[^\p{L}\p{N}]/gu;
const NO_LETTER_OR_DIGIT = /^[^\p{L}\p{N}]*$/u;
const ZEROES = /^0+$/;
/** Short numbers such as 7 or 22 are people's in a system that counts; four and more of one character are a held key. */
const HELD_KEY = /^(.)\1{3,}$/u;

/** Expects the canonical value of that type. */
export function isBlocked(type: IdentifierType, canonical: string): boolean {
  if (type === "email") return isBlockedMailbox(canonical.slice(0, canonical.indexOf("@")));
  if (type === "phone") return false;
  if (NO_LETTER_OR_DIGIT.test(canonical)) return true;
  const word = canonical.toLowerCase().replace(SEPARATORS, "");
  return PLACEHOLDERS.has(word) || EMPTY_HASHES.has(word) || ZEROES.test(word) || HELD_KEY.test(word);
}

function isBlockedMailbox(local: string): boolean {
  const tag = local.indexOf("+");
  const word = (tag > 0 ? local.slice(0, tag) : local).replace(SEPARATORS, "");
  return word === "" || PLACEHOLDERS.has(word) || ROLE_MAILBOXES.has(word) || EMPTY_HASHES.has(word);
}
