import { beforeAll, describe, expect, test } from "vitest";
import { partText } from "./lineage.js";
import { analyseMade } from "./lineage-testing.js";
import { type PersonalColumn, personalColumns, personalPartsOf } from "./personal.js";

let personal: ReadonlyMap<string, PersonalColumn>;
beforeAll(async () => {
  const analysis = await analyseMade({
    bronze: {
      events: {
        event_id: "STRING",
        hmac: "STRING",
        personal: "JSON",
        payload: "JSON",
        identifiers: "ARRAY<STRUCT<type STRING, hmac STRING, value STRING>>",
      },
    },
    tags: {
      "bronze.events.personal": ["personal"],
      "bronze.events.identifiers": ["personal"],
      "bronze.events.hmac": [],
      "silver.people.type": [],
      "silver.people.email": ["personal"],
      "silver.people.programme": ["not_personal"],
    },
    models: {
      "silver.people": `SELECT event_id, i.type, i.value AS email, i.hmac AS node, payload,
          JSON_VALUE(personal, "$.programme") AS programme, JSON_VALUE(personal, "$.name.first") AS first
        FROM bronze.events, UNNEST(identifiers) AS i`,
      "gold.people": `SELECT first AS renamed, CONCAT("Dear ", first) AS greeting, COALESCE(programme, "none") AS programme,
          TO_HEX(SHA256(email)) AS hashed, LENGTH(email) AS length, email IS NOT NULL AS has_email,
          IF(email = "x", 1, 2) AS chosen, CAST(first AS BYTES) AS bytes, STRUCT(event_id, email AS address) AS both
        FROM silver.people`,
      "gold.counts": `SELECT both.event_id AS id, COUNT(both.address) AS n, ARRAY_AGG(both) AS all_of_them
        FROM gold.people GROUP BY id`,
      "gold.members": "SELECT a.address AS deep, a.event_id AS shallow FROM gold.counts, UNNEST(all_of_them) AS a",
    },
  });
  personal = personalColumns(analysis);
});

const partsOf = (key: string) => personal.get(key)?.parts.map((path) => path.join("."));

describe("a personal column", () => {
  test("is declared, of a struct only in the members that are", () => {
    expect(partsOf("bronze.events.personal")).toEqual([""]);
    expect(partsOf("bronze.events.identifiers")).toEqual(["[].value"]);
    expect(personal.get("bronze.events.identifiers")).toMatchObject({ isDeclared: true, via: [] });
  });

  test.each([
    ["silver.people.first", "out of JSON"],
    ["gold.people.renamed", "under another name"],
    ["gold.people.greeting", "inside a text"],
    ["gold.people.bytes", "as another type"],
    ["gold.members.deep", "out of an array of structs"],
  ])("is %s by flow: %s", (key) => {
    expect(partsOf(key)).toEqual([""]);
    expect(personal.get(key)?.isDeclared).toBe(false);
  });

  test("is a struct in the members that carry a value", () => {
    expect(partsOf("gold.people.both")).toEqual(["address"]);
    expect(partsOf("gold.counts.all_of_them")).toEqual(["[].address"]);
  });

  test.each([
    ["silver.people.node", "an identifier's hash is described and not personal"],
    ["silver.people.type", "a member that is not personal"],
    ["silver.people.payload", "not declared"],
    ["gold.people.hashed", "a hash"],
    ["gold.people.length", "a length"],
    ["gold.people.has_email", "a yes or no"],
    ["gold.people.chosen", "a choice"],
    ["gold.counts.n", "a count"],
    ["gold.members.shallow", "another member of the struct"],
    ["silver.people.programme", "tagged not_personal"],
    ["gold.people.programme", "made of what is tagged not_personal"],
  ])("is not %s: %s", (key) => {
    expect(personal.has(key)).toBe(false);
  });

  test("says by which way", () => {
    const { origin, via } = personal.get("gold.members.deep") as PersonalColumn;
    expect(partText(origin)).toBe("silver.people.email");
    expect(via.map(({ flow, part }) => `${flow} ${partText(part)}`)).toEqual([
      "copy gold.people.both.address",
      "copy gold.counts.all_of_them[].address",
      "copy gold.members.deep",
    ]);
  });
});

describe("the personal parts of an output", () => {
  const source = { table: "bronze.events", column: "identifiers", into: [] };

  test("are those of a copied whole, where they went", () => {
    const whole = { ...source, path: [], flow: "copy" as const, into: ["ids"] };
    expect(personalPartsOf([whole], personal)).toEqual([["ids", "[]", "value"]]);
  });

  test("are all of what is derived, and none of another member or of what only decides", () => {
    expect(personalPartsOf([{ ...source, path: [], flow: "derive" }], personal)).toEqual([[]]);
    expect(personalPartsOf([{ ...source, path: ["[]", "value"], flow: "copy" }], personal)).toEqual([[]]);
    expect(personalPartsOf([{ ...source, path: ["[]", "hmac"], flow: "copy" }], personal)).toEqual([]);
    expect(personalPartsOf([{ ...source, path: [], flow: "decide" }], personal)).toEqual([]);
    expect(personalPartsOf([{ ...source, path: [], flow: "digest" }], personal)).toEqual([]);
  });
});
