import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** What a project's compilation reads, besides its packages. */
const FOLDERS = ["definitions", "includes"];
const FILES = ["dataform.json", "package.json"];

/**
 * Whether any file of the project has come, gone or changed since this was called: by times and sizes, so that asking costs next to
 * nothing.
 */
export function noticeChanges(root: string): () => boolean {
  const atFirst = stateOf(root);
  return () => stateOf(root) !== atFirst;
}

function stateOf(root: string): string {
  const inFolders = FOLDERS.flatMap((folder) => filesIn(root, folder).map((file) => join(folder, file)));
  return [...FILES, ...inFolders].map((file) => `${file} ${stampOf(join(root, file))}`).join("\n");
}

function filesIn(root: string, folder: string): string[] {
  try {
    return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).sort();
  } catch {
    return [];
  }
}

/** A folder's time changes with what tools leave in it for a moment; its files tell of themselves. */
function stampOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.isFile() === true ? `${found.mtimeMs} ${found.size}` : "";
}
