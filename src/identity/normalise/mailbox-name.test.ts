import { describe, expect, it } from "vitest";
import { namesAnother } from "./mailbox-name.js";

const told = (user: string, given: string, family: string) => namesAnother(user, { given: given.split(" "), family });

describe("an address", () => {
  it.each([
    ["a mother's", "marianowak", "tom", "nowak"],
    ["the family's name first", "nowakmaria", "tom", "nowak"],
    ["another initial", "rreichel", "chadd", "reichel"],
    ["an umlaut spelt out", "julideozbey", "abay", "oezbey"],
    ["a longer name with the same beginning", "marcelacadena", "maria eugenia", "cadena"],
    ["another script's letters", "jülidenowak", "tom", "nowak"],
    ["a given name alone", "tim", "khalid", "simonis"],
    ["a family name of two letters at the end", "annali", "tom", "li"],
    ["a family name of two letters at the beginning", "ngyukkin", "keung kuen", "ng"],
  ])("names another: %s", (_, user, given, family) => {
    expect(told(user, given, family)).toBe(true);
  });

  it.each([
    ["the person's own", "tomnowak", "tom", "nowak"],
    ["an initial", "tnowak", "tom", "nowak"],
    ["a second name's initial", "jnowak", "tom jan", "nowak"],
    ["a nickname", "bobsmith", "robert", "smith"],
    ["a nickname's initial", "rsmith", "bob", "smith"],
    ["another spelling", "zainabalzahrani", "zeinab", "alzahrani"],
    ["half of a double name", "annanowak", "anna maria", "nowak"],
    ["given name and initial", "zofiatnowak", "zofia", "nowak"],
    ["a word that says nothing", "mailnowak", "tom", "nowak"],
    ["two letters", "tmnowak", "jan", "nowak"],
    ["the family's name alone", "nowak", "tom", "nowak"],
    ["the given name alone", "tim", "timothy", "simonis"],
    ["neither name", "sunshine", "tom", "nowak"],
    ["an initial where only one is known", "marianowak", "m", "nowak"],
    ["a family name of two letters within others", "olivia", "tom", "li"],
    ["a family name of one letter", "annao", "tom", "o"],
    ["no given name", "marianowak", "", "nowak"],
  ])("does not tell: %s", (_, user, given, family) => {
    expect(told(user, given, family)).toBe(false);
  });
});
