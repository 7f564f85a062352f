import { latin } from "./latin.js";
import { isNobodysText } from "./nobody.js";
import { remember } from "./remember.js";

/** Longer texts are no lines of an address. */
const MAX_LENGTH = 300;
const APOSTROPHES = /['’‘`´]/g;
const BETWEEN_WORDS = /[^a-z0-9]+/;

/** Words of addresses by the one spelling that stands for all. An empty one: the word says nothing. */
const SPELLINGS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    st: "street saint sankt str strasse strase",
    rd: "road",
    ave: "avenue av avda avenida aven",
    ln: "lane",
    dr: "drive",
    ct: "court",
    pl: "place plaza platz plac praca piazza",
    sq: "square",
    blvd: "boulevard bulvar bulvari boul bd bulwar",
    cres: "crescent",
    ter: "terrace",
    hwy: "highway",
    pkwy: "parkway",
    cl: "close",
    gdns: "gardens",
    apt: "apartment apartamento appartement apto appt flat unit wohnung daire mieszkanie piso dpto",
    bldg: "building block blk edificio gebaude",
    fl: "floor etage",
    rm: "room zimmer",
    c: "calle",
    r: "rua rue",
    ul: "ulica",
    al: "aleja aleje allee",
    os: "osiedle",
    sk: "sokak sokagi sok",
    cad: "caddesi cadde",
    mah: "mahallesi mahalle",
    ngr: "nagar",
    n: "north",
    s: "south",
    e: "east",
    w: "west",
    "": "no nr num number numero nro the of de la del da do",
  }).flatMap(([short, words]) => words.split(" ").map((word): [string, string] => [word, short])),
);
/** Germans write the kind of street as the end of its name. */
const GERMAN_ENDING = /(?<=[a-z]{3})(?:strasse|str)$/;
const NINE_DIGIT_ZIP = /^(\d{5})-\d{4}$/;
const COUNTRY_BEFORE = /^[A-Z]{1,3}\s?-\s?(?=\d)/;
const NO_LETTER_OR_DIGIT = /[^A-Z0-9]/g;

/** One line, in lower-case ASCII words, abbreviations unified, punctuation dropped; null where it says nothing. */
export const foldAddress: (raw: string) => string | null = remember((raw) => {
  if (raw.length > MAX_LENGTH || isNobodysText(raw)) return null;
  const folded = words(raw)
    .map((word) => SPELLINGS.get(word) ?? word.replace(GERMAN_ENDING, "st"))
    .filter((word) => word !== "")
    .join(" ");
  return folded === "" ? null : folded;
});

/** A city's, school's or other place's name in lower-case ASCII words; null where it says nothing. */
export const foldPlace: (raw: string) => string | null = remember((raw) => {
  if (raw.length > MAX_LENGTH || isNobodysText(raw)) return null;
  const folded = words(raw)
    .map((word) => (word === "saint" ? "st" : word))
    .join(" ");
  return folded === "" ? null : folded;
});

/** In capitals without blanks and hyphens, without the country before it and the four digits that Americans add. */
export function foldPostcode(raw: string): string | null {
  const text = latin(raw).toUpperCase().trim();
  if (text.length > MAX_LENGTH || isNobodysText(text)) return null;
  const folded = (NINE_DIGIT_ZIP.exec(text)?.[1] ?? text.replace(COUNTRY_BEFORE, "")).replace(NO_LETTER_OR_DIGIT, "");
  return folded.length >= 3 && folded.length <= 10 ? folded : null;
}

function words(raw: string): string[] {
  return latin(raw)
    .replace(APOSTROPHES, "")
    .split(BETWEEN_WORDS)
    .filter((word) => word !== "");
}
