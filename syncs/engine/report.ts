/**
 * `synced`: everything due was sent (rows may still have been refused). `unchanged`: there was nothing to do. `held`:
 * a plan waits for approval. `cancelled` and `failed`: what was not acknowledged comes again with the next run.
 */
export type ObjectStatus = "synced" | "unchanged" | "held" | "cancelled" | "failed";

/** Rows by what became of them in this run. */
export interface RowCounts {
  upserted: number;
  removed: number;
  rejected: number;
  retryLater: number;
  /** Changed between plan and push: the next plan has them. */
  superseded: number;
}

export interface ObjectReport extends Readonly<RowCounts> {
  readonly object: string;
  readonly status: ObjectStatus;
  readonly planId: string | null;
  /** Why it is held or failed; says what to do next. */
  readonly reason: string | null;
  readonly ms: number;
}

export interface TargetReport {
  readonly target: string;
  readonly objects: readonly ObjectReport[];
}

export interface SyncReport {
  readonly targets: readonly TargetReport[];
}

export function noRows(): RowCounts {
  return { upserted: 0, removed: 0, rejected: 0, retryLater: 0, superseded: 0 };
}
