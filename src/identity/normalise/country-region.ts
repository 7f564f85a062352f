import { latin } from "./latin.js";

/** The languages that countries are called in here, and names that none of them lists. */
const LANGUAGES = ["en", "de", "es", "fr", "pt", "it", "pl", "tr", "ar", "hi", "zh", "zh-Hant", "ja", "ko"];
const ALSO_CALLED: Readonly<Record<string, string>> = {
  usa: "US",
  unitedstatesofamerica: "US",
  america: "US",
  uk: "GB",
  gbr: "GB",
  greatbritain: "GB",
  england: "GB",
  scotland: "GB",
  wales: "GB",
  northernireland: "GB",
  deu: "DE",
  brd: "DE",
  ind: "IN",
  bharat: "IN",
  chn: "CN",
  prc: "CN",
  uae: "AE",
  are: "AE",
  esp: "ES",
  fra: "FR",
  bra: "BR",
  mex: "MX",
  pol: "PL",
  tur: "TR",
  turkey: "TR",
  hongkong: "HK",
  macau: "MO",
  southkorea: "KR",
  korea: "KR",
  russia: "RU",
  vietnam: "VN",
  czechrepublic: "CZ",
  holland: "NL",
  ivorycoast: "CI",
};
/** Codes of no country: the unknown one, unions, and those for tests. */
const NO_COUNTRIES: ReadonlySet<string> = new Set(["ZZ", "EU", "EZ", "UN", "QO", "XA", "XB"]);
const NO_LETTER = /[^\p{L}]/gu;
const ALPHABET = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];

let regions: ReadonlyMap<string, string> | undefined;

/** The ISO 3166 alpha-2 region of a country's code or name, in any of a few languages; null where it is none. */
export function regionOfCountry(country: string): string | null {
  regions ??= readRegions();
  return regions.get(bare(country)) ?? null;
}

function readRegions(): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const pairs = ALPHABET.flatMap((first) => ALPHABET.map((second) => first + second));
  const codes = pairs.filter((code) => !NO_COUNTRIES.has(code));
  for (const language of LANGUAGES) {
    const names = new Intl.DisplayNames([language], { type: "region", fallback: "none" });
    for (const code of codes) {
      // Codes that are no longer in use are called by their successors': the one that the name leads back to first counts.
      const name = names.of(code);
      if (name !== undefined && !found.has(bare(name))) found.set(bare(name), canonicalCode(code));
    }
  }
  const known = new Set(found.values());
  for (const code of known) found.set(code.toLowerCase(), code);
  for (const [name, code] of Object.entries(ALSO_CALLED)) found.set(name, code);
  return found;
}

/** `UK` is an alias of `GB`, `DD` of `DE`. */
function canonicalCode(code: string): string {
  return Intl.getCanonicalLocales(`und-${code}`)[0]?.slice("und-".length) ?? code;
}

function bare(text: string): string {
  return latin(text).replace(NO_LETTER, "");
}
