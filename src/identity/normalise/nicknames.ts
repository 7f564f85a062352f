import { NICKNAME_ROWS } from "./nickname-rows.js";

/** Words that begin many people's names and tell little alone: Mohammed Ali and Mohammed Arif are two. */
const TELL_LITTLE: ReadonlySet<string> = new Set(
  "abdul ana anna anne jean joao jose juan maria marie mary mohammed muhammad".split(" "),
);

const CANONICAL: ReadonlyMap<string, readonly string[]> = readRows();

/**
 * The names that a given name may stand for, in the order of the alphabet: kate is katherine or kathleen, katherine is katherine.
 * Two given names may be one person's where these sets meet. Empty for a name the table does not know.
 */
export function canonicalGivenNames(words: readonly string[]): readonly string[] {
  const [first = "", second = ""] = words.filter((word) => word.length > 1);
  if (second === "") return known(first);
  const joined = known(first + second);
  return joined.length > 0 || TELL_LITTLE.has(first) ? joined : known(first);
}

function known(name: string): readonly string[] {
  return CANONICAL.get(name) ?? [];
}

function readRows(): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, Set<string>>();
  for (const row of NICKNAME_ROWS) {
    const [canonical = "", ...forms] = row.split(" ");
    for (const form of [canonical, ...forms]) found.set(form, (found.get(form) ?? new Set()).add(canonical));
  }
  return new Map([...found].map(([form, names]) => [form, [...names].sort()]));
}
