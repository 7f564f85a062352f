import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { contractOf, loadContracts } from "./load.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "contracts-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function write(event: string, version: string, schema: unknown): void {
  mkdirSync(join(folder, event), { recursive: true });
  writeFileSync(join(folder, event, `${version}.json`), typeof schema === "string" ? schema : JSON.stringify(schema));
}

const SCHEMA = {
  type: "object",
  required: ["id"],
  $defs: { person: { type: "object", properties: { email: { type: "string", "x-personal": "identifier" } } } },
  properties: {
    id: { type: "string" },
    level: { enum: ["a", "b"] },
    score: { type: ["number", "null"], maximum: 100 },
    people: { type: "array", items: { $ref: "#/$defs/person" } },
    open: { type: "object", additionalProperties: { type: "string" } },
  },
};

describe("loadContracts", () => {
  it("takes the newest version of each event, by number and not by text", () => {
    write("seen", "1-0-9", SCHEMA);
    write("seen", "1-0-10", SCHEMA);
    write("gone", "2-0-0", { type: "object" });
    const contracts = loadContracts("web", folder);
    expect([...contracts.values()].map(({ id }) => id).sort()).toEqual(["web.gone/2-0-0", "web.seen/1-0-10"]);
  });

  it("follows references to the marked leaves", () => {
    write("seen", "1-0-0", SCHEMA);
    const people = contractOf(loadContracts("web", folder), "seen").root.properties.get("people");
    expect(people?.items?.properties.get("email")?.personal).toBe("identifier");
  });

  it.each([
    [{}, "missing_field", "/id: required"],
    [{ id: 1 }, "wrong_type", "/id: expected string"],
    [{ id: "x", score: "jane" }, "wrong_type", "/score: expected number or null"],
    [{ id: "x", level: "jane" }, "contract_violation", '/level: expected one of ["a","b"]'],
    [{ id: "x", score: 101 }, "contract_violation", "/score: expected to be <= 100"],
    [{ id: "x", people: [{ email: 1 }] }, "wrong_type", "/people/0/email: expected string"],
    [{ id: "x", open: { "jane@x.org": 1 } }, "wrong_type", "/open/*: expected string"],
    ["jane", "wrong_type", "/: expected object"],
  ])("says what is wrong with %j, and never the value", (value, reason, detail) => {
    write("seen", "1-0-0", SCHEMA);
    const violation = contractOf(loadContracts("web", folder), "seen").check(value);
    expect(violation).toEqual({ reason, detail });
    expect(violation?.detail).not.toContain("jane");
  });

  it("passes what keeps the contract, unknown fields included", () => {
    write("seen", "1-0-0", SCHEMA);
    expect(contractOf(loadContracts("web", folder), "seen").check({ id: "x", more: 1, score: null })).toBeNull();
  });

  it.each([
    ["broken JSON", "{", "cannot be read"],
    ["an unknown identifier type", { properties: { a: { "x-identifier": "shoe_size" } } }, "shoe_size"],
    ["a reference into nothing", { properties: { a: { $ref: "#/$defs/nobody" } } }, "#/$defs/nobody"],
  ])("refuses a contract with %s", (_, schema, message) => {
    write("seen", "1-0-0", schema);
    expect(() => loadContracts("web", folder)).toThrow(message);
  });

  it("says which contract is missing", () => {
    mkdirSync(join(folder, "empty"));
    expect(() => loadContracts("web", folder)).toThrow("Add 1-0-0.json");
    expect(() => contractOf(new Map(), "seen")).toThrow('no contract for "seen"');
  });
});
