import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";

/**
 * Makes a folder and those above it that are missing. Throws what the file system says.
 *
 * Node's own recursive way never ends where a file system answers ENOENT to a new folder although the one above is there, as /proc does.
 */
export function makeFolder(folder: string, mode?: number): void {
  const missing: string[] = [];
  for (let each = resolve(folder); !existsSync(each); each = dirname(each)) missing.unshift(each);
  if (missing.length === 0) missing.push(folder);
  for (const each of missing) {
    // Another process may have made it meanwhile.
    if (!isFolder(each)) makeOne(each, mode);
  }
}

function makeOne(folder: string, mode: number | undefined): void {
  try {
    mkdirSync(folder, { mode });
  } catch (error) {
    if (!isFolder(folder)) throw error;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
