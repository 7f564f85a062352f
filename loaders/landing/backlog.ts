import { RollcallError } from "../../src/platform/errors.js";
import type { EventLog, PartitionState } from "../../src/platform/eventlog/port.js";
import { SOURCES } from "../record.js";
import type { LandedBatch, Progress } from "./progress.js";

/** What the event log holds, beside what has landed of it. */
export interface Backlog {
  /** Partitions that hold records. */
  partitions(): Promise<PartitionState[]>;
  /** Records that have not landed, of one topic or of all. */
  lag(topic?: string): Promise<number>;
  /** Where to read on: behind what has landed, else from the first record there is. */
  startAt(topic: string, partition: number): Promise<number | undefined>;
  /** Throws LOG_FAILED when the log cannot be the one these batches landed from: it would skip records or repeat them. */
  refuseReplacedLog(landed: readonly LandedBatch[]): Promise<void>;
}

export function createBacklog(log: Pick<EventLog, "partitions">, progress: Progress): Backlog {
  async function statesOf(topics: readonly string[]): Promise<PartitionState[]> {
    return (await Promise.all(topics.map((topic) => log.partitions(topic)))).flat();
  }

  async function stateOf(topic: string, partition: number): Promise<PartitionState | undefined> {
    return (await log.partitions(topic)).find((state) => state.partition === partition);
  }

  return {
    partitions: async () => (await statesOf(SOURCES)).filter(({ start, end }) => end > start),

    lag: async (topic) => {
      const states = await statesOf(topic === undefined ? SOURCES : [topic]);
      return states.reduce((sum, state) => {
        const next = progress.nextOffset(state.topic, state.partition) ?? state.start;
        return sum + state.end - Math.max(state.start, next);
      }, 0);
    },

    // Not the group's offset: it may be ahead of a warehouse that was rebuilt.
    startAt: async (topic, partition) =>
      progress.nextOffset(topic, partition) ?? (await stateOf(topic, partition))?.start,

    refuseReplacedLog: async (landed) => {
      for (const { topic, partition, nextOffset } of landed) {
        const state = await stateOf(topic, partition);
        if (state && state.start <= nextOffset && nextOffset <= state.end) continue;
        throw new RollcallError(
          "LOG_FAILED",
          `Topic ${topic}, partition ${partition}: the warehouse has landed up to offset ${nextOffset}, which the event ` +
            "log does not hold. Restore the event log and the warehouse of one backup.",
          { isRetriable: false, details: { topic, partition, nextOffset, start: state?.start, end: state?.end } },
        );
      }
    },
  };
}
