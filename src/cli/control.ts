import type { HeldPlan } from "../../syncs/engine/ledger.js";
import type { SyncReport } from "../../syncs/engine/report.js";
import type { Explanation } from "../identity/explain/answer.js";
import type { Decided, DecideRequest } from "../identity/explain/decide.js";
import type { ExplainRequest } from "../identity/explain/explain.js";
import type { IdentityHistory } from "../identity/explain/history.js";
import type { ReviewList, ReviewRequest } from "../identity/explain/review.js";
import type { WhatIf, WhatIfRequest } from "../identity/explain/what-if.js";
import type { MatchModel } from "../identity/train/model.js";
import type { Trained } from "../identity/train/train.js";
import type { PastWindow } from "../warehouse/run/backfill.js";
import type { PlanReport } from "../warehouse/run/plan-report.js";
import type { ModelResult, RunKind } from "../warehouse/run/results.js";
import type { DiffOptions, DiffView } from "./data-diff.js";
import type { Printable } from "./print.js";
import type { RunProgress } from "./run-progress.js";
import type { Status } from "./status.js";

/** What the commands ask of an engine, whether it runs in this process or behind the socket. */
export interface EngineControl {
  /** Lands what the log holds, runs one cycle (or a full refresh, or a backfill), and says what was done. */
  run(options: RunOptions): Promise<RunView>;
  /** How far the run of that ticket is, or how it ended; null before it begins and for a ticket nobody knows. */
  progress(options: RunTicket): Promise<RunProgress | null>;
  /** Ends the run of that ticket after the script in hand: it throws CANCELLED. Nothing happens when there is none. */
  cancel(options: RunTicket): Promise<void>;
  /** Lands what the log holds, and says what `run` would do then. */
  plan(options: RunOptions): Promise<PlanReport>;
  sync(options: { readonly target?: string }): Promise<SyncReport>;
  /** Plans that wait for approval. */
  held(): Promise<readonly HeldPlan[]>;
  approve(planId: string): Promise<void>;
  /** Lands what the log holds. */
  land(): Promise<void>;
  /** GoogleSQL; personal columns are masked unless `unmask`. Throws TOO_LARGE beyond `QUERY_LIMITS`. */
  query(options: { readonly sql: string; readonly unmask: boolean }): Promise<Printable>;
  /** Two versions of a table, by key and by column; personal columns are masked unless `unmask`. */
  diff(options: DiffOptions): Promise<DiffView>;
  /** Keeps a copy of a table for a day, to compare with. */
  snapshot(options: { readonly table: string; readonly name: string }): Promise<void>;
  status(): Promise<Status>;
  /** Whether two are one profile, and by which evidence; values are masked unless `unmask`. */
  explainIdentity(options: ExplainRequest): Promise<Explanation>;
  /** Who would be whom without some evidence. Changes nothing. */
  whatIfIdentity(options: WhatIfRequest): Promise<WhatIf>;
  identityHistory(options: { readonly who: string }): Promise<IdentityHistory>;
  /** Records that two are one person, or that they are not; the next cycle obeys. */
  decideIdentity(options: DecideRequest): Promise<Decided>;
  reviewList(options: { readonly limit: number }): Promise<ReviewList>;
  decideReview(options: ReviewRequest): Promise<Decided>;
  /** Learns a match model from the warehouse's descriptions. Writes nothing. */
  trainMatchModel(): Promise<Trained>;
  /** Counts how common values are now, for the models that are built from here on. */
  freezeFrequencies(options: { readonly model: MatchModel }): Promise<void>;
  /** Runs the whole-table assertions. */
  audit(): Promise<readonly CheckView[]>;
  close(): Promise<void>;
}

/** Chosen by whoever asks for a run, to ask after it later. */
export interface RunTicket {
  readonly ticket: string;
}

export interface RunOptions extends Partial<RunTicket> {
  readonly full: boolean;
  /** Runs this past window again instead of a cycle. */
  readonly backfill?: PastWindow | undefined;
  /** Which models take part; all when absent. */
  readonly select?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
  /** Checks that this run passes over. */
  readonly accept?: readonly string[] | undefined;
  readonly concurrency?: number | undefined;
  /** A file that gets the run's OpenLineage events, as an absolute path. */
  readonly openlineage?: string | undefined;
}

export interface RunView {
  readonly status: "done" | "nothing_to_do";
  readonly kind: RunKind;
  readonly runId: string | null;
  readonly ms: number;
  /** What ran, checks included. Null where the warehouse does not say. */
  readonly actions: readonly { readonly id: string; readonly ms: number | null; readonly rows: number | null }[];
  /** What became of each model. */
  readonly models: readonly ModelResult[];
}

export interface CheckView {
  readonly name: string;
  readonly severity: string;
  /** Null where the warehouse does not say. */
  readonly failingRows: number | null;
}

/** The calls of the socket are the methods of the control, by name. */
export const CONTROL_CALLS = [
  "run",
  "progress",
  "cancel",
  "plan",
  "sync",
  "held",
  "approve",
  "land",
  "query",
  "diff",
  "snapshot",
  "status",
  "explainIdentity",
  "whatIfIdentity",
  "identityHistory",
  "decideIdentity",
  "reviewList",
  "decideReview",
  "trainMatchModel",
  "freezeFrequencies",
  "audit",
] as const;
export type ControlCall = (typeof CONTROL_CALLS)[number];
