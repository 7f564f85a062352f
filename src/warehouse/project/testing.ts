import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** A small project of its own for tests: `tests/data/project` with this repository's window, date and docs includes. */
export interface FixtureProject {
  readonly root: string;
  write(file: string, text: string): void;
  remove(file: string): void;
  dispose(): void;
}

const REPOSITORY = path.resolve(import.meta.dirname, "../../..");
const SHARED_INCLUDES = ["window.js", "dates.js", "docs.js", "columns.json"];

export function createFixtureProject(): FixtureProject {
  const root = mkdtempSync(path.join(tmpdir(), "rollcall-project-"));
  cpSync(path.join(REPOSITORY, "tests/data/project"), root, { recursive: true });
  for (const file of SHARED_INCLUDES) {
    cpSync(path.join(REPOSITORY, "includes", file), path.join(root, "includes", file));
  }
  return {
    root,
    write: (file, text) => writeFileSync(path.join(root, file), text),
    remove: (file) => rmSync(path.join(root, file)),
    dispose: () => rmSync(root, { recursive: true, force: true }),
  };
}
