import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { IDENTIFIER_STRENGTH } from "../../../src/identity/normalise/types.js";
import { IDENTIFIER_TYPES } from "../../record.js";
import { loadContracts } from "./load.js";

const SOURCES = join(import.meta.dirname, "..");
const FOLDERS = ["segment", "website", "mobile", "salesforce", "email", "whatsapp"];
const contracts = FOLDERS.flatMap((name) => [...loadContracts(name, join(SOURCES, name, "contracts")).values()]);

describe("every contract", () => {
  it.each(contracts)("$id compiles and answers", ({ check }) => {
    expect(check("no object")).toMatchObject({ reason: "wrong_type" });
  });

  it("says in one sentence what it is about", () => {
    for (const folder of FOLDERS) {
      for (const event of readdirSync(join(SOURCES, folder, "contracts"))) {
        const text = readFileSync(join(SOURCES, folder, "contracts", event, "1-0-0.json"), "utf8");
        expect((JSON.parse(text) as { description: string }).description, `${folder}/${event}`).toMatch(/\.$/);
      }
    }
  });

  it("reads traits alike, wherever a message carries them", () => {
    const traitsOf = (event: string): unknown =>
      JSON.parse(readFileSync(join(SOURCES, "segment/contracts", event, "1-0-0.json"), "utf8")).$defs.traits;
    expect(traitsOf("identify")).toEqual(traitsOf("message"));
  });
});

it("normalise and the record know the same identifiers", () => {
  expect(IDENTIFIER_STRENGTH).toEqual(IDENTIFIER_TYPES);
});
