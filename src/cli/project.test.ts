import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openProject, projectRoot } from "./project.js";

const REPOSITORY = resolve(import.meta.dirname, "../..");
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "rollcall-project-"));
  mkdirSync(join(root, "includes"));
  writeFileSync(join(root, "includes/segments.json"), '{ "segments": { "new_student": { "description": "New." } } }');
  writeFileSync(join(root, "includes/columns.json"), '{ "email": { "personal": true }, "city": {} }');
  writeFileSync(
    join(root, "includes/bronze.json"),
    '{ "columns": { "event": [{ "name": "payload", "personal": true }] } }',
  );
  cpSync(join(REPOSITORY, "package.json"), join(root, "package.json"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe("a project's data files", () => {
  it("are read", () => {
    const project = openProject(root);
    expect(project.segments).toEqual([{ name: "new_student", description: "New." }]);
    expect(project.personalColumns).toEqual(new Set(["email", "payload"]));
  });

  it.each([
    ["broken", '{ "email": { "personal": true, }'],
    ["empty", ""],
  ])("are named when they are %s", (_, text) => {
    writeFileSync(join(root, "includes/columns.json"), text);
    expect(() => openProject(root)).toThrow(/^includes\/columns\.json cannot be read as JSON: /);
  });

  it("are named when they are missing or hold something else", () => {
    writeFileSync(join(root, "includes/columns.json"), '{ "email": { "personal": "yes" } }');
    expect(() => openProject(root)).toThrow(/^includes\/columns\.json has problems:\n {2}email\.personal: /);
    rmSync(join(root, "includes/segments.json"));
    expect(() => openProject(root)).toThrow(/^includes\/segments\.json cannot be read as JSON: ENOENT/);
  });
});

describe("the folder of a project", () => {
  it("has a dataform.json", () => {
    expect(projectRoot(join(REPOSITORY, "src/.."))).toBe(REPOSITORY);
    expect(() => projectRoot(join(root, "nowhere"))).toThrow(
      /^There is no dataform\.json in .*nowhere: name the project/,
    );
  });
});
