import { existsSync } from "node:fs";
import { type DecodeContext, IDENTIFIER_TYPES, type IdentifierType } from "../../../loaders/record.js";
import { createNamespaceOf } from "../../../loaders/sources/namespaces.js";
import { SOURCE_SPECS } from "../../../loaders/sources/registry.js";
import { createIdentify } from "../../identity/normalise/identify.js";
import { systemClock } from "../../platform/clock.js";
import { createSqliteDocuments } from "../../platform/documents/sqlite.js";
import { RollcallError } from "../../platform/errors.js";
import { createLocalEventLog } from "../../platform/eventlog/local.js";
import { createFileKeys } from "../../platform/keys/file.js";
import { createFolderObjects } from "../../platform/objects/folder.js";
import type { Config } from "../config.js";

/** Adapters that several parts of the product open. Only the files of this folder construct adapters. */
export const clock = systemClock;

/** What was opened so far, to be closed in reverse: whoever fails half-way leaves nothing open. */
export interface Closers {
  add(close: () => unknown): void;
  /** Closes everything, whatever fails; then throws the first failure. */
  close(): Promise<void>;
}

export function createClosers(): Closers {
  const closers: (() => unknown)[] = [];
  return {
    add: (close) => {
      closers.push(close);
    },
    close: async () => {
      const failures: unknown[] = [];
      for (let close = closers.pop(); close !== undefined; close = closers.pop()) {
        try {
          await close();
        } catch (error) {
          failures.push(error);
        }
      }
      if (failures.length > 0) throw failures[0];
    },
  };
}

/** Runs `open`; when it throws, closes what it had opened and throws that. */
export async function openAll<T>(open: (closers: Closers) => Promise<T>): Promise<T> {
  const closers = createClosers();
  try {
    return await open(closers);
  } catch (error) {
    await closers.close().catch(() => undefined);
    throw error;
  }
}

export function openLog(config: Config, closers: Closers) {
  const log = createLocalEventLog({ file: config.home.log }, { clock });
  closers.add(() => log.close());
  return log;
}

export function openDocuments(config: Config, closers: Closers) {
  const documents = createSqliteDocuments({ file: config.home.documents });
  closers.add(() => documents.close());
  return documents;
}

export function openObjects(config: Config) {
  return createFolderObjects({ folder: config.home.objects });
}

/** New keys for old data would give everybody a second id, so a lost key file is not simply made anew. */
function refuseLostKeys({ keys, log, root }: Config["home"]): void {
  // Keys are made before the log: where there is a log, there are keys, whoever else is starting up.
  if (!existsSync(log) || existsSync(keys)) return;
  throw new RollcallError(
    "CONFIG_INVALID",
    `${keys} is missing, but ${root} holds data keyed by it. Restore the file.`,
    {
      isRetriable: false,
    },
  );
}

export async function openIdentify(config: Config): Promise<DecodeContext["identify"]> {
  refuseLostKeys(config.home);
  const keys = createFileKeys({ file: config.home.keys });
  return createIdentify({ pepper: await keys.pepper(), region: config.region });
}

/** Every hmac a value given to a look-up may have: one per namespace in which a source could have seen it. */
export function createLookup(config: Config, identify: DecodeContext["identify"]) {
  return (type: string, value: string, namespace?: string): readonly string[] => {
    if (!(IDENTIFIER_TYPES as readonly string[]).includes(type)) return [];
    const known = type as IdentifierType;
    const namespaces =
      namespace === undefined
        ? SOURCE_SPECS.map((spec) => createNamespaceOf(config.institution, spec.namespace)(known))
        : [namespace];
    return [...new Set(namespaces)].flatMap((name) => identify(name, known, value, "own")?.hmac ?? []);
  };
}
