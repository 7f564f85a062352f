import { performance } from "node:perf_hooks";
import { setTimeout as delay, setImmediate as nextTurn } from "node:timers/promises";
import { isBusy } from "./failure.js";

export interface WriteQueueDeps {
  /** Starts a transaction that holds the write lock, or throws at once when another process holds it. */
  readonly begin: () => void;
  readonly lockWaitMs: number;
  readonly exec: (sql: string) => void;
  readonly explain: (error: unknown) => unknown;
}

export interface WriteQueue {
  add<T>(work: () => T): Promise<T>;
  /** Resolves when nothing waits and nothing runs. */
  drain(): Promise<void>;
}

interface Waiting {
  readonly work: () => unknown;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

/** Bounds how long one transaction keeps other processes, and this one's event loop, waiting. */
const WORKS_PER_TRANSACTION = 500;

/**
 * SQLite's own waiting would block this process and back off to 100 ms, so that a busy neighbour starves it. Asking again
 * this often does neither.
 */
const LOCK_POLL_MS = 1;

/**
 * Group commit: works that arrive in one turn of the event loop, or while a commit is under way, share one transaction
 * and so one flush to disk. Each is still all or nothing, through a savepoint of its own: what one throws undoes that one.
 */
export function createWriteQueue({ begin, lockWaitMs, exec, explain }: WriteQueueDeps): WriteQueue {
  const waiting: Waiting[] = [];
  let running: Promise<void> | undefined;

  const runAll = async (): Promise<void> => {
    while (waiting.length > 0) {
      // The rest of this turn may bring more to commit together.
      await nextTurn();
      await commitTogether(waiting);
    }
    running = undefined;
  };

  const commitTogether = async (source: Waiting[]): Promise<void> => {
    let group: readonly Waiting[] = [];
    try {
      const deadline = performance.now() + lockWaitMs;
      while (!tryBegin(deadline)) await delay(LOCK_POLL_MS);
      group = source.splice(0, WORKS_PER_TRANSACTION);
      const settle = group.map(runInSavepoint);
      exec("COMMIT");
      for (const tell of settle) tell();
    } catch (error) {
      if (group.length === 0) group = source.splice(0, WORKS_PER_TRANSACTION);
      rollBack();
      for (const { reject } of group) reject(explain(error));
    }
  };

  /** False when the lock is taken; throws once the deadline has passed. */
  const tryBegin = (deadline: number): boolean => {
    try {
      begin();
      return true;
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw error;
      return false;
    }
  };

  /** Returns how to tell the caller, once the commit has succeeded. Throws when the transaction itself is lost. */
  const runInSavepoint = ({ work, resolve, reject }: Waiting): (() => void) => {
    exec("SAVEPOINT work");
    try {
      const value = work() as never;
      exec("RELEASE work");
      return () => resolve(value);
    } catch (error) {
      // A full disk rolls the whole transaction back; then there is no savepoint, and this throws.
      try {
        exec("ROLLBACK TO work; RELEASE work");
      } catch {
        throw error;
      }
      return () => reject(explain(error));
    }
  };

  const rollBack = (): void => {
    try {
      exec("ROLLBACK");
    } catch {
      // SQLite had rolled back already, or the transaction never began.
    }
  };

  return {
    add: (work) =>
      new Promise((resolve, reject) => {
        waiting.push({ work, resolve, reject });
        running ??= runAll();
      }),
    drain: async () => {
      while (running) await running;
    },
  };
}
