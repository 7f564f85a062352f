import type { Micros } from "../../src/platform/clock.js";
import type { BreakerLimits } from "./breaker.js";
import type { SyncLedger } from "./ledger.js";
import type { PushConfig, PushDeps } from "./push.js";

/** Where a crash test may stop the process: after a plan is durable, after a push, after its acknowledgement. */
export type Checkpoint = (name: "plan" | "push" | "acknowledge") => void;

export interface ObjectConfig extends PushConfig {
  /** Rows acknowledged in one transaction; a crash repeats at most this many. */
  readonly acknowledgeRows: number;
  readonly breaker: BreakerLimits;
}

/** What the sync of one object works with. */
export interface ObjectContext extends PushDeps {
  readonly targetName: string;
  readonly ledger: SyncLedger;
  readonly config: ObjectConfig;
  readonly checkpoint: Checkpoint;
  readonly signal: AbortSignal;
  now(): Micros;
}
