import { describe, expect, it } from "vitest";
import type { LabelledRecord } from "../identity/evaluate/labelled-row.js";
import { parseMapping } from "../identity/evaluate/mapping.js";
import type { TraitField } from "../identity/evaluate/mapping-schema.js";
import { IDENTIFIER_STRENGTH, type Identifier, type IdentifierType } from "../identity/normalise/types.js";
import { createLabelledRows } from "./labelled-rows.js";

const MAPPING = "truth: who\nregion: GB\nowner: strongest\nidentifiers: [{ column: phone, type: phone }]\n";
const RECORD: LabelledRecord<IdentifierType> = {
  line: 2,
  person: "ann",
  source: "records",
  arrival: 2,
  occurredAt: null,
  identifiers: [],
  traits: [],
};

function rowOf(
  record: Partial<LabelledRecord<IdentifierType>>,
  refused: (IdentifierType | TraitField)[] = [],
  more = "",
) {
  const mapping = parseMapping("mapping.yaml", MAPPING + more, IDENTIFIER_STRENGTH);
  const row = createLabelledRows(mapping, (type) => refused.push(type))({ ...RECORD, ...record });
  return row as typeof row & {
    readonly identifiers: readonly Identifier[];
    readonly features: readonly { readonly field: string; readonly value: string }[];
  };
}

const phone = (raw: string) => [{ type: "phone", namespace: null, raw }] as const;

describe("a labelled record's row", () => {
  it.each([
    ["Germany", "0151 23456701", "+4915123456701"],
    ["DE", "0151 23456701", "+4915123456701"],
    ["भारत", "098123 45678", "+919812345678"],
    ["United States", "(201) 555-0123", "+12015550123"],
    ["Nowhere", "07400 123456", "+447400123456"],
    [null, "07400 123456", "+447400123456"],
  ])("of the country %s takes %s for %s", (country, raw, canonical) => {
    const traits = country === null ? [] : [{ field: "country", value: country } as const];
    const row = rowOf({ identifiers: phone(raw), traits });
    expect(row.identifiers.map(({ value }) => value)).toEqual([canonical]);
    expect(row.features).toEqual([{ field: "phone", value: canonical }]);
  });

  it("tells of the values that are none where they are said to belong", () => {
    const refused: IdentifierType[] = [];
    const traits = [{ field: "country", value: "France" }] as const;
    expect(rowOf({ identifiers: phone("0151 23456701"), traits }, refused).identifiers).toEqual([]);
    expect(refused).toEqual(["phone"]);
  });

  it("tells of the traits that nobody is compared by, of a mailbox that names another none", () => {
    const refused: (IdentifierType | TraitField)[] = [];
    const traits = [
      { field: "first_name", value: "Ann" },
      { field: "last_name", value: "Lee" },
      { field: "email", value: "bob.lee@example.org" },
      { field: "birth_date", value: "1850-03-02" },
      { field: "city", value: "Leeds" },
      { field: "postcode", value: "-" },
      { field: "programme", value: "MBA" },
    ] as const;
    rowOf({ traits }, refused);
    expect(refused).toEqual(["birth_date", "postcode"]);
  });

  it("believes birth dates from the year that the mapping says", () => {
    const born = (value: string, more: string) => {
      const refused: (IdentifierType | TraitField)[] = [];
      return { features: rowOf({ traits: [{ field: "birth_date", value }] }, refused, more).features, refused };
    };
    expect(born("1850-03-02", "born_since: 1850\n")).toEqual({
      features: [{ field: "birth_date", value: "1850-03-02" }],
      refused: [],
    });
    expect(born("1850", "born_since: 1850\n").features).toEqual([{ field: "birth_year", value: "1850" }]);
    expect(born("1849-12-31", "born_since: 1850\n")).toEqual({ features: [], refused: ["birth_date"] });
    expect(born("1890-01-05", "").features).toEqual([{ field: "birth_date", value: "1890-01-05" }]);
  });

  it("has the features that its traits tell, addresses and numbers canonical", () => {
    const { features } = rowOf({
      traits: [
        { field: "full_name", value: "Anna Nowak" },
        { field: "birth_date", value: "02/03/2001" },
        { field: "country", value: "USA" },
        { field: "region", value: "Ohio" },
        { field: "programme", value: "MBA" },
        { field: "email", value: "Anna.Nowak+x@GMAIL.com" },
        { field: "phone", value: "nonsense" },
      ],
    });
    expect(features.map(({ field, value }) => `${field}=${value}`)).toEqual([
      "given_name=anna",
      "given_root=anna",
      "given_sound=an",
      "family_name=nowak",
      "family_sound=nvk",
      "name_bag=anna nowak",
      "birth_date=2001-02-03",
      "email=annanowak@gmail.com",
      "email_user=annanowak",
    ]);
  });
});
