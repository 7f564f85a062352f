import type { Row, TableName } from "../../src/warehouse/port.js";
import type { BreakerLimits } from "./breaker.js";

/**
 * What a sync delivers to: a place with objects, each fed from one activation table. Specs are data; a target's code
 * only knows how to write rows, never which rows.
 */
export interface TargetSpec {
  readonly name: string;
  /** Delivered in this order. */
  readonly objects: readonly ObjectSpec[];
}

export type ObjectSpec = StateObjectSpec | AppendObjectSpec;

interface BaseObjectSpec {
  readonly object: string;
  readonly table: TableName;
  /** The column that names the destination row: unique, never null, never personal. */
  readonly key: string;
  /** Columns that may hold personal values; `rollcall check` refuses any other that does, by lineage. None when absent. */
  readonly personal?: readonly string[];
}

/** Rows that change and go away. The table carries `row_hash`, and `is_removed` where rows leave by a mark. */
export interface StateObjectSpec extends BaseObjectSpec {
  readonly mode: "state";
  /**
   * The column that names the successor of a removed row. Such a row is sent like any other, so that the target can keep
   * a signpost, and loses nothing: it is no removal to the mass-change breaker either.
   */
  readonly successor?: string;
  /** What counts as a mass change of this object, where the engine's limits do not fit it. */
  readonly breaker?: Partial<BreakerLimits>;
}

/** Facts: never changed, never removed. The table carries `ingested_at`; a window of it is delivered once. */
export interface AppendObjectSpec extends BaseObjectSpec {
  readonly mode: "append";
}

export interface Operation {
  /** The same for every repeat of this effect: an idempotency key for targets that take one. */
  readonly jobId: string;
  readonly kind: "upsert" | "remove";
  readonly key: string;
  /** The activation row. Null only for a removal whose row is gone. */
  readonly row: Row | null;
}

/** One outcome per row: a rejected row must not hold back the others of its call. */
export type Outcome =
  | { readonly key: string; readonly status: "synced" }
  | { readonly key: string; readonly status: "rejected" | "retry_later"; readonly reason: string };

export interface Target {
  readonly spec: TargetSpec;
  /**
   * Delivers the operations in the order given and resolves with one outcome per operation once the effects are
   * durable. Repeating a call changes nothing. Reasons hold no personal data. Throws only when the target as a whole
   * cannot be reached: nothing of the call is then acknowledged and all of it comes again.
   */
  apply(object: string, operations: readonly Operation[], signal?: AbortSignal): Promise<readonly Outcome[]>;
}
