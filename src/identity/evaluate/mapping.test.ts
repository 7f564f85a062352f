import { describe, expect, it } from "vitest";
import { RollcallError } from "../../platform/errors.js";
import { dateReader } from "./dates.js";
import { parseMapping } from "./mapping.js";

const TYPES = ["user_id", "email", "phone"] as const;
const parse = (text: string) => parseMapping("map.yaml", text, TYPES);

function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof RollcallError && error.code === "INPUT_INVALID" && !error.isRetriable) return error.message;
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("a mapping file", () => {
  it("says which column is what", () => {
    const mapping = parse(`
truth: { column: rec_id, pattern: '^rec-(\\d+)-' }
record_id: rec_id
source: feed
arrival: seen
occurred_at: said
delimiter: ";"
region: AU
born_since: 1700
owner: strongest
identifiers:
  - { column: mail, type: email, separator: "," }
  - { column: uid, type: user_id, namespace_column: campus }
traits:
  birth_date: { column: dob, format: YYYYMMDD }
  address: [street, town]
  first_name: given
`);
    expect(mapping).toMatchObject({
      truth: { by: "column", column: "rec_id", pattern: /^rec-(\d+)-/u },
      recordId: "rec_id",
      source: "feed",
      arrival: "seen",
      occurredAt: "said",
      delimiter: ";",
      region: "AU",
      bornSince: 1700,
      owner: "strongest",
      matching: "strict",
      identifiers: [
        { column: "mail", type: "email", namespace: null, namespaceColumn: null, separator: "," },
        { column: "uid", type: "user_id", namespace: null, namespaceColumn: "campus", separator: null },
      ],
      traits: [
        { field: "first_name", columns: ["given"] },
        { field: "birth_date", columns: ["dob"] },
        { field: "address", columns: ["street", "town"] },
      ],
    });
    const birthDate = mapping.traits.find(({ field }) => field === "birth_date");
    expect(birthDate?.read(["19081209"])).toBe("1908-12-09");
    expect(mapping.columns).toContainEqual({ column: "campus", place: "map.yaml:13" });
    expect(mapping.columns.map(({ column }) => column).sort()).toEqual(
      ["campus", "dob", "feed", "given", "mail", "rec_id", "rec_id", "said", "seen", "street", "town", "uid"].sort(),
    );
  });

  it.each([
    [
      "an unknown key",
      "truth: a\nidentifers: []\ntraits: { city: b }",
      /^map.yaml:2: no such key: "identifers"\. There are truth, .*identifiers/,
    ],
    ["an unknown trait", "truth: a\ntraits:\n  city: b\n  shoe_size: c", /^map.yaml:4: .*national_id/],
    [
      "an unknown type",
      "truth: a\nidentifiers:\n  - { column: b, type: passport }",
      /^map.yaml:3: identifiers.0.type: .*user_id/,
    ],
    ["no truth", "traits: { city: b }", /^map.yaml: truth: name the truth's column/],
    ["nothing to match by", "truth: a", /^map.yaml: maps no identifier and no trait/],
    [
      "two namespaces",
      "truth: a\nidentifiers:\n  - { column: b, type: email, namespace: x, namespace_column: c }",
      /^map.yaml:3: .*not both/,
    ],
    [
      "a namespace that would make two triples one text",
      "truth: a\nidentifiers: [{ column: b, type: email, namespace: 'x|y' }]",
      /^map.yaml:2: .*without "\|"/,
    ],
    [
      "a pattern without a group",
      "truth: { column: a, pattern: x }\ntraits: { city: b }",
      /^map.yaml:1: pattern has one group .* this has 0/,
    ],
    [
      "a pattern that is none",
      "truth: { column: a, pattern: '(' }\ntraits: { city: b }",
      "map.yaml:1: pattern is no regular expression",
    ],
    [
      "a date of no form",
      "truth: a\ntraits: { birth_date: { column: b, format: D.M.Y } }",
      /^map.yaml:2: .*DD\.MM\.YYYY/,
    ],
    ["half a date", "truth: a\ntraits: { birth_date: { year: b, month: c } }", /^map.yaml:2: .*\{ year, month, day \}/],
    [
      "an encoding that is none",
      "truth: a\nencoding: ebcdic-7\ntraits: { city: b }",
      /^map.yaml:2: encoding: no encoding/,
    ],
    [
      "links without ids",
      "truth: { links: p.csv, left: a, right: b }\ntraits: { city: b }",
      "map.yaml:1: links name records by their ids: say with record_id which column has them",
    ],
    ["no YAML", "truth: [a\ntraits: {}", /^map.yaml:\d: no YAML: /],
    ["another document", "- a", /^map.yaml: /],
  ])("is refused with its line: %s", (_, text, message) => {
    expect(refusal(() => parse(text))).toEqual(typeof message === "string" ? message : expect.stringMatching(message));
  });

  it("tells all its problems at once", () => {
    expect(
      refusal(() => parse("truth: a\ncolour: b\nregion: Australia\ntraits: { city: c }")).split("\n"),
    ).toHaveLength(2);
  });
});

describe("dates", () => {
  it.each([
    ["19081209", "YYYYMMDD", "1908-12-09"],
    ["9/12/1908", "DD/MM/YYYY", "1908-12-09"],
    ["12/9/1908", "MM/DD/YYYY", "1908-12-09"],
    ["1908-12-09", "YYYY-MM-DD", "1908-12-09"],
    ["9.12.1908", "DD.MM.YYYY", "1908-12-09"],
    ["09.12.08", "DD.MM.YY", "2008-12-09"],
    ["091230", "DDMMYY", "1930-12-09"],
    ["29/1/2", "YY/MM/DD", "2029-01-02"],
    // Mistyped: the matcher shall see what was typed.
    ["1908129", "YYYYMMDD", "1908129"],
    ["19081399", "YYYYMMDD", "1908-13-99"],
    ["9-12.1908", "DD.MM.YYYY", "9-12.1908"],
  ] as const)("%s in %s is %s", (text, format, iso) => {
    expect(dateReader(format)?.(text)).toBe(iso);
  });

  it.each(["", "YYYY-MM", "YYYY-MM-MM", "DD-MM.YYYY", "D/M/Y", "YYYY-MM-DD hh", "YYYY_MM_DD", "YYYYYYMMDD"])(
    "%j is no form of a date",
    (format) => {
      expect(dateReader(format)).toBeNull();
    },
  );
});
