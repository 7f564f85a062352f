import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RollcallError } from "../../platform/errors.js";
import { readLabelledFile } from "./labelled-file.js";
import type { LabelledRecord } from "./labelled-row.js";
import { parseMapping } from "./mapping.js";

const TYPES = ["user_id", "email", "phone"] as const;
type Type = (typeof TYPES)[number];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-labelled-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function read(text: string, mapping: string | null = null): Promise<LabelledRecord<Type>[]> {
  const path = join(folder, "f.csv");
  writeFileSync(path, text);
  const records: LabelledRecord<Type>[] = [];
  const config = { path, mapping: mapping === null ? null : parseMapping("map.yaml", mapping, TYPES), types: TYPES };
  for await (const batch of readLabelledFile(config)) records.push(...batch);
  return records;
}

async function refusal(text: string, mapping: string | null = null): Promise<string> {
  const error: unknown = await read(text, mapping).catch((thrown: unknown) => thrown);
  if (!(error instanceof RollcallError) || error.code !== "INPUT_INVALID") throw error;
  return error.message.replaceAll(join(folder, "f.csv"), "f.csv");
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

  it("needs no mapping where its columns have the usual names", async () => {
    expect(await read("person_id,email\np1,a@x.org\n")).toMatchObject([
      { line: 2, person: "p1", arrival: 2, identifiers: [{ type: "email", raw: "a@x.org" }] },
    ]);
  });

  it("takes times for the order of arrival", async () => {
    const text = "person_id,email,arrival\np1,a@x.org,2026-01-02\np1,a@x.org,2026-01-01T10:00:00Z\n";
    const [late, early] = await read(text);
    expect((late?.arrival ?? 0) - (early?.arrival ?? 0)).toBe(14 * 3_600_000_000);
  });

  it("is read to the end, batch after batch", async () => {
    const rows = Array.from({ length: 45_000 }, (_, index) => `p${index},u${index}`);
    const records = await read(`person_id,user_id\n${rows.join("\n")}`);
    expect(records.map(({ person }) => person)).toEqual(rows.map((row) => row.split(",")[0]));
    expect(records.at(-1)?.line).toBe(45_001);
  });

  const MAPPING = "truth: who\nrecord_id: id\nidentifiers:\n  - { column: mail, type: email }";
  it.each([
    ["no file content", "", null, "f.csv: holds no records: a header and one row per record are expected"],
    ["only a header", "person_id,email\n", null, /^f.csv: holds no records/],
    [
      "no column for the truth",
      "person,email\nana,a@x.org\n",
      null,
      'f.csv:1: no column "person_id" in f.csv\nIts columns are: person, email.',
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
      null,
      /^f.csv:3: "arrival" is a whole number in every row/,
    ],
    ["numbers and times mixed", "person_id,email,arrival\n1,a,3\n1,a,2026-01-01\n", null, /^f.csv:3: "arrival"/],
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
    const config = { path: join(folder, "absent.csv"), mapping: null, types: TYPES };
    await expect(readLabelledFile(config).next()).rejects.toThrow(/absent.csv cannot be read: ENOENT/);
  });
});
