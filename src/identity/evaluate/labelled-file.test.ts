import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RollcallError } from "../../platform/errors.js";
import { delimiterOf } from "./csv-rows.js";
import { readLabelledFiles } from "./labelled-file.js";
import type { LabelledRecord } from "./labelled-row.js";
import { parseMapping } from "./mapping.js";

const TYPES = ["user_id", "email", "phone"] as const;
type Type = (typeof TYPES)[number];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-labelled-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const PLAIN = "truth: person_id\nidentifiers: [{ column: email, type: email }]";

async function readAll(paths: readonly string[], mapping: string): Promise<LabelledRecord<Type>[]> {
  const records: LabelledRecord<Type>[] = [];
  const config = { paths, mapping: parseMapping(join(folder, "map.yaml"), mapping, TYPES) };
  for await (const batch of readLabelledFiles(config)) records.push(...batch);
  return records;
}

function write(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function read(content: string | Uint8Array, mapping: string = PLAIN): Promise<LabelledRecord<Type>[]> {
  return readAll([write("f.csv", content)], mapping);
}

async function refusalOf(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.catch((thrown: unknown) => thrown);
  if (!(error instanceof RollcallError) || error.code !== "INPUT_INVALID") throw error;
  return error.message.replaceAll(`${folder}/`, "");
}

function refusal(content: string | Uint8Array, mapping: string = PLAIN): Promise<string> {
  return refusalOf(read(content, mapping));
}

describe("a labelled file", () => {
  it("is read row by row, with what each tells", async () => {
    const mapping = `
truth: { column: rec, pattern: '^rec-(\\d+)-' }
record_id: rec
source: feed
arrival: seen
delimiter: ";"
identifiers:
  - { column: mails, type: email, separator: "," }
  - { column: uid, type: user_id, namespace_column: campus }
  - { column: tel, type: phone, namespace: home }
traits:
  birth_date: { column: dob, format: YYYYMMDD }
  address: [no, street]
`;
    const header = "rec; feed; seen; mails; uid; campus; tel; dob; no; street";
    const rows = [
      "rec-7-org; crm; 2; a@x.org, b@x.org; u1; north; ; 19081209; ; Mill Lane",
      '"rec-7-dup-0"; ; 1; ; ; ; 0123; ; 5; "Mill; Lane"',
    ];
    // A byte order mark, Windows line ends and an empty line are nobody's data.
    expect(await read(`\ufeff${header}\r\n${rows[0]}\r\n\r\n${rows[1]}\r\n`, mapping)).toEqual([
      {
        line: 2,
        person: "7",
        source: "crm",
        arrival: 2,
        occurredAt: null,
        identifiers: [
          { type: "email", namespace: null, raw: "a@x.org" },
          { type: "email", namespace: null, raw: "b@x.org" },
          { type: "user_id", namespace: "north", raw: "u1" },
        ],
        traits: [
          { field: "birth_date", value: "1908-12-09" },
          { field: "address", value: "Mill Lane" },
        ],
      },
      {
        line: 4,
        person: "7",
        source: "records",
        arrival: 1,
        occurredAt: null,
        identifiers: [{ type: "phone", namespace: "home", raw: "0123" }],
        traits: [{ field: "address", value: "5 Mill; Lane" }],
      },
    ]);
  });

  it("takes times for the order of arrival", async () => {
    const mapping = `${PLAIN}\narrival: arrival`;
    const text = "person_id,email,arrival\np1,a@x.org,2026-01-02\np1,a@x.org,2026-01-01T10:00:00Z\n";
    const [late, early] = await read(text, mapping);
    expect((late?.arrival ?? 0) - (early?.arrival ?? 0)).toBe(14 * 3_600_000_000);
  });

  it("is read to the end, batch after batch", async () => {
    const rows = Array.from({ length: 45_000 }, (_, index) => `p${index},u${index}`);
    const records = await read(
      `person_id,user_id\n${rows.join("\n")}`,
      "truth: person_id\nidentifiers: [{ column: user_id, type: user_id }]",
    );
    expect(records.map(({ person }) => person)).toEqual(rows.map((row) => row.split(",")[0]));
    expect(records.at(-1)?.line).toBe(45_001);
  });

  const MAPPING = "truth: who\nrecord_id: id\nidentifiers:\n  - { column: mail, type: email }";
  it.each([
    ["no file content", "", PLAIN, "f.csv: holds no records: a header and one row per record are expected"],
    ["only a header", "person_id,email\n", PLAIN, /^f.csv: holds no records/],
    [
      "no column for the truth",
      "person,email\nana,a@x.org\n",
      PLAIN,
      'map.yaml:1: no column "person_id" in f.csv\nIts columns are: person, email.',
    ],
    [
      "a mapped column that is not there",
      "who,id,email\n1,1,a\n",
      MAPPING,
      'map.yaml:4: no column "mail" in f.csv\nIts columns are: who, id, email.',
    ],
    ["a column twice", "who,id,mail,mail\n1,1,a,b\n", MAPPING, 'f.csv:1: column "mail" is there more than once'],
    [
      "a record without its person",
      "who,id,mail\n1,1,a\n,2,b\n",
      MAPPING,
      'f.csv:3: "who" is empty: every record needs its true person',
    ],
    ["a record without its id", "who,id,mail\n1,,a\n", MAPPING, 'f.csv:2: "id" is empty'],
    ["an id twice", "who,id,mail\n1,7,a\n1,8,a\n2,7,b\n", MAPPING, 'f.csv:4: has the same "id" as line 2'],
    ["a cell too many", "who,id,mail\n1,7,a,b\n", MAPPING, "f.csv:2: has 4 cells, the header has 3"],
    [
      "an arrival that is no order",
      "person_id,email,arrival\n1,a,3\n1,a,soon\n",
      `${PLAIN}\narrival: arrival`,
      /^f.csv:3: "arrival" is a whole number in every row/,
    ],
    [
      "numbers and times mixed",
      "person_id,email,arrival\n1,a,3\n1,a,2026-01-01\n",
      `${PLAIN}\narrival: arrival`,
      /^f.csv:3: "arrival"/,
    ],
    [
      "a truth its pattern does not know",
      "who,mail\nperson-1,a\n7,b\n",
      "truth: { column: who, pattern: '-(.+)' }\nidentifiers: [{ column: mail, type: email }]",
      'f.csv:3: "who" does not match the pattern of the truth',
    ],
    ["a stray quote", 'who,id,mail\n1,1,"a"b\n', MAPPING, /^f.csv:\d: no CSV: .*\(CSV_/],
  ])("is refused with its line: %s", async (_, text, mapping, message) => {
    expect(await refusal(text, mapping)).toEqual(
      typeof message === "string" ? message : expect.stringMatching(message),
    );
  });

  it("does not quote what may be somebody's data", async () => {
    const message = await refusal("Amina,amina@example.org,7\nBen,ben@example.org,8\n", MAPPING);
    expect(message).toContain("is it a header?");
    expect(message).not.toMatch(/amina/i);
    expect(await refusal('who,id,mail\n1,1,"amina"@example.org\n', MAPPING)).not.toMatch(/amina/i);
  });

  it("tells up to ten problems at once", async () => {
    const rows = Array.from({ length: 30 }, () => ",1,a");
    const lines = (await refusal(`who,id,mail\n${rows.join("\n")}\n`, MAPPING)).split("\n");
    expect(lines).toHaveLength(11);
    expect(lines[9]).toBe('f.csv:11: "who" is empty: every record needs its true person');
  });

  it("tells when it is not there", async () => {
    await expect(readAll([join(folder, "absent.csv")], PLAIN)).rejects.toThrow(/absent.csv cannot be read: ENOENT/);
  });

  it.each([
    [",", "a,b"],
    [";", '"a,b,c,d";b;c'],
    ["\t", "a\tb;c\td"],
    ["|", "a|b"],
    [",", "alone"],
    [",", "a,b;c"],
  ])("is parted by the %j that its header has most of", (delimiter, header) => {
    expect(delimiterOf(`${header}\n;;;;;;\t\t\t\t\t\t`)).toBe(delimiter);
  });

  it("needs no delimiter where the header tells", async () => {
    expect(await read("person_id;email\nana;a@x.org\n")).toMatchObject([
      { person: "ana", identifiers: [{ raw: "a@x.org" }] },
    ]);
  });

  const LATIN = `${PLAIN}\ntraits: { city: city }`;
  it("is read in its encoding", async () => {
    const text = "person_id,email,city\nana,a@x.org,Zürich\n";
    const city = [{ traits: [{ field: "city", value: "Zürich" }] }];
    expect(await read(Buffer.from(text, "latin1"), `${LATIN}\nencoding: windows-1252`)).toMatchObject(city);
    expect(await read(Buffer.from(`\ufeff${text}`, "utf16le"), `${LATIN}\nencoding: utf-16le`)).toMatchObject(city);
    // A letter of two bytes, half in one chunk of the file and half in the next.
    const long = `person_id,email,city\nana,${"a".repeat(65_536 - 28)},Zürich\n`;
    for (const shift of ["", "b"]) expect(await read(long.replace("ana,", `ana,${shift}`), LATIN)).toMatchObject(city);
  });

  it("is refused with the encoding it may have, not read with holes", async () => {
    const text = "person_id,email,city\nana,a@x.org,Zürich\n";
    expect(await refusal(Buffer.from(text, "latin1"), LATIN)).toBe(
      "f.csv: is not written in utf-8: say in the mapping how it is, as in  encoding: windows-1252",
    );
    expect(await refusal(Buffer.from(`\ufeff${text}`, "utf16le"), LATIN)).toContain("encoding: utf-16le");
  });

  it("takes what stands for nothing for nothing, exactly so", async () => {
    const mapping = "truth: who\ntraits: { first_name: first, last_name: [last, last_2], city: city }";
    const rows = "who,first,last,last_2,city\n1,NULL,Nash,NA,?\n2,Na,-,N/A,Null\n";
    const told = async (more: string) =>
      (await read(rows, mapping + more)).map(({ traits }) => traits.map(({ value }) => value));
    expect(await told("")).toEqual([["Nash"], ["Na", "Null"]]);
    expect(await told("\nempty: [Null, Nash]")).toEqual([
      ["NA", "?"],
      ["Na", "- N/A"],
    ]);
    expect(await refusal("who,first,last,last_2,city\nNULL,a,b,c,d\n", mapping)).toContain('"who" is empty');
  });

  it("may have line breaks in its cells", async () => {
    const records = await read('person_id,email,city\nana,a@x.org,"1 Mill Lane\nLeeds"\nben,b@x.org,York\n', LATIN);
    expect(records.map(({ line, traits }) => [line, traits[0]?.value])).toEqual([
      [3, "1 Mill Lane\nLeeds"],
      [4, "York"],
    ]);
  });

  it("puts a birth date together from three columns", async () => {
    const mapping = "truth: who\ntraits: { birth_date: { year: y, month: m, day: d } }";
    const records = await read("who,d,m,y\n1,9,2,1971\n2,09,12,71\n3,,12,1971\n4,9,12,\n5,9,2,04\n", mapping);
    expect(records.map(({ traits }) => traits[0]?.value)).toEqual([
      "1971-02-09",
      "1971-12-09",
      "1971",
      undefined,
      "2004-02-09",
    ]);
  });
});

describe("several labelled files", () => {
  it("are one set of records, each of its file's source, no two of one line", async () => {
    const paths = [
      write("crm.csv", "person_id,email\nana,a@x.org\n"),
      write("lms.csv", "email,person_id\nb@x.org,ben\n"),
    ];
    expect(await readAll(paths, PLAIN)).toMatchObject([
      { line: 2, arrival: 2, source: "crm", person: "ana" },
      { line: 4, arrival: 4, source: "lms", person: "ben" },
    ]);
  });

  it("may have the same ids, but not one file twice", async () => {
    const mapping = `${PLAIN}\nrecord_id: id`;
    const [a, b] = [
      write("a.csv", "person_id,email,id\nana,a,1\n"),
      write("b.csv", "person_id,email,id\nana,b,1\nana,c,1\n"),
    ];
    expect(await readAll([a, a], mapping)).toHaveLength(2);
    expect(await refusalOf(readAll([a, b], mapping))).toBe('b.csv:3: has the same "id" as line 2');
  });
});

describe("a truth by links", () => {
  const LINKED =
    "truth: { links: pairs.csv, left: l, right: r }\nrecord_id: id\nidentifiers: [{ column: email, type: email }]";
  const people = async (paths: readonly string[]) => (await readAll(paths, LINKED)).map(({ person }) => person);

  it("makes one person of those who are linked, also by way of others", async () => {
    const file = write("one.csv", "id,email\n1,a\n2,b\n3,c\n4,d\n5,e\n6,f\n");
    write("pairs.csv", "score;l;r\n1;1;2\n1;4;5\n1;3;2\n1;5;4\n");
    const [a, b, c, d, e, f] = await people([file]);
    expect([b, c]).toEqual([a, a]);
    expect(e).toBe(d);
    expect(new Set([a, d, f]).size).toBe(3);
  });

  it("is between two files, whose ids may be the same", async () => {
    const files = [write("left.csv", "id,email\n1,a\n2,b\n"), write("right.csv", "id,email\n1,c\n2,d\n")];
    write("pairs.csv", "l,r\n1,2\n");
    const [leftOne, leftTwo, rightOne, rightTwo] = await people(files);
    expect(rightTwo).toBe(leftOne);
    expect(new Set([leftOne, leftTwo, rightOne]).size).toBe(3);
  });

  it.each([
    ["links a record that there is not", "l,r\n1,2\n1,9\n", "pairs.csv:3: links a record that there is not"],
    ["has other columns", "a,r\n1,2\n", 'pairs.csv:1: no column "l"'],
    ["names one record only", "l,r\n1,\n", "pairs.csv:2: names one record only: each link is between two"],
  ])("is refused where it %s", async (_, pairs, message) => {
    const file = write("one.csv", "id,email\n1,a\n2,b\n");
    write("pairs.csv", pairs);
    expect(await refusalOf(readAll([file], LINKED))).toBe(message);
  });

  it("is not between three", async () => {
    const file = write("one.csv", "id,email\n1,a\n");
    expect(await refusalOf(readAll([file, file, file], LINKED))).toContain("of one file or of two, not of 3");
  });
});
