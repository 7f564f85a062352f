import { randomUUID } from "node:crypto";
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, stat, unlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { RollcallError } from "../errors.js";
import type { Objects } from "./port.js";

export interface FolderObjectsConfig {
  /** Made, readable by its owner only, when it does not exist. */
  readonly folder: string;
}

/** Objects being written; names of objects never start with a dot, so nothing in here is one. */
const UNFINISHED = ".unfinished";
const ABANDONED_AFTER_MS = 24 * 60 * 60 * 1000;
const MAX_NAME_LENGTH = 900;

/**
 * Objects as files. An object is written aside, flushed to disk, then renamed into place: a reader sees the old one or
 * the new one, whole. A name that is a file cannot be a folder of other names too.
 */
export function createFolderObjects({ folder }: FolderObjectsConfig): Objects {
  let sweeping: Promise<void> | undefined;
  const fileOf = (name: string): string => join(folder, ...requireName(name).split("/"));

  const put: Objects["put"] = async (name, content) => {
    const file = fileOf(name);
    const unfinished = join(folder, UNFINISHED, randomUUID());
    try {
      await makeFolder(dirname(unfinished));
      const bytes = await writeDurably(unfinished, content);
      sweeping ??= removeAbandoned(unfinished);
      await sweeping;
      await makeFolder(dirname(file));
      await rename(unfinished, file);
      await syncFolder(dirname(file));
      return { bytes };
    } catch (error) {
      await rm(unfinished, { force: true });
      throw explain(error, name);
    }
  };

  return {
    put,
    get: (name) => orNull(() => readFile(fileOf(name)), name),
    open: (name) =>
      orNull(async () => {
        // Opened before it is handed out: what is removed or replaced from now on can still be read to its end.
        const handle = await open(fileOf(name), "r");
        if ((await handle.stat()).isDirectory()) {
          await handle.close();
          return null;
        }
        return handle.createReadStream();
      }, name),
    list: (prefix) => listFiles(folder, requirePrefix(prefix)),
    remove: async (name) => {
      const removed = await orNull(async () => {
        await unlink(fileOf(name));
        await syncFolder(dirname(fileOf(name)));
        return true;
      }, name);
      return removed ?? false;
    },
  };
}

/** Segments of plain characters, none starting with a dot: no way out of the folder, and no hidden files. */
function requireName(name: string): string {
  const isValid = name.length <= MAX_NAME_LENGTH && /^\w[\w.=@+-]*(\/\w[\w.=@+-]*)*$/.test(name);
  if (!isValid) throw invalidName("An object's name", name);
  return name;
}

function requirePrefix(prefix: string): string {
  const isValid = prefix === "" || /^(\w[\w.=@+-]*\/)*(\w[\w.=@+-]*)?$/.test(prefix);
  if (!isValid) throw invalidName("A prefix of names", prefix);
  return prefix;
}

function invalidName(what: string, name: string): RollcallError {
  const message = `${what} is made of letters, digits and "_.=@+-", in segments between "/"; this is not: "${name}"`;
  return new RollcallError("INPUT_INVALID", message, { isRetriable: false });
}

async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: 0o700 });
  if (first !== undefined) await syncFolder(dirname(first));
}

async function writeDurably(file: string, content: Buffer | Readable): Promise<number> {
  const handle = await open(file, "wx", 0o600);
  try {
    await writeFile(handle, content);
    await handle.sync();
    return (await handle.stat()).size;
  } finally {
    await handle.close();
  }
}

/** What a killed process left behind: as measured by the disk, a day older than the file just written. */
async function removeAbandoned(newest: string): Promise<void> {
  const { mtimeMs: nowMs } = await stat(newest);
  for (const name of await readdir(dirname(newest))) {
    const file = join(dirname(newest), name);
    const age = nowMs - (await stat(file).catch(() => ({ mtimeMs: nowMs }))).mtimeMs;
    if (age > ABANDONED_AFTER_MS) await rm(file, { force: true });
  }
}

/** A rename survives a power cut once its folder is flushed. */
async function syncFolder(folder: string): Promise<void> {
  let handle: FileHandle;
  try {
    handle = await open(folder, "r");
  } catch (error) {
    // Windows opens no folders, and flushes their entries itself.
    if (hasCode(error, "EPERM", "EISDIR")) return;
    throw error;
  }
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** In the order of the whole names; objects that come or go meanwhile may be listed or not. */
async function* listFiles(folder: string, prefix: string): AsyncGenerator<{ name: string; bytes: number }> {
  // The folder of the prefix is as far down as all its names share.
  yield* walk(folder, prefix.slice(0, prefix.lastIndexOf("/") + 1), prefix);
}

async function* walk(folder: string, path: string, prefix: string): AsyncGenerator<{ name: string; bytes: number }> {
  const entries = await orNull(() => readdir(join(folder, path), { withFileTypes: true }), path);
  const names = (entries ?? [])
    .filter((entry) => !entry.name.startsWith("."))
    // "a-b" stands before "a/b" in a list of whole names, and after "a" in a list of entries.
    .map((entry) => (entry.isDirectory() ? `${path}${entry.name}/` : `${path}${entry.name}`))
    .filter((name) => name.startsWith(prefix))
    .sort();
  for (const name of names) {
    if (name.endsWith("/")) {
      yield* walk(folder, name, prefix);
      continue;
    }
    const found = await orNull(() => stat(join(folder, name)), name);
    if (found) yield { name, bytes: found.size };
  }
}

/** Null when there is no such file; a folder of that name is none. */
async function orNull<T>(action: () => Promise<T>, name: string): Promise<T | null> {
  try {
    return await action();
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR", "EISDIR")) return null;
    throw explain(error, name);
  }
}

function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && "code" in error && codes.includes(String(error.code));
}

function explain(error: unknown, name: string): unknown {
  if (error instanceof RollcallError || !(error instanceof Error) || !("syscall" in error)) return error;
  const fail = (message: string, isRetriable: boolean): RollcallError =>
    new RollcallError("OBJECTS_FAILED", message, { isRetriable, cause: error, details: { name } });
  if (hasCode(error, "ENOSPC", "EDQUOT")) return fail(`No space left for the object "${name}"; free disk space`, true);
  if (hasCode(error, "EACCES", "EPERM", "EROFS")) {
    return fail(`The object "${name}" cannot be read or written; check the owner and mode of its folder`, false);
  }
  if (hasCode(error, "EISDIR", "ENOTDIR", "EEXIST", "ENOTEMPTY")) {
    return fail(`"${name}" is an object and a folder of objects at once; name one of them otherwise`, false);
  }
  return fail(
    `The object "${name}" could not be read or written (${"code" in error ? error.code : error.name})`,
    false,
  );
}
