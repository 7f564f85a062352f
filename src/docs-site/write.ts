import { cpSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { messageOf, RollcallError } from "../platform/errors.js";
import { makeFolder } from "../platform/folders.js";

const ASSETS = path.join(import.meta.dirname, "assets");
const DATA_FILE = "data.js";

/**
 * Writes the site into a folder: `index.html` opens from there without a server. Files of an earlier site are replaced, others are left
 * alone. Throws CONFIG_INVALID when the folder cannot be written.
 */
export function writeSite(folder: string, data: SiteData): void {
  try {
    makeFolder(folder);
    for (const asset of readdirSync(ASSETS)) {
      if (!asset.endsWith(".d.ts")) cpSync(path.join(ASSETS, asset), path.join(folder, asset));
    }
    const temporary = path.join(folder, `${DATA_FILE}.${process.pid}`);
    writeFileSync(temporary, dataScript(data));
    renameSync(temporary, path.join(folder, DATA_FILE));
  } catch (cause) {
    throw new RollcallError("CONFIG_INVALID", `The site cannot be written to ${folder}: ${messageOf(cause)}`, {
      isRetriable: false,
      cause,
    });
  }
}

/** A script instead of JSON: a page opened from a file may not fetch. "<" is escaped, should the text ever stand inside HTML. */
function dataScript(data: SiteData): string {
  return `globalThis.ROLLCALL_DOCS = ${JSON.stringify(data).replaceAll("<", "\\u003c")};\n`;
}
