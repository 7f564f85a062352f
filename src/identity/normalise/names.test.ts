import { describe, expect, it } from "vitest";
import { nameFeatures } from "./names.js";

type Fold = { readonly given?: string; readonly family?: string; readonly bag?: string };

function fold(name: { first?: string; middle?: string; last?: string; full?: string }, region = "GB"): Fold {
  const { first = "", middle = "", last = "", full = "" } = name;
  const found = new Map(nameFeatures({ first, middle, last, full }, region).map(({ field, value }) => [field, value]));
  const of = (field: "given_name" | "family_name" | "name_bag"): string | undefined => found.get(field);
  const [given, family, bag] = [of("given_name"), of("family_name"), of("name_bag")];
  return { ...(given && { given }), ...(family && { family }), ...(bag && { bag }) };
}

describe("a whole name in one text", () => {
  it.each<[string, string, string, string]>([
    ["given name first", "Łukasz Żółć", "lukasz", "zolc"],
    ["İ and ı", "İbrahim Işık", "ibrahim", "isik"],
    ["ß, Ø and Æ", "Bjørn Weiß-Æsir", "bjorn", "weissaesir"],
    ["family, given", "Nowak, Anna Maria", "annamaria", "nowak"],
    ["a generation behind a comma", "Robert Downey, Jr.", "robert", "downey"],
    ["the family in capitals first", "DUPONT Jean-Pierre", "jeanpierre", "dupont"],
    ["all in capitals", "JEAN DUPONT", "jean", "dupont"],
    ["titles", "Prof. Dr. Angela Weber PhD", "angela", "weber"],
    ["Shri and -ji", "Shri Ramesh Sharma-ji", "ramesh", "sharma"],
    ["Md.", "Md. Rahim Uddin", "mohammedrahim", "uddin"],
    ["bin", "Ahmad Faiz bin Abdullah", "ahmadfaiz", "binabdullah"],
    ["s/o", "Ravi s/o Kumar", "ravi", "kumar"],
    ["w/o", "Sita Devi w/o Ram Lal", "sita", "devi"],
    ["particles", "Ludwig van der Berg", "ludwig", "vanderberg"],
    ["a particle that is a given name", "Van Morrison", "van", "morrison"],
    ["a bound particle", "Sara Al-Mansoori", "sara", "almansoori"],
    ["an apostrophe", "Mary O’Brien-Smith", "mary", "obriensmith"],
    ["an initial", "R. Ramesh", "r", "ramesh"],
    ["what is in brackets", "Katherine (Kate) Moss", "katherine", "moss"],
    ["an emoji", "Anna 🌸 Nowak", "anna", "nowak"],
    ["two scripts", "Xiaoming Wang 王小明", "xiaoming", "wang"],
    ["Chinese", "王小明", "xiaoming", "wang"],
    ["a Chinese family of two characters", "欧阳娜娜", "nana", "ouyang"],
    ["a character that families read otherwise", "曾伟", "wei", "zeng"],
    ["Korean", "김민준", "minjun", "kim"],
    ["Arabic", "علي سليمان", "ali", "sliman"],
    ["Arabic with its article", "مصطفى المنصوري", "mstfa", "almnsuri"],
    ["Hindi", "लक्ष्मी शर्मा", "lakshmi", "sharma"],
    ["Russian", "Иван Петров", "ivan", "petrov"],
    ["three syllables, the family first", "Tsui Hao Le", "haole", "tsui"],
    ["three syllables, the family last", "Hao Le Tsui", "haole", "tsui"],
    ["a family that ends in w", "Law Tai Sze", "taisze", "law"],
    ["the family before two syllables in one word", "Wang Hanjia", "hanjia", "wang"],
    ["the family before two syllables with a hyphen", "Lau Juan-Zi", "juanzi", "lau"],
    ["the family behind two syllables", "Hanjia Wang", "hanjia", "wang"],
    ["a family that is a given name elsewhere", "Lee Anna", "lee", "anna"],
    ["a family before a name of other sounds", "Tang Moreno", "tang", "moreno"],
    ["two families", "Wei Gao", "wei", "gao"],
    ["Vietnamese", "Nguyễn Văn Đức", "vanduc", "nguyen"],
  ])("%s: %s", (_, full, given, family) => {
    expect(fold({ full })).toMatchObject({ given, family });
  });

  it("has two family names where people have two", () => {
    expect(fold({ full: "Gabriel García Márquez" }, "MX")).toMatchObject({ given: "gabriel", family: "garciamarquez" });
    expect(fold({ full: "José Luis de la Torre Ruiz" }, "ES")).toMatchObject({
      given: "joseluis",
      family: "delatorreruiz",
    });
    expect(fold({ full: "Gabriel García Márquez" }, "GB")).toEqual({
      given: "gabriel",
      family: "marquez",
      bag: "gabriel garcia marquez",
    });
  });

  it("may be a single name", () => {
    expect(fold({ full: "Suharto" })).toEqual({ given: "suharto", bag: "suharto" });
  });

  it.each([
    "test",
    "Test User",
    "unknown",
    "n/a",
    "N.A.",
    "xxx",
    "aaaa",
    "-",
    "🌸",
    "12345",
    "anna@example.org",
    "https://example.org",
    "First Name",
    "FNU LNU",
    "",
    "a".repeat(500),
  ])("says nothing: %s", (full) => {
    expect(fold({ full })).toEqual({});
  });
});

describe("a name in parts", () => {
  it.each<[string, { first?: string; middle?: string; last?: string; full?: string }, Fold]>([
    [
      "one spelling of Jean-Pierre",
      { first: "Jean Pierre", last: "Dupont" },
      { given: "jeanpierre", family: "dupont", bag: "dupont jean pierre" },
    ],
    [
      "the middle name only in the bag",
      { first: "Anna", middle: "Maria", last: "Nowak" },
      { given: "anna", family: "nowak", bag: "anna maria nowak" },
    ],
    [
      "an initial besides a name",
      { first: "Anna M.", last: "Nowak" },
      { given: "anna", family: "nowak", bag: "anna m nowak" },
    ],
    ["an initial alone", { first: "A.", last: "Nowak" }, { given: "a", family: "nowak", bag: "a nowak" }],
    [
      "a title in the first name",
      { first: "Mrs Sara", last: "Ali" },
      { given: "sara", family: "ali", bag: "ali sara" },
    ],
    ["characters", { first: "小明", last: "曾" }, { given: "xiaoming", family: "zeng", bag: "xiaoming zeng" }],
    ["a placeholder for the family", { first: "Suharto", last: "LNU" }, { given: "suharto", bag: "suharto" }],
    ["a dot for the family", { first: "Suharto", last: "." }, { given: "suharto", bag: "suharto" }],
    ["Na, who is called so", { first: "Na", last: "Li" }, { given: "na", family: "li", bag: "li na" }],
    ["na and na, who is nobody", { first: "na", last: "na" }, {}],
    ["guest, who is nobody's guest", { first: "Guest", last: "User" }, {}],
    [
      "the whole name where a part is missing",
      { first: "Anna", full: "Anna Nowak" },
      { given: "anna", family: "nowak", bag: "anna nowak" },
    ],
    [
      "the fields of a form filled in as one speaks",
      { first: "Law", last: "Yung Lok" },
      { given: "yunglok", family: "law", bag: "law lok yung" },
    ],
    ["fields that may be right", { first: "Lee", last: "Hanna" }, { given: "lee", family: "hanna", bag: "hanna lee" }],
    [
      "the parts before the whole",
      { first: "Anna", last: "Nowak", full: "Somebody Else" },
      { given: "anna", family: "nowak", bag: "anna nowak" },
    ],
  ])("%s", (_, name, expected) => {
    expect(fold(name)).toEqual(expected);
  });

  it("has roots and sounds", () => {
    expect(nameFeatures({ first: "Kate", middle: "", last: "Schmidt", full: "" }, "GB")).toEqual([
      { field: "given_name", value: "kate" },
      { field: "given_root", value: "katherine|kathleen" },
      { field: "given_sound", value: "kt" },
      { field: "family_name", value: "schmidt" },
      { field: "family_sound", value: "smdt" },
      { field: "name_bag", value: "kate schmidt" },
    ]);
  });
});
