import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, expect, it } from "vitest";
import { readIdentityRules } from "./identity-rules.js";

const PROJECT = resolve(import.meta.dirname, "../../..");
let copy = "";
afterEach(() => rmSync(copy, { recursive: true, force: true }));

it("decides as the project does whose variables say how sure one has to be", () => {
  copy = mkdtempSync(join(tmpdir(), "rollcall-rules-"));
  for (const part of ["definitions", "includes", "package.json"]) {
    cpSync(join(PROJECT, part), join(copy, part), { recursive: true });
  }
  const settings = JSON.parse(readFileSync(join(PROJECT, "dataform.json"), "utf8")) as { vars: object };
  const withMatching = (matching: string): void =>
    writeFileSync(join(copy, "dataform.json"), JSON.stringify({ ...settings, vars: { ...settings.vars, matching } }));

  withMatching("");
  const strict = readIdentityRules(copy);
  withMatching("broad");
  const broad = readIdentityRules(copy);
  expect(broad.join).toBeLessThan(strict.join);
  expect(broad.statements.join()).toContain(`>= ${broad.join * 1_000_000}`);
  withMatching("balanced");
  const balanced = readIdentityRules(copy);
  const vetoes = [strict, broad, balanced].map((rules) => rules.vetoes("l", "r"));
  expect(vetoes).toEqual([expect.stringContaining("birth_date = "), expect.stringContaining("gender"), "FALSE"]);
});
