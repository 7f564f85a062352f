import { latin } from "./latin.js";

const LANGUAGES = ["en", "de", "es", "fr", "pt", "it", "pl", "tr"];
/** Letters of a month that is cut short: Sept., Sep. */
const SHORTEST = 3;

let months: ReadonlyMap<string, number> | undefined;

/** 1 to 12, of a month's name in one of a few languages or its first letters; null where it is none, or could be two. */
export function monthOfName(name: string): number | null {
  months ??= readMonths();
  return months.get(latin(name)) ?? null;
}

/** What begins two months' names in one language or in two is neither's. */
function readMonths(): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  const ambiguous = new Set<string>();
  for (const language of LANGUAGES) {
    const format = new Intl.DateTimeFormat(language, { day: "numeric", month: "long", timeZone: "UTC" });
    for (let month = 1; month <= 12; month++) {
      const parts = format.formatToParts(Date.UTC(2001, month - 1, 1));
      const name = latin(parts.find(({ type }) => type === "month")?.value ?? "");
      for (let length = SHORTEST; length <= name.length; length++) {
        const start = name.slice(0, length);
        if ((found.get(start) ?? month) !== month) ambiguous.add(start);
        found.set(start, month);
      }
    }
  }
  for (const start of ambiguous) found.delete(start);
  return found;
}
