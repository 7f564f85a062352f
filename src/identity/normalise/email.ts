import { domainToASCII } from "node:url";
import { isEmptyHash } from "./empty-hash.js";

/**
 * One mailbox, one text. Only rules that the mail provider itself promises are applied: a rule that is merely usual
 * ("dots do not matter") merges two people somewhere else, and a merge is worse than a miss.
 */
const MAX_ADDRESS_LENGTH = 254;
const MAX_LOCAL_LENGTH = 64;

const GMAIL_DOMAINS: ReadonlySet<string> = new Set(["gmail.com", "googlemail.com"]);

/** Providers that deliver `user+anything@` to `user@`. */
const PLUS_TAG_DOMAINS: ReadonlySet<string> = new Set([
  "gmail.com",
  "outlook.com",
  "hotmail.com",
  "live.com",
  "msn.com",
  "icloud.com",
  "me.com",
  "mac.com",
  "fastmail.com",
  "fastmail.fm",
  "proton.me",
  "protonmail.com",
  "pm.me",
]);

const HAS_NON_ASCII = /[^\0-\x7f]/;
const LOCAL_PART = /^[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~.-]+$/u;
const DOMAIN_CHARACTERS = /^[\p{L}\p{M}\p{N}.\u3002-]+$/u;
const DOMAIN_LABEL = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;
const TOP_LEVEL = /^(?:[a-z]{2,63}|xn--[a-z0-9-]{2,59})$/;

/** The canonical address, for matching only (mail is sent to the raw one); null when it is not a usable address. */
export function canonicalEmail(raw: string): string | null {
  const text = lowerText(raw.trim());
  if (text === null) return null;
  const at = text.lastIndexOf("@");
  if (at <= 0 || text.indexOf("@") !== at) return null;
  const domain = canonicalDomain(text.slice(at + 1));
  if (domain === null) return null;
  const local = canonicalLocal(text.slice(0, at), domain);
  if (local === null) return null;
  const address = `${local}@${domain}`;
  return address.length <= MAX_ADDRESS_LENGTH ? address : null;
}

function lowerText(raw: string): string | null {
  // NFKC can make a character eighteen times longer: what is too long already is not looked at.
  if (raw.length === 0 || raw.length > MAX_ADDRESS_LENGTH) return null;
  if (!HAS_NON_ASCII.test(raw)) return raw.toLowerCase();
  return raw.normalize("NFKC").toLowerCase().normalize("NFKC").trim();
}

function canonicalDomain(domain: string): string | null {
  const ascii = toAsciiDomain(domain.endsWith(".") ? domain.slice(0, -1) : domain);
  if (ascii === null) return null;
  const labels = ascii.split(".");
  const isValid =
    labels.length >= 2 &&
    labels.every((label) => label.length <= 63 && DOMAIN_LABEL.test(label)) &&
    TOP_LEVEL.test(labels.at(-1) ?? "");
  if (!isValid) return null;
  return GMAIL_DOMAINS.has(ascii) ? "gmail.com" : ascii;
}

function toAsciiDomain(domain: string): string | null {
  if (!HAS_NON_ASCII.test(domain)) return domain;
  // `domainToASCII` reads its input as part of a URL: only letters, digits, hyphens and dots may reach it.
  if (!DOMAIN_CHARACTERS.test(domain)) return null;
  return domainToASCII(domain) || null;
}

function canonicalLocal(local: string, domain: string): string | null {
  if (local.length > MAX_LOCAL_LENGTH || !LOCAL_PART.test(local)) return null;
  const plus = PLUS_TAG_DOMAINS.has(domain) ? local.indexOf("+") : -1;
  const user = plus === -1 ? local : local.slice(0, plus);
  if (user.startsWith(".") || user.endsWith(".") || user.includes("..")) return null;
  const mailbox = domain === "gmail.com" ? user.replaceAll(".", "") : user;
  return mailbox === "" || isEmptyHash(mailbox) ? null : mailbox;
}
