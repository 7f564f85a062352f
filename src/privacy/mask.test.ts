import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type BronzeColumns, type ColumnDictionary, MASK, maskResult, personalColumns } from "./mask.js";

function include<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../../includes/${name}`, import.meta.url), "utf8")) as T;
}

describe("personal columns", () => {
  it("are those the dictionary and the bronze list mark", () => {
    const personal = personalColumns(include<ColumnDictionary>("columns.json"), include<BronzeColumns>("bronze.json"));
    for (const name of ["first_name", "last_name", "email", "phone", "birth_date", "personal", "identifiers"]) {
      expect(personal).toContain(name);
    }
    for (const name of ["profile_id", "event_key", "hmac", "payload", "occurred_at"])
      expect(personal).not.toContain(name);
  });

  it("take the careful meaning of a name with two", () => {
    const dictionary = { value: { personal: true }, "value:score": {}, "note:free": { personal: true } };
    expect([...personalColumns(dictionary, { columns: {} })]).toEqual(["value", "note"]);
  });
});

describe("masking", () => {
  const columns = [{ name: "email", type: "STRING" }];
  const mask = (row: Record<string, unknown>) =>
    maskResult({ columns, rows: [row] }, new Set(["email", "value"])).rows[0];

  it("hides personal values and keeps the rest", () => {
    expect(mask({ email: "ada@example.org", profile_id: "p_1", n: 3 })).toEqual({
      email: MASK,
      profile_id: "p_1",
      n: 3,
    });
  });

  it("shows what is missing", () => {
    expect(mask({ email: null })).toEqual({ email: null });
  });

  it("ignores case, as SQL does", () => {
    expect(mask({ EMAIL: "ada@example.org" })).toEqual({ EMAIL: MASK });
  });

  it("reaches into structs, arrays and JSON", () => {
    const row = {
      identifiers: [{ type: "email", value: "ada@example.org" }],
      payload: { traits: { email: ["a@b.c"] } },
    };
    expect(mask(row)).toEqual({
      identifiers: [{ type: "email", value: MASK }],
      payload: { traits: { email: MASK } },
    });
  });

  it("leaves bytes alone", () => {
    expect(mask({ digest: Buffer.from("ab") })).toEqual({ digest: Buffer.from("ab") });
  });
});

describe("masking by lineage", () => {
  const row = {
    contact: "ada@example.org",
    people: [{ name: "Ada", age: 36 }, null, { name: null, age: 41 }],
    traits: { address: { city: "Leeds", zip: "LS1" } },
    n: 3,
  };
  const mask = (parts: Record<string, string[][]>) =>
    maskResult({ columns: [], rows: [row] }, new Set(), new Map(Object.entries(parts))).rows[0];

  it("hides a column whatever it is called", () => {
    expect(mask({ contact: [[]] })).toEqual({ ...row, contact: MASK });
  });

  it("hides only the personal member of each element, and shows what is missing", () => {
    expect(mask({ people: [["[]", "name"]] })).toEqual({
      ...row,
      people: [{ name: MASK, age: 36 }, null, { name: null, age: 41 }],
    });
  });

  it("reaches into JSON by the path, without regard to case", () => {
    expect(mask({ traits: [["address", "City"]] })).toEqual({
      ...row,
      traits: { address: { city: MASK, zip: "LS1" } },
    });
  });

  it("hides all of a value that is not of the shape expected", () => {
    expect(mask({ people: [["name"]], contact: [["[]"]], n: [["a"]] })).toEqual({
      ...row,
      people: MASK,
      contact: MASK,
      n: MASK,
    });
  });

  it("goes by names as well", () => {
    const parts = new Map([["contact", [[]]]]);
    const { rows } = maskResult(
      { columns: [], rows: [{ contact: "a@b.c", email: "a@b.c" }] },
      new Set(["email"]),
      parts,
    );
    expect(rows).toEqual([{ contact: MASK, email: MASK }]);
  });
});
