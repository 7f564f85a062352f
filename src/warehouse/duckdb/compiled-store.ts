import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import path from "node:path";

/**
 * Compiled statements that outlive the process, by key. A store is a help and never a need: what cannot be read counts as absent,
 * what cannot be written is compiled again next time.
 */
export interface CompiledStore {
  /** Null when absent, cut short or damaged. */
  read(key: string): string | null;
  write(key: string, text: string): void;
}

export interface FolderStoreConfig {
  readonly folder: string;
}

/** Versions of the compiler whose statements are kept: the newest, and some for going back and forth between them. */
const KEPT_VERSIONS = 3;

/** A folder per version of the compiler, a file per statement: any number of processes may share it. */
export function createFolderStore(config: FolderStoreConfig): CompiledStore {
  const version = compilerVersion();
  const folder = path.join(config.folder, version);
  let isPrepared = false;

  const prepare = (): void => {
    if (isPrepared) return;
    mkdirSync(folder, { recursive: true });
    const now = new Date();
    utimesSync(folder, now, now);
    removeOldVersions(config.folder);
    isPrepared = true;
  };

  return {
    read(key) {
      try {
        return checkedBody(readFileSync(path.join(folder, key), "utf8"));
      } catch {
        return null;
      }
    },
    write(key, text) {
      const file = path.join(folder, key);
      const temporary = `${file}.${process.pid}`;
      try {
        prepare();
        writeFileSync(temporary, `${digest(text)}\n${text}`, { mode: 0o600 });
        renameSync(temporary, file);
      } catch {
        discard(temporary);
      }
    },
  };
}

function discard(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // It is not there, or in a folder that is none.
  }
}

function checkedBody(content: string): string | null {
  const end = content.indexOf("\n");
  const body = content.slice(end + 1);
  return content.slice(0, Math.max(end, 0)) === digest(body) ? body : null;
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

function removeOldVersions(folder: string): void {
  const versions = readdirSync(folder)
    .map((name) => ({ name, usedAt: statSync(path.join(folder, name)).mtimeMs }))
    .sort((a, b) => b.usedAt - a.usedAt);
  for (const { name } of versions.slice(KEPT_VERSIONS))
    rmSync(path.join(folder, name), { recursive: true, force: true });
}

let knownVersion: string | null = null;

/** Of the analyzer, the generator and the function library, by their sources: nobody can forget to count it up. */
export function compilerVersion(): string {
  knownVersion ??= versionOf([import.meta.dirname, path.join(import.meta.dirname, "../googlesql")]);
  return knownVersion;
}

function versionOf(folders: readonly string[]): string {
  const hash = createHash("sha256");
  for (const folder of folders) {
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
      (file) => file.endsWith(".ts") && !file.endsWith(".test.ts"),
    );
    for (const file of files.sort()) hash.update(file).update(readFileSync(path.join(folder, file)));
  }
  return hash.update(lockedVersions()).digest("hex").slice(0, 16);
}

/** The analyzer's and DuckDB's versions, as pinned. */
function lockedVersions(): string {
  const manifest = readFileSync(path.join(import.meta.dirname, "../../../package.json"), "utf8");
  return [...manifest.matchAll(/"@(?:duckdb|fivetrandevelopers)\/[^"]+": "[^"]+"/g)].join();
}
