import { mkdir, mkdtemp, readdir, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { busy, openFailure } from "./failures.js";
import { DATABASE } from "./generator/names.js";
import { quoteText } from "./generator/sql.js";
import { installInformationSchema } from "./information-schema.js";
import { installLibrary } from "./library/install.js";

export interface InstanceConfig {
  /** The database file, or ":memory:". */
  readonly file: string;
  /** As DuckDB writes it: "2GB". */
  readonly memoryLimit?: string;
  readonly threads?: number;
  /** For what does not fit in memory, and for landing files. Beside the database file unless said. */
  readonly tempDirectory?: string;
}

export interface Instance {
  readonly temporaryFolder: string;
  connect(): Promise<DuckDBConnection>;
  /** Writes everything to the file and lets go of it. Connections must be closed before. */
  close(): Promise<void>;
}

const DEFAULT_MEMORY_LIMIT = "2GB";
const IN_MEMORY = ":memory:";

/** DuckDB's lock is per process: a second opening in the same process would not be refused, and would spoil the file. */
const openFiles = new Set<string>();

async function canonical(file: string): Promise<string> {
  const folder = path.dirname(path.resolve(file));
  await mkdir(folder, { recursive: true });
  return path.join(await realpath(folder), path.basename(file));
}

/**
 * Opens the database under the name `rollcall`, in UTC and with GoogleSQL's order of NULLs, and installs the function library.
 * Throws WAREHOUSE_BUSY when another process has the file.
 */
export async function openInstance(config: InstanceConfig): Promise<Instance> {
  const isInMemory = config.file === IN_MEMORY;
  const file = isInMemory ? IN_MEMORY : await canonical(config.file);
  if (openFiles.has(file)) throw busy(config.file);
  if (!isInMemory) openFiles.add(file);
  try {
    return await attach(config, file, isInMemory);
  } catch (error) {
    openFiles.delete(file);
    throw openFailure(error, config.file);
  }
}

/** Landing files, and what DuckDB spills. */
const TEMPORARY_FILE = /^(landing-.*\.ndjson|duckdb_temp_.*)$/;

/** A process that was killed could not take its files with it, and they hold personal data. Only for who has the lock. */
async function removeLeftovers(folder: string): Promise<void> {
  const names = await readdir(folder);
  const leftovers = names.filter((name) => TEMPORARY_FILE.test(name));
  await Promise.all(leftovers.map((name) => rm(path.join(folder, name), { force: true })));
}

async function attach(config: InstanceConfig, file: string, isInMemory: boolean): Promise<Instance> {
  const ownFolder = isInMemory && config.tempDirectory === undefined;
  const temporaryFolder = ownFolder
    ? await mkdtemp(path.join(tmpdir(), "rollcall-"))
    : path.resolve(config.tempDirectory ?? `${file}.tmp`);
  await mkdir(temporaryFolder, { recursive: true, mode: 0o700 });
  const instance = await DuckDBInstance.create(IN_MEMORY, {
    memory_limit: config.memoryLimit ?? DEFAULT_MEMORY_LIMIT,
    temp_directory: temporaryFolder,
    preserve_insertion_order: "false",
    default_null_order: "nulls_first_on_asc_last_on_desc",
    ...(config.threads === undefined ? {} : { threads: String(config.threads) }),
  });
  try {
    const setup = await instance.connect();
    await setup.run(`ATTACH ${quoteText(file)} AS ${DATABASE}`);
    if (!isInMemory) await removeLeftovers(temporaryFolder);
    await setup.run("SET GLOBAL TimeZone = 'UTC'");
    await installLibrary(setup);
    installInformationSchema(setup);
    setup.closeSync();
  } catch (error) {
    instance.closeSync();
    if (ownFolder) await rm(temporaryFolder, { recursive: true, force: true });
    throw error;
  }
  return {
    temporaryFolder,
    connect: () => instance.connect(),
    async close() {
      const last = await instance.connect();
      // A crash would replay the log instead. What is in memory is gone either way.
      if (!isInMemory) await last.run(`CHECKPOINT ${DATABASE}`).catch(() => undefined);
      last.closeSync();
      instance.closeSync();
      openFiles.delete(file);
      if (ownFolder) await rm(temporaryFolder, { recursive: true, force: true });
    },
  };
}
