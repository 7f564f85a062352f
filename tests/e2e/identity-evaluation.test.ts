import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { evaluateIdentity } from "../../src/cli/wiring/evaluation.js";
import { guessMapping } from "../../src/identity/evaluate/guess.js";
import { parseMapping } from "../../src/identity/evaluate/mapping.js";
import type { EvaluationReport } from "../../src/identity/evaluate/report.js";
import { IDENTIFIER_STRENGTH } from "../../src/identity/normalise/types.js";
import { findLabelled, mappingFile } from "../support/labelled.js";
import { rollcall } from "../support/product.js";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-evaluation-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function evaluate(lines: readonly string[], mapping: string | null = null): Promise<EvaluationReport> {
  const file = join(folder, "labelled.csv");
  writeFileSync(file, `${lines.join("\n")}\n`);
  return measure([file], mapping ?? (await guessMapping(file, IDENTIFIER_STRENGTH)));
}

function measure(files: readonly string[], mapping: string): Promise<EvaluationReport> {
  return evaluateIdentity(
    {
      files,
      mapping: parseMapping(join(folder, "mapping.yaml"), mapping, IDENTIFIER_STRENGTH),
      root: resolve(import.meta.dirname, "../.."),
      cacheFolder: join(folder, "compiled"),
    },
    { step: (_, work) => work(() => undefined) },
  );
}

/** Two pupils at one computer: who was signed in is known twice, and twice not. */
const CLASSROOM = [
  "person_id,anonymous_id,user_id",
  "ana,room-5,pupil-1",
  "ben,room-5,pupil-2",
  "ana,room-5,",
  "ben,room-5,",
  "cy,,",
  "dee,,",
];
const CLASSROOM_MAPPING = `
truth: person_id
owner: strongest
identifiers:
  - { column: anonymous_id, type: anonymous_id }
  - { column: user_id, type: user_id }
`;

describe("an evaluation of the identity models", () => {
  it("counts what is linked, by what, who is eligible and who is matched", async () => {
    const report = await evaluate([
      "person_id,email,user_id,phone,anonymous_id,first_name,birth_date",
      "ana,ana@example.org,u-1,,,,",
      "ana,ANA@example.org,,,,,",
      "ana,,u-1,,,,",
      "ben,ben@example.org,,,d-1,,",
      "ben,,,,d-1,,",
      "cy,info@example.org,,,,,",
      "cy,,,,d-9,,",
      "dee,,,,,Dee,2001-02-03",
      "eve,nonsense,,,,,",
      "gil,,,+442079460958,,Gil,",
      "hal,,,020 7946 0958,,Hal,",
    ]);
    expect(report.clusters).toMatchObject({
      recordCount: 11,
      personCount: 7,
      // Gil and Hal gave one phone, and two names.
      clusterCount: 8,
      pairs: { linked: 4, right: 4, true: 5 },
      pairwise: { precision: 1, recall: 0.8, f1: 8 / 9 },
      exactPersonCount: 6,
      overMergedClusterCount: 0,
      overMergedRecordCount: 0,
      fragmentedPersonCount: 1,
      largestCluster: { recordCount: 3, personCount: 1 },
    });
    expect(report.matchRate).toEqual({
      eligibleCount: 7,
      matchedCount: 4,
      rate: 4 / 7,
      matchable: { eligibleCount: 4, matchedCount: 4, rate: 1 },
      consolidation: expect.closeTo(3 / 11, 12),
      ineligible: [
        {
          reason: "no identifier, and no name with a birth date, address, email or phone",
          recordCount: 1,
          share: 1 / 11,
        },
        { reason: "only a device or browser", recordCount: 2, share: 2 / 11 },
        { reason: "only blocked identifiers", recordCount: 1, share: 1 / 11 },
      ],
    });
    const none = { genericCount: 0, blockedCount: 0, linkedPairs: 1, apartPairs: 0, apartRightPairs: 0 };
    expect(report.links).toEqual([
      { ...none, type: "anonymous_id", namespace: "records", activeCount: 2, rightPairs: 1, precision: 1 },
      { ...none, type: "email", namespace: "global", activeCount: 2, blockedCount: 1, rightPairs: 1, precision: 1 },
      { ...none, type: "user_id", namespace: "campus", activeCount: 1, rightPairs: 1, precision: 1 },
      {
        ...none,
        type: "phone",
        namespace: "global",
        activeCount: 1,
        linkedPairs: 0,
        rightPairs: 0,
        precision: null,
        apartPairs: 1,
      },
    ]);
    expect(report.unusable).toEqual([{ type: "email", valueCount: 1 }]);
    expect(report.stages.map(({ name }) => name)).toEqual([
      "read, normalise, land",
      "build the models",
      "observe",
      "train the match model",
      "resolve identities",
      "measure",
    ]);
  });

  it("keeps records apart that share what is generic, and tells what that costs", async () => {
    const { clusters, links } = await evaluate(CLASSROOM);
    expect(clusters).toMatchObject({
      clusterCount: 6,
      overMergedClusterCount: 0,
      pairs: { linked: 0, right: 0, true: 2 },
    });
    expect(links.find(({ type }) => type === "anonymous_id")).toMatchObject({
      genericCount: 1,
      linkedPairs: 0,
      precision: null,
      apartPairs: 6,
      apartRightPairs: 2,
    });
  });

  it("shows what becomes of events that are named after a device many use, and of records that nothing owns", async () => {
    const { clusters, links } = await evaluate(CLASSROOM, CLASSROOM_MAPPING);
    expect(clusters).toMatchObject({
      recordCount: 6,
      clusterCount: 5,
      overMergedClusterCount: 1,
      overMergedRecordCount: 2,
      pairs: { linked: 1, right: 0, true: 2 },
    });
    expect(links.find(({ type }) => type === "anonymous_id")).toMatchObject({ linkedPairs: 1, apartPairs: 5 });
  });

  it("names Salesforce's records by their own id, though they carry a stronger identifier", async () => {
    // The CRM corrected whose login it is: still one contact.
    const lines = [
      "person_id,source,salesforce_contact_id,user_id",
      "ana,salesforce,0035g00000AAAAA,u-1",
      "ana,salesforce,0035g00000AAAAA,u-3",
      "ben,salesforce,0035g00000BBBBB,u-2",
    ];
    const mapping = `
truth: person_id
source: source
owner: strongest
identifiers:
  - { column: salesforce_contact_id, type: salesforce_contact_id }
  - { column: user_id, type: user_id }
`;
    const { clusters } = await evaluate(lines, mapping);
    expect(clusters).toMatchObject({ clusterCount: 2, pairs: { linked: 1, right: 1, true: 1 }, exactness: 1 });
  });

  it("holds nothing back that a cycle would: how wrong it is, is the question", async () => {
    // Seven addresses of ninety records each; the first record of each has the address before it, too.
    const rows = Array.from({ length: 630 }, (_, index) => {
      const group = Math.floor(index / 90);
      const bridge = index % 90 === 0 && group > 0 ? `;desk-${group - 1}@example.org` : "";
      return `${group < 3 ? "ana" : "ben"},desk-${group}@example.org${bridge}`;
    });
    const mapping = `
truth: who
identifiers:
  - { column: mails, type: email, separator: ";" }
`;
    const { clusters, links, unsettledCount } = await evaluate(["who,mails", ...rows], mapping);
    expect(clusters).toMatchObject({
      clusterCount: 1,
      pairs: { linked: 198_135, right: 36_315 + 64_620, true: 36_315 + 64_620 },
      purity: 360 / 630,
      largestCluster: { recordCount: 630, personCount: 2 },
    });
    // By sharing an address: the one bridge between the two people makes ninety wrong pairs.
    expect(links).toMatchObject([{ type: "email", linkedPairs: 28_575, rightPairs: 28_485, apartPairs: 0 }]);
    expect(unsettledCount).toBe(0);
  });
});

/** 250 people of two records each, one in three of them with another spelling, and 50 more of one record. */
function nameAndBirthDate(): { readonly left: string[]; readonly right: string[]; readonly links: string[] } {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  const name = (text: string): string =>
    Array.from(
      digest(text).subarray(0, 3),
      (byte) => "bdfgklmnprstvz".charAt(byte % 14) + "aeiou".charAt(byte % 5),
    ).join("");
  const [left, right, links] = [["id,first,last,y,m,d"], ["id,first,last,y,m,d"], ["l,r"]];
  for (let index = 0; index < 300; index++) {
    const [first, last] = [name(`first ${index % 90}`), name(`last ${index}`)];
    const date = `${1960 + (index % 50)},${1 + (index % 12)},${1 + ((index * 7) % 28)}`;
    left.push(`${index},${first},${last},${date}`);
    if (index >= 250) continue;
    right.push(`${index + 1},${index % 3 === 0 ? `${first}h` : first},${last.toUpperCase()},${date}`);
    links.push(`${index},${index + 1}`);
  }
  return { left, right, links };
}

describe("two files of which only name and birth date are known, and pairs that tell who is whom", () => {
  it("are matched: equal records and near ones teach how much it says that they agree", async () => {
    const { left, right, links } = nameAndBirthDate();
    const files = Object.entries({ left, right, links }).map(([name, lines]) => {
      const file = join(folder, `${name}.csv`);
      writeFileSync(file, `${lines.join("\n")}\n`);
      return file;
    });
    const mapping = `
truth: { links: links.csv, left: l, right: r }
record_id: id
matching: balanced
traits:
  first_name: first
  last_name: last
  birth_date: { year: y, month: m, day: d }
`;
    const report = await measure(files.slice(0, 2), mapping);
    expect(report.file).toBe(files.slice(0, 2).join(", "));
    expect(report.matching).toMatchObject({ origin: "trained", strictness: "balanced" });
    expect(report.clusters).toMatchObject({ recordCount: 550, personCount: 300, pairs: { true: 250 } });
    expect(report.clusters.pairwise.precision).toBe(1);
    expect(report.clusters.pairwise.recall).toBeGreaterThan(0.98);
  });
});

describe("the records that an evaluation went wrong on", () => {
  const evaluateTo = (records: string) => {
    const files = ["one.csv", "two.csv"].map((name) => join(folder, name));
    writeFileSync(files[0] ?? "", "person_id,email\nana,ana@example.org\nben,ben@example.org\n");
    writeFileSync(files[1] ?? "", 'person_id,email\n"cy ""c""",ana@example.org\nben,other@example.org\ndee,\n');
    const home = join(folder, "home");
    return rollcall(["identity", "evaluate", ...files, "--records", records, "--home", home, "--json"]);
  };

  it("are told by file and line", async () => {
    const file = join(folder, "records.csv");
    const { code, stderr } = await evaluateTo(file);
    expect(code, stderr).toBe(0);
    const [header, ...lines] = readFileSync(file, "utf8").split("\r\n");
    expect(header).toBe("file,line,person,profile_id,people_in_profile,profiles_of_person");
    const ids = [...new Set(lines.flatMap((line) => line.match(/p_[0-9a-f]+/) ?? []))];
    const named = lines.map((line) => line.replace(/p_[0-9a-f]+/, (id) => `P${ids.indexOf(id) + 1}`));
    expect(named.map((line) => line.replace(`${folder}/`, ""))).toEqual([
      "one.csv,2,ana,P1,2,1",
      "one.csv,3,ben,P2,1,2",
      'two.csv,2,"cy ""c""",P1,2,1',
      "two.csv,3,ben,P3,1,2",
      "two.csv,4,dee,P4,1,1",
      "",
    ]);
  });

  it("cannot be told in a folder that is not there, and that is said before the work", async () => {
    const { code, stderr } = await evaluateTo(join(folder, "nowhere", "records.csv"));
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/CONFIG_INVALID .*nowhere\/records\.csv cannot be written: ENOENT/);
    expect(stderr).not.toContain("resolve identities");
  });
});

const fake1000 = findLabelled("fake_1000.csv");
if (fake1000 === null) {
  process.stderr.write(
    "SKIPPED: no fake_1000.csv. Set ROLLCALL_LABELLED to the folder that has it to measure identity on it.\n",
  );
}

describe.skipIf(fake1000 === null)("fake_1000", () => {
  it("is measured by the command line, as text and as JSON", async () => {
    const report = join(folder, "report.json");
    const { code, stdout, stderr } = await rollcall([
      "identity",
      "evaluate",
      fake1000 as string,
      "--mapping",
      mappingFile("fake_1000.yaml"),
      "--report",
      report,
      "--home",
      join(folder, "home"),
    ]);
    expect(code, stderr).toBe(0);
    process.stderr.write(`${stdout}\n`);
    expect(stdout).toContain("1,000 records of 251 people");
    const { clusters, links } = JSON.parse(readFileSync(report, "utf8")) as EvaluationReport;
    expect(clusters).toMatchObject({ recordCount: 1000, personCount: 251, pairs: { true: 2031 } });
    // Made-up addresses are nobody else's: what links by them must be right.
    for (const link of links) expect(link.precision ?? 1, link.type).toBeGreaterThanOrEqual(0.998);
    expect(links.map(({ type }) => type)).toEqual(["email"]);
  });

  it("needs no mapping: what its columns are called is known, and is said", async () => {
    const args = ["identity", "evaluate", fake1000 as string, "--home", join(folder, "home"), "--json"];
    const { code, stdout, stderr } = await rollcall(args);
    expect(code, stderr).toBe(0);
    expect(stderr).toContain("truth: cluster\nidentifiers:\n");
    const { clusters } = JSON.parse(stdout) as EvaluationReport;
    expect(clusters.pairwise.f1).toBeGreaterThanOrEqual(0.975);
  });

  it("is refused with the place of what is wrong", async () => {
    const mapping = join(folder, "wrong.yaml");
    writeFileSync(mapping, "truth: cluster\ntraits:\n  first_name: given_name\n");
    const { code, stderr } = await rollcall([
      "identity",
      "evaluate",
      fake1000 as string,
      "--mapping",
      mapping,
      "--home",
      join(folder, "home"),
    ]);
    expect(code).toBe(2);
    expect(stderr).toContain(`${mapping}:3: no column "given_name"`);
  });
});
