import { closeSync, existsSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { RollcallError } from "../errors.js";
import { type Connection, type SqlRow, type SqlValue, type Statement, sqliteModule } from "./engine.js";
import { explainFailure, type FailureCodes, isBusy } from "./failure.js";
import { createWriteQueue } from "./write-queue.js";

export interface SqliteConfig {
  /** Made with mode 0600, folders included, when it does not exist. */
  readonly file: string;
  readonly codes: FailureCodes;
  /** Pages freed by deletes can be given back to the disk. Only takes effect on a new file. */
  readonly incrementalVacuum?: boolean;
  /** How long a write waits for other processes before it fails as retriable. Default 30 s. */
  readonly lockWaitMs?: number;
}

/**
 * One connection to a SQLite file that other processes may have open as well.
 *
 * Reads are synchronous and see the last commit. A write that resolved survives a crash and a power cut
 * (`synchronous=FULL`). What was deleted is overwritten in the file (`secure_delete`), and with `scrub` in the journal.
 * Failures of SQLite come out as RollcallError with the codes of the config.
 */
export interface Sqlite {
  get(sql: string, ...values: SqlValue[]): SqlRow | undefined;
  all(sql: string, ...values: SqlValue[]): SqlRow[];
  /** Row by row; leave the loop whenever there is enough. Nothing else may run on this statement meanwhile. */
  each(sql: string, ...values: SqlValue[]): IterableIterator<SqlRow>;
  /** One statement of a `write`. Returns how many rows it changed. */
  run(sql: string, ...values: SqlValue[]): number;
  /**
   * Runs `work`, all or nothing, in a durable transaction; writes that wait together share one. `work` is synchronous.
   * When another process holds the lock it waits without blocking this process.
   */
  write<T>(work: () => T): Promise<T>;
  /** Moves the journal into the file and empties it, so that nothing deleted or replaced is left there. */
  scrub(): Promise<void>;
  /** Finishes waiting writes and empties the journal. Calling it again does nothing. */
  close(): Promise<void>;
}

/** Readers wait this long for the rare exclusive moments of another process: recovery and its last close. */
const READ_WAIT_MS = 5_000;
const LOCK_WAIT_MS = 30_000;
const STATEMENTS_KEPT = 500;

export function openSqlite(config: SqliteConfig): Sqlite {
  const { file, codes } = config;
  const explained = <T>(action: () => T): T => {
    try {
      return action();
    } catch (error) {
      throw explainFailure(error, file, codes);
    }
  };

  const connection = explained(() => connect(config));
  const statements = createStatementCache(connection);
  const queue = createWriteQueue({
    begin: () => withoutWaiting(connection, () => connection.exec("BEGIN IMMEDIATE")),
    lockWaitMs: config.lockWaitMs ?? LOCK_WAIT_MS,
    exec: (sql) => connection.exec(sql),
    explain: (error) => explainFailure(error, file, codes),
  });

  let closing: Promise<void> | undefined;
  let isClosed = false;
  const closed = (): RollcallError => new RollcallError(codes.failed, `${file} is closed`, { isRetriable: false });
  /** Writes that waited when `close` was called still find their statements. */
  const statement = (sql: string): Statement => {
    if (isClosed) throw closed();
    return statements(sql);
  };

  const closeOnce = async (): Promise<void> => {
    await queue.drain();
    isClosed = true;
    explained(() => {
      // A reader in another process may hold the journal; then the last of us to close empties it.
      withoutWaiting(connection, () => connection.exec("PRAGMA wal_checkpoint(TRUNCATE)"));
      connection.close();
    });
  };

  return {
    get: (sql, ...values) => explained(() => statement(sql).get(...values)),
    all: (sql, ...values) => explained(() => statement(sql).all(...values)),
    each: (sql, ...values) => explained(() => statement(sql).iterate(...values)),
    run: (sql, ...values) => explained(() => Number(statement(sql).run(...values).changes)),
    write: async (work) => {
      if (closing) throw closed();
      return queue.add(work);
    },
    scrub: async () => {
      const checkpoint = statement("PRAGMA wal_checkpoint(TRUNCATE)");
      await truncateJournal(() => withoutWaiting(connection, () => checkpoint.get()), config);
    },
    close: () => {
      closing ??= closeOnce();
      return closing;
    },
  };
}

/** Opens and configures; several processes may do this to one new file at the same moment. */
function connect(config: SqliteConfig): Connection {
  createPrivately(config);
  const { DatabaseSync } = sqliteModule();
  const connection = new DatabaseSync(config.file, { timeout: READ_WAIT_MS });
  try {
    connection.exec("PRAGMA secure_delete = ON; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536");
    if (config.incrementalVacuum) connection.exec("PRAGMA auto_vacuum = INCREMENTAL");
    connection.exec("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 8000; PRAGMA temp_store = MEMORY");
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/**
 * The file may hold personal data: only its owner reads it. SQLite gives its journals the mode of the file.
 * A file that exists is not touched: closing it here would drop the locks of another connection of this process.
 */
function createPrivately({ file, codes }: SqliteConfig): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    closeSync(openSync(file, "ax", 0o600));
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "EEXIST" && existsSync(file)) return;
    const message = `Cannot make ${file}; check that its folder can be written by this user`;
    throw new RollcallError(codes.failed, message, { isRetriable: false, cause, details: { file } });
  }
}

/** Acts without waiting for locks: whoever finds it busy asks again later and blocks nobody meanwhile. */
function withoutWaiting<T>(connection: Connection, action: () => T): T {
  connection.exec("PRAGMA busy_timeout = 0");
  try {
    return action();
  } finally {
    connection.exec(`PRAGMA busy_timeout = ${READ_WAIT_MS}`);
  }
}

async function truncateJournal(checkpoint: () => SqlRow | undefined, config: SqliteConfig): Promise<void> {
  const deadline = performance.now() + (config.lockWaitMs ?? LOCK_WAIT_MS);
  for (;;) {
    try {
      if (checkpoint()?.busy === 0) return;
    } catch (error) {
      if (!isBusy(error)) throw explainFailure(error, config.file, config.codes);
    }
    if (performance.now() > deadline) {
      const message = `Another process reads ${config.file} without pause; its journal could not be emptied, try again`;
      throw new RollcallError(config.codes.failed, message, { isRetriable: true, details: { file: config.file } });
    }
    await delay(5);
  }
}

/** Prepared once, used again; the one unused for longest makes room. */
function createStatementCache(connection: Connection): (sql: string) => Statement {
  const kept = new Map<string, Statement>();
  return (sql) => {
    const found = kept.get(sql);
    if (found) {
      if (kept.size === STATEMENTS_KEPT) {
        kept.delete(sql);
        kept.set(sql, found);
      }
      return found;
    }
    const prepared = connection.prepare(sql);
    const [oldest] = kept.keys();
    if (kept.size === STATEMENTS_KEPT && oldest !== undefined) kept.delete(oldest);
    kept.set(sql, prepared);
    return prepared;
  };
}
