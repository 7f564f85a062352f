import type { SyncReport } from "../../syncs/engine/report.js";
import type { QueryResult } from "../warehouse/port.js";
import type { Status } from "./status.js";

/** What the commands ask of an engine, whether it runs in this process or behind the socket. */
export interface EngineControl {
  /** Lands what the log holds, runs one cycle (or a full refresh), and says what was done. */
  run(options: { readonly full: boolean }): Promise<RunView>;
  sync(options: { readonly target?: string }): Promise<SyncReport>;
  approve(planId: string): Promise<void>;
  /** Lands what the log holds. */
  land(): Promise<void>;
  /** GoogleSQL; personal columns are masked unless `unmask`. */
  query(options: { readonly sql: string; readonly unmask: boolean }): Promise<QueryResult>;
  status(): Promise<Status>;
  /** Runs the whole-table assertions. */
  audit(): Promise<readonly CheckView[]>;
  close(): Promise<void>;
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
export const CONTROL_CALLS = ["run", "sync", "approve", "land", "query", "status", "audit"] as const;
export type ControlCall = (typeof CONTROL_CALLS)[number];
