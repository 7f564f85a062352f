import type { HeldPlan } from "../../syncs/engine/ledger.js";
import type { SyncReport } from "../../syncs/engine/report.js";
import type { Printable } from "./print.js";
import type { Status } from "./status.js";

/** What the commands ask of an engine, whether it runs in this process or behind the socket. */
export interface EngineControl {
  /** Lands what the log holds, runs one cycle (or a full refresh), and says what was done. */
  run(options: RunOptions): Promise<RunView>;
  /** Lands what the log holds, and says what `run` would do then. */
  plan(options: RunOptions): Promise<readonly PlannedView[]>;
  sync(options: { readonly target?: string }): Promise<SyncReport>;
  /** Plans that wait for approval. */
  held(): Promise<readonly HeldPlan[]>;
  approve(planId: string): Promise<void>;
  /** Lands what the log holds. */
  land(): Promise<void>;
  /** GoogleSQL; personal columns are masked unless `unmask`. Throws TOO_LARGE beyond `QUERY_LIMITS`. */
  query(options: { readonly sql: string; readonly unmask: boolean }): Promise<Printable>;
  status(): Promise<Status>;
  /** Runs the whole-table assertions. */
  audit(): Promise<readonly CheckView[]>;
  close(): Promise<void>;
}

export interface RunOptions {
  readonly full: boolean;
  /** What a full refresh builds; everything when absent. */
  readonly select?: readonly string[];
  /** Checks that this run passes over. */
  readonly accept?: readonly string[];
}

export interface PlannedView {
  readonly layer: string;
  readonly reason: string;
  readonly models: readonly string[];
}

export interface RunView {
  readonly status: "done" | "nothing_to_do";
  readonly runId: string | null;
  readonly ms: number;
  /** Null where the warehouse does not say. */
  readonly actions: readonly { readonly id: string; readonly ms: number | null; readonly rows: number | null }[];
}

export interface CheckView {
  readonly name: string;
  readonly severity: string;
  /** Null where the warehouse does not say. */
  readonly failingRows: number | null;
}

/** The calls of the socket are the methods of the control, by name. */
export const CONTROL_CALLS = ["run", "plan", "sync", "held", "approve", "land", "query", "status", "audit"] as const;
export type ControlCall = (typeof CONTROL_CALLS)[number];
