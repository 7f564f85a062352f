import { createRequire } from "node:module";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDuckdbWarehouse } from "../../src/warehouse/duckdb/warehouse.js";
import type { Row, Warehouse } from "../../src/warehouse/port.js";

/** `includes/match.js` and what it stands on, run on descriptions. */

interface Thresholds {
  readonly base: number;
  readonly tau: number;
  readonly review: number;
}
interface Match {
  readonly MATCHING: Readonly<Record<string, Thresholds>>;
  thresholds(): Thresholds;
  readonly COMPARISONS: readonly { readonly name: string; readonly levels: readonly { readonly name: string }[] }[];
  model(): Model;
  levels(l: string, r: string): string;
  weight(l: string, r: string): string;
  conflicts(l: string, r: string): string;
  relatives(l: string, r: string): string;
}
interface Model {
  readonly prior: number;
  readonly comparisons: Readonly<Record<string, readonly { level: string; m: number; u: number }[]>>;
}
const require = createRequire(import.meta.url);
const match = require("../../includes/match.js") as Match;
const { TERMS } = require("../../includes/terms.js") as { TERMS: readonly string[] };

const TEXTS =
  "given_name given_root family_name name_bag birth_date gender email email_user phone phone_end address address_start postcode city institution national_id national_id_sorted birth_year birth_place occupation".split(
    " ",
  );
const FREQUENCIES = TERMS.map((term) => `${term}_frequency`);
type Description = Readonly<Record<string, string | number>>;

let warehouse: Warehouse;
beforeAll(async () => {
  warehouse = await createDuckdbWarehouse({ file: ":memory:", threads: 1 });
  const columns = [...TEXTS.map((name) => `${name} STRING`), ...FREQUENCIES.map((name) => `${name} FLOAT64`)];
  await warehouse.execute(`CREATE SCHEMA s; CREATE TABLE s.people (id STRING, ${columns.join(", ")})`);
});
afterAll(() => warehouse.close());

/** A name's words stand in its bag, unless said otherwise. */
function person(given: string, family: string, rest: Description = {}): Description {
  const words = `${given} ${family}`.split(" ").filter((word) => word !== "");
  return {
    ...(given === "" ? {} : { given_name: given }),
    ...(family === "" ? {} : { family_name: family }),
    ...(words.length === 0 ? {} : { name_bag: words.sort().join(" ") }),
    ...rest,
  };
}

const COLUMNS = [...TEXTS, ...FREQUENCIES];
const INSERT = `INSERT INTO s.people (id, ${COLUMNS.join(", ")}) VALUES (@id, ${COLUMNS.map((name) => `@${name}`).join(", ")})`;
const COMPARE = `SELECT ${match.levels("l", "r")} AS levels, ${match.weight("l", "r")} AS weight,
  ${match.conflicts("l", "r")} AS conflicts, ${match.relatives("l", "r")} AS relatives
  FROM s.people AS l JOIN s.people AS r ON r.id != l.id ORDER BY l.id`;

/** Both ways round, which have to agree. */
async function compare(a: Description, b: Description): Promise<Row> {
  await warehouse.execute("DELETE FROM s.people WHERE TRUE");
  for (const [id, description] of Object.entries({ a, b })) {
    const values = COLUMNS.map((name) => [
      name,
      { type: FREQUENCIES.includes(name) ? "FLOAT64" : "STRING", value: description[name] ?? null },
    ]);
    await warehouse.execute(INSERT, { id: { type: "STRING", value: id }, ...Object.fromEntries(values) });
  }
  const [one, other] = (await warehouse.query(COMPARE)).rows;
  if (one === undefined) throw new Error("nothing was compared");
  expect(other).toEqual(one);
  return one;
}

/** What the comparison found, in words; null where it says nothing. */
function levelOf(row: Row, comparison: string): string | null {
  const place = match.COMPARISONS.findIndex(({ name }) => name === comparison);
  const letter = String(row.levels)[place] ?? "-";
  if (letter === "-") return null;
  return match.COMPARISONS[place]?.levels[letter.charCodeAt(0) - 97]?.name ?? "else";
}

describe("names", () => {
  it.each([
    [person("ann", "lee"), person("ann", "lee"), "given and family name"],
    [person("ann", "lee"), person("lee", "ann"), "swapped"],
    [person("martina", "lee"), person("martine", "lee"), "family name, similar given name"],
    [person("ann", "johnson"), person("ann", "jonson"), "given name, similar family name"],
    [person("marta", "johnson"), person("martha", "jonson"), "both similar"],
    [person("martha", "jonson"), person("johnson", "marta"), "similar, swapped"],
    [
      person("bob", "lee", { given_root: "robert" }),
      person("robert", "lee", { given_root: "robert|rupert" }),
      "family name, nickname",
    ],
    [person("r", "rajan"), person("ramesh", "rajan"), "family name, initial"],
    [person("anna maria", "lopez garcia"), person("maria", "lopez"), "one name holds the other"],
    [person("", "lee"), person("ann", "lee"), "family name, given name unknown"],
    [person("ann", ""), person("ann", "lee"), "given name, family name unknown"],
    [person("ann", "lee"), person("robert", "lee"), "family name"],
    [person("ann", "lee"), person("ann", "cooper"), "given name"],
    [person("rajan", ""), person("ramesh", "rajan"), "given name is the other's family name"],
    [person("ann", "johnson"), person("robert", "jonson"), "one similar"],
    [person("eleanor", "lee"), person("elaenir", "brown"), "one roughly similar"],
    [person("ann", "lee"), person("robert", "brown"), "else"],
    [person("", ""), person("ann", "lee"), null],
  ])("%o and %o: %s", async (a, b, level) => {
    expect(levelOf(await compare(a, b), "name")).toBe(level);
  });
});

describe("birth dates", () => {
  it.each([
    ["2001-10-03", "2001-10-03", "same"],
    ["2001-10-03", "2001-10-04", "a slip"],
    ["2001-10-03", "2001-03-10", "a slip"],
    ["2001-10-03", "2001-01-03", "a slip"],
    ["2001-10-03", "2010-10-03", "a slip"],
    ["2001-10-03", "2001-10-29", "two of year, month, day"],
    ["2001-10-03", "2001-11-05", "two edits"],
    ["2001-10-03", "2002-01-25", "within a year"],
    ["2001-10-03", "1987-05-26", "else"],
  ])("%s and %s: %s", async (a, b, level) => {
    expect(levelOf(await compare({ birth_date: a }, { birth_date: b }), "birth_date")).toBe(level);
  });
});

describe("what else is known", () => {
  it.each<[string, Description, Description, string | null]>([
    [
      "national_id",
      { national_id: "1234567", national_id_sorted: "1234567" },
      { national_id: "1234576", national_id_sorted: "1234567" },
      "a slip",
    ],
    [
      "national_id",
      { national_id: "1234567", national_id_sorted: "1234567" },
      { national_id: "1299567", national_id_sorted: "1256799" },
      "two edits",
    ],
    [
      "phone",
      { phone: "+442071838750", phone_end: "1838750" },
      { phone: "+12071838750", phone_end: "1838750" },
      "last seven digits",
    ],
    [
      "email",
      { email: "ann.lee@a.example", email_user: "annlee" },
      { email: "ann.lee@b-college.example", email_user: "annlee" },
      "user",
    ],
    ["email", { email: "ann.lee@a.example" }, { email: "an.lee@a.exmple" }, "similar"],
    ["email", { email: "a@x.example" }, { email: "b@x.example" }, "else"],
    ["place", { address: "7 high st", postcode: "N1" }, { address: "7 high st", postcode: "N2" }, "address"],
    [
      "place",
      { address: "7 high st flat 2", address_start: "7 high", city: "york" },
      { address: "7 high st", address_start: "7 high", city: "york" },
      "similar address in one place",
    ],
    ["place", { postcode: "2031", city: "kotara" }, { postcode: "2031", city: "kotarra" }, "postcode and city"],
    ["place", { postcode: "2031", city: "kotara" }, { postcode: "2031", city: "perth" }, "postcode"],
    ["place", { city: "kotara", address: "1 a st" }, { city: "perth", postcode: "2" }, "else"],
    ["place", { address: "1 a st" }, { postcode: "2031" }, null],
    ["gender", { gender: "f" }, { gender: "m" }, "else"],
    ["birth_year", { birth_year: "1999" }, { birth_date: "1999-03-02" }, "same"],
    ["birth_year", { birth_year: "1999" }, { birth_year: "2000" }, "the next"],
    ["birth_year", { birth_year: "1999" }, { birth_date: "1989-03-02" }, "one digit"],
    ["birth_year", { birth_year: "1999" }, { birth_year: "1971" }, "else"],
    ["birth_year", { birth_date: "1999-03-02", birth_year: "1999" }, { birth_date: "1999-05-01" }, null],
    ["birth_year", { birth_year: "1999" }, {}, null],
    ["birth_place", { birth_place: "izmir" }, { birth_place: "izmir" }, "same"],
    ["birth_place", { birth_place: "kotara" }, { birth_place: "kotarra" }, "similar"],
    ["occupation", { occupation: "teacher" }, { occupation: "baker" }, "else"],
  ])("%s: %o and %o: %s", async (comparison, a, b, level) => {
    expect(levelOf(await compare(a, b), comparison)).toBe(level);
  });
});

describe("an address made of the name", () => {
  const at = (domain: string, user = "annlee") => ({ email: `${user}7@${domain}.example`, email_user: user });

  it.each([
    ["says nothing beside it", person("ann", "lee", at("a")), person("ann", "lee", at("b-college")), null],
    [
      "nor where the initial stands in it",
      person("ann", "lee", at("a", "alee")),
      person("amy", "lee", at("b-college", "alee")),
      null,
    ],
    ["is the same at one provider", person("ann", "lee", at("a")), person("ann", "lee", at("a")), "same"],
    ["tells who gives it under no name", person("ann", "lee", at("a")), person("", "", at("b-college")), "user"],
    ["tells who gives it under another", person("ann", "lee", at("a")), person("wu", "chen", at("b-college")), "user"],
    [
      "is not sunshine",
      person("ann", "lee", at("a", "sunshine")),
      person("ann", "lee", at("b-college", "sunshine")),
      "user",
    ],
    ["differs as any other", person("ann", "lee", at("a")), person("ann", "lee", at("b-college", "leeann")), "else"],
  ])("%s", async (_, a, b, level) => {
    expect(levelOf(await compare(a, b), "email")).toBe(level);
  });
});

describe("a weight", () => {
  const { prior, comparisons } = match.model();
  const weightOf = (comparison: string, level: string): number => {
    const found = comparisons[comparison]?.find((each) => each.level === level);
    return found === undefined ? 0 : Math.log2(found.m / found.u);
  };

  it("is the prior where nothing is known", async () => {
    expect((await compare({}, {})).weight).toBeCloseTo(prior, 5);
  });

  it("adds up what the comparisons say", async () => {
    const { weight } = await compare(
      person("ann", "lee", { birth_date: "2001-10-03" }),
      person("robert", "brown", { birth_date: "2001-10-03" }),
    );
    expect(weight).toBeCloseTo(prior + weightOf("name", "else") + weightOf("birth_date", "same"), 4);
  });

  it("counts a common value for less than a rare one, and the commoner count of two", async () => {
    const weightAt = async (left: number, right: number) =>
      Number(
        (
          await compare(
            person("", "lee", { family_name_frequency: left }),
            person("ann", "lee", { family_name_frequency: right }),
          )
        ).weight,
      );
    const rare = await weightAt(0.0001, 0.0001);
    expect(await weightAt(0.01, 0.01)).toBeCloseTo(rare - Math.log2(100), 4);
    expect(await weightAt(0.0001, 0.01)).toBeCloseTo(await weightAt(0.01, 0.01), 6);
  });

  it("of two that agree in everything makes one person of them, of two that do not two", async () => {
    const ann = person("ann", "lee", { birth_date: "2001-10-03", email: "ann@a.example", email_user: "ann" });
    const bob = person("robert", "brown", { birth_date: "1987-05-26", email: "bob@b.example", email_user: "bob" });
    expect((await compare(ann, ann)).weight).toBeGreaterThan(match.thresholds().tau);
    expect((await compare(ann, bob)).weight).toBeLessThan(match.thresholds().review);
  });

  it("keeps every pair that could join two groups, and reviews only what could not", () => {
    for (const { base, tau, review } of Object.values(match.MATCHING)) {
      expect(base).toBeLessThanOrEqual(tau);
      expect(review).toBeLessThan(tau);
    }
  });
});

describe("two people", () => {
  const TWIN = { birth_date: "2001-10-03" };
  it.each<[string, Description, Description]>([
    ["have different given names", person("ann", "lee", TWIN), person("robert", "lee", TWIN)],
    ["have short given names a letter apart", person("li", "chen"), person("bo", "chen")],
    ["are brother and sister", person("alessandro", "macedo", TWIN), person("alessandra", "macedo", TWIN)],
    ["have another birth date", person("ann", "lee", TWIN), person("anna", "lee", { birth_date: "1987-05-26" })],
    [
      "have another birth date, and the family name is not known",
      person("ann", "", TWIN),
      person("ann", "lee", { birth_date: "1987-05-26" }),
    ],
  ])("are told by what they do not share: they %s", async (_, a, b) => {
    expect((await compare(a, b)).conflicts).toBe(true);
  });

  it.each<[string, Description, Description]>([
    ["one is described by less", person("ann", "lee", TWIN), {}],
    ["a name is mistyped", person("martina", "lee"), person("matrina", "lee")],
    ["another letter at the end is mistyped", person("mariam", "lee"), person("marian", "lee")],
    ["a name is cut short", person("alex", "lee"), person("alexander", "lee")],
    ["a name is an initial", person("r", "rajan"), person("ramesh", "rajan")],
    ["given and family name are swapped", person("ann", "lee"), person("lee", "ann")],
    ["a nickname stands for it", person("bob", "lee", { given_root: "robert" }), person("robert", "lee")],
    ["one name holds the other", person("maria", "lopez"), person("anna maria", "lopez")],
    ["day and month are swapped", person("ann", "lee", TWIN), person("ann", "lea", { birth_date: "2001-03-10" })],
    [
      "the whole name agrees and the birth date does not",
      person("ann", "lee", TWIN),
      person("ann", "lee", { birth_date: "1987-05-26" }),
    ],
  ])("are not told apart where %s", async (_, a, b) => {
    expect((await compare(a, b)).conflicts).toBe(false);
  });
});

describe("two of one household", () => {
  const [WOMAN, MAN] = [{ gender: "f" }, { gender: "m" }];
  it.each<[string, Description, Description]>([
    ["given name and sex", person("ann", "lee", WOMAN), person("robert", "lee", MAN)],
    [
      "given name and year of birth",
      person("ann", "lee", { birth_year: "1961" }),
      person("rose", "lee", { birth_year: "1990" }),
    ],
    [
      "given name and year, where one tells the day",
      person("ann", "lee", { birth_date: "1961-04-02" }),
      person("rose", "lee", { birth_year: "1990" }),
    ],
  ])("are told by %s", async (_, a, b) => {
    expect((await compare(a, b)).relatives).toBe(true);
  });

  it.each<[string, Description, Description]>([
    ["only the sex differs", person("ann", "lee", WOMAN), person("ann", "lee", MAN)],
    ["only the given name differs", person("ann", "lee", WOMAN), person("rose", "lee", WOMAN)],
    [
      "the year may be reckoned from an age",
      person("ann", "lee", { birth_year: "1961" }),
      person("rose", "lee", { birth_year: "1962" }),
    ],
    [
      "both birth dates are known: they are compared as such",
      person("ann", "lee", { birth_date: "1961-04-02" }),
      person("rose", "lee", { birth_date: "1990-04-02" }),
    ],
    ["one tells nothing", person("ann", "lee", WOMAN), MAN],
  ])("are not told where %s", async (_, a, b) => {
    expect((await compare(a, b)).relatives).toBe(false);
  });
});
