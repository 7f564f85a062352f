import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, it } from "vitest";
import { type FolderWatch, watchFolders } from "./folder-watch.js";

let root: string;
let watched: FolderWatch;
let next: () => void;
let change: Promise<void>;

function expectNext(): void {
  change = new Promise((resolve) => {
    next = resolve;
  });
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "rollcall-watch-"));
  mkdirSync(join(root, "silver"));
  writeFileSync(join(root, "silver/a.sqlx"), "1");
  expectNext();
  watched = watchFolders({ deep: ["silver", "gold"].map((name) => join(root, name)), flat: [root] }, 20, () => next());
});
afterEach(() => {
  watched.close();
  rmSync(root, { recursive: true, force: true });
});

it("tells of a file written anew and renamed, each time", async () => {
  for (const text of ["2", "3", "4"]) {
    writeFileSync(join(root, "silver/a.tmp"), text);
    renameSync(join(root, "silver/a.tmp"), join(root, "silver/a.sqlx"));
    await change;
    expectNext();
  }
});

it("tells of files in a folder that is new", async () => {
  mkdirSync(join(root, "gold"));
  await change;
  expectNext();
  writeFileSync(join(root, "gold/b.sqlx"), "1");
  await change;
});

it("tells of files in a folder that was removed and made again at once", async () => {
  rmSync(join(root, "silver"), { recursive: true });
  mkdirSync(join(root, "silver"));
  await change;
  expectNext();
  writeFileSync(join(root, "silver/b.sqlx"), "1");
  await change;
});
