import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { noticeChanges } from "./project-files.js";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "rollcall-project-"));
  mkdirSync(join(root, "definitions/gold"), { recursive: true });
  writeFileSync(join(root, "definitions/gold/a.sqlx"), "SELECT 1 AS a");
  writeFileSync(join(root, "dataform.json"), "{}");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

it.each<[string, () => void]>([
  ["a model is edited", () => writeFileSync(join(root, "definitions/gold/a.sqlx"), "SELECT 10 AS a")],
  ["a model is touched", () => utimesSync(join(root, "definitions/gold/a.sqlx"), 1, 1)],
  ["a model comes", () => writeFileSync(join(root, "definitions/gold/b.sqlx"), "")],
  ["a model goes", () => rmSync(join(root, "definitions/gold/a.sqlx"))],
  ["the settings change", () => writeFileSync(join(root, "dataform.json"), "{ }")],
])("notices that %s", (_, change) => {
  const isChanged = noticeChanges(root);
  expect(isChanged()).toBe(false);
  change();
  expect(isChanged()).toBe(true);
});

it("does not mind what is no part of the project", () => {
  const isChanged = noticeChanges(root);
  writeFileSync(join(root, "README.md"), "new");
  expect(isChanged()).toBe(false);
});
