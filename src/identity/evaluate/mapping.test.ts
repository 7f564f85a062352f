import { describe, expect, it } from "vitest";
import { RollcallError } from "../../platform/errors.js";
import { isoDate } from "./dates.js";
import { mappingOfHeader, parseMapping } from "./mapping.js";

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
      truth: { column: "rec_id", pattern: /^rec-(\d+)-/u },
      recordId: "rec_id",
      source: "feed",
      arrival: "seen",
      occurredAt: "said",
      delimiter: ";",
      region: "AU",
      owner: "strongest",
      matching: "strict",
      identifiers: [
        { column: "mail", type: "email", namespace: null, namespaceColumn: null, separator: "," },
        { column: "uid", type: "user_id", namespace: null, namespaceColumn: "campus", separator: null },
      ],
      traits: [
        { field: "first_name", columns: ["given"], dateFormat: null },
        { field: "birth_date", columns: ["dob"], dateFormat: "YYYYMMDD" },
        { field: "address", columns: ["street", "town"], dateFormat: null },
      ],
    });
    expect(mapping.columns).toContainEqual({ column: "campus", place: "map.yaml:12" });
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

describe("a file without a mapping", () => {
  it("is read by the names of its columns", () => {
    const mapping = mappingOfHeader("f.csv", ["person_id", "source", "email", "first_name", "hobby"], TYPES);
    expect(mapping).toMatchObject({
      truth: { column: "person_id", pattern: null },
      recordId: null,
      source: "source",
      owner: "record",
      matching: "broad",
      identifiers: [{ type: "email", column: "email" }],
      // An identifier's value is told as a trait anyway.
      traits: [{ field: "first_name", columns: ["first_name"] }],
    });
  });

  it("needs a name it knows", () => {
    expect(refusal(() => mappingOfHeader("f.csv", ["person_id", "hobby"], TYPES))).toMatch(/^f.csv:1: .*--mapping/);
  });
});

describe("dates", () => {
  it.each([
    ["19081209", "YYYYMMDD", "1908-12-09"],
    ["9/12/1908", "DD/MM/YYYY", "1908-12-09"],
    ["12/9/1908", "MM/DD/YYYY", "1908-12-09"],
    ["1908-12-09", "YYYY-MM-DD", "1908-12-09"],
    // Mistyped: the matcher shall see what was typed.
    ["1908129", "YYYYMMDD", "1908129"],
    ["19081399", "YYYYMMDD", "1908-13-99"],
  ] as const)("%s in %s is %s", (text, format, iso) => {
    expect(isoDate(text, format)).toBe(iso);
  });
});
