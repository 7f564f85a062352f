import { createHash } from "node:crypto";
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { CheckResult } from "./check.js";

/**
 * The latest check's result, kept so that asking again about files that did not change costs no more than reading them. A help, never
 * a need: what cannot be read, or was cut short, counts as absent.
 */
export interface SavedCheck {
  /** Null when there is none, or files have changed since. */
  read(fingerprint: string): CheckResult | null;
  write(fingerprint: string, result: CheckResult): void;
}

export function createSavedCheck(file: string): SavedCheck {
  return {
    read(fingerprint) {
      try {
        const [key, digest, ...rest] = readFileSync(file, "utf8").split("\n");
        const body = rest.join("\n");
        return key === fingerprint && digest === hash(body) ? (JSON.parse(body) as CheckResult) : null;
      } catch {
        return null;
      }
    },
    write(fingerprint, result) {
      const body = JSON.stringify(result);
      const temporary = `${file}.${process.pid}`;
      try {
        writeFileSync(temporary, [fingerprint, hash(body), body].join("\n"), { mode: 0o600 });
        renameSync(temporary, file);
      } catch {
        rmSync(temporary, { force: true });
      }
    },
  };
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** What a check of a project reads. */
export const PROJECT_FOLDERS = ["definitions", "includes", "src", "loaders", "syncs"];
const PROJECT_FILE = /\.(sqlx|js|json|ts|yaml)$/;
const NO_INPUT = /\.test\.(ts|yaml)$/;

/** Of every file a check of this project depends on, the checker's own sources and pinned packages included. */
export function checkFingerprint(root: string): string {
  const own = path.join(import.meta.dirname, "../../..");
  const digest = createHash("sha256").update(root).update(process.version);
  for (const folder of new Set([path.resolve(root), own])) {
    for (const file of ["dataform.json", "package.json"]) addFile(digest, folder, file);
    for (const name of PROJECT_FOLDERS) {
      for (const file of filesOf(path.join(folder, name))) addFile(digest, folder, path.join(name, file));
    }
  }
  return digest.digest("hex");
}

function addFile(digest: ReturnType<typeof createHash>, folder: string, file: string): void {
  let content: Buffer | null = null;
  try {
    content = readFileSync(path.join(folder, file));
  } catch {
    // A file that is not there is an answer too.
  }
  digest.update(`\n${file} ${content?.length ?? "-"}\n`);
  if (content !== null) digest.update(content);
}

function filesOf(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((file) => PROJECT_FILE.test(file) && !NO_INPUT.test(file))
      .sort();
  } catch {
    return [];
  }
}
