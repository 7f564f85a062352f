import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openSecrets } from "./secrets.js";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-secrets-"));
  file = join(folder, "secrets.json");
});
afterEach(() => rmSync(folder, { recursive: true }));

it("makes them once", () => {
  expect(openSecrets(file)).toEqual(openSecrets(file));
});

it("refuses a file that others may read", () => {
  openSecrets(file);
  chmodSync(file, 0o640);
  expect(() => openSecrets(file)).toThrow(`${file} can be read by others. Run: chmod 600 ${file}`);
});

it.each([
  ["web_abcdefghijklmnop is no JSON", "it is no JSON object"],
  ['{"writeKeys": {}, "twilioAuthToken": "short"}', "check "],
])("quotes nothing of a file that is damaged: %s", (text, where) => {
  writeFileSync(file, text, { mode: 0o600 });
  expect(() => openSecrets(file)).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
  expect(() => openSecrets(file)).toThrow(`${file} is not a secrets file: ${where}`);
  expect(() => openSecrets(file)).not.toThrow(/web_abc|short/);
});
