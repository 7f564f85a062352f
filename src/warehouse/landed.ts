import { RollcallError } from "../platform/errors.js";
import type { LandBatch } from "./port.js";

/** What the warehouse knows of a batch and its partition before it lands. */
export interface LandedState {
  /** Whether a batch of this id has landed. */
  readonly isKnown: boolean;
  /** The next offset to land; null where nothing of the partition has. */
  readonly nextOffset: number | null;
}

/** Whether there is nothing left to land of it. Throws CONFLICT when only a part of the batch is new. */
export function isLanded(batch: LandBatch, { isKnown, nextOffset }: LandedState): boolean {
  if (isKnown) return true;
  if (nextOffset === null || batch.firstOffset >= nextOffset) return false;
  if (batch.lastOffset < nextOffset) return true;
  throw new RollcallError(
    "CONFLICT",
    `Batch ${batch.batchId} begins at offset ${batch.firstOffset} of ${batch.topic}/${batch.partition}, but ${nextOffset} is ` +
      "the next to land. Land the rest as a batch of its own.",
    { isRetriable: false, details: { topic: batch.topic, partition: batch.partition, nextOffset } },
  );
}
