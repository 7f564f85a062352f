import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { guessMapping } from "./guess.js";
import { parseMapping } from "./mapping.js";

const TYPES = ["user_id", "email", "phone"] as const;

let file: string;
beforeAll(() => {
  file = join(mkdtempSync(join(tmpdir(), "rollcall-guess-")), "f.csv");
});
afterAll(() => rmSync(join(file, ".."), { recursive: true }));

function guess(...lines: string[]): Promise<string> {
  writeFileSync(file, `${lines.join("\n")}\n`);
  return guessMapping(file, TYPES);
}

async function guessed(...lines: string[]): Promise<unknown> {
  const yaml = await guess(...lines);
  // What is guessed is a mapping.
  parseMapping("guess", yaml, TYPES);
  return parse(yaml);
}

describe("the mapping of a file about which nothing is said", () => {
  it.each([
    [
      "a mapping's own names",
      ["person_id,record_id,source,email,first_name,hobby"],
      {
        truth: "person_id",
        record_id: "record_id",
        source: "source",
        identifiers: [{ column: "email", type: "email" }],
        traits: { first_name: "first_name" },
      },
    ],
    [
      "names that others use",
      ["id;Cluster ID;Given Name;SURNAME;D.O.B.;Zip-Code;Town;Town 2;E-Mail;Sex"],
      {
        truth: "Cluster ID",
        identifiers: [{ column: "E-Mail", type: "email" }],
        traits: {
          first_name: "Given Name",
          last_name: "SURNAME",
          birth_date: "D.O.B.",
          gender: "Sex",
          city: "Town",
          postcode: "Zip-Code",
        },
      },
    ],
    [
      "names and dates in parts, and lines of an address",
      ["entity_id,fname_c1,fname_c2,lname_c1,bd,bm,by,house_number,address_1,address_2"],
      {
        truth: "entity_id",
        traits: {
          first_name: ["fname_c1", "fname_c2"],
          last_name: "lname_c1",
          birth_date: { year: "by", month: "bm", day: "bd" },
          address: ["house_number", "address_1", "address_2"],
        },
      },
    ],
    [
      "names in other languages, with their accents",
      ["Cluster;Prénom;Nom de famille;Geb.-Datum;Teléfono;Straße"],
      {
        truth: "Cluster",
        identifiers: [{ column: "Teléfono", type: "phone" }],
        traits: { first_name: "Prénom", last_name: "Nom de famille", birth_date: "Geb.-Datum", address: "Straße" },
      },
    ],
    [
      "names with a word beside them, the exact ones first",
      ["person_id,studentFirstName,voter_last_name,res_street_address,res_city_desc,city,zip_cd,sex_code,entity_desc"],
      {
        truth: "person_id",
        traits: {
          first_name: "studentFirstName",
          last_name: "voter_last_name",
          gender: "sex_code",
          address: "res_street_address",
          city: "city",
          postcode: "zip_cd",
        },
      },
    ],
    [
      "a year of birth alone",
      ["cluster,name,birth_year"],
      { truth: "cluster", traits: { full_name: "name", birth_date: "birth_year" } },
    ],
    [
      "a day of birth that is no part of a date",
      ["cluster,Name,Geburtstag"],
      { truth: "cluster", traits: { full_name: "Name", birth_date: "Geburtstag" } },
    ],
    [
      "people by the pattern of their records' ids",
      ["rec_id, surname", "rec-12-dup-0, lee"],
      { truth: { column: "rec_id", pattern: "^rec-(\\d+)-" }, traits: { last_name: "surname" } },
    ],
  ])("recognises %s", async (_, lines, mapping) => {
    expect(await guessed(...lines)).toEqual(mapping);
  });

  it("does not make a date of half its parts", async () => {
    expect(await guessed("cluster,name,by,bm")).toEqual({ truth: "cluster", traits: { full_name: "name" } });
  });

  it("names the encoding of a file that is not UTF-8", async () => {
    writeFileSync(file, Buffer.from("cluster;Schüler;Nachname\n1;x;Müller\n", "latin1"));
    expect(parse(await guessMapping(file, TYPES))).toEqual({
      truth: "cluster",
      encoding: "windows-1252",
      traits: { last_name: "Nachname" },
    });
  });

  it("takes no column for the truth that is only called like it", async () => {
    await expect(guess("entity_desc,surname")).rejects.toThrow(/f\.csv:1: no column tells who is who/);
  });

  it("is told as far as it goes where nothing says who is who", async () => {
    const message = await guess("surname,town", "Lee,Leeds").catch(({ message: text }: Error) => text);
    expect(message).toMatch(/^.*f\.csv:1: no column tells who is who: .*Its columns are: surname, town\.\n/);
    expect(message).toContain('truth: "?"\ntraits:\n  last_name: surname\n  city: town\n');
  });

  it("needs a column it knows", async () => {
    await expect(guess("person_id,hobby")).rejects.toThrow(/f\.csv:1: no column is called .*--mapping.*user_id, email/);
    await expect(guess("")).rejects.toThrow(/f\.csv: holds no records/);
  });
});
