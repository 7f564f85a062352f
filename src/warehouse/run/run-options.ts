import type { Micros } from "../../platform/clock.js";
import type { Selection } from "../project/select.js";
import type { PastWindow } from "./backfill.js";
import type { RunListener } from "./events.js";

export interface RunOptions extends Selection {
  /** Arrivals before this instant take part. Everything before it must have landed. */
  readonly windowTo: Micros;
  readonly signal?: AbortSignal | undefined;
  /** Checks that this run passes over: they run after the commit and record what they find, as accepted. */
  readonly accept?: readonly string[] | undefined;
  /** How many models are built at once where builds are made aside: in warehouses without transactional DDL. */
  readonly concurrency?: number | undefined;
  /** Told of this run, besides those of the runner. */
  readonly listeners?: readonly RunListener[];
}

export interface CycleOptions extends RunOptions {
  /**
   * Runs the cycle although nothing landed, and every model of it: after something changed that is no arrival, such as
   * an erasure. Not with a selection.
   */
  readonly isForced?: boolean;
  /** What is unsettled is taken up at once: somebody asked for this cycle, maybe just because of it. */
  readonly settlesAtOnce?: boolean;
}

export interface BackfillOptions extends Omit<RunOptions, "windowTo"> {
  readonly window: PastWindow;
}
