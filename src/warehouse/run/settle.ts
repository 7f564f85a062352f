export interface Settled {
  readonly cycleCount: number;
  /** Nodes that another cycle would not settle either. */
  readonly unsettledCount: number;
}

/** Runs cycles while each leaves fewer nodes pending than the one before: until none is left, or no headway is made. */
export async function settle(runCycle: () => Promise<unknown>, countPending: () => Promise<number>): Promise<Settled> {
  let pending = Number.POSITIVE_INFINITY;
  for (let cycleCount = 1; ; cycleCount++) {
    await runCycle();
    const left = await countPending();
    if (left === 0 || left >= pending) return { cycleCount, unsettledCount: left };
    pending = left;
  }
}
