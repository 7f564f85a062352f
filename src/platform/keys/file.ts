import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { link, mkdir, open, readFile, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { messageOf, RollcallError } from "../errors.js";
import type { Keys } from "./port.js";

export interface FileKeysConfig {
  /** Made with new keys, mode 0600, on first use. Back it up: without it no id and no sealed value can be had again. */
  readonly file: string;
}

interface KeyMaterial {
  readonly pepper: Buffer;
  readonly kek: Buffer;
}

const KEY_BYTES = 32;
const FILE_VERSION = 1;

/** A wrapped key: version, then the parts of AES-256-GCM. NIST SP 800-38D: 96-bit nonce, 128-bit tag. */
const WRAP_VERSION = 1;
const CIPHER = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 1 + NONCE_BYTES + TAG_BYTES;

/** Keys from one file that only its owner can read. Several processes may make it at once: one of them wins. */
export function createFileKeys({ file }: FileKeysConfig): Keys {
  let loading: Promise<KeyMaterial> | undefined;
  const material = (): Promise<KeyMaterial> => {
    loading ??= load(file).catch((error: unknown) => {
      loading = undefined; // Once it is repaired, it is read again.
      throw explain(error, file);
    });
    return loading;
  };

  return {
    pepper: async () => Buffer.from((await material()).pepper),
    wrap: async (dataKey) => {
      const version = Buffer.of(WRAP_VERSION);
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(CIPHER, (await material()).kek, nonce).setAAD(version);
      const sealed = Buffer.concat([cipher.update(dataKey), cipher.final()]);
      return Buffer.concat([version, nonce, cipher.getAuthTag(), sealed]);
    },
    unwrap: async (wrapped) => unwrap(wrapped, (await material()).kek),
  };
}

function unwrap(wrapped: Buffer, kek: Buffer): Buffer {
  if (wrapped.length < HEADER_BYTES || wrapped[0] !== WRAP_VERSION) throw notOurs();
  const nonce = wrapped.subarray(1, 1 + NONCE_BYTES);
  const tag = wrapped.subarray(1 + NONCE_BYTES, HEADER_BYTES);
  const decipher = createDecipheriv(CIPHER, kek, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(wrapped.subarray(0, 1)).setAuthTag(tag);
  try {
    return Buffer.concat([decipher.update(wrapped.subarray(HEADER_BYTES)), decipher.final()]);
  } catch (cause) {
    throw notOurs(cause);
  }
}

function notOurs(cause?: unknown): RollcallError {
  const message =
    "This data key was not wrapped by the present key file, or was altered; restore the key file it belongs to";
  return new RollcallError("KEYS_FAILED", message, { isRetriable: false, cause });
}

async function load(file: string): Promise<KeyMaterial> {
  if (!(await exists(file))) await create(file);
  await requirePrivate(file);
  return parse(await readFile(file, "utf8"), file);
}

async function exists(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch (error) {
    if (isCode(error, "ENOENT")) return false;
    throw error;
  }
}

/** Written aside and linked into place: the file appears whole, and never replaces one that is there. */
async function create(file: string): Promise<void> {
  const encoded = (): string => randomBytes(KEY_BYTES).toString("base64");
  const content = { version: FILE_VERSION, pepper: encoded(), kek: encoded() };
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const unfinished = `${file}.${randomBytes(8).toString("hex")}`;
  try {
    await writeDurably(unfinished, `${JSON.stringify(content, null, 2)}\n`);
    await link(unfinished, file);
  } catch (error) {
    if (!isCode(error, "EEXIST")) throw error; // Another process was first: its keys are the keys.
  } finally {
    await rm(unfinished, { force: true });
  }
  await syncFolder(dirname(file));
}

async function writeDurably(file: string, content: string): Promise<void> {
  const handle = await open(file, "wx", 0o600);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function requirePrivate(file: string): Promise<void> {
  // Windows keeps access in lists, not in a mode.
  if (process.platform === "win32") return;
  const { mode } = await stat(file);
  if ((mode & 0o077) === 0) return;
  const shown = (mode & 0o777).toString(8);
  const message = `The key file ${file} has mode ${shown}, so others can read it; run: chmod 600 ${file}`;
  throw new RollcallError("KEYS_FAILED", message, { isRetriable: false, details: { file, mode: shown } });
}

function parse(text: string, file: string): KeyMaterial {
  const decoded = readJson(text);
  const keyOf = (name: "pepper" | "kek"): Buffer => {
    const value = decoded?.[name];
    const key = Buffer.from(typeof value === "string" ? value : "", "base64");
    if (key.length === KEY_BYTES) return key;
    const message = `The key file ${file} holds no ${name} of ${KEY_BYTES} bytes; restore it from its backup`;
    throw new RollcallError("KEYS_FAILED", message, { isRetriable: false, details: { file } });
  };
  return { pepper: keyOf("pepper"), kek: keyOf("kek") };
}

/** Null when it is not JSON; the parser's own message would quote the key. */
function readJson(text: string): Partial<Record<string, unknown>> | null {
  try {
    return JSON.parse(text) as Partial<Record<string, unknown>> | null;
  } catch {
    return null;
  }
}

function explain(error: unknown, file: string): RollcallError {
  if (error instanceof RollcallError) return error;
  const message = `The key file ${file} cannot be read or made (${messageOf(error)}); check its folder and owner`;
  return new RollcallError("KEYS_FAILED", message, { isRetriable: false, cause: error, details: { file } });
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
