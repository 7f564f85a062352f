import { scramble } from "./dice.js";

/**
 * Identifiers that belong to one person only, made from a counter by bijections: two persons never get the same one by
 * chance, whatever the seed and however many people.
 */
const TEN_MILLION = 10_000_000;

/** The most people whose identifiers stay apart: a country with a fifth of them has a million phone numbers. */
export const MOST_PEOPLE = 4_000_000;

function hex(value: number): string {
  return (value >>> 0).toString(16).padStart(8, "0");
}

export function personId(index: number): string {
  return `p${String(index).padStart(7, "0")}`;
}

export function householdId(index: number): string {
  return `h${String(index).padStart(7, "0")}`;
}

export function userId(index: number): string {
  return `usr_${hex(scramble(index + 1))}`;
}

export function studentNumber(index: number): string {
  return `S${String((index * 7919 + 1_234_567) % TEN_MILLION).padStart(7, "0")}`;
}

/** The digits in a person's addresses. With letters before them only, they alone keep two addresses apart. */
export function mailNumber(index: number): string {
  return String((index * 48_271 + 11) % TEN_MILLION);
}

/** Kinds of random-looking ids: each has every fourth number of the space. */
const UUID_KINDS = ["device", "browser", "classroom_device", "classroom_browser"] as const;

/** A UUID of version 4 by its form; its first eight digits alone are unique over all kinds. */
export function uuid(kind: (typeof UUID_KINDS)[number], n: number): string {
  const own = n * UUID_KINDS.length + UUID_KINDS.indexOf(kind);
  const [a, b] = [hex(scramble(own)), hex(scramble(own ^ 0x5bd1e995))];
  const [c, d] = [hex(scramble(own ^ 0x27d4eb2f)), hex(scramble(own ^ 0x165667b1))];
  return `${a}-${b.slice(0, 4)}-4${b.slice(4, 7)}-a${c.slice(0, 3)}-${c.slice(3, 8)}${d.slice(0, 7)}`;
}

const SUFFIX_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";

/** A Salesforce record id of 18 characters: the last three say which of the others are capitals. */
export function salesforceId(prefix: "003" | "00Q", n: number): string {
  const id = `${prefix}Rc0000${n.toString(36).padStart(6, "0")}`;
  let suffix = "";
  for (let start = 0; start < 15; start += 5) {
    let bits = 0;
    for (let place = 0; place < 5; place++) if (/[A-Z]/.test(id.charAt(start + place))) bits |= 1 << place;
    suffix += SUFFIX_ALPHABET.charAt(bits);
  }
  return id + suffix;
}
