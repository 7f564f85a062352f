import type { HeldPlan } from "../../syncs/engine/ledger.js";
import type { SyncReport } from "../../syncs/engine/report.js";
import type { Explanation } from "../identity/explain/answer.js";
import type { Decided, DecideRequest } from "../identity/explain/decide.js";
import type { ExplainRequest } from "../identity/explain/explain.js";
import type { IdentityHistory } from "../identity/explain/history.js";
import type { ReviewList, ReviewRequest } from "../identity/explain/review.js";
import type { WhatIf, WhatIfRequest } from "../identity/explain/what-if.js";
import type { Withdrawn, WithdrawRequest } from "../identity/explain/withdraw.js";
import type { Accepted, AcceptRequest } from "../identity/preview/accept.js";
import type { IdentityPreview } from "../identity/preview/report.js";
import type { Trained } from "../identity/train/train.js";
import type { Erased } from "../privacy/erasure/erase.js";
import type { PastWindow } from "../warehouse/run/backfill.js";
import type { IdentityVersion } from "../warehouse/run/identity-versions.js";
import type { PlanReport } from "../warehouse/run/plan-report.js";
import type { ModelResult, RunKind } from "../warehouse/run/results.js";
import type { DiffOptions, DiffView } from "./data-diff.js";
import type { Printable } from "./print.js";
import type { RunProgress } from "./run-progress.js";
import type { Status } from "./status.js";
import type { StepProgress } from "./step-tracker.js";

/** What the commands ask of an engine, whether it runs in this process or behind the socket. */
export interface EngineControl {
  /** Lands what the log holds, runs one cycle (or a full refresh, or a backfill), and says what was done. */
  run(options: RunOptions): Promise<RunView>;
  /** How far the run of that ticket is, or how it ended; null before it begins and for a ticket nobody knows. */
  progress(options: RunTicket): Promise<RunProgress | null>;
  /** Ends the run of that ticket after the script in hand: it throws CANCELLED. Nothing happens when there is none. */
  cancel(options: RunTicket): Promise<void>;
  /** Lands what the log holds, and says what `run` would do then. */
  plan(options: RunOptions): Promise<PlanView>;
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
  /** Takes decisions back, all or none; from the next cycle on it is as if nobody had decided. */
  withdrawDecisions(options: WithdrawRequest): Promise<Withdrawn>;
  /** Takes a person, or what one source knows of them, out of the warehouse; counts only, unless `isConfirmed`. */
  eraseIdentity(options: EraseOptions): Promise<Erased | ErasedBefore>;
  reviewList(options: { readonly limit: number }): Promise<ReviewList>;
  decideReview(options: ReviewRequest): Promise<Decided>;
  /** Learns a match model from the warehouse's descriptions. Writes nothing. */
  trainMatchModel(): Promise<Trained>;
  /** What the project's rules of who is whom would change; null when they are those that are published. */
  previewIdentity(options: PreviewOptions): Promise<IdentityPreview | null>;
  /** How far the preview of that ticket is; null before it begins and for a ticket nobody knows. */
  previewProgress(options: RunTicket): Promise<readonly StepProgress[] | null>;
  /** Lets the project's rules be published by the next run. */
  acceptIdentity(options: AcceptRequest): Promise<Accepted>;
  /** The rules that were published, oldest first, and those that are accepted. */
  identityVersions(): Promise<readonly IdentityVersion[]>;
  /** Runs the whole-table assertions. */
  audit(): Promise<readonly CheckView[]>;
  close(): Promise<void>;
}

export interface EraseOptions {
  readonly who: string;
  readonly source: string | null;
  readonly isConfirmed: boolean;
}

/** The profile id given was erased. */
export interface ErasedBefore {
  readonly erasedAt: string;
}

/** Chosen by whoever asks for a run, to ask after it later. */
export interface RunTicket {
  readonly ticket: string;
}

export interface PreviewOptions extends RunTicket {
  /** How many moves to list. */
  readonly limit: number;
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
  /** `held`: identity and what is made from it did not run, because its rules changed. */
  readonly status: "done" | "nothing_to_do" | "held";
  /** Why models are held, and what to do about it; null when none is. */
  readonly hold: string | null;
  readonly kind: RunKind;
  readonly runId: string | null;
  readonly ms: number;
  /** What ran, checks included. Null where the warehouse does not say. */
  readonly actions: readonly { readonly id: string; readonly ms: number | null; readonly rows: number | null }[];
  /** What became of each model. */
  readonly models: readonly ModelResult[];
  /** Tables and views of models that the project no longer has. */
  readonly orphans: readonly string[];
  /** Whether the project's files changed since the engine that ran it started: it did not see that. */
  readonly hasNewerFiles: boolean;
}

export interface PlanView extends PlanReport {
  /** As of a run. */
  readonly hasNewerFiles: boolean;
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
  "withdrawDecisions",
  "eraseIdentity",
  "reviewList",
  "decideReview",
  "trainMatchModel",
  "previewIdentity",
  "previewProgress",
  "acceptIdentity",
  "identityVersions",
  "audit",
] as const;
