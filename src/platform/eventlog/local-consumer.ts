import type { Clock } from "../clock.js";
import { RollcallError } from "../errors.js";
import type { Sqlite } from "../sqlite/driver.js";
import type { LogStore, Slot } from "./local-store.js";
import type { BatchHandler, ConsumeOptions, Consumer } from "./port.js";

export interface LocalConsumerDeps {
  readonly sqlite: Sqlite;
  readonly store: LogStore;
  readonly clock: Clock;
}

const IDLE_MS = 50;

/**
 * Starts reading; `slots` are already joined by the group. Batches are handed out one at a time, one from each
 * partition in turn, so that a full partition does not hold back the others.
 * One consumer per group: a second would be given the same records.
 */
export function startLocalConsumer(
  options: ConsumeOptions,
  slots: readonly Slot[],
  handler: BatchHandler,
  { sqlite, store, clock }: LocalConsumerDeps,
): Consumer {
  const stopping = new AbortController();

  /** Reads one batch of the partition through to its commit. Returns where to go on. */
  const step = async (slot: Slot, cursor: number): Promise<number> => {
    const batch = store.read(slot, cursor, options);
    const [first, last] = [batch[0], batch.at(-1)];
    if (!first || !last) return cursor;
    if (first.offset !== cursor) throw outOfRange(slot, cursor, store);
    await handler(batch);
    const next = last.offset + 1;
    await sqlite.write(() => store.commit(options.group, slot, next));
    return next;
  };

  const run = async (): Promise<void> => {
    const cursors = new Map<Slot, number>();
    for (const slot of slots) cursors.set(slot, await firstOffset(options, slot, store));
    while (!stopping.signal.aborted) {
      let isIdle = true;
      for (const [slot, cursor] of cursors) {
        if (stopping.signal.aborted) return;
        const next = await step(slot, cursor);
        if (next !== cursor) isIdle = false;
        cursors.set(slot, next);
      }
      if (isIdle) await clock.sleep(options.idleMs ?? IDLE_MS, stopping.signal);
    }
  };

  const done = run();
  return {
    done,
    stop: async () => {
      stopping.abort();
      // What ended the consumer is told by `done`.
      await done.catch(() => undefined);
    },
  };
}

async function firstOffset({ startAt, group }: ConsumeOptions, slot: Slot, store: LogStore): Promise<number> {
  const wanted = (await startAt?.(slot.topic, slot.partition)) ?? store.committed(group, slot);
  const { start, end } = store.state(slot);
  if (wanted === undefined) return start;
  // Starting elsewhere than asked would skip records, or land them twice, without anyone noticing.
  if (wanted < start || wanted > end) throw outOfRange(slot, wanted, store);
  return wanted;
}

function outOfRange(slot: Slot, wanted: number, store: LogStore): RollcallError {
  const { topic, partition, start, end } = store.state(slot);
  const message =
    `${topic}/${partition} holds offsets ${start} to ${end}, the reader asks for ${wanted}: ` +
    "the log was replaced or pruned too far. Restore it, or reset the reader's offset to one it holds";
  return new RollcallError("LOG_FAILED", message, {
    isRetriable: false,
    details: { topic, partition, start, end, wanted },
  });
}
