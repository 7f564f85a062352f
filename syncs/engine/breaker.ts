/** How much one plan may change before a person has to look at it. */
export interface BreakerLimits {
  /** Removals are a mass change above the larger of this many... */
  readonly removals: number;
  /** ...and this share of what the target holds. */
  readonly removalShare: number;
  /** Changes of rows the target holds are a mass change above this share... */
  readonly changeShare: number;
  /** ...once the target holds at least this many rows: in a small store every change is a large share. */
  readonly changeFloor: number;
}

export const DEFAULT_BREAKER: BreakerLimits = {
  removals: 100,
  removalShare: 0.01,
  changeShare: 0.3,
  changeFloor: 1000,
};

/** What a plan would do, and what it was compared with. */
export interface PlanCounts {
  /** Rows of the activation table, those marked as removed included: a table that marks its rows is not empty. */
  readonly sourceRows: number;
  /** Rows the target is known to hold. */
  readonly snapshotRows: number;
  readonly inserts: number;
  readonly changes: number;
  readonly removals: number;
}

/**
 * Why the plan must wait for approval, or null. A first sync holds nothing back: there is nothing to lose yet. Growth
 * is never a mass change either.
 */
export function massChange(counts: PlanCounts, limits: BreakerLimits): string | null {
  if (counts.snapshotRows === 0) return null;
  if (counts.sourceRows === 0) return `the source is empty, the target holds ${counts.snapshotRows} rows`;
  const allowedRemovals = Math.max(limits.removals, counts.snapshotRows * limits.removalShare);
  if (counts.removals > allowedRemovals) {
    return `removes ${counts.removals} of ${counts.snapshotRows} rows, more than ${Math.floor(allowedRemovals)}`;
  }
  if (counts.snapshotRows >= limits.changeFloor && counts.changes > counts.snapshotRows * limits.changeShare) {
    return `changes ${counts.changes} of ${counts.snapshotRows} rows, more than ${limits.changeShare * 100} %`;
  }
  return null;
}
